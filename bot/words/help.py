"""What `/help` says: the commands there are, by what they are for; what plans hold, who sees what.

Commands of moderators and of the operator are told to those who may use them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import assert_never

from bot.policy.plans import Plan, StealthRule
from bot.words import parameters
from bot.words.answers import AI_NOTICE
from bot.words.pages import pages


class Reader(StrEnum):
    """As what somebody reads: everybody is a member, and may be more."""

    MEMBER = "member"
    MODERATOR = "moderator"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Topic:
    """What some commands are for. `commands` are their names, or how those begin."""

    name: str
    title: str
    commands: tuple[str, ...] = ()
    reader: Reader = Reader.MEMBER


TOPICS = (
    Topic(
        "pictures",
        "Make pictures",
        ("imagine", "vary", "blend", "upscale", "describe", "models"),
    ),
    Topic(
        "jobs", "Your jobs: where they are, end one, bring one back", ("queue", "cancel", "show")
    ),
    Topic("visibility", "Who sees them", ("stealth", "private", "public")),
    Topic("settings", "What you prefer", ("settings", "prefer", "fast", "relax")),
    Topic("privacy", "Your data", ("privacy",)),
    Topic("plans", "Your plan, and this bot", ("info", "plan show", "help")),
    Topic(
        "moderators",
        "For this server's moderators",
        ("moderation", "purge", "retention", "audit", "plan map", "plan unmap"),
        Reader.MODERATOR,
    ),
    Topic("operator", "For the bot's operator", ("plan grant", "plan revoke"), Reader.OPERATOR),
)

PROMPT = Topic("prompt", "What a prompt understands")
"""Of no command: what can stand in the words of each that takes some."""

OTHERS = Topic("others", "Others")
"""Of commands without a topic of their own."""

_IN_A_PROMPT = (
    "**In a prompt** `--ar 3:2`, `cat::2 dog`, `{red, blue}` and more: `/help topic: prompt`"
)

_BEHIND_THE_WORDS = (
    "Parameters stand behind the words, such as `a red fox --ar 3:2 --seed 7`. What a model cannot "
    "do is said before anything is queued."
)
_AMONG_THE_WORDS = (
    "`--stealth` `--private` `--public` who sees this job\n"
    "Among the words, `cat::2 dog::-0.5` weighs parts, `a {red, blue} fox` makes a job of each, "
    "and `__name__` takes one of your list of that name (`/prefer wildcard set`). A backslash "
    "before dashes, colons or a brace makes them plain."
)

NO_SUCH_TOPIC = "There is no such topic. `/help` lists what there is; choose one that it offers."

_WHO_SEES = (
    "*Public* jobs go to the channel they were asked in, *stealth* jobs only to your DM: you see "
    "them, besides Discord, which carries them, and the operator, who runs the machine. In my DM "
    "every job is stealth. Nothing is trained on either. `/privacy show` says what is kept, what "
    "for and how long."
)

Said = tuple[str, str]
"""A command's whole name, and what it says of itself."""


def topics_for(readers: Collection[Reader]) -> list[Topic]:
    """Give the topics that somebody may read."""
    return [topic for topic in (TOPICS[0], PROMPT, *TOPICS[1:]) if topic.reader in readers]


def topic_of(command: str) -> Topic:
    """Give what a command is for, by the longest beginning of its name that has a topic."""
    begun = (
        (len(name), topic)
        for topic in TOPICS
        for name in topic.commands
        if f"{command} ".startswith(f"{name} ")
    )
    return max(begun, key=lambda found: found[0], default=(0, OTHERS))[1]


def help_text(
    commands: Sequence[Said], menus: Sequence[str], plan_line: str, readers: Collection[Reader]
) -> list[str]:
    """All there is for somebody, on one screen as long as the plans' line is no essay."""
    by_topic = [
        (topic.title, [name for name, _ in commands if topic_of(name) == topic])
        for topic in (*topics_for(readers), OTHERS)
    ]
    lines = [
        "**What I can do** · `/help` with a topic says what each command does",
        *(f"**{title}** {_listed(names)}" for title, names in by_topic if names),
    ]
    lines.insert(2, _IN_A_PROMPT)
    if menus:
        lines.append(f"**On a message** (right-click, Apps) {', '.join(menus)}")
    return pages(["\n".join(lines), plan_line, _WHO_SEES, AI_NOTICE])


def help_on(topic: Topic, commands: Sequence[Said]) -> list[str]:
    """One topic: what each of its commands does."""
    if topic is PROMPT:
        lines = [*parameters.listed(), _AMONG_THE_WORDS]
        return pages([f"**{topic.title}** {_BEHIND_THE_WORDS}", "\n".join(lines)])
    told = (f"`/{name}` – {said}" for name, said in commands if topic_of(name) == topic)
    return pages([f"**{topic.title}**", "\n".join(told)])


def _listed(names: Sequence[str]) -> str:
    """Name commands; of a group its name once."""
    named = []
    for group, whole in groupby(sorted(names), key=lambda name: name.split()[0]):
        inside = [name.partition(" ")[2] for name in whole]
        named.append(f"`/{group}` {', '.join(inside)}".strip())
    return " · ".join(named)


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
