"""After a job has ended: clear up its messages, tell its owner, forget where it went.

This is a step of its own, so that a crash, or a Discord that does not answer, between a job's end
and the last word about it loses neither: the next look finds the job and does the rest. Doing it
twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import log, words
from bot.domain import Ending, Route, Visibility
from bot.errors import DarkroomFault, Unreachable
from bot.ports import Closed, Messenger, Post
from bot.storage import deliveries
from bot.storage.deliveries import Delivery
from bot.storage.keyring import ROUTE
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Tidy:
    """Clear up after jobs that have ended."""

    memory: Memory
    messenger: Messenger

    async def step(self) -> None:
        """Look once for ended jobs that are not cleared up."""
        async with self.memory.db.read() as tx:
            ended = await deliveries.untidied(tx)
        for delivery in ended:
            try:
                await self._tidy(delivery)
            except Unreachable as fault:
                log.event("tidy.unreachable", fault=fault)
                continue
            except DarkroomFault as fault:  # nothing more can be done for this one
                log.event("tidy.given_up", fault=fault)
            await self._forget(delivery)
        if ended:
            await self.memory.keys.forget()

    async def _tidy(self, delivery: Delivery) -> None:
        route = await self.memory.open_route(delivery)
        if route.message_id is None and delivery.place_intended_at is not None:
            route = await self._find_place(delivery, route)
        await self._remove_place(route)
        if delivery.ending is None:
            await self._say_where(delivery, route)
        else:
            await self._say_why(route, delivery.ending)

    async def _find_place(self, delivery: Delivery, route: Route) -> Route:
        """Look for a place that was sent, maybe, but never recorded: a crash came between."""
        stealth = route.visibility is Visibility.STEALTH
        channel = await self.messenger.open_dm(route.owner) if stealth else route.channel_id
        if channel is None or isinstance(channel, Closed):
            return route
        found = await self.messenger.find(channel, f"v1:cancel:{delivery.job}")
        return replace(route, channel_id=channel, message_id=found.message_id) if found else route

    async def _remove_place(self, route: Route) -> None:
        """Remove the place, unless it has become the result."""
        place, channel = route.message_id, route.channel_id
        if place is not None and channel is not None and place != route.result_id:
            await self.messenger.delete(channel, place)

    async def _say_where(self, delivery: Delivery, route: Route) -> None:
        link = words.link(route.guild_id, route.channel_id, route.result_id)
        post = words.delivered(delivery.visibility, link, route.notes)
        await self.messenger.whisper(route.interaction_token, post)

    async def _say_why(self, route: Route, ending: Ending) -> None:
        """Tell the owner alone: in their ephemeral answer, else in their DM.

        Who cancelled has been told by the press itself.
        """
        said = Post(words.ended(ending))
        if await self.messenger.whisper(route.interaction_token, said):
            return
        if ending in {Ending.CANCELLED, Ending.DM_CLOSED}:
            return
        channel = await self.messenger.open_dm(route.owner)
        if not isinstance(channel, Closed):
            await self.messenger.send(channel, said, nonce=f"e{route.message_id or route.owner}")

    async def _forget(self, delivery: Delivery) -> None:
        async with self.memory.db.transaction() as tx:
            await deliveries.tidied(tx, delivery.job)
        await self.memory.keys.destroy(delivery.job, ROUTE)
