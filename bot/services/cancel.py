"""An owner ends a job that waits or runs, or all of theirs. It leaves the worker at the next step.

What its steps took is not refunded: `done` says which share of them a running job has done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Ending, PersonId
from bot.policy.refund import NOTHING, Taken
from bot.services.conclude import Conclude
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen.engine import Engine
from gen.job import JobState


class Outcome(StrEnum):
    """What became of a press on Cancel. Someone else's job and no job look alike."""

    CANCELLED = "cancelled"
    NOT_YOURS = "not-yours"
    ENDED = "ended"


@dataclass(frozen=True)
class Cancelled:
    """How many jobs were cancelled, what came back for them, and what their steps had taken."""

    outcome: Outcome
    jobs: int = 0
    back: Taken = NOTHING
    spent: Taken = NOTHING


@dataclass(frozen=True)
class Cancel:
    """Cancel jobs for their owner."""

    memory: Memory
    engine: Engine
    conclude: Conclude
    done: Callable[[str], float]

    async def __call__(self, job: str, presser: PersonId) -> Cancelled:
        """End the job if it is the presser's and has not ended."""
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.tenant != self.memory.keys.person(presser):
            return Cancelled(Outcome.NOT_YOURS)
        return await self._end([job])

    async def all(self, presser: PersonId) -> Cancelled:
        """End every job of theirs that has not ended."""
        async with self.memory.db.read() as tx:
            theirs = await deliveries.open_of(tx, self.memory.keys.person(presser), None)
        return await self._end([delivery.job for delivery in theirs])

    async def _end(self, jobs: Sequence[str]) -> Cancelled:
        """End jobs in one transaction, each refunded by where it is at that moment."""
        back = spent = NOTHING
        ended: list[tuple[str, list[str]]] = []
        async with self.memory.db.transaction() as tx:
            for job in jobs:
                delivery = await deliveries.get(tx, job)
                if delivery is None:
                    continue
                done = self._done(delivery)
                blobs = await self.conclude.within(tx, delivery, Ending.CANCELLED, done=done)
                if blobs is not None:
                    ended.append((job, blobs))
                    back += delivery.taken.left(done)
                    spent += delivery.taken - delivery.taken.left(done)
        for job, _ in ended:
            self.engine.cancel(job)
        for job, blobs in ended:
            await self.conclude.settle(job, Ending.CANCELLED, blobs)
        if not ended:
            return Cancelled(Outcome.ENDED)
        return Cancelled(Outcome.CANCELLED, len(ended), back, spent)

    def _done(self, delivery: Delivery) -> float:
        """Say which share of its steps a job has done."""
        match delivery.state:
            case JobState.RENDERED:
                return 1.0
            case JobState.RUNNING:
                return self.done(delivery.job)
            case _:
                return 0.0
