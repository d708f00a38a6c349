"""The queue: where one's own jobs are in it, how many wait in all, and what a cancel gave back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain import JobId, Visibility
from bot.policy.refund import NOTHING, Taken
from bot.ports import Button, Post
from bot.words.amounts import duration, fast_time, said_of
from bot.words.answers import CONTENT_LIMIT, USED_FOR
from gen.job import JobState, Speed

CHOICE_LIMIT = 100
"""Characters of an offered choice
(https://discord.com/developers/docs/interactions/application-commands#application-command-object)."""

ALL_OF_THEM = "all"
"""The choice that means every open job."""


@dataclass(frozen=True)
class Mine:
    """One open job of whoever asks. `seconds` until it is done, if nobody asks for more."""

    job: JobId
    state: JobState
    speed: Speed
    visibility: Visibility
    position: int
    seconds: float


@dataclass(frozen=True)
class Line:
    """The queue as one person may see it: their own jobs, and how many of everybody's."""

    mine: tuple[Mine, ...]
    waiting: Mapping[Speed, int]
    running: Mapping[Speed, int]


def queue(line: Line) -> Post:
    """Answer to `/queue`: no prompt, and of others nothing but how many."""
    totals = " · ".join(
        f"{said_of(speed)}: {line.waiting[speed]} waiting, {line.running[speed]} running"
        for speed in Speed
    )
    lines = [f"**Your jobs** {len(line.mine) or 'none waits or runs'}"]
    lines += [f"{number}. {stands_in_line(mine)}" for number, mine in enumerate(line.mine, 1)]
    lines.append(f"**Everybody's** {totals}")
    if line.mine:
        lines += [
            "**Who can see it:** this answer, you alone; a public job's result, everybody who can "
            "read its channel; a stealth job's, you, in your DM, besides Discord and the operator.",
            USED_FOR,
            "-# `/cancel` ends one or all of them.",
        ]
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=(Button("v1:queue:", "Refresh", "🔄"),))


def choices_to_cancel(mine: tuple[Mine, ...]) -> list[tuple[str, str]]:
    """Offer one's own open jobs: what is read, and what is meant by it."""
    if not mine:
        return []
    named = [(stands_in_line(each)[:CHOICE_LIMIT], str(each.job)) for each in mine]
    return [(f"All of them ({len(mine)})", ALL_OF_THEM), *named]


def stands_in_line(mine: Mine) -> str:
    """Say how far one open job is."""
    what = f"{mine.visibility}, {said_of(mine.speed)}"
    match mine.state:
        case JobState.RUNNING:
            return f"Running, {what}, about {duration(mine.seconds)} more"
        case JobState.RENDERED:
            return f"Done, {what}, on its way to you"
        case _:
            return f"#{mine.position} in line, {what}, about {duration(mine.seconds)}"


NOTHING_TO_CANCEL = "None of your jobs waits or runs, so there was nothing to cancel."
NO_OPEN_JOB = (
    "That is no open job of yours. Choose one that `/cancel` offers, or `all`; `/queue` lists them."
)


def cancelled(jobs: int, back: Taken, spent: Taken) -> str:
    """Say what a cancel gave back, and what the steps that were done had taken."""
    what = "Cancelled." if jobs == 1 else f"{jobs} jobs cancelled."
    if spent == NOTHING:
        return f"{what} {'It' if jobs == 1 else 'They'} cost you nothing."
    returned = amounts(back)
    came = f"Back to you: {returned}. " if returned else "Nothing comes back. "
    return f"{what} {came}The steps that were done took {amounts(spent)}."


def amounts(taken: Taken) -> str:
    """Say what a job took of a plan."""
    counted = [(taken.pictures, "picture"), (taken.stealth_jobs, "stealth job")]
    said = [f"{count} {one}{'s' if count != 1 else ''}" for count, one in counted if count]
    if taken.gpu_milliseconds:
        said.append(f"{fast_time(taken.gpu_milliseconds / 1000)} of fast time")
    return ", ".join(said)
