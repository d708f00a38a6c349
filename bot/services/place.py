"""A message stands where the result will be: in the channel, or in the owner's DM.

A job cannot be claimed before its place stands. For a stealth job the place is also the preflight:
a closed DM ends the job here, refunded, before any GPU time. It never goes to a channel instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import words
from bot.domain import Ending, Route, Visibility
from bot.ports import (
    Answer,
    Bell,
    Clock,
    Closed,
    Forbidden,
    Gone,
    Messenger,
    Standing,
    TooLarge,
)
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.show import shown_of
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen import queue
from gen.job import JobState


@dataclass(frozen=True)
class Place:
    """Make the places of accepted jobs."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clock: Clock
    hands: Hands
    dispatching: Bell

    async def look(self) -> None:
        """Take every accepted job in hand that nobody has."""
        async with self.memory.db.read() as tx:
            jobs = await deliveries.jobs_in(tx, JobState.ACCEPTED)
        self.hands.take_all(jobs, self._try)

    async def _try(self, job: str) -> None:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is not None and delivery.state is JobState.ACCEPTED:
            await self.conclude.unless(self._place, delivery)

    async def _place(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        channel = await self._channel(route)
        if channel is None:
            await self.conclude(delivery, Ending.DM_CLOSED)
            return
        match await self._stand(delivery, channel):
            case Standing(message_id):
                route = replace(route, channel_id=channel, message_id=message_id)
                await self._record(delivery, route)
            case Closed():
                await self.conclude(delivery, Ending.DM_CLOSED)
            case Gone() | Forbidden() | TooLarge():
                await self.conclude(delivery, Ending.PLACE_GONE)

    async def _channel(self, route: Route) -> int | None:
        match route.visibility:
            case Visibility.PUBLIC:
                return route.channel_id
            case Visibility.STEALTH:
                channel = await self.messenger.open_dm(route.owner)
                return None if isinstance(channel, Closed) else channel

    async def _stand(self, delivery: Delivery, channel: int) -> Answer:
        """Send the place, or find the one an earlier attempt may have sent."""
        intended_at = delivery.place_intended_at
        if intended_at is not None:
            button = words.cancel_button(delivery.job)
            found = await self.messenger.find(channel, button.custom_id, since=intended_at)
            if found is not None:
                return found
        async with self.memory.db.transaction() as tx:
            await deliveries.intend_place(tx, delivery.job, self.clock.now())
        post = words.waiting(await shown_of(self.memory, delivery))
        return await self.messenger.send(channel, post, nonce=f"p{delivery.job[:24]}")

    async def _record(self, delivery: Delivery, route: Route) -> None:
        """Remember where the place stands. If the job has ended meanwhile, `tidy` removes it."""
        sealed = await self.memory.seal_route(delivery, route)
        public = route.visibility is Visibility.PUBLIC
        async with self.memory.db.transaction() as tx:
            await deliveries.stands(
                tx,
                delivery.job,
                route=sealed,
                public_message_id=route.message_id if public else None,
                now=self.clock.now(),
            )
            stands = await queue.placed(tx, delivery.job)
        if stands:
            self.dispatching.ring()
