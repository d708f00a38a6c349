"""Whose message changes next: one rule for all that is shown of jobs while they wait and run.

Discord takes about five edits and new messages in five seconds per channel before it says 429, and
fifty requests a second of a bot in all. The figures here leave a third of a channel, and nine
tenths of the bot, to places and results, which matter more than progress. So the more jobs run, the
more seldom each is edited, and the one that stands unchanged for longest comes first: none starves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EDIT_SECONDS = 1.5
"""Least time between two edits of progress in one channel, and so of one message."""

EDITS_PER_SECOND = 4.0
"""Edits of progress in total, over all channels: a tenth of the bot's global 50 a second."""


@dataclass(frozen=True)
class News:
    """A message that reads otherwise than it should. `stands_since`: how long it reads so."""

    message: str
    channel: int
    stands_since: float


@dataclass(frozen=True)
class Pace:
    """When what was edited last: by channel, and anything at all. Times are monotonic seconds."""

    edited_at: Mapping[int, float]
    any_edited_at: float = float("-inf")


def next_edit(waiting: Iterable[News], pace: Pace, now: float) -> News | None:
    """Choose the message that may change now, if one may. Only its newest state is ever sent."""
    if now - pace.any_edited_at < 1 / EDITS_PER_SECOND:
        return None
    rested = [one for one in waiting if now - last_edit(pace, one.channel) >= EDIT_SECONDS]
    return min(rested, key=lambda one: one.stands_since, default=None)


def last_edit(pace: Pace, channel: int) -> float:
    """Say when a channel's progress was edited last."""
    return pace.edited_at.get(channel, float("-inf"))
