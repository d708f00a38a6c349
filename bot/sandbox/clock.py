"""The sandbox's time: real time plus an offset, or a clock that a test owns.

Every limit that Discord measures (3 s, 15 min, the nonce window, link expiry, time-outs) reads this
clock. A test that owns it turns it by hand: `Clock(owned=True)`, then `clock.advance(4)`, and
whatever was waiting for those seconds happens before `advance` returns. Rate limits alone are
measured in real time, because discord.py really waits for them.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Timer:
    """One act that waits for its time."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def cancel(self) -> None:
        """Do not do it after all."""
        self._act = None

    def fire(self) -> None:
        """Do it, once."""
        act, self._act = self._act, None
        if act is not None:
            act()


class Clock:
    """Seconds since 1970. An owned clock stands still between two calls of `advance`."""

    def __init__(self, *, owned: bool = False, start: float | None = None) -> None:
        self.owned = owned
        self._start = time.time() if start is None else start  # noqa: TID251 - the clock itself
        self._offset = 0.0 if owned or start is None else start - time.time()  # noqa: TID251
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None

    def now(self) -> float:
        """The time now, in seconds since 1970."""
        base = self._start if self.owned else time.time()  # noqa: TID251 - the clock itself
        return base + self._offset

    def advance(self, seconds: float) -> None:
        """Turn the clock forward; what falls due happens at once, in its order."""
        if seconds < 0:
            raise ValueError("the sandbox's clock only turns forward")
        self._offset += seconds
        self._fire_due()

    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something when this many seconds have passed on this clock."""
        timer = Timer(act)
        heapq.heappush(self._timers, (self.now() + seconds, next(self._order), timer))
        self._arm()
        return timer

    def stop(self) -> None:
        """Forget every timer."""
        self._timers.clear()
        self._disarm()

    def _fire_due(self) -> None:
        while self._timers and self._timers[0][0] <= self.now():
            heapq.heappop(self._timers)[2].fire()
        self._arm()

    def _arm(self) -> None:
        self._disarm()
        if self.owned or not self._timers:
            return
        wait_seconds = max(0.0, self._timers[0][0] - self.now())
        self._alarm = asyncio.get_running_loop().call_later(wait_seconds, self._fire_due)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def iso(moment: float) -> str:
    """A moment as Discord writes it: ISO 8601 with microseconds and zone."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def from_iso(text: str) -> float:
    """The moment that such a text names."""
    return datetime.fromisoformat(text).timestamp()
