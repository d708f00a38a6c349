"""How long things are kept, and taking a copy of them along: answers, and what lies in the copy."""

from __future__ import annotations

from bot.policy.entries import ENTRIES, NEVER_HELD
from bot.policy.retention import LIFETIMES, By, DataClass, Effective, Lifetime, say
from bot.words.policy import kept_for

_CHOICE_LINES = (
    "**Who can see it:** you. Your choice is stored sealed; Discord carried it here, and the "
    "operator runs the machine.",
    "**What it may be used for:** to end things in time; nothing is trained on it.",
)
_EXPORT_LINES = (
    "**Who can see it:** you, in your DM with this bot; besides Discord, which carries and keeps "
    "it, and the operator, who runs the machine.",
    "**What it may be used for:** what you like, it is yours; nothing is trained on it.",
)


def retained(
    kind: DataClass,
    effective: Effective,
    *,
    sooner: int,
    is_longer: bool,
    here: Effective | None = None,
) -> str:
    """Answer to `/privacy retention`: what applies now, by whose word, and to how much.

    `here` is what applies to what is public where it was asked.
    """
    said = kept_for(kind, effective.seconds)
    whose = "" if effective.by is By.PERSON else f" That is as long as {effective.by} allows."
    lines = []
    if here is not None and here.seconds is not None and here.by in {By.SERVER, By.CHANNEL}:
        lines = [f"What is public here is kept less long, by {here.by}: {say(here.seconds)}."]
    return "\n".join(
        [
            f"`{kind}`, {LIFETIMES[kind].what}: {said}.{whose}",
            *lines,
            _meant(sooner, is_longer=is_longer),
            *_CHOICE_LINES,
        ]
    )


def _meant(sooner: int, *, is_longer: bool) -> str:
    if is_longer:
        return (
            "This is longer than before, so it holds for what is made from now on. What exists "
            "keeps its earlier end."
        )
    if not sooner:
        return "It holds from now on. Nothing that exists had to end sooner."
    what = "1 thing that exists ends" if sooner == 1 else f"{sooner} things that exist end"
    return f"It holds from now on, and {what} sooner. What is over goes within minutes."


def shortened_in_dm(found: int, acted: int) -> str:
    """Say what was reached of the stealth recipes: only messages in the DM know of them."""
    return (
        f"I read {found} of my messages in your DM and found {acted} stealth results there; their "
        "buttons end in time. What lost its message ends on its own last day."
    )


SHORTENED_NOT_IN_DM = (
    "Your DM is closed to me, so I could not look for stealth results that exist: they end on the "
    "day their message names. Open your DM and say it again to end them sooner."
)
SHORTENED_NOT_NOW = (
    "Discord did not answer while I read your DM, so some stealth results that exist may keep "
    "their earlier end. Say it again in a moment to reach the rest."
)

EXPORT_ANSWERS: dict[str, str] = {
    "sent": "\n".join(["Your copy is in your DM.", *_EXPORT_LINES]),
    "once-a-day": "One export a day: today's is made, or being made just now. Ask again tomorrow.",
    "dm-closed": "Your DM is closed to me, and a copy of your data goes nowhere else. Allow direct "
    "messages from a server we share (server menu → Privacy Settings), then ask again; today's "
    "export is not used up.",
    "not-now": "Discord did not take the file just now. Please try again in a while; today's "
    "export is not used up.",
    "erasing": "An erasure of yours is under way, so nothing is copied. Ask again when its receipt "
    "has come.",
    "opted-out": "You asked me not to process anything of yours, and what I held was erased. All I "
    "keep is that you said so. `/privacy opt-in` undoes it.",
}
"""By outcome (`bot.services.export.Exported`)."""


def export_sent(day: str, left_out: int) -> str:
    """What stands beside the file in the DM."""
    lines = [f"Your data as it was on {day}.", *_EXPORT_LINES]
    if left_out:
        lines.append(_left_out(left_out))
    lines.append("Words and pictures in it are not sealed: keep it safe, or 🗑️ it when saved.")
    return "\n".join(lines)


def _left_out(count: int) -> str:
    what = "1 picture did" if count == 1 else f"{count} pictures did"
    return f"{what} not fit into the file; they come with their delivery."


def export_readme(day: str, left_out: int) -> str:
    """The README of the export: what is in it, what is not, and why."""
    parts = {each.exported: each.what for each in ENTRIES if each.exported}
    inside = [f"  {name}: {what}" for name, what in parts.items()]
    outside = [
        f"  {each.name}: {each.what}" for each in ENTRIES if each.is_personal and not each.exported
    ]
    return "\n".join(
        [
            f"Darkroom: what is held of you, as it was on {day}",
            "",
            "data.json holds these parts. Times are UTC; null where there is none.",
            *inside,
            "pictures/ holds what was made for you and not delivered yet.",
            *([_left_out(left_out)] if left_out else []),
            "",
            "Held, and not in here: says nothing outside this bot, or is gone when its job ends.",
            *outside,
            "",
            "Not held any more, so not in here:",
            "  delivered pictures: they are in Discord's messages alone",
            "  words of stealth results whose message or button is gone: without it nobody, the "
            "bot included, can open or find them",
            "",
            "Not held, ever:",
            *[f"  {line}" for line in NEVER_HELD],
            "",
        ]
    )


def lifetimes_table() -> str:
    """The table of lifetimes, as README shows it."""
    rows = [
        f"| {kind} | {life.what} | {kept_for(kind, life.seconds)} | {_ceiling(life)} |"
        f" {'yes' if life.person_may_shorten else 'no'} |"
        for kind, life in LIFETIMES.items()
    ]
    return "\n".join(
        [
            "| class | what it is | kept, as shipped | the most an operator may set |"
            " a person may shorten it |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def _ceiling(life: Lifetime) -> str:
    if not life.numbered:
        return "–"
    return "no limit" if life.ceiling_seconds is None else say(life.ceiling_seconds)
