"""Purges that a moderator was shown and has not pressed for."""

from __future__ import annotations

from dataclasses import dataclass

from bot.crypto.receipts import Scope as Scope  # the doors may not ask `bot.crypto`
from bot.domain import Moderator, PersonId
from bot.policy.span import Span
from bot.ports import Clock
from bot.services.pending import Pending

WAIT_SECONDS = 10 * 60
"""How old a preview may be that is pressed for: what it counted has changed since."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be purged. `named` is a job, by its id or by the id or link of its message."""

    scope: Scope
    person: PersonId | None = None
    channel_id: int = 0
    named: str = ""
    span: Span | None = None


class Previews:
    """The previews that wait, each for the moderator it was shown to, in that server."""

    def __init__(self, clock: Clock) -> None:
        self._pending = Pending[tuple[PersonId, int], Target](clock, WAIT_SECONDS)

    def hold(self, moderator: Moderator, target: Target) -> str:
        """Keep what a moderator was shown; gives the name its buttons carry."""
        return self._pending.hold((moderator.person, moderator.guild_id), target)

    def take(self, moderator: Moderator, name: str) -> Target | None:
        """Give what was shown to the moderator who was shown it, there, once."""
        return self._pending.take(name, (moderator.person, moderator.guild_id))
