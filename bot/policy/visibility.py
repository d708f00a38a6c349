"""Who will see a job: one table over where it was asked, what was said, and the plan.

asked in   | said    | never    | optional | default  | always
-----------+---------+----------+----------+----------+---------
a server   | nothing | public   | public   | stealth  | stealth
a server   | public  | public   | public   | public   | refused
a server   | stealth | refused  | stealth  | stealth  | stealth
the bot DM | nothing | refused  | stealth  | stealth  | stealth
the bot DM | public  | refused  | refused  | refused  | refused
the bot DM | stealth | refused  | stealth  | stealth  | stealth
"""

from __future__ import annotations

from bot.domain import Cause, Refusal, Visibility
from bot.policy.plans import Plan, StealthRule

_P, _S = Visibility.PUBLIC, Visibility.STEALTH
_NEVER, _ALWAYS, _DM = Cause.PLAN_STEALTH_NEVER, Cause.PLAN_STEALTH_ALWAYS, Cause.DM_IS_STEALTH

_RULES = (StealthRule.NEVER, StealthRule.OPTIONAL, StealthRule.DEFAULT, StealthRule.ALWAYS)

TABLE: dict[tuple[bool, Visibility | None], tuple[Visibility | Cause, ...]] = {
    (False, None): (_P, _P, _S, _S),
    (False, _P): (_P, _P, _P, _ALWAYS),
    (False, _S): (_NEVER, _S, _S, _S),
    (True, None): (_NEVER, _S, _S, _S),
    (True, _P): (_NEVER, _DM, _DM, _DM),
    (True, _S): (_NEVER, _S, _S, _S),
}
"""(asked in the DM, what was said) → one answer per stealth rule, in the order of `_RULES`."""


def decide(plan: Plan, *, in_dm: bool, said: Visibility | None) -> Visibility | Refusal:
    """Say where the result goes, or which rule forbids what was asked."""
    answer = TABLE[in_dm, said][_RULES.index(plan.stealth)]
    if isinstance(answer, Cause):
        return Refusal(answer, {"plan": plan.name, "in_dm": in_dm})
    return answer
