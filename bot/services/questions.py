"""Asks that wait for their owner's answer: in memory only, at no cost, for as long as Discord lets
an ephemeral message be answered. A restart forgets them, and nothing was posted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.domain import Ask, PersonId, Why
from bot.ports import Clock

WAIT_SECONDS = 15 * 60
"""An interaction's token lives so long
(https://discord.com/developers/docs/interactions/receiving-and-responding)."""

MOST = 1000
"""Asks that may wait at once; the oldest gives way, one's own before another's."""

MOST_EACH = 10
"""Asks of one person: whoever floods forgets their own."""


@dataclass(frozen=True)
class Waiting:
    """One ask that waits, why, and until which monotonic second."""

    ask: Ask
    why: Why
    until: float


@dataclass
class Questions:
    """The waiting asks."""

    clock: Clock
    _waiting: dict[str, Waiting] = field(default_factory=dict)

    def hold(self, ask: Ask, why: Why) -> str:
        """Keep an ask until it is answered; gives the name its buttons carry."""
        self._drop_old()
        mine = [name for name, one in self._waiting.items() if one.ask.person == ask.person]
        if len(mine) >= MOST_EACH or len(self._waiting) >= MOST:
            del self._waiting[mine[0] if mine else next(iter(self._waiting))]
        name = secrets.token_hex(8)
        self._waiting[name] = Waiting(ask, why, self.clock.monotonic() + WAIT_SECONDS)
        return name

    def take(self, name: str, presser: PersonId) -> Waiting | None:
        """Give a waiting ask to whoever asked it, once."""
        self._drop_old()
        waiting = self._waiting.get(name)
        if waiting is None or waiting.ask.person != presser:
            return None
        return self._waiting.pop(name)

    def drop_of(self, person: PersonId) -> None:
        """Forget what a person was being asked."""
        for name in [name for name, one in self._waiting.items() if one.ask.person == person]:
            del self._waiting[name]

    def _drop_old(self) -> None:
        now = self.clock.monotonic()
        for name in [name for name, one in self._waiting.items() if one.until <= now]:
            del self._waiting[name]
