"""How a finished result takes its place: the message is edited, or a new one replaces it.

Also how small it is made when Discord finds it too large, and for how long its owner can be told in
the ephemeral answer they got.
"""

from __future__ import annotations

from enum import StrEnum

NOTICED_WAIT_SECONDS = 60
"""After this long a person has looked away: only a new message notifies them."""

EDITABLE_SECONDS = 55 * 60
"""Edits of messages older than an hour have their own low rate limit at Discord (error 30046)."""

TOKEN_SECONDS = 15 * 60
"""How long an interaction's answer can be rewritten
(https://discord.com/developers/docs/interactions/receiving-and-responding)."""

SAFE_LIMIT_BYTES = 8 * 1024 * 1024
"""What Discord has always taken, in one file."""


class Way(StrEnum):
    """The two ways a result reaches its place."""

    EDIT = "edit"
    REPLACE = "replace"


def way(*, waited_seconds: float, place_age_seconds: float) -> Way:
    """Choose how the result appears. `EDIT` is idempotent and the default."""
    if waited_seconds > NOTICED_WAIT_SECONDS or place_age_seconds > EDITABLE_SECONDS:
        return Way.REPLACE
    return Way.EDIT


def smaller_limits(largest_bytes: int) -> tuple[int, ...]:
    """Give what to shrink pictures to, one after the other, when Discord refuses their size.

    What it announced to accept cannot be relied on, so each limit is well below the last.
    """
    first = min(SAFE_LIMIT_BYTES, largest_bytes // 2)
    return first, first // 4, first // 16


def can_whisper(*, now: int, accepted_at: int) -> bool:
    """Say whether the ephemeral answer of an ask can still be rewritten.

    Discord counts each attempt with an expired token against us.
    """
    return now - accepted_at < TOKEN_SECONDS
