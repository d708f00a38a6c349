"""A result is taken back, by its owner or a moderator: its words are forgotten with its message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot import log
from bot.domain import Ending, PersonId, Visibility
from bot.errors import DiscordTrouble
from bot.ports import Clock, Closed, Found, Messenger
from bot.services.conclude import Conclude
from bot.services.recall import ticket_of
from bot.storage import deliveries, posts, recipes
from bot.storage.database import Transaction
from bot.storage.keyring import RECIPE
from bot.storage.memory import Memory
from gen.job import ENDED


class Removal(StrEnum):
    """What became of a press on Delete. Someone else's result and no result look alike."""

    GONE = "gone"
    FORGOTTEN = "forgotten"  #: everything of ours; Discord did not let the message go yet
    NOT_YOURS = "not-yours"


@dataclass(frozen=True)
class Remove:
    """Take back a result for its owner."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clock: Clock

    async def __call__(
        self, job: str, presser: PersonId, dm_message: Found | None = None
    ) -> Removal:
        """Forget a result and remove its message.

        `dm_message` is the pressed message when it stands in the presser's own DM: of a delivered
        stealth job nothing else knows where it is, and only its buttons have the recipe's key. A
        result can be seen a moment before its delivery is recorded; such a job is cancelled, and
        `tidy` removes what stands.
        """
        person = self.memory.keys.person(presser)
        async with self.memory.db.read() as tx:
            delivery, post = await deliveries.get(tx, job), await posts.get(tx, job)
        if post is not None and post.person == person:
            await self.forget(job)
            return await self.unpost(post)
        if delivery is not None and delivery.tenant == person and delivery.state not in ENDED:
            # whoever sees its button has seen the picture
            if await self.conclude(delivery, Ending.CANCELLED, done=1.0):
                return Removal.GONE
            return await self(job, presser, dm_message)  # it has ended just now: look again
        if dm_message is not None:
            return await self._remove_from_dm(presser, dm_message)
        was_public = delivery is not None and delivery.visibility is Visibility.PUBLIC
        was_theirs = delivery is not None and delivery.tenant == person
        return Removal.GONE if was_public and was_theirs else Removal.NOT_YOURS

    async def forget(self, job: str) -> None:
        """Destroy a public result's recipe, and let its post be due now."""
        async with self.memory.db.transaction() as tx:
            await self.within(tx, job)

    async def within(self, tx: Transaction, job: str) -> None:
        """Forget it in the caller's transaction, the key first; `unpost` must follow the commit."""
        await self.memory.keys.destroy(job, RECIPE)
        await recipes.forget(tx, job)
        await posts.expire(tx, job, self.clock.now())

    async def unpost(self, post: posts.Standing) -> Removal:
        """Remove the message of a result that was forgotten; else the sweeper does it later."""
        try:
            await self.messenger.delete(post.channel_id, post.message_id)
        except DiscordTrouble as fault:
            log.event("remove.undeleted", fault=fault)
            return Removal.FORGOTTEN
        async with self.memory.db.transaction() as tx:
            await posts.forget(tx, post.job)
        return Removal.GONE

    async def _remove_from_dm(self, presser: PersonId, message: Found) -> Removal:
        rows = [ticket.row for ticket in map(ticket_of, message.custom_ids) if ticket]
        async with self.memory.db.transaction() as tx:
            for row in rows:
                await recipes.forget_unlinked(tx, row)
        try:
            dm = await self.messenger.open_dm(presser)
            if isinstance(dm, Closed):
                return Removal.FORGOTTEN
            await self.messenger.delete(dm, message.message_id)
        except DiscordTrouble as fault:
            log.event("remove.undeleted", fault=fault)
            return Removal.FORGOTTEN
        return Removal.GONE
