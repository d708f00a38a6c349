"""When a progress message may change again.

Discord answers about five edits in five seconds per channel before it says 429; the figures here
stay well under that and leave room for places and results, which matter more than progress.
"""

from __future__ import annotations

from dataclasses import dataclass

EDIT_SECONDS = 1.5
"""Least time between two edits of one message."""

EDITS_PER_SECOND = 4.0
"""Edits of progress in total, over all messages: a tenth of the bot's global 50 a second."""


@dataclass(frozen=True)
class Pace:
    """What was edited last: this message and any message. Times are monotonic seconds."""

    message_edited_at: float
    any_edited_at: float


def may_edit(pace: Pace, now: float) -> bool:
    """Say whether a progress edit may go out now. Skipped progress is never sent later."""
    return (
        now - pace.message_edited_at >= EDIT_SECONDS
        and now - pace.any_edited_at >= 1 / EDITS_PER_SECOND
    )
