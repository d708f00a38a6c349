"""Who will see a job: one table over where it was asked, what was wished, and the plan.

A wish is what was said for this job; without a word, the person's own choice (`/stealth` or
`/public`). Who chose never to be public has no other choice. A server may be a floor, where every
job is stealth whatever plan and wish say, or may let no stealth be started from it: there a job
that would be stealth is refused, never shown instead. In the bot's DM no server has a word.

asked in   | wish           | never    | optional | default  | always
-----------+----------------+----------+----------+----------+---------
a server   | nothing        | public   | public   | stealth  | stealth
a server   | chose public   | public   | public   | public   | stealth
a server   | chose stealth  | refused  | stealth  | stealth  | stealth
a server   | said public    | public   | public   | public   | refused
a server   | said stealth   | refused  | stealth  | stealth  | stealth
a server   | never public   | refused  | stealth  | stealth  | stealth
a server   | never, but now | refused  | refused  | refused  | refused
a floor    | nothing        | stealth  | stealth  | stealth  | stealth
a floor    | chose public   | stealth  | stealth  | stealth  | stealth
a floor    | chose stealth  | stealth  | stealth  | stealth  | stealth
a floor    | said public    | refused  | refused  | refused  | refused
a floor    | said stealth   | stealth  | stealth  | stealth  | stealth
a floor    | never public   | stealth  | stealth  | stealth  | stealth
a floor    | never, but now | refused  | refused  | refused  | refused
no stealth | nothing        | public   | public   | refused  | refused
no stealth | chose public   | public   | public   | public   | refused
no stealth | chose stealth  | refused  | refused  | refused  | refused
no stealth | said public    | public   | public   | public   | refused
no stealth | said stealth   | refused  | refused  | refused  | refused
no stealth | never public   | refused  | refused  | refused  | refused
no stealth | never, but now | refused  | refused  | refused  | refused
the bot DM | nothing        | refused  | stealth  | stealth  | stealth
the bot DM | chose public   | refused  | stealth  | stealth  | stealth
the bot DM | chose stealth  | refused  | stealth  | stealth  | stealth
the bot DM | said public    | refused  | refused  | refused  | refused
the bot DM | said stealth   | refused  | stealth  | stealth  | stealth
the bot DM | never public   | refused  | stealth  | stealth  | stealth
the bot DM | never, but now | refused  | refused  | refused  | refused
"""

from __future__ import annotations

from enum import StrEnum

from bot.domain import Cause, Refusal, Visibility, Why
from bot.policy.plans import Plan, StealthRule
from bot.policy.server import StealthHere


class Asked(StrEnum):
    """Where a job was asked for, and what a server says of stealth there."""

    SERVER = "a server"
    FLOOR = "a floor"
    FORBIDS = "no stealth"
    DM = "the bot DM"


class Wish(StrEnum):
    """Which word counts: the job's own before the person's choice, and never before both."""

    NOTHING = "nothing"
    CHOSE_PUBLIC = "chose public"
    CHOSE_STEALTH = "chose stealth"
    SAID_PUBLIC = "said public"
    SAID_STEALTH = "said stealth"
    NEVER_PUBLIC = "never public"
    NEVER_BUT_NOW = "never, but now"


_P, _S = Visibility.PUBLIC, Visibility.STEALTH
_NEVER, _ALWAYS, _DM = Cause.PLAN_STEALTH_NEVER, Cause.PLAN_STEALTH_ALWAYS, Cause.DM_IS_STEALTH
_CHOICE, _OUT = Cause.CHOICE_NEEDS_STEALTH, Cause.NEVER_PUBLIC
_FLOOR, _FORBID = Cause.SERVER_FLOOR, Cause.SERVER_FORBIDS_STEALTH

_RULES = (StealthRule.NEVER, StealthRule.OPTIONAL, StealthRule.DEFAULT, StealthRule.ALWAYS)

TABLE: dict[tuple[Asked, Wish], tuple[Visibility | Cause, ...]] = {
    (Asked.SERVER, Wish.NOTHING): (_P, _P, _S, _S),
    (Asked.SERVER, Wish.CHOSE_PUBLIC): (_P, _P, _P, _S),
    (Asked.SERVER, Wish.CHOSE_STEALTH): (_CHOICE, _S, _S, _S),
    (Asked.SERVER, Wish.SAID_PUBLIC): (_P, _P, _P, _ALWAYS),
    (Asked.SERVER, Wish.SAID_STEALTH): (_NEVER, _S, _S, _S),
    (Asked.SERVER, Wish.NEVER_PUBLIC): (_CHOICE, _S, _S, _S),
    (Asked.SERVER, Wish.NEVER_BUT_NOW): (_OUT, _OUT, _OUT, _OUT),
    (Asked.FLOOR, Wish.NOTHING): (_S, _S, _S, _S),
    (Asked.FLOOR, Wish.CHOSE_PUBLIC): (_S, _S, _S, _S),
    (Asked.FLOOR, Wish.CHOSE_STEALTH): (_S, _S, _S, _S),
    (Asked.FLOOR, Wish.SAID_PUBLIC): (_FLOOR, _FLOOR, _FLOOR, _FLOOR),
    (Asked.FLOOR, Wish.SAID_STEALTH): (_S, _S, _S, _S),
    (Asked.FLOOR, Wish.NEVER_PUBLIC): (_S, _S, _S, _S),
    (Asked.FLOOR, Wish.NEVER_BUT_NOW): (_OUT, _OUT, _OUT, _OUT),
    (Asked.FORBIDS, Wish.NOTHING): (_P, _P, _FORBID, _FORBID),
    (Asked.FORBIDS, Wish.CHOSE_PUBLIC): (_P, _P, _P, _FORBID),
    (Asked.FORBIDS, Wish.CHOSE_STEALTH): (_CHOICE, _FORBID, _FORBID, _FORBID),
    (Asked.FORBIDS, Wish.SAID_PUBLIC): (_P, _P, _P, _ALWAYS),
    (Asked.FORBIDS, Wish.SAID_STEALTH): (_NEVER, _FORBID, _FORBID, _FORBID),
    (Asked.FORBIDS, Wish.NEVER_PUBLIC): (_CHOICE, _FORBID, _FORBID, _FORBID),
    (Asked.FORBIDS, Wish.NEVER_BUT_NOW): (_OUT, _OUT, _OUT, _OUT),
    (Asked.DM, Wish.NOTHING): (_NEVER, _S, _S, _S),
    (Asked.DM, Wish.CHOSE_PUBLIC): (_NEVER, _S, _S, _S),
    (Asked.DM, Wish.CHOSE_STEALTH): (_NEVER, _S, _S, _S),
    (Asked.DM, Wish.SAID_PUBLIC): (_NEVER, _DM, _DM, _DM),
    (Asked.DM, Wish.SAID_STEALTH): (_NEVER, _S, _S, _S),
    (Asked.DM, Wish.NEVER_PUBLIC): (_CHOICE, _S, _S, _S),
    (Asked.DM, Wish.NEVER_BUT_NOW): (_OUT, _OUT, _OUT, _OUT),
}
"""(asked in, what was wished) → one answer per stealth rule, in the order of `_RULES`."""

_BY_SERVER = {
    StealthHere.ALLOW: Asked.SERVER,
    StealthHere.FLOOR: Asked.FLOOR,
    StealthHere.FORBID: Asked.FORBIDS,
}
_UNDO = {Wish.CHOSE_STEALTH: "/public", Wish.NEVER_PUBLIC: "/privacy opt-in"}


def decide(
    plan: Plan,
    *,
    in_dm: bool,
    said: Visibility | None,
    sticky: Visibility | None = None,
    never_public: bool = False,
    here: StealthHere = StealthHere.ALLOW,
) -> Visibility | Refusal:
    """Say where the result goes, or which rule forbids what was asked.

    `here` is what the server it was asked in says; it is not heard in the DM.
    """
    wish = _wish(said, sticky, never_public)
    asked = Asked.DM if in_dm else _BY_SERVER[here]
    answer = TABLE[asked, wish][_RULES.index(plan.stealth)]
    if answer is _CHOICE:
        return Refusal(answer, {"plan": plan.name, "in_dm": in_dm, "undo": _UNDO[wish]})
    if isinstance(answer, Cause):
        return Refusal(answer, {"plan": plan.name, "in_dm": in_dm})
    return answer


def default(
    plan: Plan,
    sticky: Visibility | None,
    never_public: bool,
    here: StealthHere = StealthHere.ALLOW,
) -> Visibility:
    """Say what a job in a server is without a word: remembered, to be compared with the next one.

    Never a refusal: who chose stealth where plan or server has none counts as stealth.
    """
    answer = decide(
        plan, in_dm=False, said=None, sticky=sticky, never_public=never_public, here=here
    )
    return _S if isinstance(answer, Refusal) else answer


def is_looser(now: Visibility, before: Visibility | None) -> bool:
    """Whether more people would see it now; None before means: there was no job yet."""
    return now is _P and before is _S


def question(
    answer: Visibility,
    *,
    said: Visibility | None,
    default: Visibility,
    last_default: Visibility | None,
    personal: bool,
    parent: Visibility | None = None,
    confirmed: frozenset[Why] = frozenset(),
) -> Why | None:
    """Say why a person must press before their job becomes public, if they still must.

    `default` is what `default` says now, `last_default` what it said at their last job;
    `personal`: what would stand there in words holds personal details; `parent`: how visible what
    it is made of was; `confirmed`: what they have pressed for already. Two reasons are asked about
    one after the other.
    """
    if answer is not _P:
        return None
    reasons = {
        Why.LOOSER: is_looser(answer, parent)
        or (said is None and is_looser(default, last_default)),
        Why.PERSONAL: personal,
    }
    return next((why for why, holds in reasons.items() if holds and why not in confirmed), None)


def _wish(said: Visibility | None, sticky: Visibility | None, never_public: bool) -> Wish:
    if never_public:
        return Wish.NEVER_BUT_NOW if said is _P else Wish.NEVER_PUBLIC
    if said is not None:
        return Wish.SAID_PUBLIC if said is _P else Wish.SAID_STEALTH
    if sticky is not None:
        return Wish.CHOSE_PUBLIC if sticky is _P else Wish.CHOSE_STEALTH
    return Wish.NOTHING
