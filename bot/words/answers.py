"""What a person alone reads: answers to what they asked, and how their jobs ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot.domain import Ending, Receipt, Visibility
from bot.policy.plans import Plan, StealthRule
from bot.ports import Post
from bot.words.echo import echo
from bot.words.posts import cancel_button

CONTENT_LIMIT = 2000
"""Characters of a message (https://discord.com/developers/docs/resources/message)."""

UNKNOWN_WORDS_SHOWN = 8
UNKNOWN_WORD_LIMIT = 40
"""Characters: a text without spaces counts as one word, and must not crowd out the rest."""

PROFILE = (
    "Makes pictures with AI on its operator's own machine. /imagine to start, /help for the rest. "
    "Stealth jobs go only to your DM."
)
"""The application's description, shown in the bot's profile."""

AI_NOTICE = (
    "Pictures are made by AI, on the machine of this bot's operator. "
    "Each file carries a mark that says so, and nothing about you."
)


def accepted(receipt: Receipt) -> Post:
    """The answer to an accepted job: where it stands, who will see it, what it is used for."""
    lines = [_queued(receipt), *two_lines(receipt.visibility)]
    if receipt.stealth_left_today is not None and receipt.visibility is Visibility.STEALTH:
        lines.append(f"Stealth jobs left today: {receipt.stealth_left_today}.")
    if receipt.engine_note:
        lines.append(receipt.engine_note)
    lines += receipt.notes
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=(cancel_button(receipt.job),))


def notes(unknown: Sequence[str], *, first_time: bool) -> tuple[str, ...]:
    """What an owner should know besides: said when the job is accepted and again when it is done.

    `unknown` are the words of the prompt that the model has never seen.
    """
    said = [AI_NOTICE] if first_time else []
    if unknown:
        shown = (word[:UNKNOWN_WORD_LIMIT] for word in unknown[:UNKNOWN_WORDS_SHOWN])
        quoted = ", ".join(f"“{echo(word)}”" for word in shown)
        said.append(f"This model does not know {quoted}; it paints the rest.")
    return tuple(said)


def two_lines(visibility: Visibility) -> tuple[str, str]:
    """Who can see it, and what it may be used for: said with every status."""
    match visibility:
        case Visibility.PUBLIC:
            seen = "everybody who can read this channel."
        case Visibility.STEALTH:
            seen = (
                "you, in your DM with this bot; besides Discord, which carries it, and the "
                "operator, who runs the machine."
            )
        case _:
            assert_never(visibility)
    return (
        f"**Who can see it:** {seen}",
        "**What it may be used for:** to make your picture; nothing is trained on it.",
    )


def _queued(receipt: Receipt) -> str:
    where = "Next in line" if receipt.position == 1 else f"Queued · position {receipt.position}"
    return f"{where}, about {duration(receipt.eta_seconds)}."


def duration(seconds: float) -> str:
    """Say a length of time as people do."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    if whole < 90 * 60:
        return f"{round(whole / 60)} min"
    return f"{round(whole / 3600)} h"


def delivered(visibility: Visibility, link: str, notes: Sequence[str]) -> Post:
    """The ephemeral answer once the result stands."""
    where = "in your DM" if visibility is Visibility.STEALTH else "in the channel"
    lines = [f"Done: your picture stands {where}. {link}", *two_lines(visibility), *notes]
    return Post("\n".join(lines)[:CONTENT_LIMIT])


def link(guild_id: int | None, channel_id: int | None, message_id: int | None) -> str:
    """Link to a message, as Discord's clients open it."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def ended(ending: Ending) -> str:
    """Tell an owner why an accepted job has no picture. All of these cost nothing."""
    match ending:
        case Ending.CANCELLED:
            return "Cancelled. It cost you nothing."
        case Ending.DM_CLOSED:
            return (
                "Your DM is closed to me, so this stealth job was not made; nothing was posted "
                "anywhere and it cost you nothing. Allow direct messages from this server's "
                "members (server menu → Privacy Settings), then ask again."
            )
        case Ending.PLACE_GONE:
            return (
                "The message your picture was to stand in is gone, or I may no longer post there, "
                "so the job was stopped. It cost you nothing; ask again where I may post."
            )
        case Ending.FAILED:
            return (
                "This picture could not be made or kept. It cost you nothing; ask again, and if "
                "it fails again try other words or fewer pictures."
            )
        case Ending.POISON:
            return (
                "This job stopped the painter three times and was given up. It cost you nothing; "
                "try a smaller size or fewer steps."
            )
        case Ending.LOST:
            return (
                "The key of this job is gone, as after the machine was switched off: keys of "
                "waiting stealth jobs live in memory only, by design. Nobody can read that job "
                "any more. It cost you nothing; please ask again."
            )
        case _:
            assert_never(ending)


CANCELLED = ended(Ending.CANCELLED)
NOT_YOURS = "Only the person who asked for it can do that."
ALREADY_ENDED = "That job has ended already; nothing to cancel."
DELETED = "Deleted."
COULD_NOT_DELETE = "Discord did not let me delete that message; press Delete again in a moment."
TRY_AGAIN = "Something went wrong on my side; nothing was queued or counted. Please try again."
STALE_BUTTON = "This button is from an older version and does nothing any more."
LOADING = "The painter is still loading its model; your job waits and starts by itself."
DOWN = "The painter is not running at the moment; your job waits and starts by itself."


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
            "channel, *stealth* only to your DM. In my DM every job is stealth.",
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
