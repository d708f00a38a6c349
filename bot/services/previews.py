"""Purges that a moderator was shown and has not pressed for: in memory only, for ten minutes.

A restart forgets them, and nothing was purged.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.crypto.receipts import Scope as Scope  # the doors may not ask `bot.crypto`
from bot.domain import Moderator, PersonId
from bot.policy.span import Span
from bot.ports import Clock

WAIT_SECONDS = 10 * 60
"""How old a preview may be that is pressed for: what it counted has changed since."""

MOST = 1000
"""Previews that may wait at once; the oldest gives way, one's own before another's."""

MOST_EACH = 10
"""Previews of one moderator: whoever floods forgets their own."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be purged. `named` is a job, by its id or by the id or link of its message."""

    scope: Scope
    person: PersonId | None = None
    channel_id: int = 0
    named: str = ""
    span: Span | None = None


@dataclass(frozen=True)
class Shown:
    """One preview: of what, to whom, where, and until which monotonic second."""

    target: Target
    person: PersonId
    guild_id: int
    until: float


@dataclass
class Previews:
    """The previews that wait."""

    clock: Clock
    _waiting: dict[str, Shown] = field(default_factory=dict)

    def hold(self, moderator: Moderator, target: Target) -> str:
        """Keep what a moderator was shown; gives the name its buttons carry."""
        self._drop_old()
        mine = [name for name, one in self._waiting.items() if one.person == moderator.person]
        if len(mine) >= MOST_EACH or len(self._waiting) >= MOST:
            del self._waiting[mine[0] if mine else next(iter(self._waiting))]
        name = secrets.token_hex(8)
        until = self.clock.monotonic() + WAIT_SECONDS
        self._waiting[name] = Shown(target, moderator.person, moderator.guild_id, until)
        return name

    def take(self, moderator: Moderator, name: str) -> Target | None:
        """Give what was shown to the moderator who was shown it, there, once."""
        self._drop_old()
        shown = self._waiting.get(name)
        asked = (moderator.person, moderator.guild_id)
        if shown is None or (shown.person, shown.guild_id) != asked:
            return None
        return self._waiting.pop(name).target

    def _drop_old(self) -> None:
        now = self.clock.monotonic()
        for name in [name for name, one in self._waiting.items() if one.until <= now]:
            del self._waiting[name]
