"""What the operator may give to somebody, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from bot.domain import Cause, Refusal
from bot.policy import plans, span
from bot.policy.plans import Plan
from bot.policy.retention import YEAR

LONGEST_SECONDS = 10 * YEAR
FORMS = ("30d", "1y", "2027-01-31")


def grant_of(
    shelf: Sequence[Plan], plan: str, until: str, now: int, zone: tzinfo
) -> tuple[Plan, int] | Refusal:
    """Read a plan that not everybody has, and when it is to end (seconds since 1970)."""
    better = shelf[1:]
    given = plans.named(better, plan)
    if given is None:
        return no_such(better)
    ends_at = span.end_of(until, now, zone)
    if ends_at is None or not now < ends_at <= now + LONGEST_SECONDS:
        return Refusal(Cause.GRANT_UNTIL, {"forms": FORMS})
    return given, ends_at


def no_such(offered: Sequence[Plan]) -> Refusal:
    """Refuse a name that is none of the plans that can be given here."""
    names = ", ".join(plan.name for plan in offered) or "none"
    return Refusal(Cause.NO_SUCH_PLAN, {"plans": names})
