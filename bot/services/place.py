"""A message stands where the result will be: in the channel, or in the owner's DM.

A job cannot be claimed before its place stands. For a stealth job the place is also the preflight:
a closed DM ends the job here, refunded, before any GPU time. It never goes to a channel instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import words
from bot.domain import Channel, Ending
from bot.ports import (
    Answer,
    Archived,
    Bell,
    Clock,
    Closed,
    Forbidden,
    Gone,
    Messenger,
    Standing,
    TooLarge,
)
from bot.route import PublicRoute, Route, StealthRoute
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.heed import Heed, still_goes
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
    heed: Heed
    clock: Clock
    hands: Hands
    placing: Bell
    dispatching: Bell

    async def look(self) -> None:
        """Take accepted jobs in hand that nobody has, as many as there is room for."""
        if not (room := self.hands.room(self._try, self.placing)):
            return
        async with self.memory.db.read() as tx:
            jobs = await deliveries.jobs_in(tx, JobState.ACCEPTED, but=self.hands.busy(), most=room)
        self.hands.take_all(jobs, self._try)

    async def _try(self, job: str) -> None:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.state is not JobState.ACCEPTED:
            return
        if await self.heed(delivery):
            await self.conclude.unless(self._place, delivery)

    async def _place(self, delivery: Delivery) -> None:
        route = await self._opened(await self.memory.open_route(delivery))
        if route is None or route.stands_in is None:
            await self.conclude(delivery, Ending.DM_CLOSED)
            return
        match await self._stand(delivery, route.stands_in):
            case Standing(message_id):
                await self._record(delivery, replace(route, message_id=message_id))
            case Closed():
                await self.conclude(delivery, Ending.DM_CLOSED)
            case Gone() | Forbidden() | TooLarge() | Archived():
                await self.conclude(delivery, Ending.PLACE_GONE)
            case None:  # its owner changed their mind just now: the next look heeds it
                return

    async def _opened(self, route: Route) -> Route | None:
        """Open the owner's DM for a stealth job: its route has nowhere else to go."""
        match route:
            case PublicRoute():
                return route
            case StealthRoute():
                dm = await self.messenger.open_dm(route.owner)
                return None if isinstance(dm, Closed) else replace(route, dm_id=dm)

    async def _stand(self, delivery: Delivery, channel: Channel) -> Answer | None:
        """Send the place, or find the one an earlier attempt may have sent."""
        intended_at = delivery.place_intended_at
        if intended_at is not None:
            button = words.cancel_button(delivery.job)
            found = await self.messenger.find(channel, button.custom_id, since=intended_at)
            if found is not None:
                return found
        async with self.memory.db.transaction() as tx:
            if not await still_goes(self.memory, tx, delivery):
                return None
            await deliveries.intend_place(tx, delivery.job, self.clock.now())
        post = words.waiting(await shown_of(self.memory, delivery))
        return await self.messenger.send(channel, post, nonce=f"p{delivery.job[:24]}")

    async def _record(self, delivery: Delivery, route: Route) -> None:
        """Remember where the place stands. If its job has ended meanwhile, `tidy` removes it."""
        sealed = await self.memory.seal_route(delivery, route)
        public = isinstance(route, PublicRoute)
        async with self.memory.db.transaction() as tx:
            await deliveries.stands(
                tx,
                delivery.job,
                route=sealed,
                public_message_id=route.message_id if public else None,
                now=self.clock.now(),
            )
            goes = await still_goes(self.memory, tx, delivery)
            stands = goes and await queue.placed(tx, delivery.job)
        if stands:
            self.dispatching.ring()
