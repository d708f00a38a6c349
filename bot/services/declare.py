"""A person declares, once, to have the rights to what they upload and the consent of those in it.

It is asked for before the first picture of theirs that is used, dated, and can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.domain import OptOut, PersonId
from bot.policy.declaration import VERSION
from bot.ports import Clock, day_of
from bot.storage import choices, declarations
from bot.storage.declarations import Declaration
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Declare:
    """Remember a declaration, under the keyed hash of whoever gave it."""

    memory: Memory
    clock: Clock
    zone: tzinfo

    async def needs(self, person: PersonId) -> bool:
        """Say whether they must be asked: they never declared, or another wording."""
        return await self.given_on(person) is None

    async def given_on(self, person: PersonId) -> str | None:
        """Give the day on which they declared what is asked for now."""
        async with self.memory.db.read() as tx:
            declared = await declarations.of(tx, self.memory.keys.person(person))
        return declared.day if declared and declared.version == VERSION else None

    async def give(self, person: PersonId) -> str:
        """Remember that they declared it; gives the day. Not of who asked not to be processed."""
        owner, today = self.memory.keys.person(person), day_of(self.clock.now(), self.zone)
        async with self.memory.db.transaction() as tx:
            if await choices.opt_out(tx, owner) is not OptOut.NO_PROCESSING:
                await declarations.give(tx, owner, Declaration(today, VERSION))
        return today

    async def take_back(self, person: PersonId) -> bool:
        """Forget it; says whether there was one."""
        async with self.memory.db.transaction() as tx:
            return await declarations.take_back(tx, self.memory.keys.person(person))
