"""The bot is removed from a server: after a time of grace, everything of that server is erased.

An outage is no removal: Discord says which of the two it is, and at each connection names every
server that we are in, also those it cannot show just now. Being added again within the time
changes nothing but that: all is as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass

from bot import log
from bot.domain import Ending
from bot.ports import Clock
from bot.services.conclude import Conclude
from bot.storage import audit, departures, ledger
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.departures import Departure
from bot.storage.memory import Memory
from gen.engine import Engine

EVERY_SECONDS = 600.0
"""How often it is looked whose time is over: days more or less ten minutes."""

DAY_SECONDS = 24 * 3600


@dataclass
class Depart:
    """Keep the time of grace. `purge` begins to erase what people made there, and gives its id."""

    memory: Memory
    engine: Engine
    conclude: Conclude
    purge: Callable[[int], Awaitable[str]]
    clock: Clock
    grace_days: int
    _rests_until: float = 0.0
    _is_compared: bool = False

    async def left(self, guild_id: int) -> None:
        """Discord has removed us: what is public and under way there ends, refunded."""
        ended = list[tuple[str, list[str]]]()
        async with self.memory.db.transaction() as tx:
            if not await departures.left(tx, guild_id, self.clock.now()):
                return
            if guild_id not in await departures.held(tx, but_departures=True):
                await departures.back(tx, guild_id)  # nothing is held of it: nothing to erase
                return
            for delivery in await departures.open_jobs(tx, guild_id):
                blobs = await self.conclude.within(tx, delivery, Ending.PLACE_GONE)
                if blobs is not None:
                    ended.append((delivery.job, blobs))
        for job, blobs in ended:
            self.engine.cancel(job)
            await self.conclude.settle(job, Ending.PLACE_GONE, blobs)
        self._rests_until = 0.0
        log.event("server.left", count=len(ended))

    async def back(self, guild_id: int) -> None:
        """We are in a server again: nothing of it is erased."""
        async with self.memory.db.transaction() as tx:
            was_left = await departures.back(tx, guild_id)
        if was_left:
            log.event("server.back")

    def lost(self) -> None:
        """Discord is out of hearing: nothing is erased before it is known again where we are."""
        self._is_compared = False

    async def compare(self, present: Set[int]) -> None:
        """Learn what happened while we were away. `present` are all servers that we are in."""
        async with self.memory.db.read() as tx:
            held, gone = await departures.held(tx), await departures.all_left(tx)
        for guild_id in gone & present:
            await self.back(guild_id)
        self._is_compared = True
        for guild_id in held - present - gone:
            await self.left(guild_id)

    async def look(self) -> None:
        """Erase the servers whose time is over; but not before it is known where we are again."""
        if not self._is_compared or self.clock.monotonic() < self._rests_until:
            return
        before = self.clock.now() - self.grace_days * DAY_SECONDS
        async with self.memory.db.read() as tx:
            due = await departures.due(tx, before)
        for departure in due:
            await self._erase(departure)
        rest = 0.0 if due else EVERY_SECONDS  # what was begun is seen through
        self._rests_until = self.clock.monotonic() + rest

    async def _erase(self, departure: Departure) -> None:
        """Begin its purge; or, once that is finished, take the rest."""
        if departure.purge is None:
            purge = await self.purge(departure.guild_id)
            async with self.memory.db.transaction() as tx:
                await departures.erased_by(tx, departure.guild_id, purge)
            return
        async with self.memory.db.read() as tx:
            is_purged = await departures.is_purged(tx, departure.purge)
        if is_purged:
            await self._erase_rest(departure.guild_id)

    async def _erase_rest(self, guild_id: int) -> None:
        """Forget its settings and all that its moderators did: its keys first."""
        keys = self.memory.keys
        async with self.memory.db.transaction() as tx:
            await keys.destroy_all(await departures.sealed_items(tx, guild_id))
            dropped = await departures.erase_server(tx, guild_id)
            await ledger.note(tx, f"server {guild_id}")
            act = Act(
                actor=Actor.HOUSE, by="", act=Deed.SERVER_ERASED, scope="server", objects=dropped
            )
            await audit.append(tx, keys, HOUSE, act, now=self.clock.now())
        await keys.drop_bare_days()
        await keys.forget()
        log.event("server.erased", count=dropped)
