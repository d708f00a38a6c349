"""How long each class of data is kept, and who may shorten it.

Nobody may lengthen: what applies is the least of what operator, plan, server and person say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain import Cause, Refusal

MINUTE, HOUR, DAY, WEEK, YEAR = 60, 3600, 86400, 7 * 86400, 365 * 86400
"""Seconds. A year is 365 days."""

FORMS = ("0", "45m", "24h", "7d", "2w", "1y")
"""One example of each way to write a duration."""

LONGEST_SECONDS = 100 * YEAR
"""No longer duration is read: dates must be able to hold what it leads to."""

UNDELIVERED_PICTURE_SECONDS = DAY
"""How long the sealed bytes of a picture wait for a delivery that does not succeed, at most."""

LEAST_PICTURE_SECONDS = 10 * MINUTE
"""Less no word may say of a picture: it must live long enough to be delivered."""


class DataClass(StrEnum):
    """A kind of data with a lifetime of its own."""

    PICTURE = "picture"
    RECIPE = "recipe"
    STEALTH_RECIPE = "stealth-recipe"
    POST = "post"
    RECORD = "record"
    COUNTER = "counter"
    QUOTA = "quota"
    SETTINGS = "settings"
    AUDIT = "audit"
    INPUT = "input"


class By(StrEnum):
    """Whose word a lifetime is, from the outermost in. What is shipped is the operator's word."""

    OPERATOR = "the operator"
    PLAN = "your plan"
    SERVER = "this server"
    CHANNEL = "this channel"
    PERSON = "you"


@dataclass(frozen=True)
class ServerLimits:
    """What a server, and a channel of it, let things be kept at most: seconds per class."""

    server: Mapping[DataClass, int] = field(default_factory=dict)
    channel: Mapping[DataClass, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """What a class of data is, and how long it is kept unless somebody shortens it.

    `seconds` is None where no number rules; `until` then says what does. `ceiling_seconds` is the
    most an operator may set, None for no ceiling; `floor_seconds` is the least that anybody may.
    `numbered`: it may be set to a number at all; `said` is how that number is said.
    """

    what: str
    seconds: int | None
    ceiling_seconds: int | None
    floor_seconds: int = 0
    until: str | None = None
    said: str = "{}"
    numbered: bool = True
    person_may_shorten: bool = True


LIFETIMES: dict[DataClass, Lifetime] = {
    DataClass.PICTURE: Lifetime(
        what="the sealed picture, from when it is made",
        seconds=UNDELIVERED_PICTURE_SECONDS,
        ceiling_seconds=UNDELIVERED_PICTURE_SECONDS,
        floor_seconds=LEAST_PICTURE_SECONDS,
        said="at most {} until it is delivered, then not at all",
    ),
    DataClass.RECIPE: Lifetime(
        what="the sealed prompt, seed and settings of a public picture; one you ⭐ is kept for "
        "longer, up to the most an operator may set",
        seconds=30 * DAY,
        ceiling_seconds=180 * DAY,
    ),
    DataClass.STEALTH_RECIPE: Lifetime(
        what="the sealed prompt, seed and settings of a stealth picture, openable only from its "
        "buttons in your DM",
        seconds=7 * DAY,
        ceiling_seconds=30 * DAY,
    ),
    DataClass.POST: Lifetime(
        what="the bot's message in a server, and its ids",
        seconds=None,
        ceiling_seconds=None,
        until="while it stands",
    ),
    DataClass.RECORD: Lifetime(
        what="that a job was, without its content",
        seconds=30 * DAY,
        ceiling_seconds=90 * DAY,
    ),
    # Counters hold abuse back, and the audit is the proof of what was done with the rest.
    DataClass.COUNTER: Lifetime(
        what="counts of what the safety rules stopped, without content",
        seconds=30 * DAY,
        ceiling_seconds=30 * DAY,
        person_may_shorten=False,
    ),
    DataClass.QUOTA: Lifetime(
        what="sums of pictures and stealth jobs",
        seconds=None,
        ceiling_seconds=None,
        until="until its day is over",
        numbered=False,
        person_may_shorten=False,
    ),
    # Forgetting somebody's /stealth sooner would make them more public, not less.
    DataClass.SETTINGS: Lifetime(
        what="your choices, sealed, counted from when they were last used",
        seconds=180 * DAY,
        ceiling_seconds=YEAR,
        person_may_shorten=False,
    ),
    DataClass.AUDIT: Lifetime(
        what="who looked at, exported or deleted data, without content",
        seconds=YEAR,
        ceiling_seconds=YEAR,
        person_may_shorten=False,
    ),
    DataClass.INPUT: Lifetime(
        what="a picture you uploaded",
        seconds=None,
        ceiling_seconds=None,
        until="the end of its job",
        numbered=False,
        person_may_shorten=False,
    ),
}


OF_SERVERS = (DataClass.POST, DataClass.RECIPE, DataClass.PICTURE, DataClass.RECORD)
"""What a server may keep for less time: of what is public there, never of anything stealth."""

_NUMBERED = [cls.value for cls, life in LIFETIMES.items() if life.numbered]


@dataclass(frozen=True)
class Effective:
    """The lifetime that applies, and whose word it is. `seconds` is None where no number rules."""

    seconds: int | None
    by: By


def effective(
    cls: DataClass,
    *,
    operator: int | None = None,
    plan: int | None = None,
    server: int | None = None,
    channel: int | None = None,
    person: int | None = None,
) -> Effective:
    """Give the least of what is said, in seconds; None means: they did not say.

    Of equal words the outermost counts. What an operator says above the ceiling, and what somebody
    says who may not, is not heard.
    """
    life = LIFETIMES[cls]
    if not life.numbered:
        return Effective(None, By.OPERATOR)
    said = [
        (By.OPERATOR, _least(life.seconds if operator is None else operator, life.ceiling_seconds)),
        (By.PLAN, plan),
        (By.SERVER, server),
        (By.CHANNEL, channel),
        (By.PERSON, person if life.person_may_shorten else None),
    ]
    heard = [(seconds, by) for by, seconds in said if seconds is not None]
    if not heard:
        return Effective(None, By.OPERATOR)
    return Effective(*min(heard, key=lambda word: word[0]))


def _least(*seconds: int | None) -> int | None:
    return min((each for each in seconds if each is not None), default=None)


def tighten(cls: DataClass, wish_seconds: int, limits: Effective) -> int | Refusal:
    """Let a person or a server shorten a lifetime to what they wish, or say what caps it.

    `limits` is what applies without their wish.
    """
    life = LIFETIMES[cls]
    if not life.person_may_shorten:
        kept = life.until or say(limits.seconds or 0)
        return Refusal(Cause.LIFETIME_FIXED, {"what": cls.value, "kept": kept})
    if wish_seconds < life.floor_seconds:
        least = say(life.floor_seconds)
        return Refusal(Cause.SHORTER_THAN_WORKS, {"what": cls.value, "least": least})
    if limits.seconds is not None and wish_seconds > limits.seconds:
        limit = say(limits.seconds) if limits.seconds else f"0 ({say(0)})"
        return Refusal(
            Cause.LOOSER_THAN_ALLOWED,
            {"what": cls.value, "limit": limit, "by": limits.by.value},
        )
    return wish_seconds


_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "y": YEAR}
_WRITTEN = re.compile(
    r"(?P<count>[0-9]{1,8})\s*"
    r"(?P<unit>m|min|minutes?|h|hours?|d|days?|w|weeks?|y|years?)",
    re.IGNORECASE,
)


def parse(text: str) -> int | Refusal:
    """Read a duration as people write it (`0`, `45m`, `7 days`), in seconds.

    Whole numbers only, and no `forever`: what has no end is no lifetime.
    """
    said = text.strip()
    if said == "0":
        return 0
    written = _WRITTEN.fullmatch(said)
    seconds = int(written["count"]) * _UNITS[written["unit"][0].lower()] if written else None
    if seconds is None or seconds > LONGEST_SECONDS:
        return Refusal(Cause.DURATION, {"forms": FORMS})
    return seconds


def say(seconds: int) -> str:
    """Say a lifetime in the largest unit that holds it whole; one day is 24 hours."""
    if seconds == 0:
        return "nothing is kept"
    if seconds == DAY:
        return "24 hours"
    sizes = (("year", YEAR), ("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1))
    name, count = next(
        (name, seconds // size) for name, size in sizes if seconds % size == 0 and seconds >= size
    )
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def written(seconds: int) -> str:
    """Write whole minutes as `parse` reads them, as short as it goes."""
    if seconds == 0:
        return "0"
    if seconds % DAY == 0:
        return f"{seconds // DAY}d"
    return f"{seconds // HOUR}h" if seconds % HOUR == 0 else f"{seconds // MINUTE}m"


def operator_limits(text: str) -> dict[DataClass, int]:
    """Read an operator's `recipe=7d, record=14d`, in seconds.

    Raises:
        ValueError: naming every problem and no value: a value may be a secret.
    """
    limits: dict[DataClass, int] = {}
    problems = []
    for number, pair in enumerate((each for each in text.split(",") if each.strip()), start=1):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            problems.append(f"entry {number} must look like recipe=7d")
        elif name.lower() not in _NUMBERED:
            problems.append(f"{name!r} has no lifetime to set; known are {', '.join(_NUMBERED)}")
        elif (cls := DataClass(name.lower())) in limits:
            problems.append(f"{cls} is named twice")
        elif isinstance(seconds := parse(value), Refusal):
            problems.append(f"{cls} must be a duration such as {', '.join(FORMS)}")
        elif (ceiling := LIFETIMES[cls].ceiling_seconds) is not None and seconds > ceiling:
            problems.append(f"{cls} may be {say(ceiling)} at most")
        elif seconds < (floor := LIFETIMES[cls].floor_seconds):
            problems.append(f"{cls} must be {say(floor)} at least")
        else:
            limits[cls] = seconds
    if problems:
        raise ValueError("; ".join(problems))
    return limits
