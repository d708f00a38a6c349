"""What each plan allows, who has which, and what a person's use leaves of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Ask, Cause, Refusal, Visibility
from bot.policy.retention import DataClass
from gen.fairness import Sharing
from gen.job import Spec, Speed


class StealthRule(StrEnum):
    """What a plan says about stealth when nobody says otherwise."""

    NEVER = "never"
    OPTIONAL = "optional"
    DEFAULT = "default"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One tier.

    `stealth_per_day` is None when only the pictures of the day limit it. `speeds`: what its people
    may choose, the first when they do not say. `gpu_seconds_per_month` is the fast GPU time, None
    for as much as there is; relaxed jobs take none. `max_pixels` is a picture's width times its
    height, None for what the model makes. `retention`: the longest lifetimes in seconds.
    """

    name: str
    stealth: StealthRule
    stealth_per_day: int | None
    pictures_per_day: int
    gpu_seconds_per_month: int | None
    speeds: tuple[Speed, ...]
    running_jobs: int
    waiting_jobs: int
    max_steps: int
    max_pixels: int | None
    max_count: int
    max_repeat: int
    max_permutations: int
    weight: float
    retention: Mapping[DataClass, int]


@dataclass(frozen=True)
class Usage:
    """What a person has taken today and this month, and how many jobs are not yet delivered."""

    pictures: int = 0
    stealth_jobs: int = 0
    waiting_jobs: int = 0
    gpu_milliseconds: int = 0


@dataclass(frozen=True)
class Shelf:
    """What a plans file holds: the plans, best last, and how the GPU is shared."""

    plans: tuple[Plan, ...]
    sharing: Sharing


class Source(StrEnum):
    """What gives somebody a plan."""

    EVERYBODY = "everybody"
    ROLE = "role"
    ROLE_ELSEWHERE = "role-elsewhere"
    GRANT = "grant"
    DISCORD = "discord"


@dataclass(frozen=True)
class Proof:
    """One source's word for one person. `until` is when it ends, None: nobody said when."""

    plan: str
    source: Source
    until: int | None = None


@dataclass(frozen=True)
class Held:
    """The plan somebody has, and by what."""

    plan: Plan
    source: Source = Source.EVERYBODY
    until: int | None = None


def best_held(plans: Sequence[Plan], proofs: Iterable[Proof]) -> Held:
    """Give the best plan that is proved, by what proves it longest; the first is everybody's."""
    ranks = {plan.name: rank for rank, plan in enumerate(plans)}
    better = [proof for proof in proofs if ranks.get(proof.plan, 0) > 0]
    if not better:
        return Held(plans[0])
    best = max(better, key=lambda each: (ranks[each.plan], _end(each), each.source))
    return Held(plans[ranks[best.plan]], best.source, best.until)


def _end(proof: Proof) -> float:
    return math.inf if proof.until is None else proof.until


def named(plans: Iterable[Plan], said: str) -> Plan | None:
    """Find a plan by its name as people type it."""
    wanted = said.strip().casefold()
    return next((plan for plan in plans if plan.name.casefold() == wanted), None)


def up_to(plans: Sequence[Plan], ceiling: str | None) -> tuple[Plan, ...]:
    """Give the plans that a role may give under a ceiling: none without one, nor everybody's."""
    names = [plan.name for plan in plans]
    return tuple(plans[1 : names.index(ceiling) + 1]) if ceiling in names else ()


def best_plan(plans: tuple[Plan, ...], names: Iterable[str]) -> Plan:
    """Give the best of the plans somebody holds by name; the first plan is everybody's."""
    held = set(names)
    return next((plan for plan in reversed(plans) if plan.name in held), plans[0])


def allowance(
    plan: Plan,
    usage: Usage,
    ask: Ask,
    spec: Spec,
    visibility: Visibility,
    *,
    forced: bool = False,
) -> Refusal | None:
    """Say what of the plan an ask, and the spec it leads to, would overstep, if anything.

    `forced`: stealth by a server's word, which is counted and not limited.
    """
    limits = (
        (ask.count > plan.max_count, Cause.PLAN_COUNT, plan.max_count),
        ((ask.steps or 0) > plan.max_steps, Cause.PLAN_STEPS, plan.max_steps),
        (
            plan.max_pixels is not None and spec.width * spec.height > plan.max_pixels,
            Cause.PLAN_SIZE,
            plan.max_pixels,
        ),
        (usage.waiting_jobs >= plan.waiting_jobs, Cause.WAITING_FULL, plan.waiting_jobs),
        (
            usage.pictures + ask.count > plan.pictures_per_day,
            Cause.PICTURES_USED_UP,
            plan.pictures_per_day,
        ),
    )
    for overstepped, cause, limit in limits:
        if overstepped:
            return Refusal(cause, {"plan": plan.name, "limit": limit})
    if visibility is Visibility.STEALTH and not forced and stealth_left(plan, usage) == 0:
        used_up = Cause.STEALTH_USED_UP if plan.stealth_per_day else Cause.PLAN_STEALTH_NEVER
        return Refusal(used_up, {"plan": plan.name, "limit": plan.stealth_per_day})
    return None


def stealth_left(plan: Plan, usage: Usage) -> int | None:
    """How many stealth jobs today still holds; None: as many as pictures."""
    if plan.stealth_per_day is None:
        return None
    return max(0, plan.stealth_per_day - usage.stealth_jobs)
