"""What `/help` says: the commands there are, what the plans hold, who sees what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot.policy.plans import Plan, StealthRule
from bot.words.answers import AI_NOTICE


def help_text(commands: Sequence[tuple[str, str]], plan_line: str) -> str:
    """One screen of help, made from the commands that are registered."""
    lines = [f"`/{name}` – {description}" for name, description in commands]
    return "\n".join(
        [
            "**What I can do**",
            *lines,
            "",
            plan_line,
            "A job asked for here in a server goes where its *visibility* says: *public* to the "
            "channel, *stealth* only to your DM. In my DM every job is stealth. Nothing is trained "
            "on either.",
            AI_NOTICE,
        ]
    )


def plans_line(plans: Sequence[Plan]) -> str:
    """What each plan says about stealth, in one line."""
    return "**Plans** " + " · ".join(f"{plan.name}: {_stealth_of(plan)}" for plan in plans)


def _stealth_of(plan: Plan) -> str:
    a_day = "" if plan.stealth_per_day is None else f"{plan.stealth_per_day} stealth jobs a day"
    many = a_day or "stealth as many as its pictures"
    match plan.stealth:
        case StealthRule.NEVER:
            return "no stealth"
        case StealthRule.OPTIONAL:
            return f"channel, {many}"
        case StealthRule.DEFAULT:
            return f"DM by default, {many}"
        case StealthRule.ALWAYS:
            return f"always stealth, {a_day}" if a_day else "always stealth"
        case _:
            assert_never(plan.stealth)
