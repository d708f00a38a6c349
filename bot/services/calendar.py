"""The days and months of quotas: each comes once, in the operator's zone, whatever the clock does.

Within one run, quota time goes on from where the wall clock stood at the start by what really
passed, suspended or not: a clock that is set to another time meanwhile changes nothing. Across
runs the last day that quotas reached is remembered, and no earlier one comes again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from bot.ports import Clock, day_of
from bot.storage import house
from bot.storage.database import Transaction
from bot.storage.house import QUOTA_DAY

COARSE_SECONDS = 60
"""Two clocks so near each other are one to people: no turn is told as a second past midnight."""


@dataclass
class Calendar:
    """Which day quotas are of now, and when it turns."""

    clock: Clock
    zone: tzinfo
    _begun_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun_at = self.clock.now() - self.clock.elapsed()

    async def today(self, tx: Transaction) -> str:
        """Give the day that quotas are of, `2026-11-21`; its first seven characters are its month.

        Where the clock was set back between two runs, the day that was reached begins anew.
        """
        reached = await house.get(tx, QUOTA_DAY) or ""
        today = day_of(self._now(), self.zone)
        if today < reached:
            self._begun_at += max(
                0, _midnight(date.fromisoformat(reached), self.zone) - self._now()
            )
        return max(today, reached)

    async def turn(self, tx: Transaction) -> str:
        """Give the day that quotas are of, and remember it."""
        today = await self.today(tx)
        if await house.get(tx, QUOTA_DAY) != today:
            await house.put(tx, QUOTA_DAY, today)
        return today

    def day_turns_at(self, today: str) -> int:
        """Say when the next day begins, in seconds since 1970 by the wall clock as it stands."""
        return self._by_the_wall(date.fromisoformat(today) + timedelta(days=1))

    def month_turns_at(self, today: str) -> int:
        """Say when the next month begins, in seconds since 1970 by the wall clock as it stands."""
        somewhere_in_it = date.fromisoformat(today).replace(day=1) + timedelta(days=31)
        return self._by_the_wall(somewhere_in_it.replace(day=1))

    def _now(self) -> int:
        return int(self._begun_at + self.clock.elapsed())

    def _by_the_wall(self, day: date) -> int:
        midnight, ahead = _midnight(day, self.zone), self.clock.now() - self._now()
        if abs(ahead) < COARSE_SECONDS:
            return midnight
        return max(self.clock.now(), midnight + ahead)


def _midnight(day: date, zone: tzinfo) -> int:
    """Give the moment a day begins: where clocks skip its midnight, the moment they do."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
