"""The queue as one person may see it: each of their own jobs, and of the others only how many."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonId
from bot.services.foresee import Foresee
from bot.storage import line
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.words import Line, Mine


@dataclass(frozen=True)
class Survey:
    """Look at the queue for somebody. Reads only, and opens no seal: no prompt is needed."""

    memory: Memory
    foresee: Foresee

    async def __call__(self, person: PersonId) -> Line:
        """Give their own jobs and everybody's totals."""
        async with self.memory.db.read() as tx:
            totals = await line.totals(tx)
            return Line(
                mine=await self._mine(tx, person),
                waiting={speed: each.waiting for speed, each in totals.items()},
                running={speed: each.running for speed, each in totals.items()},
            )

    async def mine(self, person: PersonId) -> tuple[Mine, ...]:
        """Give their own jobs alone."""
        async with self.memory.db.read() as tx:
            return await self._mine(tx, person)

    async def _mine(self, tx: Transaction, person: PersonId) -> tuple[Mine, ...]:
        found = []
        for job in await line.of(tx, self.memory.keys.person(person)):
            ahead = await self.foresee(tx, job.job)
            found.append(
                Mine(
                    job=job.job,
                    state=job.state,
                    speed=job.speed,
                    visibility=job.visibility,
                    position=ahead.position,
                    seconds=ahead.wait_seconds,
                )
            )
        return tuple(found)
