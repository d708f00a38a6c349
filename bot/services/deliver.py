"""The place becomes the result, once.

An edit is idempotent: repeating it changes nothing. A new message carries the job's nonce and a
button with the job's id: after a crash or a lost answer we look for it before we send it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import Ending, Route, Visibility
from bot.policy.delivery import Way, way
from bot.ports import (
    Answer,
    Bell,
    Clock,
    Closed,
    Forbidden,
    Gone,
    Messenger,
    Post,
    Shrink,
    Standing,
    TooLarge,
)
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.show import shown_of
from bot.storage import deliveries, pictures
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE
from bot.storage.memory import Memory
from gen import queue
from gen.job import JobState

REQUEST_LIMIT_BYTES = 25 * 1024 * 1024
"""A whole message request (https://discord.com/developers/docs/resources/message)."""

SAFE_LIMIT_BYTES = 8 * 1024 * 1024
"""What we shrink a picture to when Discord refuses a size it had announced to accept."""


@dataclass(frozen=True)
class Deliver:
    """Deliver rendered jobs."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clock: Clock
    hands: Hands
    shrink: Shrink
    tidying: Bell

    async def look(self) -> None:
        """Take every rendered job in hand that nobody has."""
        async with self.memory.db.read() as tx:
            jobs = await deliveries.jobs_in(tx, JobState.RENDERED)
        self.hands.take_all(jobs, self._try)

    async def _try(self, job: str) -> None:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is not None and delivery.state is JobState.RENDERED:
            await self.conclude.unless(self._deliver, delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        contents = await self._pictures(delivery, route)
        answer = await self._stand(delivery, route, contents)
        if isinstance(answer, TooLarge):
            smaller = await self._smaller(contents, SAFE_LIMIT_BYTES)
            answer = await self._stand(delivery, route, smaller)
        match answer:
            case Standing(message_id):
                await self._finish(delivery, route, message_id)
            case Closed():
                await self.conclude(delivery, Ending.DM_CLOSED)
            case Gone() | Forbidden():
                await self.conclude(delivery, Ending.PLACE_GONE)
            case TooLarge():
                await self.conclude(delivery, Ending.FAILED)

    async def _pictures(self, delivery: Delivery, route: Route) -> list[bytes]:
        async with self.memory.db.read() as tx:
            blobs = await pictures.of(tx, delivery.job)
        contents = [
            await self.memory.open_picture(delivery, position, sealed)
            for position, sealed in enumerate(await self.memory.read_files(blobs))
        ]
        share = REQUEST_LIMIT_BYTES * 9 // 10 // max(1, len(contents))
        return await self._smaller(contents, min(route.upload_limit_bytes, share))

    async def _smaller(self, contents: list[bytes], limit_bytes: int) -> list[bytes]:
        return [
            content
            if len(content) <= limit_bytes
            else await self.shrink(content, limit_bytes) or content
            for content in contents
        ]

    async def _stand(self, delivery: Delivery, route: Route, contents: list[bytes]) -> Answer:
        """Edit the place into the result, or put a new message in its stead."""
        if route.channel_id is None or route.message_id is None:
            return Gone()
        now = self.clock.now()
        chosen = way(
            waited_seconds=now - delivery.accepted_at,
            place_age_seconds=now - (delivery.placed_at or now),
        )
        replaces = chosen is Way.REPLACE or delivery.result_intended_at is not None
        shown = await shown_of(self.memory, delivery)
        post = words.result(shown, contents, notify=replaces)
        if not replaces:
            return await self.messenger.edit(route.channel_id, route.message_id, post)
        return await self._replace(delivery, route.channel_id, post)

    async def _replace(self, delivery: Delivery, channel: int, post: Post) -> Answer:
        """Send a new message, or find the one an earlier attempt may have sent."""
        intended_at = delivery.result_intended_at
        if intended_at is not None:
            button = words.delete_button(delivery.job)
            found = await self.messenger.find(channel, button.custom_id, since=intended_at)
            if found is not None:
                return found
        async with self.memory.db.transaction() as tx:
            await deliveries.intend_result(tx, delivery.job, self.clock.now())
        return await self.messenger.send(channel, post, nonce=f"r{delivery.job[:24]}")

    async def _finish(self, delivery: Delivery, route: Route, message_id: int) -> None:
        """Record the delivery, and destroy what it no longer needs.

        If the job was cancelled while Discord answered, privacy wins: `tidy` removes the result.
        """
        public = delivery.visibility is Visibility.PUBLIC
        sealed = await self.memory.seal_route(delivery, replace(route, result_id=message_id))
        async with self.memory.db.transaction() as tx:
            if not await queue.end(tx, delivery.job, JobState.DELIVERED, self.clock.now()):
                return
            blobs = await pictures.drop(tx, delivery.job)
            await deliveries.close(tx, delivery.job, keep_recipe=public)
            await deliveries.posted(
                tx,
                delivery.job,
                route=sealed,
                public_message_id=message_id if public else None,
            )
        await self.memory.keys.destroy(delivery.job, *((PICTURE,) if public else (PICTURE, RECIPE)))
        await self.memory.drop_files(blobs)
        log.event("job.delivered")
        self.tidying.ring()
