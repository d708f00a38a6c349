"""✉️, ❌ and ⭐ under one's own place or result: acts like presses, without an answer of their own.

Anybody else's reaction does nothing, and whoever looks cannot tell: there is no answer, no log and
no count, and what is read is the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from bot import log
from bot.domain import DmId, OptOut, PersonHash, PersonId
from bot.errors import DiscordTrouble
from bot.ports import Found, Messenger, Post
from bot.services.cancel import Cancel, Outcome
from bot.services.copy import Copy
from bot.services.recall import ticket_of
from bot.services.remove import Remove
from bot.services.star import Star
from bot.storage import choices, deliveries, posts
from bot.storage.memory import Memory
from bot.words.results import NO_STAR_FOR_STEALTH

MOST_EACH, MOST = 4, 64
"""Reactions that are heeded at once, of one person and of all: whoever floods is not heard."""


class Emoji(StrEnum):
    """What is heeded. Discord may write the variation selector behind it, or not."""

    COPY = "✉"
    AWAY = "❌"
    KEEP = "⭐"


@dataclass(frozen=True)
class Reaction:
    """Somebody put an emoji under a message, or took it away again. `guild_id` None: in a DM."""

    emoji: Emoji
    person: PersonId
    guild_id: int | None
    channel_id: int
    message_id: int
    is_taken_away: bool = False


def heeded(emoji: str) -> Emoji | None:
    """Say which of ours an emoji is."""
    bare = emoji.removesuffix("\N{VARIATION SELECTOR-16}")
    return Emoji(bare) if bare in set(Emoji) else None


@dataclass
class React:
    """Heed reactions of owners."""

    memory: Memory
    messenger: Messenger
    cancel: Cancel
    remove: Remove
    star: Star
    copy: Copy
    _busy: Counter[PersonHash] = field(default_factory=Counter, repr=False)

    async def __call__(self, reaction: Reaction) -> None:
        """Do what it says, if it is under something of theirs."""
        person = self.memory.keys.person(reaction.person)
        if self._busy[person] >= MOST_EACH or self._busy.total() >= MOST:
            return
        self._busy[person] += 1
        try:
            await self._heed(reaction, person)
        except DiscordTrouble as fault:
            log.event("reaction.unheeded", fault=fault)
        finally:
            self._busy[person] -= 1
            if not self._busy[person]:
                del self._busy[person]

    async def _heed(self, reaction: Reaction, person: PersonHash) -> None:
        async with self.memory.db.read() as tx:
            if await choices.opt_out(tx, person) is OptOut.NO_PROCESSING:
                return
            post = await posts.at(tx, reaction.message_id)
            place = await deliveries.at_place(tx, reaction.guild_id or 0, reaction.message_id)
        if reaction.guild_id is None:
            await self._in_dm(reaction)
        elif post is not None and post.person == person:
            await self._on_result(reaction, post)
        elif place is not None and reaction.emoji is Emoji.AWAY and not reaction.is_taken_away:
            await self._on_place(place, reaction.person)

    async def _on_place(self, job: str, person: PersonId) -> None:
        """Cancel its job; if that has ended just now, its result stands there."""
        if (await self.cancel(job, person)).outcome is Outcome.ENDED:
            await self.remove(job, person)

    async def _on_result(self, reaction: Reaction, post: posts.Standing) -> None:
        match reaction.emoji:
            case Emoji.KEEP:
                await self.star(post.job, reaction.person, starred=not reaction.is_taken_away)
            case Emoji.COPY if not reaction.is_taken_away:
                await self.copy(post, reaction.person)
            case Emoji.AWAY if not reaction.is_taken_away:
                await self.remove(post.job, reaction.person)

    async def _in_dm(self, reaction: Reaction) -> None:
        """Of what stands in a DM nothing is written down: the message itself is read back."""
        if reaction.is_taken_away or reaction.emoji is Emoji.COPY:
            return
        dm = DmId(reaction.channel_id)
        found = await self.messenger.read_back(dm, reaction.message_id)
        if found is None:
            return
        if reaction.emoji is Emoji.AWAY:
            await self._away(dm, found, reaction.person)
        elif any(map(ticket_of, found.custom_ids)):
            said = Post(NO_STAR_FOR_STEALTH)
            await self.messenger.send(dm, said, nonce=f"s{reaction.message_id}")

    async def _away(self, dm: DmId, found: Found, person: PersonId) -> None:
        named = dict(each.split(":", 2)[1:] for each in found.custom_ids if each.count(":") > 1)
        if job := named.get("delete"):
            await self.remove(job, person, found)
        elif job := named.get("cancel"):
            await self.cancel(job, person)
        elif "uncopy" in named:
            await self.messenger.delete(dm, found.message_id)
