"""A span of time as people say it: from an age or a day, to an age or a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from bot.domain import Cause, Refusal
from bot.policy import retention

AGES = ("7d", "24h", "45m", "2w")
"""One example of each way to say how long ago."""

NOW = "0"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Span:
    """Two moments in seconds since 1970, both included."""

    since: int
    until: int


def read(since: str, until: str, *, now: int, zone: tzinfo) -> Span | Refusal:
    """Read two moments: ages such as `7d`, `0` for now, or days in the operator's zone.

    A day begins a span at its first moment, and ends one at its last. Nothing lies after now.
    """
    first, last = _moment(since, now, zone, ends=False), _moment(until, now, zone, ends=True)
    if first is None or last is None:
        return Refusal(Cause.SPAN, {"forms": AGES})
    last = min(last, now)
    return Span(first, last) if first < last else Refusal(Cause.SPAN_ORDER)


def end_of(text: str, now: int, zone: tzinfo) -> int | None:
    """Read until when something is to hold: for how long, such as `7d`, or its last day.

    A day ends with its last moment in the operator's zone. None: it is neither.
    """
    said = text.strip()
    if not _DAY.fullmatch(said):
        lasts = retention.parse(said)
        return None if isinstance(lasts, Refusal) else now + lasts
    try:
        after = date.fromisoformat(said) + timedelta(days=1)
        return int(datetime(after.year, after.month, after.day, tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return None


def _moment(text: str, now: int, zone: tzinfo, *, ends: bool) -> int | None:
    said = text.strip()
    age = retention.parse(said)
    if not isinstance(age, Refusal):
        return max(0, now - age)
    if not _DAY.fullmatch(said):
        return None
    try:
        day = date.fromisoformat(said) + timedelta(days=int(ends))
        moment = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0, int(moment) - int(ends))
