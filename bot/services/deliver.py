"""The place becomes the result, once.

An edit is idempotent: repeating it changes nothing. A new message carries the job's nonce and a
button with the job's id: after a crash or a lost answer we look for it before we send it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import Ending, Route, Visibility
from bot.errors import DarkroomFault, Refused, Unreachable
from bot.policy.delivery import Delivery as Way
from bot.policy.delivery import way
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
)
from bot.ports import TooLarge as TooLargeAnswer
from bot.services.conclude import Conclude, ending_of
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


_SUFFIXES = {b"RIFF": ".webp", b"\x89PNG": ".png"}


@dataclass(frozen=True)
class Deliver:
    """Deliver rendered jobs."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clock: Clock
    shrink: Shrink
    tidying: Bell

    async def step(self) -> None:
        """Look once for rendered jobs and deliver them, oldest first."""
        async with self.memory.db.read() as tx:
            ready = await deliveries.in_state(tx, JobState.RENDERED)
        for delivery in ready:
            try:
                await self._deliver(delivery)
            except Unreachable as fault:
                log.event("deliver.unreachable", fault=fault)
            except Refused as fault:
                log.event("deliver.refused", fault=fault)
                await self.conclude(delivery, Ending.PLACE_GONE)
            except DarkroomFault as fault:
                log.event("deliver.sealed", fault=fault)
                await self.conclude(delivery, ending_of(fault))

    async def _deliver(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        contents = await self._pictures(delivery)
        answer = await self._stand(delivery, route, contents)
        if isinstance(answer, TooLargeAnswer):
            answer = await self._stand(
                delivery, route, await self._smaller(contents, SAFE_LIMIT_BYTES)
            )
        match answer:
            case Standing(message_id):
                await self._finish(delivery, route, message_id)
            case Closed():
                await self.conclude(delivery, Ending.DM_CLOSED)
            case Gone() | Forbidden():
                await self.conclude(delivery, Ending.PLACE_GONE)
            case TooLargeAnswer():
                await self.conclude(delivery, Ending.FAILED)

    async def _pictures(self, delivery: Delivery) -> list[bytes]:
        async with self.memory.db.read() as tx:
            blobs = await pictures.of(tx, delivery.job)
        sealed = await self.memory.read_files(blobs)
        route = await self.memory.open_route(delivery)
        contents = [
            await self.memory.open_picture(delivery, position, content)
            for position, content in enumerate(sealed)
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
        post = words.result(shown, contents, _suffix(contents[0]), notify=replaces)
        if not replaces:
            return await self.messenger.edit(route.channel_id, route.message_id, post)
        return await self._replace(delivery, route.channel_id, post)

    async def _replace(self, delivery: Delivery, channel: int, post: Post) -> Answer:
        if delivery.result_intended_at is not None:
            found = await self.messenger.find(channel, f"v1:delete:{delivery.job}")
            if found is not None:
                return found
        async with self.memory.db.transaction() as tx:
            await deliveries.intend_result(tx, delivery.job, self.clock.now())
        return await self.messenger.send(channel, post, nonce=f"r{delivery.job[:24]}")

    async def _finish(self, delivery: Delivery, route: Route, message_id: int) -> None:
        """Record the delivery, and destroy what it no longer needs."""
        public = delivery.visibility is Visibility.PUBLIC
        sealed = await self.memory.seal_route(delivery, replace(route, result_id=message_id))
        async with self.memory.db.transaction() as tx:
            first = await queue.end(tx, delivery.job, JobState.DELIVERED, self.clock.now())
            if first:
                blobs = await pictures.drop(tx, delivery.job)
                await deliveries.close(tx, delivery.job, keep_recipe=public)
                await deliveries.posted(
                    tx,
                    delivery.job,
                    route=sealed,
                    public_message_id=message_id if public else None,
                )
        if not first:  # it was cancelled while Discord answered: privacy wins, the result goes
            await self.messenger.delete(route.channel_id or 0, message_id)
            return
        await self.memory.keys.destroy(delivery.job, *((PICTURE,) if public else (PICTURE, RECIPE)))
        await self.memory.drop_files(blobs)
        log.event("job.delivered")
        self.tidying.ring()


def _suffix(content: bytes) -> str:
    """Name the format of an encoded picture by its first bytes; a shrunk one is JPEG."""
    return _SUFFIXES.get(content[:4], ".jpg")
