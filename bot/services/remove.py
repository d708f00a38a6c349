"""An owner takes back a result: its words are forgotten with its message."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ending, PersonId
from bot.services.conclude import Conclude
from bot.storage import deliveries
from bot.storage.keyring import RECIPE
from bot.storage.memory import Memory
from gen.job import ENDED


@dataclass(frozen=True)
class Remove:
    """Forget a delivered job for its owner."""

    memory: Memory
    conclude: Conclude

    async def __call__(self, job: str, presser: PersonId) -> bool:
        """Destroy what is kept of the job. False when it is not the presser's.

        A result can be seen a moment before its delivery is recorded; such a job is cancelled.
        """
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.tenant != self.memory.keys.person(presser):
            return False
        if delivery.state not in ENDED and await self.conclude(delivery, Ending.CANCELLED):
            return True
        await self.memory.keys.destroy(job, RECIPE)
        async with self.memory.db.transaction() as tx:
            await deliveries.close(tx, job, keep_recipe=False)
            await deliveries.forget_post(tx, job)
        return True
