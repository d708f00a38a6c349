"""How long a thing of somebody's is kept: the least of what operator and person allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain import Choices
from bot.policy import retention
from bot.policy.retention import DataClass, ServerLimits

NOWHERE = ServerLimits()
"""Outside servers, and of stealth: no server has a word."""


@dataclass(frozen=True)
class Lifetimes:
    """The operator's limits, in seconds per class; the shipped ones where they set none."""

    operator: Mapping[DataClass, int] = field(default_factory=dict)

    def of(
        self, kind: DataClass, choices: Choices, here: ServerLimits = NOWHERE
    ) -> retention.Effective:
        """Give the effective lifetime for one person, and who set it.

        `here` is what the server and channel of a public thing say; nothing where it is stealth.
        """
        return retention.effective(
            kind,
            operator=self.operator.get(kind),
            plan=None,
            server=here.server.get(kind),
            channel=here.channel.get(kind),
            person=choices.retention.get(kind),
        )

    def until(
        self, kind: DataClass, now: int, choices: Choices, here: ServerLimits = NOWHERE
    ) -> int | None:
        """Say when something made now is to go (seconds since 1970); None: while it stands."""
        seconds = self.of(kind, choices, here).seconds
        return None if seconds is None else now + seconds
