"""An owner takes back a delivered result: its words are forgotten with its message."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonId
from bot.storage import deliveries
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Remove:
    """Forget a delivered job for its owner."""

    memory: Memory

    async def __call__(self, job: str, presser: PersonId) -> bool:
        """Destroy what is kept of the job. False when it is not the presser's."""
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.tenant != self.memory.keys.person(presser):
            return False
        await self.memory.keys.destroy(job, RECIPE, PICTURE, ROUTE)
        async with self.memory.db.transaction() as tx:
            await deliveries.close(tx, job, keep_recipe=False)
            await deliveries.forget_post(tx, job)
        await self.memory.keys.forget()
        return True
