"""A job is committed: its keys, its place in the queue, its way to its owner, its pictures."""

from __future__ import annotations

from dataclasses import dataclass

from bot.crypto.envelope import seal
from bot.domain import Input, JobId, PersonHash
from bot.policy.plans import Plan
from bot.policy.speed import Pace
from bot.ports import Clock
from bot.route import Route
from bot.services.studio import Studio
from bot.storage import deliveries, inputs
from bot.storage.database import Transaction
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from gen import queue
from gen.fairness import Sharing
from gen.job import Spec


@dataclass(frozen=True)
class Enqueue:
    """Write a job down, in the transaction that accepts it."""

    memory: Memory
    studio: Studio
    sharing: Sharing
    clock: Clock

    async def __call__(
        self,
        tx: Transaction,
        job: JobId,
        spec: Spec,
        owner: PersonHash,
        day: str,
        to: Route,
        plan: Plan,
        pace: Pace,
        interaction: str,
    ) -> None:
        """Seal and enqueue it; `interaction` is what a repeat of its command is known by."""
        keys = await self.memory.keys.new_job(job, owner, day, to.visibility)
        await queue.enqueue(
            tx,
            job=job,
            tenant=owner,
            rows=spec.pictures,
            cost_seconds=self.studio.cost_seconds(spec),
            weight=plan.weight,
            speed=pace.speed,
            running_cap=plan.running_jobs,
            sharing=self.sharing,
            payload=seal(keys.recipe, spec.to_json().encode(), bound_to(job, owner, RECIPE)),
            now=self.clock.now(),
            model=spec.model,
        )
        await deliveries.add(
            tx,
            job=job,
            interaction=interaction,
            day=day,
            route=seal(keys.route, to.to_json(), bound_to(job, owner, ROUTE)),
            to=to,
            plan=plan.name,
            gpu_milliseconds=pace.gpu_milliseconds,
        )

    async def keep_inputs(
        self, tx: Transaction, job: JobId, owner: PersonHash, brought: tuple[Input, ...]
    ) -> None:
        """Keep what the job starts from, for as long as it lives.

        Files of a transaction that fails have no row, as crashes leave them, and go as those do.
        """
        if not brought:
            return
        key = await self.memory.keys.key(job, PICTURE)
        blobs = await self.memory.keep_inputs(job, owner, key, [each.content for each in brought])
        await inputs.add(tx, job, blobs)
