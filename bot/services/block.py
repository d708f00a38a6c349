"""Whom a server's moderators do not want to use the bot there: blocks and strikes.

Both outlive an erasure, to their end date. They are about new asks: what was accepted goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.domain import Choices, Moderator, PersonHash, PersonId, Refusal
from bot.policy import moderation
from bot.policy.retention import DataClass
from bot.ports import Clock
from bot.services.lifetimes import Lifetimes
from bot.storage import audit, blocks, strikes
from bot.storage.audit import Deed
from bot.storage.database import Transaction
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Struck:
    """How many strikes stand now, and until when they block, if they do."""

    strikes: int
    blocked_until: int | None


@dataclass(frozen=True)
class Member:
    """How one member stands with a server's moderators."""

    blocked_until: int | None
    strikes: int


@dataclass(frozen=True)
class Block:
    """Block, unblock and strike members of a moderator's own server."""

    memory: Memory
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo

    async def block(
        self, who: Moderator, person: PersonId, until: str, bot: PersonId | None
    ) -> int | Refusal:
        """Block somebody until then, also where that is sooner than before; says when it ends."""
        if refusal := moderation.may_act_on(who.person, person, bot):
            return refusal
        now = self.clock.now()
        end = moderation.block_end(until, now, self.zone)
        if isinstance(end, Refusal):
            return end
        owner = self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            await blocks.unblock(tx, who.guild_id, owner, now)
            await blocks.block(tx, who.guild_id, owner, now=now, expires_at=end)
            await self._enter(tx, who, owner, Deed.BLOCKED, "member")
        return end

    async def unblock(self, who: Moderator, person: PersonId) -> bool:
        """Lift a block; says whether one held."""
        now, owner = self.clock.now(), self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            held = await blocks.unblock(tx, who.guild_id, owner, now)
            if held:
                await self._enter(tx, who, owner, Deed.UNBLOCKED, "member")
        return held

    async def strike(
        self, who: Moderator, person: PersonId, bot: PersonId | None
    ) -> Struck | Refusal:
        """Warn somebody; enough warnings that stand together block them for a while."""
        if refusal := moderation.may_act_on(who.person, person, bot):
            return refusal
        now, owner = self.clock.now(), self.memory.keys.person(person)
        expires = self.lifetimes.until(DataClass.COUNTER, now, Choices()) or now
        async with self.memory.db.transaction() as tx:
            await strikes.add(tx, who.guild_id, owner, now=now, expires_at=expires)
            await self._enter(tx, who, owner, Deed.STRUCK, "member")
            count = len(await strikes.ends(tx, who.guild_id, owner, now))
            if not moderation.strikes_block(count):
                return Struck(count, None)
            end = now + moderation.STRIKE_BLOCK_SECONDS
            await blocks.block(tx, who.guild_id, owner, now=now, expires_at=end)
            await self._enter(tx, who, owner, Deed.BLOCKED, "strikes")
            held = await blocks.of(tx, who.guild_id, owner, now)
        return Struck(count, held.expires_at if held else end)

    async def standing(self, who: Moderator) -> list[blocks.Block]:
        """List the blocks that hold here. Whose they are is known by a keyed hash alone."""
        async with self.memory.db.read() as tx:
            return await blocks.standing(tx, who.guild_id, self.clock.now())

    async def member(self, who: Moderator, person: PersonId) -> Member:
        """Say how somebody stands here, whom a moderator names."""
        now, owner = self.clock.now(), self.memory.keys.person(person)
        async with self.memory.db.read() as tx:
            held = await blocks.of(tx, who.guild_id, owner, now)
            struck = await strikes.ends(tx, who.guild_id, owner, now)
        return Member(held.expires_at if held else None, len(struck))

    async def _enter(
        self, tx: Transaction, who: Moderator, owner: PersonHash, deed: Deed, scope: str
    ) -> None:
        now, keys = self.clock.now(), self.memory.keys
        await audit.enter(tx, keys, who, deed, scope, now=now, concerning={owner: 1})
