"""A public job becomes its owner's alone: sealed anew under stealth keys, delivered in the DM.

The open job ends as *moved* and a stealth twin takes its place in the fair order, in the one
transaction that the caller holds. What others could see of it is `tidy`'s to remove.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import log
from bot.crypto.envelope import seal
from bot.domain import Ending, JobId, PersonHash, Visibility
from bot.errors import DarkroomFault
from bot.ports import Bell, Clock, Ids
from bot.route import StealthRoute
from bot.storage import deliveries, inputs, people, pictures
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from bot.storage.memory import Memory, bound_to
from gen import queue
from gen.engine import Engine


@dataclass(frozen=True)
class Moved:
    """One job that was moved: what `settle` still has to do once it is committed."""

    job: JobId
    twin: JobId
    blobs: tuple[str, ...]
    shared_at: int | None


@dataclass(frozen=True)
class Move:
    """Move open public jobs to their owner's DM."""

    memory: Memory
    engine: Engine
    clock: Clock
    ids: Ids
    placing: Bell
    tidying: Bell

    async def within(self, tx: Transaction, delivery: Delivery) -> Moved | None:
        """End a public job and accept its stealth twin. None when it had ended already.

        A job whose seals do not open any more is left to whoever meets it next.
        """
        try:
            spec = await self.memory.open_spec(delivery)
            route = await self.memory.open_route(delivery)
            starts = await self.memory.open_inputs(delivery, await inputs.of(tx, delivery.job))
        except DarkroomFault as fault:
            log.event("move.sealed", fault=fault)
            return None
        now, owner, twin = self.clock.now(), PersonHash(delivery.tenant), self.ids.job()
        keys = await self.memory.keys.new_job(twin, owner, delivery.day, Visibility.STEALTH)
        payload = seal(keys.recipe, spec.to_json().encode(), bound_to(twin, owner, RECIPE))
        if not await queue.twin(tx, delivery.job, twin, payload, now):
            return None
        to = StealthRoute(
            owner=route.owner,
            interaction_token=route.interaction_token,
            upload_limit_bytes=route.upload_limit_bytes,
            is_spoiler=route.is_spoiler,
        )
        await deliveries.add(
            tx,
            job=twin,
            interaction=await deliveries.hand_over(tx, delivery.job),
            day=delivery.day,
            route=seal(keys.route, to.to_json(), bound_to(twin, owner, ROUTE)),
            to=to,
            plan=delivery.plan,
            gpu_milliseconds=delivery.gpu_milliseconds,
        )
        await people.charge(tx, owner, delivery.day, pictures=0, stealth_jobs=1)
        files = await self.memory.keep_inputs(twin, owner, keys.picture, starts)
        await inputs.add(tx, twin, files)
        blobs = await pictures.drop(tx, delivery.job)
        await deliveries.close(tx, delivery.job, expires_at=now, ending=Ending.MOVED)
        return Moved(delivery.job, twin, tuple(blobs), delivery.seen_since)

    async def settle(self, moved: Moved) -> None:
        """After the commit: destroy what the public job was, and wake who goes on."""
        await self.memory.keys.destroy(moved.job, RECIPE, PICTURE)
        await self.memory.drop_files(list(moved.blobs))
        self.engine.cancel(moved.job)
        log.event("job.moved")
        self.tidying.ring()
        self.placing.ring()
