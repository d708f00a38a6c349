"""DMs that refuse us are not knocked at again and again: Discord counts each refusal against us.

In memory only, and by ids that are in memory anyway: after a restart we knock anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.ports import Clock

TRIES = 3
COOL_DOWN_SECONDS = 10 * 60
"""Whoever opens their DM and asks again is heard at once; who is refused again and again waits."""


@dataclass
class Doors:
    """The DMs that refused us lately, each by its channel's id or its person's."""

    clock: Clock
    _refused_at: dict[int, list[float]] = field(default_factory=dict, repr=False)

    def is_shut(self, door: int) -> bool:
        """Whether it refused so often lately that it is not tried now."""
        self._forget()
        return len(self._refused_at.get(door, ())) >= TRIES

    def refused(self, door: int) -> None:
        """Remember a refusal."""
        self._refused_at.setdefault(door, []).append(self.clock.monotonic())

    def let_in(self, door: int) -> None:
        """Forget the refusals of one that is open."""
        self._refused_at.pop(door, None)

    def _forget(self) -> None:
        since = self.clock.monotonic() - COOL_DOWN_SECONDS
        lately = {
            door: [at for at in refusals if at > since]
            for door, refusals in self._refused_at.items()
        }
        self._refused_at = {door: refusals for door, refusals in lately.items() if refusals}
