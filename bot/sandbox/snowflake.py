"""Discord's ids: 64 bits, the milliseconds since 2015 above bit 22, always growing."""

from __future__ import annotations

from bot.sandbox.clock import Clock

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Makes ids from the sandbox's clock. Also on a clock that stands still, no id comes twice."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last = 0

    def new(self) -> int:
        """The next id, larger than every id before it."""
        now_ms = int(self._clock.now() * 1000)
        self.last = max(self.last + 1, (now_ms - EPOCH_MS) << 22)
        return self.last


def time_of(snowflake: int) -> float:
    """When this id was made, in seconds since 1970."""
    return ((snowflake >> 22) + EPOCH_MS) / 1000
