"""A purge's messages go: channel by channel, in bulk where Discord lets us, else one by one.

Every batch that went is written down at once, so a purge that is stopped goes on where it was. A
channel that refuses is not asked again: requests that Discord calls invalid may get a bot banned
(https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import ChannelId
from bot.errors import DiscordTrouble, Refused, Unreachable
from bot.ports import Clock, Messenger
from bot.services.unsay import SILENCES
from bot.services.walk import first_id_at
from bot.storage import island, purges
from bot.storage.memory import Memory
from bot.storage.posts import Standing
from bot.storage.purges import Underway

BULK_MOST = 100
BULK_SECONDS = 14 * 86_400 - 3600
"""Discord's limits of one bulk deletion, with an hour's room for clocks that differ
(https://discord.com/developers/docs/resources/message#bulk-delete-messages)."""

REFUSED_BULKS = 3
"""Channels that let nothing go in bulk before no other is asked: each refusal counts as invalid."""

TELL_SECONDS = 3.0
"""How far apart the moderator is told how far it is; an answer may be edited 5 times in 2 s."""


ASK_SECONDS = 60.0
"""How far apart Discord is asked whether who began it may still."""


@dataclass
class _Look:
    """What one look knows besides what is written down. Times are monotonic seconds."""

    may_go_on: Callable[[Underway], Awaitable[bool]]
    found: int
    began: float
    before: int
    told_at: float
    asked_at: float
    silences: int = 0
    refused_bulks: int = 0
    is_stopped: bool = False
    is_unheard: bool = False


@dataclass(frozen=True)
class Unpost:
    """Delete our messages that a purge reaches."""

    memory: Memory
    messenger: Messenger
    clock: Clock

    async def __call__(
        self, underway: Underway, may_go_on: Callable[[Underway], Awaitable[bool]]
    ) -> Underway:
        """Delete what stands. Each look begins in another channel: none holds up the rest.

        `may_go_on` is asked every minute: whoever began it may not moderate here any more.
        """
        async with self.memory.db.read() as tx:
            standing = await island.posts(tx, underway.reach)
        channels: dict[ChannelId, list[Standing]] = {}
        for post in standing:
            channels.setdefault(post.channel_id, []).append(post)
        now, done = self.clock.monotonic(), underway.deleted + underway.failed
        look = _Look(
            may_go_on=may_go_on,
            found=done + len(standing),
            began=now,
            before=done,
            told_at=now,
            asked_at=now,
        )
        first = underway.looks % max(1, len(channels))
        for channel in [*list(channels)[first:], *list(channels)[:first]]:
            underway = await self._clear(underway, channel, channels[channel], look)
            if look.is_stopped:
                break
        return underway

    async def _clear(
        self, underway: Underway, channel: ChannelId, left: list[Standing], look: _Look
    ) -> Underway:
        """Delete one channel's messages, newest first."""
        may_bulk = look.refused_bulks < REFUSED_BULKS
        while left and not await self._is_stopped(underway, look):
            batch = self._next(left, may_bulk=may_bulk)
            try:
                is_gone = await self._delete(channel, batch)
            except Unreachable as fault:
                log.event("discord.unreachable", fault=fault)
                look.silences += 1
                continue
            except Refused as fault:
                log.event("purge.channel_closed", fault=fault, count=len(left))
                return await self._close(underway, channel, left)
            look.silences = 0
            if is_gone:
                underway, left = await self._forget(underway, batch), left[len(batch) :]
                await self._tell(underway, look)
            else:
                look.refused_bulks += 1
                may_bulk = False
        return underway

    def _next(self, left: list[Standing], *, may_bulk: bool) -> list[Standing]:
        """Take as many as may go at once, or one."""
        youngest = first_id_at(self.clock.now() - BULK_SECONDS)
        batch = [post for post in left[:BULK_MOST] if post.message_id >= youngest]
        return batch if may_bulk and len(batch) > 1 else left[:1]

    async def _delete(self, channel: ChannelId, batch: list[Standing]) -> bool:
        """Delete a batch; False when this channel lets nothing go in bulk."""
        if len(batch) > 1:
            ids = [post.message_id for post in batch]
            return await self.messenger.delete_many(channel, ids)
        await self.messenger.delete(channel, batch[0].message_id)
        return True

    async def _is_stopped(self, underway: Underway, look: _Look) -> bool:
        """Say whether to leave off: Discord is silent, somebody cancelled, or may no more."""
        if self.clock.monotonic() - look.asked_at >= ASK_SECONDS:
            look.asked_at = self.clock.monotonic()
            look.is_stopped = not await look.may_go_on(underway)
        if look.is_stopped:
            return True
        async with self.memory.db.read() as tx:
            is_cancelled = await purges.is_cancelled(tx, underway.id)
        look.is_stopped = is_cancelled or look.silences >= SILENCES
        return look.is_stopped

    async def _forget(self, underway: Underway, batch: list[Standing]) -> Underway:
        underway = underway.counting({"posts": len(batch)}, [post.person for post in batch])
        underway = replace(underway, deleted=underway.deleted + len(batch))
        return await self._keep(underway, batch)

    async def _close(
        self, underway: Underway, channel: ChannelId, left: list[Standing]
    ) -> Underway:
        """Count what we may no longer touch, and ask for it no more."""
        underway = replace(
            underway,
            failed=underway.failed + len(left),
            failures=tuple(dict.fromkeys((*underway.failures, "channel-closed"))),
            closed=(*underway.closed, channel),
        )
        return await self._keep(underway, left)

    async def _keep(self, underway: Underway, forgotten: list[Standing]) -> Underway:
        async with self.memory.db.transaction() as tx:
            await island.drop_posts(tx, [post.job for post in forgotten])
            await purges.keep(tx, self.memory.keys, underway)
        return underway

    async def _tell(self, underway: Underway, look: _Look) -> None:
        """Say how far it is, while the answer to the press can still be written."""
        now = self.clock.monotonic()
        if not underway.token or look.is_unheard or now - look.told_at < TELL_SECONDS:
            return
        look.told_at = now
        done = underway.deleted + underway.failed
        seconds_each = (now - look.began) / max(1, done - look.before)
        said = words.purging(
            underway.id, done=done, found=look.found, seconds=(look.found - done) * seconds_each
        )
        try:
            look.is_unheard = not await self.messenger.whisper(underway.token, said)
        except DiscordTrouble as fault:  # the receipt is what counts
            log.event("purge.progress_unsaid", fault=fault)
