"""`/show`: one job of whoever asks, as it stands now, with the buttons that still work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain import JobId, PersonId, Visibility
from bot.policy.disclosure import Life
from bot.policy.refund import Taken
from bot.ports import Button, Post
from bot.words.account import stands_now
from bot.words.amounts import duration
from bot.words.answers import CONTENT_LIMIT, two_lines
from bot.words.line import CHOICE_LIMIT, Mine, amounts, stands_in_line
from bot.words.posts import (
    PublicShown,
    cancel_button,
    delete_button,
    only_me_button,
    result_buttons,
)
from gen.job import ENDED, JobState

_DAY_SECONDS = 86400


@dataclass(frozen=True)
class Revisited:
    """One job as its owner may see it again.

    `line`: where it is while it is open. `taken`: what a delivered one took of the plan. `offered`:
    what can be made of it without its message, None where its recipe is gone or nobody's.
    """

    life: Life
    owner: PersonId
    line: Mine | None = None
    taken: Taken | None = None
    offered: frozenset[str] | None = None


def shown(job: Revisited) -> Post:
    """Answer to `/show`: never with its words, which 📋 shows."""
    life = job.life
    lines = [
        f"**Job** `{life.job}` · {life.visibility}",
        f"**Now:** {stands_in_line(job.line) if job.line else stands_now(life)}",
    ]
    if job.taken is not None and (took := amounts(job.taken)):
        lines.append(f"**It took** {took}.")
    if job.offered is not None:
        lines.append(_MADE_AGAIN if job.offered else _FROM_A_PICTURE)
    lines += two_lines(life.visibility)
    return Post("\n".join(lines)[:CONTENT_LIMIT], buttons=tuple(_buttons(job)))


def _buttons(job: Revisited) -> Iterator[Button]:
    life, name = job.life, JobId(job.life.job)
    is_public = life.visibility is Visibility.PUBLIC
    if life.state is not None and life.state not in ENDED:
        if is_public:
            yield only_me_button(name)
        yield cancel_button(name)
        return
    if not is_public:
        return
    stands = life.post is not None
    if job.offered is not None:
        every = result_buttons(PublicShown(name, job.owner, None), job.offered)
        yield from (each for each in every if each.custom_id.split(":")[1] not in _OF_ITS_MESSAGE)
    if stands:
        yield replace(only_me_button(name), row=_LAST_ROW)
        yield replace(delete_button(name), row=_LAST_ROW)


_MADE_AGAIN = (
    "-# Buttons that need the picture itself first make it again, from the same words and seed."
)
_FROM_A_PICTURE = (
    "-# It started from a picture, which was gone with its job. What can be made of it is pressed "
    "under its own message."
)
_OF_ITS_MESSAGE = {"report", "delete"}
_LAST_ROW = 4


def choices_to_show(
    jobs: Sequence[tuple[str, JobState, Visibility, int]], now: int
) -> list[tuple[str, str]]:
    """Offer one's own jobs: what is read, and the id that is meant by it."""
    return [
        (f"{_STATES[state]} · {seen} · {_age(seen, state, now - at)}"[:CHOICE_LIMIT], job)
        for job, state, seen, at in jobs
    ]


_STATES = {
    JobState.ACCEPTED: "Waiting",
    JobState.PLACED: "Waiting",
    JobState.RUNNING: "Running",
    JobState.RENDERED: "Done, on its way",
    JobState.DELIVERED: "Delivered",
    JobState.CANCELLED: "Cancelled",
    JobState.REFUSED: "Ended without a picture",
    JobState.DEAD: "Ended without a picture",
    JobState.LOST: "Ended without a picture",
}


def _age(seen: Visibility, state: JobState, seconds: int) -> str:
    """Say how old it is. Of stealth that ended only the day is kept."""
    if seen is Visibility.STEALTH and state in ENDED:
        days = max(0, seconds) // _DAY_SECONDS
        return "within a day" if days == 0 else f"{days} day{'s' if days > 1 else ''} ago"
    return f"{duration(max(1, seconds))} ago"
