"""Fast or relaxed: what somebody chose, what their plan offers, and what is left of the month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain import Cause, Refusal
from bot.policy.plans import Plan, Usage
from gen.job import Speed


@dataclass(frozen=True)
class Pace:
    """The speed of a job, and the fast GPU time that it takes of the month.

    `is_spent`: it is relaxed because the month's fast time is used up.
    """

    speed: Speed
    gpu_milliseconds: int = 0
    is_spent: bool = False


def chosen(plan: Plan, sticky: Speed | None) -> Speed:
    """Give the speed somebody's jobs have; a choice that the plan does not offer counts nothing."""
    return sticky if sticky in plan.speeds else plan.speeds[0]


def offered(plan: Plan, said: Speed) -> Refusal | None:
    """Say why somebody may not choose a speed, if so."""
    if said in plan.speeds:
        return None
    return Refusal(
        Cause.SPEED_NOT_IN_PLAN, {"plan": plan.name, "speed": said, "offered": plan.speeds[0]}
    )


def decide(
    plan: Plan,
    usage: Usage,
    sticky: Speed | None,
    cost_seconds: float,
    *,
    turns_at: int,
    said: Speed | None = None,
) -> Pace | Refusal:
    """Say how fast a job goes; relaxed when the fast time is spent and the plan has relaxed.

    `said` is this job's own word, before what was chosen for all. `turns_at` is when the month
    turns, in seconds since 1970.
    """
    if said is not None and (refusal := offered(plan, said)):
        return refusal
    if chosen(plan, said or sticky) is Speed.RELAX:
        return Pace(Speed.RELAX)
    cost_milliseconds = round(cost_seconds * 1000)
    left = gpu_milliseconds_left(plan, usage)
    if left is None or cost_milliseconds <= left:
        return Pace(Speed.FAST, cost_milliseconds)
    if Speed.RELAX in plan.speeds:
        return Pace(Speed.RELAX, is_spent=True)
    limit = timedelta(seconds=plan.gpu_seconds_per_month or 0)
    return Refusal(
        Cause.GPU_TIME_USED_UP,
        {"plan": plan.name, "limit": limit, "turns": f"<t:{turns_at}:f>"},
    )


def gpu_milliseconds_left(plan: Plan, usage: Usage) -> int | None:
    """Give what is left of the month's fast GPU time; None: as much as there is."""
    if plan.gpu_seconds_per_month is None:
        return None
    return max(0, plan.gpu_seconds_per_month * 1000 - usage.gpu_milliseconds)
