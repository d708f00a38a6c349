"""How a finished result takes its place: the message is edited, or a new one replaces it."""

from __future__ import annotations

from enum import StrEnum

NOTICED_WAIT_SECONDS = 60
"""After this long a person has looked away: only a new message notifies them."""

EDITABLE_SECONDS = 55 * 60
"""Edits of messages older than an hour have their own low rate limit at Discord (error 30046)."""


class Way(StrEnum):
    """The two ways a result reaches its place."""

    EDIT = "edit"
    REPLACE = "replace"


def way(*, waited_seconds: float, place_age_seconds: float) -> Way:
    """Choose how the result appears. `EDIT` is idempotent and the default."""
    if waited_seconds > NOTICED_WAIT_SECONDS or place_age_seconds > EDITABLE_SECONDS:
        return Way.REPLACE
    return Way.EDIT
