"""At start: finish what a crash left behind, before anything new is accepted.

Keys and rows live in two files, so a crash can leave one without the other: a row without its key
is forgotten by design, a key or a file without its row is destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import log
from bot.domain import Ending
from bot.errors import KeyGone
from bot.services.conclude import Conclude
from bot.storage import deliveries, pictures
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from bot.storage.memory import Memory
from gen.job import ENDED, JobState


@dataclass(frozen=True)
class Recover:
    """Bring rows, keys and files of the last run together again."""

    memory: Memory
    conclude: Conclude

    async def __call__(self) -> None:
        """Do it once; running it again changes nothing."""
        await self._end_what_lost_its_keys()
        await self._destroy_what_lost_its_row()

    async def _end_what_lost_its_keys(self) -> None:
        for state in set(JobState) - ENDED:
            async with self.memory.db.read() as tx:
                open_jobs = await deliveries.in_state(tx, state, limit=1_000_000)
            for delivery in open_jobs:
                if not await self._has_keys(delivery):
                    log.event("recover.lost")
                    await self.conclude(delivery, Ending.LOST)

    async def _has_keys(self, delivery: Delivery) -> bool:
        needed = (RECIPE, ROUTE, PICTURE)
        try:
            for purpose in needed:
                await self.memory.keys.key(delivery.job, purpose)
        except KeyGone:
            return False
        return True

    async def _destroy_what_lost_its_row(self) -> None:
        keyed = await self.memory.keys.jobs() | self.memory.keys.stealth.jobs()
        async with self.memory.db.read() as tx:
            needed = {job: _needed(await deliveries.get(tx, job)) for job in keyed}
            known = await pictures.known(tx)
        for job, purposes in needed.items():
            await self.memory.keys.destroy(job, *({RECIPE, PICTURE, ROUTE} - purposes))
        await self.memory.keys.forget()
        orphans = [name for name in self.memory.blobs.names() if name not in known]
        await self.memory.drop_files(orphans)


def _needed(delivery: Delivery | None) -> set[str]:
    """Say which keys a job still needs: all while it is open, then those of what is kept."""
    if delivery is None:
        return set()
    if delivery.state not in ENDED:
        return {RECIPE, PICTURE, ROUTE}
    kept = {RECIPE} if delivery.payload is not None else set()
    return kept | ({ROUTE} if delivery.route is not None else set())
