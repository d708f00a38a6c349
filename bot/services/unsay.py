"""Our messages go: results in servers one by one, and in the DM page by page.

Every message that went is written down at once, so an erasure that is stopped goes on where it was.
A message that Discord refuses to delete counts as failed and is not tried again; one for which it
does not answer waits for the next look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import Channel
from bot.errors import DiscordTrouble, Refused, Unreachable
from bot.ports import Closed, Messenger, Post
from bot.services.walk import Met, Walk
from bot.storage import erasures, posts, recipes
from bot.storage.erasures import Underway
from bot.storage.memory import Memory

SILENCES = 3
"""Calls in a row that Discord leaves unanswered before the rest waits for the next look."""

PROGRESS_MESSAGES = 20
"""How many deleted messages apart the person is told how far it is."""


@dataclass(frozen=True)
class Unsay:
    """Delete our messages that an erasure reaches."""

    memory: Memory
    messenger: Messenger
    walk: Walk

    async def in_servers(self, underway: Underway) -> Underway:
        """Delete public results. Each look begins at another one: none holds up the rest."""
        async with self.memory.db.read() as tx:
            standing = (await erasures.within(tx, underway.reach)).posts
        known = underway.deleted + underway.failed + len(standing)
        first = underway.looks * SILENCES % max(1, len(standing))
        silences = 0
        for post in (*standing[first:], *standing[:first]):
            try:
                underway = await self._unpost(underway, post)
            except Unreachable as fault:
                log.event("discord.unreachable", fault=fault)
                silences += 1
                if silences == SILENCES:
                    break
            else:
                silences = 0
                await self._say_how_far(underway, known)
        return underway

    async def in_dm(self, underway: Underway) -> Underway:
        """Walk through the DM: drop the recipes that buttons name, then delete the messages."""
        if underway.before is None:
            return underway
        try:
            dm = await self.walk.open(underway.owner)
            if isinstance(dm, Closed):
                return await self._shut_out(underway)
            async for page in self.walk.pages(dm, before=underway.before, after=underway.after):
                meant = [met for met in page if _is_meant(underway, met)]
                underway = await self._drop_recipes(underway, meant)
                for met in meant:
                    gone = await self._delete(underway, dm, met.message.message_id)
                    underway = await self._keep(replace(gone, before=met.message.message_id))
                    await self._say_how_far(underway, None)
        except Unreachable as fault:
            log.event("discord.unreachable", fault=fault)
            return underway
        except Refused as fault:  # it may be opened and not read: for good
            log.event("erase.dm_unread", fault=fault)
            return await self._shut_out(underway)
        return await self._keep(replace(underway, before=None, walked=True))

    async def _shut_out(self, underway: Underway) -> Underway:
        failures = (*underway.failures, "dm-closed")
        return await self._keep(replace(underway, before=None, failures=failures))

    async def _unpost(self, underway: Underway, post: posts.Standing) -> Underway:
        done = await self._delete(underway, post.channel_id, post.message_id)
        if done.failed > underway.failed:
            where = (post.guild_id, post.channel_id, post.message_id)
            done = replace(done, standing=(*done.standing, where)[: words.STANDING_SHOWN])
        else:
            gone = done.counts.get("posts", 0) + 1
            done = replace(done, counts=done.counts | {"posts": gone})
        async with self.memory.db.transaction() as tx:
            await posts.forget(tx, post.job)
            await erasures.keep(tx, self.memory.keys, done)
        return done

    async def _drop_recipes(self, underway: Underway, page: list[Met]) -> Underway:
        async with self.memory.db.transaction() as tx:
            dropped = 0
            for row in {ticket.row for met in page for ticket in met.tickets}:
                dropped += await recipes.forget_unlinked(tx, row)
            underway = replace(underway, recipes=underway.recipes + dropped)
            await erasures.keep(tx, self.memory.keys, underway)
        return underway

    async def _delete(self, underway: Underway, channel: Channel, message_id: int) -> Underway:
        """Delete one message, and count what came of it."""
        try:
            await self.messenger.delete(channel, message_id)
        except Refused as fault:
            log.event("erase.undeleted", fault=fault)
            failures = tuple(dict.fromkeys((*underway.failures, "message-refused")))
            return replace(underway, failed=underway.failed + 1, failures=failures)
        return replace(underway, deleted=underway.deleted + 1)

    async def _keep(self, underway: Underway) -> Underway:
        async with self.memory.db.transaction() as tx:
            await erasures.keep(tx, self.memory.keys, underway)
        return underway

    async def _say_how_far(self, underway: Underway, known: int | None) -> None:
        if not underway.token or underway.deleted == 0 or underway.deleted % PROGRESS_MESSAGES:
            return
        try:
            said = Post(words.erasing(underway.deleted, known))
            await self.messenger.whisper(underway.token, said)
        except DiscordTrouble as fault:  # the receipt is what counts
            log.event("erase.progress_unsaid", fault=fault)


def _is_meant(underway: Underway, met: Met) -> bool:
    return not underway.button or underway.button in met.message.custom_ids
