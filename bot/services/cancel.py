"""An owner ends a job that waits or runs. It leaves the worker at the next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Ending, PersonId
from bot.services.conclude import Conclude
from bot.storage import deliveries
from bot.storage.memory import Memory
from gen.engine import Engine


class Outcome(StrEnum):
    """What became of a press on Cancel. Someone else's job and no job look alike."""

    CANCELLED = "cancelled"
    NOT_YOURS = "not-yours"
    ENDED = "ended"


@dataclass(frozen=True)
class Cancel:
    """Cancel a job for its owner."""

    memory: Memory
    engine: Engine
    conclude: Conclude

    async def __call__(self, job: str, presser: PersonId) -> Outcome:
        """End the job if it is the presser's and has not ended."""
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.tenant != self.memory.keys.person(presser):
            return Outcome.NOT_YOURS
        ended = await self.conclude(delivery, Ending.CANCELLED)
        self.engine.cancel(job)
        return Outcome.CANCELLED if ended else Outcome.ENDED
