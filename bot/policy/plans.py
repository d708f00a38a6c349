"""What each plan allows, and what a person's use of today leaves of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import Ask, Cause, Refusal, Visibility


class StealthRule(StrEnum):
    """What a plan says about stealth when nobody says otherwise."""

    NEVER = "never"
    OPTIONAL = "optional"
    DEFAULT = "default"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One tier. `stealth_per_day` is None when only the pictures of the day limit it."""

    name: str
    stealth: StealthRule
    stealth_per_day: int | None
    pictures_per_day: int
    waiting_jobs: int
    max_steps: int
    max_count: int
    weight: float


@dataclass(frozen=True)
class Usage:
    """What a person has taken today, and how many of their jobs are not yet delivered."""

    pictures: int = 0
    stealth_jobs: int = 0
    waiting_jobs: int = 0


class PlansUnreadable(ValueError):
    """A plans file cannot be used; the text names every problem and its remedy."""


_INTEGERS = ("pictures_per_day", "waiting_jobs", "max_steps", "max_count")
_KNOWN = {"name", "stealth", "stealth_per_day", "weight", *_INTEGERS}


def read_plans(text: str) -> tuple[Plan, ...]:
    """Read a plans file, best plan last.

    Raises:
        PlansUnreadable: with one line per problem.
    """
    try:
        tables = tomllib.loads(text).get("plan", [])
    except tomllib.TOMLDecodeError as fault:
        raise PlansUnreadable(f"the plans file is not valid TOML: {fault}") from None
    if not isinstance(tables, list) or not tables:
        raise PlansUnreadable("the plans file names no plan: add at least one [[plan]] table")
    problems = [line for table in tables for line in _problems(table)]
    names = [name for table in tables if (name := _name(table))]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [f"plan {name!r} is named twice" for name in twice]
    if problems:
        raise PlansUnreadable("; ".join(problems))
    return tuple(_plan(table) for table in tables)


def _name(table: object) -> str | None:
    name = table.get("name") if isinstance(table, Mapping) else None
    return name if isinstance(name, str) and name else None


def _problems(table: Mapping[str, object]) -> list[str]:
    name = _name(table)
    if name is None:
        return ["a [[plan]] has no name"]
    lines = [f"plan {name!r}: unknown key {key!r}" for key in sorted(set(table) - _KNOWN)]
    if table.get("stealth") not in list(StealthRule):
        lines.append(f"plan {name!r}: stealth must be one of {', '.join(StealthRule)}")
    lines += [
        f"plan {name!r}: {key} must be a whole number of at least 1"
        for key in _INTEGERS
        if not _is_count(table.get(key))
    ]
    per_day = table.get("stealth_per_day")
    if per_day is not None and not _is_count(per_day, least=0):
        lines.append(f"plan {name!r}: stealth_per_day must be a whole number of at least 0")
    if not _is_weight(table.get("weight")):
        lines.append(f"plan {name!r}: weight must be a number above 0")
    return lines


def _is_count(value: object, least: int = 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_weight(value: object) -> bool:
    """Whether fair sharing can count with it: TOML also writes `inf` and `nan`."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 < value < float("inf")


def _plan(table: Mapping[str, object]) -> Plan:
    fields = dict(table)
    fields.setdefault("stealth_per_day", None)
    fields["stealth"] = StealthRule(str(table["stealth"]))
    return Plan(**fields)  # type: ignore[arg-type]  # every field was checked by `_problems`


def best_plan(plans: tuple[Plan, ...], names: Iterable[str]) -> Plan:
    """Give the best of the plans somebody holds by name; the first plan is everybody's."""
    held = set(names)
    return next((plan for plan in reversed(plans) if plan.name in held), plans[0])


def allowance(
    plan: Plan, usage: Usage, ask: Ask, visibility: Visibility, *, forced: bool = False
) -> Refusal | None:
    """Say what of the plan an ask would overstep, if anything.

    `forced`: stealth by a server's word, which is counted and not limited.
    """
    limits = (
        (ask.count > plan.max_count, Cause.PLAN_COUNT, plan.max_count),
        ((ask.steps or 0) > plan.max_steps, Cause.PLAN_STEPS, plan.max_steps),
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
        return Refusal(Cause.STEALTH_USED_UP, {"plan": plan.name, "limit": plan.stealth_per_day})
    return None


def stealth_left(plan: Plan, usage: Usage) -> int | None:
    """How many stealth jobs today still holds; None: as many as pictures."""
    if plan.stealth_per_day is None:
        return None
    return max(0, plan.stealth_per_day - usage.stealth_jobs)
