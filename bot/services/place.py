"""A message stands where the result will be: in the channel, or in the owner's DM.

A job cannot be claimed before its place stands. For a stealth job the place is also the preflight:
a closed DM ends the job here, refunded, before any GPU time. It never goes to a channel instead.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import Ending, Route, Visibility
from bot.errors import DarkroomFault, KeyGone, Refused, Unreachable
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
from bot.services.conclude import Conclude, ending_of
from bot.services.show import shown_of
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen import queue
from gen.job import JobState

AT_ONCE = 8
"""Places that are sent side by side; discord.py keeps each channel's own rate limit."""


@dataclass(frozen=True)
class Place:
    """Make the places of accepted jobs."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clock: Clock
    dispatching: Bell

    async def step(self) -> None:
        """Look once for accepted jobs, and give each its place."""
        while True:
            async with self.memory.db.read() as tx:
                waiting = await deliveries.in_state(tx, JobState.ACCEPTED, AT_ONCE)
            if not waiting:
                return
            placed = await asyncio.gather(*(self._try(delivery) for delivery in waiting))
            if not any(placed):
                return  # Discord does not answer: the next look tries again

    async def _try(self, delivery: Delivery) -> bool:
        try:
            await self._place(delivery)
        except Unreachable as fault:
            log.event("place.unreachable", fault=fault)
            return False
        except Refused as fault:
            log.event("place.refused", fault=fault)
            await self.conclude(delivery, Ending.PLACE_GONE)
        except DarkroomFault as fault:
            log.event("place.fault", fault=fault)
            await self.conclude(delivery, ending_of(fault))
        return True

    async def _place(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        channel = await self._channel(route)
        if channel is None:
            await self.conclude(delivery, Ending.DM_CLOSED)
            return
        match await self._stand(delivery, channel):
            case Standing(message_id):
                await self._record(
                    delivery, replace(route, channel_id=channel, message_id=message_id)
                )
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
        if delivery.place_intended_at is not None:
            found = await self.messenger.find(channel, f"v1:cancel:{delivery.job}")
            if found is not None:
                return found
        async with self.memory.db.transaction() as tx:
            await deliveries.intend_place(tx, delivery.job, self.clock.now())
        post = words.waiting(await shown_of(self.memory, delivery))
        return await self.messenger.send(channel, post, nonce=f"p{delivery.job[:24]}")

    async def _record(self, delivery: Delivery, route: Route) -> None:
        """Remember where the place stands, or take it away: the job may have ended meanwhile."""
        if await self._stands(delivery, route):
            self.dispatching.ring()
        elif route.channel_id is not None and route.message_id is not None:
            await self.messenger.delete(route.channel_id, route.message_id)

    async def _stands(self, delivery: Delivery, route: Route) -> bool:
        try:
            sealed = await self.memory.seal_route(delivery, route)
        except KeyGone:
            return False
        public = route.visibility is Visibility.PUBLIC
        async with self.memory.db.transaction() as tx:
            stands = await queue.placed(tx, delivery.job)
            if stands:
                await deliveries.stands(
                    tx,
                    delivery.job,
                    route=sealed,
                    public_message_id=route.message_id if public else None,
                    now=self.clock.now(),
                )
        return stands
