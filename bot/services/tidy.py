"""After a job has ended: clear up its messages, tell its owner, forget where it went.

This is a step of its own, so that a crash, or a Discord that does not answer, between a job's end
and the last word about it loses neither: the next look finds the job and does the rest. It waits
until no other deed has the job in hand, so it sees every message that was ever sent for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot import log, words
from bot.domain import Channel, Ending, PersonHash
from bot.errors import KeyGone, Refused, SealBroken
from bot.policy.delivery import can_whisper
from bot.ports import Clock, Closed, Messenger, Post
from bot.route import PublicRoute, Route
from bot.services.hands import Hands
from bot.storage import deliveries, departures, posts
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.keyring import ROUTE
from bot.storage.memory import Memory

_LEAVES_NO_RECORD = {Ending.MOVED, Ending.ERASED}
_TOLD_OTHERWISE = {Ending.CANCELLED, Ending.ERASED, Ending.MOVED, Ending.DM_CLOSED}


@dataclass(frozen=True)
class Tidy:
    """Clear up after jobs that have ended."""

    memory: Memory
    messenger: Messenger
    clock: Clock
    hands: Hands

    async def look(self) -> None:
        """Take ended jobs in hand that are not cleared up yet, as many as there is room for."""
        if not (room := self.hands.room(self._try, self.hands.freed)):
            return
        async with self.memory.db.read() as tx:
            jobs = await deliveries.untidied(tx, but=self.hands.busy(), most=room)
        self.hands.take_all(jobs, self._try)

    async def _try(self, job: str) -> None:
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, job)
        if delivery is None or delivery.route is None:
            return
        stays = None
        try:
            stays = await self._tidy(delivery)
        except (Refused, KeyGone, SealBroken) as fault:  # nothing more can be done for this one
            log.event("tidy.given_up", fault=fault)
        async with self.memory.db.transaction() as tx:
            if stays is not None:
                await self._leave_for_return(tx, delivery, stays)
            await deliveries.tidied(tx, job)
            if delivery.ending in _LEAVES_NO_RECORD:
                await deliveries.forget(tx, job)
        await self.memory.keys.destroy(job, ROUTE)

    async def _tidy(self, delivery: Delivery) -> PublicRoute | None:
        """Clear up, and give the way to a public place that Discord did not let go."""
        route = await self.memory.open_route(delivery)
        try:
            await self._remove(delivery, route)
        except Refused as fault:  # for good: whoever waits for a word is told all the same
            log.event("tidy.stays", fault=fault)
            stays = True
        else:
            stays = False
        if delivery.ending is None:
            await self._whisper(delivery, route, words.delivered(delivery.job, route))
        else:
            await self._say_why(delivery, route, delivery.ending, stays=stays)
        return route if stays and isinstance(route, PublicRoute) else None

    async def _leave_for_return(
        self, tx: Transaction, delivery: Delivery, route: PublicRoute
    ) -> None:
        """Let a place be due in a server that we were removed from: it goes when we are back."""
        if route.message_id is None or route.guild_id not in await departures.all_left(tx):
            return
        placed_at = delivery.placed_at or delivery.accepted_at
        await posts.add(
            tx,
            posts.Standing(
                job=delivery.job,
                person=PersonHash(delivery.tenant),
                guild_id=route.guild_id,
                channel_id=route.channel_id,
                message_id=route.message_id,
                posted_at=placed_at,
                expires_at=placed_at,
            ),
        )

    async def _remove(self, delivery: Delivery, route: Route) -> None:
        channel = await self._channel(route)
        if channel is None:
            return
        await self._remove_place(delivery, route, channel)
        if delivery.ending is not None:
            await self._remove_result(delivery, channel)

    async def _channel(self, route: Route) -> Channel | None:
        """Give where the job's messages stand; a stealth job's DM may never have been recorded."""
        if route.stands_in is not None:
            return route.stands_in
        dm = await self.messenger.open_dm(route.owner)
        return None if isinstance(dm, Closed) else dm

    async def _remove_place(self, delivery: Delivery, route: Route, channel: Channel) -> None:
        """Remove the place, also one that was sent but never recorded, unless it is the result."""
        place = route.message_id
        if place is None and delivery.place_intended_at is not None:
            button = words.cancel_button(delivery.job)
            since = delivery.place_intended_at
            found = await self.messenger.find(channel, button.custom_id, since=since)
            place = found.message_id if found else None
        if place is not None and place != route.result_id:
            await self.messenger.delete(channel, place)

    async def _remove_result(self, delivery: Delivery, channel: Channel) -> None:
        """Remove a result that was sent, maybe, before its job ended otherwise."""
        if delivery.result_intended_at is None:
            return
        button = words.delete_button(delivery.job)
        since = delivery.result_intended_at
        found = await self.messenger.find(channel, button.custom_id, since=since)
        if found is not None:
            await self.messenger.delete(channel, found.message_id)

    async def _whisper(self, delivery: Delivery, route: Route, post: Post) -> bool:
        """Rewrite the owner's ephemeral answer, if that can still be; say whether it was."""
        if not can_whisper(now=self.clock.now(), accepted_at=delivery.accepted_at):
            return False
        return await self.messenger.whisper(route.interaction_token, post)

    async def _say_why(
        self, delivery: Delivery, route: Route, ending: Ending, *, stays: bool
    ) -> None:
        """Tell the owner alone: in their ephemeral answer, else in their DM.

        Who cancelled or erased has been told by the press itself, and of a moved job its twin
        tells, in the same answer. Of a public message that Discord does not let go they are told
        in their DM as well: nothing else says so.
        """
        stays = stays and isinstance(route, PublicRoute)
        said = Post(self._why(delivery, route, ending, stays=stays))
        is_told = await self._whisper(delivery, route, said)
        if not stays and (is_told or ending in _TOLD_OTHERWISE):
            return
        channel = await self.messenger.open_dm(route.owner)
        if not isinstance(channel, Closed):
            await self.messenger.send(channel, said, nonce=f"e{delivery.job[:24]}")

    def _why(self, delivery: Delivery, route: Route, ending: Ending, *, stays: bool) -> str:
        if isinstance(route, PublicRoute) and ending is Ending.MOVED:
            return words.moved(route.channel_id, delivery.seen_since, stays=stays)
        if isinstance(route, PublicRoute) and stays:
            return f"{words.ended(ending)}\n{words.stays(route.channel_id)}"
        return words.ended(ending)
