"""At start: finish what a crash left behind, before anything new is placed.

Keys and rows live in two files, so a crash can leave one without the other: a row without its key
is forgotten by design, a key or a file without its row is destroyed. People may ask meanwhile. A
key is committed before its row, so what is judged is always read before what it is judged by: rows
before keys where a row may lack its key, keys before rows where a key may lack its row.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import log
from bot.domain import Ending
from bot.services.conclude import Conclude
from bot.storage import deliveries, pictures
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from bot.storage.memory import Memory


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
        async with self.memory.db.read() as tx:
            waiting = await deliveries.open_jobs(tx)
        held = set(await self.memory.keys.items())
        for delivery in waiting:
            if not {(delivery.job, purpose) for purpose in (RECIPE, PICTURE, ROUTE)} <= held:
                log.event("recover.lost")
                await self.conclude(delivery, Ending.LOST)

    async def _destroy_what_lost_its_row(self) -> None:
        held, files = await self.memory.keys.items(), self.memory.blobs.names()
        async with self.memory.db.read() as tx:  # of an ask on its way the row is in by now
            needed = await deliveries.needed_keys(tx)
            known = await pictures.known(tx)
        await self.memory.keys.destroy_all(item for item in held if item not in needed)
        orphans = [name for name in files if name not in known]
        await self.memory.drop_files(orphans)
