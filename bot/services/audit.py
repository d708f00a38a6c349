"""What moderators did in a server, for its moderators: no other chain, and nobody's name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.domain import Moderator, PersonHash
from bot.policy.chain import Broken, Entered, Sheet, Sound
from bot.storage import audit, soundness
from bot.storage.audit import Entry
from bot.storage.memory import Memory

ENTRIES_A_PAGE = 10


@dataclass(frozen=True)
class Audit:
    """Show and check the chain of one server."""

    memory: Memory

    async def page(self, moderator: Moderator, number: int) -> Sheet:
        """Give one page, newest entries first; the last one where there are not so many."""
        async with self.memory.db.read() as tx:
            entries = await audit.count(tx, moderator.guild_id)
            pages = max(1, -(-entries // ENTRIES_A_PAGE))
            shown = min(max(1, number), pages)
            skip = (shown - 1) * ENTRIES_A_PAGE
            found = await audit.page(tx, moderator.guild_id, ENTRIES_A_PAGE, skip=skip)
        you = self.memory.keys.person(moderator.person)
        return Sheet(tuple(_entered(entry, you) for entry in found), shown, pages)

    async def verify(self, moderator: Moderator) -> Sound | Broken:
        """Say whether the chain is what was written."""
        keys = self.memory.keys
        async with self.memory.db.read() as tx:
            chain = await soundness.read(tx, keys, moderator.guild_id)
        return await asyncio.to_thread(soundness.check, chain, keys)  # 5,000 entries: 0.2 s


def _entered(entry: Entry, you: PersonHash) -> Entered:
    return Entered(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        is_by_you=entry.by == you,
        act=entry.act,
        scope=entry.scope,
        objects=entry.objects,
        result=entry.result,
    )
