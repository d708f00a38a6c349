"""How long a thing of somebody's is kept: the least of what all who have a word say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain import Choices
from bot.policy import retention
from bot.policy.plans import Plan
from bot.policy.retention import DataClass, ServerLimits

NOWHERE = ServerLimits()
"""Outside servers, and of stealth: no server has a word."""


@dataclass(frozen=True)
class Lifetimes:
    """The operator's limits, in seconds per class, and those of the plans; the shipped ones where
    neither says anything.
    """

    operator: Mapping[DataClass, int] = field(default_factory=dict)
    plans: Sequence[Plan] = ()

    def of(
        self,
        kind: DataClass,
        choices: Choices,
        here: ServerLimits = NOWHERE,
        plan: str | None = None,
        *,
        starred: bool = False,
    ) -> retention.Effective:
        """Give the effective lifetime for one person, and who set it.

        `here` is what the server and channel of a public thing say; nothing where it is stealth.
        `plan` names what its owner has, or had when the job was accepted. `starred`: its owner
        wants it for as long as the operator lets any be kept.
        """
        longest = retention.LIFETIMES[kind].ceiling_seconds if starred else None
        return retention.effective(
            kind,
            operator=self.operator.get(kind, longest),
            plan=self.of_plan(plan).get(kind),
            server=here.server.get(kind),
            channel=here.channel.get(kind),
            person=choices.retention.get(kind),
        )

    def of_plan(self, name: str | None) -> Mapping[DataClass, int]:
        """Give what a plan says; a plan that is not in the file any more says nothing."""
        return next((plan.retention for plan in self.plans if plan.name == name), {})

    def until(
        self,
        kind: DataClass,
        now: int,
        choices: Choices,
        here: ServerLimits = NOWHERE,
        plan: str | None = None,
        *,
        starred: bool = False,
    ) -> int | None:
        """Say when something made now is to go (seconds since 1970); None: while it stands."""
        seconds = self.of(kind, choices, here, plan, starred=starred).seconds
        return None if seconds is None else now + seconds
