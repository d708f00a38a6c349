"""Everything of one person is erased at the operator's word: nobody pressed, and nothing is asked.

It is an erasure as they could begin it themselves, and it is worked off as that one; the operator's
command may run in another process than the bot, or without any connection to Discord.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.crypto.receipts import Scope
from bot.domain import PersonId
from bot.errors import KeyGone
from bot.services.erase import Erase
from bot.services.walk import first_id_at
from bot.storage import erasures
from bot.words import Preview


@dataclass(frozen=True)
class Oust:
    """Erase everything of somebody. Their receipt goes to their DM, and the audit has an entry."""

    erase: Erase

    async def preview(self, person: PersonId) -> Preview | None:
        """Say what would go; None when nothing is stored."""
        found = await self.erase.preview(person, Scope.EVERYTHING)
        return found if found is not None and any(found.counts.values()) else None

    async def __call__(self, person: PersonId) -> str:
        """Begin; gives the erasure's id. What was under way of theirs has ended then."""
        before = first_id_at(self.erase.clock.now() + 1)
        aimed = await self.erase.aim(person, Scope.EVERYTHING, None, before=before)
        if aimed is None:
            raise LookupError("everything can always be aimed at")
        async with self.erase.memory.db.transaction() as tx:
            underway = await self.erase.open(
                tx, person, Scope.EVERYTHING, "", aimed, is_by_operator=True
            )
        self.erase.begun(underway)
        return underway.id

    async def progress(self, name: str) -> int | None:
        """Say how many messages of ours it has deleted; None once it is finished."""
        memory = self.erase.memory
        try:
            async with memory.db.read() as tx:
                underway = await erasures.get(tx, memory.keys, name)
        except KeyGone:
            return None
        return underway.deleted if underway else None

    async def work_offline(self, name: str) -> None:
        """Do of it what needs no Discord: keys, files and rows."""
        memory = self.erase.memory
        async with memory.db.read() as tx:
            underway = await erasures.get(tx, memory.keys, name)
        if underway is not None:
            underway = await self.erase.destroy(underway)
            await memory.keys.forget()
            await self.erase.drop_rows(underway)
