"""How many logins are left: Discord allows 1000 a day, and then takes the token away.

Two counts are heeded: Discord's own, which leaves a reserve for the operator, and ours, kept on
disk, which slows a crash loop down long before Discord minds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import discord

from bot import log
from bot.errors import DarkroomFault
from bot.ports import Clock

RESERVE = 50
"""Logins that are left alone, for whoever mends what used the others."""

PER_HOUR = 20
"""Logins of one shard within an hour, by our own count: half of what a day allows."""

HOUR_SECONDS = 3600
_MILLISECONDS = 1000


class Overdrawn(DarkroomFault):
    """No login just now."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__("too many logins")
        self.wait_seconds = wait_seconds


class Book(Protocol):
    """Where our own logins are written down (`bot.services.starts`)."""

    async def of_last_day(self) -> list[int]:
        """Give the moment of each, oldest first."""
        ...

    async def add(self) -> None:
        """Write one down, before it happens."""
        ...


@dataclass(frozen=True)
class Left:
    """What Discord says is left, for how long that holds, and in how many shards it wants us."""

    logins: int
    resets_in_seconds: float
    shards: int = 1


def wait_seconds(left: Left | None, ours: Sequence[int], now: int, per_hour: int | None) -> float:
    """Say how long no login may be made; 0 when one may.

    Args:
        left: What Discord says; None when it does not answer.
        ours: The moments of our own logins, oldest first.
        now: The moment.
        per_hour: How many of ours an hour takes; None for as many as one likes.
    """
    if left is not None and left.logins <= RESERVE:
        return max(left.resets_in_seconds, 1.0)
    lately = [at for at in ours if at > now - HOUR_SECONDS]
    if per_hour is None or len(lately) < per_hour:
        return 0.0
    return float(lately[-per_hour] + HOUR_SECONDS - now)


@dataclass
class Budget:
    """The logins of one bot. `per_hour` is for one shard; None where nobody counts (a sandbox)."""

    book: Book
    clock: Clock
    per_hour: int | None = PER_HOUR
    left: Left | None = None  #: as Discord said last
    logins_of_day: int = 0  #: by our own count
    _shards: int = 1

    async def check(self, client: discord.AutoShardedClient) -> None:
        """Refuse a login that would overdraw.

        Raises:
            Overdrawn: how long to wait.
        """
        await self.ask(client)
        ours = await self.book.of_last_day()
        self.logins_of_day = len(ours)
        self._shards = self.left.shards if self.left is not None else self._shards
        per_hour = None if self.per_hour is None else self.per_hour * self._shards
        wait = wait_seconds(self.left, ours, self.clock.now(), per_hour)
        if wait:
            raise Overdrawn(wait)

    async def spend(self, client: discord.AutoShardedClient) -> None:
        """Check, and write a login down before it is made. Raises as `check`."""
        await self.check(client)
        await self.book.add()
        self.logins_of_day += 1

    async def ask(self, client: discord.AutoShardedClient) -> bool:
        """Ask Discord what is left, and say whether it answered."""
        try:
            shards, _, limits = await client.http.get_bot_gateway()
        except Exception as fault:  # noqa: BLE001  # whatever it is: without an answer we count alone
            log.event("gateway.limits.unread", fault=fault)
            self.left = None
            return False
        self.left = Left(limits["remaining"], limits["reset_after"] / _MILLISECONDS, shards)
        return True
