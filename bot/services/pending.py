"""What waits for a press: in memory only, for a while, each for one owner and once.

A restart forgets it all, and nothing was done.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.ports import Clock

MOST = 1000
"""Things that may wait at once; the oldest gives way, one's own before another's."""

MOST_EACH = 10
"""Things that wait for one owner: whoever floods forgets their own."""

Owner = TypeVar("Owner")
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class _Held(Generic[Owner, Thing]):
    """One thing, whose, and until which monotonic second."""

    thing: Thing
    owner: Owner
    until: float


class Pending(Generic[Owner, Thing]):
    """The things that wait, each `wait_seconds` long, for whoever its `Owner` names."""

    def __init__(self, clock: Clock, wait_seconds: float) -> None:
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._held: dict[str, _Held[Owner, Thing]] = {}

    def hold(self, owner: Owner, thing: Thing) -> str:
        """Keep a thing until it is pressed for; gives the name its buttons carry."""
        self._drop_old()
        mine = self._names_of(owner)
        if len(mine) >= MOST_EACH or len(self._held) >= MOST:
            del self._held[mine[0] if mine else next(iter(self._held))]
        name = secrets.token_hex(8)
        self._held[name] = _Held(thing, owner, self._clock.monotonic() + self._wait_seconds)
        return name

    def take(self, name: str, owner: Owner) -> Thing | None:
        """Give a thing to whom it waits for, once."""
        self._drop_old()
        held = self._held.get(name)
        if held is None or held.owner != owner:
            return None
        return self._held.pop(name).thing

    def drop_of(self, owner: Owner) -> None:
        """Forget what waits for an owner."""
        for name in self._names_of(owner):
            del self._held[name]

    def _names_of(self, owner: Owner) -> list[str]:
        return [name for name, held in self._held.items() if held.owner == owner]

    def _drop_old(self) -> None:
        now = self._clock.monotonic()
        for name in [name for name, held in self._held.items() if held.until <= now]:
            del self._held[name]
