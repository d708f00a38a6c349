"""What may stand where, and when. Whatever is not in the table may stand nowhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Moment(StrEnum):
    """When we look."""

    ACCEPTED = "jobs wait"
    RUNNING = "jobs run"
    RENDERED = "pictures are made"
    DELIVERED = "both are delivered"
    ERASED = "one person erased"
    STOPPED = "the bot stopped"


class Place(StrEnum):
    """Where we look."""

    DATA = "data folder"
    SAID = "output and logs"
    TEMPORARY = "temporary files"
    IN_MEMORY = "keys in memory (tmpfs)"
    AROUND = "working folder"
    PROCESS = "arguments, environment"
    OTHERS = "what others see"
    OWN_DM = "the owner's own DM"


class Kind(StrEnum):
    """What we look for. The words are what a find is called; the thing itself is never printed."""

    STEALTH_WORDS = "words or seed of the stealth job"
    STEALTH_PICTURE = "the stealth picture"
    STEALTH_PERSON = "the id of who asked in stealth"
    PUBLIC_WORDS = "words of the public job"
    PUBLIC_SETTINGS = "negative words or seed of the public job"
    PUBLIC_PICTURE = "the public picture"
    PUBLIC_PERSON = "the id of who asked in public"
    ROOT_KEY = "the root key"
    STEALTH_KEY = "a stealth key"
    ITEM_KEY = "a key of one item"
    RECEIPT_KEY = "the key that signs receipts"
    BUTTON_KEY = "a key that belongs in a button"
    TOKEN = "the bot's token"  # noqa: S105  # what a find is called


@dataclass(frozen=True)
class Secret:
    """One thing that is looked for, in all its writings.

    `owner` may see it anywhere; `home` is the one file it belongs in.
    """

    kind: Kind
    patterns: frozenset[bytes] = field(repr=False)
    owner: str | None = None
    home: Path | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Exhibit:
    """A copy of something as it stood at a moment. `viewer` is who sees a message."""

    moment: Moment
    place: Place
    content: bytes = field(repr=False)
    path: Path | None = field(default=None, repr=False)
    viewer: str | None = None


_BEFORE_DELIVERY = frozenset({Moment.ACCEPTED, Moment.RUNNING, Moment.RENDERED})
_BEFORE_ERASURE = _BEFORE_DELIVERY | {Moment.DELIVERED}
_ALWAYS = frozenset(Moment)

MAY_STAND: dict[tuple[Kind, Place], frozenset[Moment]] = {
    # a public job is public, until it is erased; its negative words and its seed are not shown
    (Kind.PUBLIC_WORDS, Place.OTHERS): _BEFORE_ERASURE,
    (Kind.PUBLIC_PICTURE, Place.OTHERS): _BEFORE_ERASURE,
    (Kind.PUBLIC_PERSON, Place.OTHERS): _BEFORE_ERASURE,
    # the stealth picture goes to its owner's DM and with it the key of its recipe; no word does
    (Kind.STEALTH_PICTURE, Place.OWN_DM): _ALWAYS,
    (Kind.BUTTON_KEY, Place.OWN_DM): _ALWAYS,
    (Kind.STEALTH_PERSON, Place.OWN_DM): _ALWAYS,
}

MUST_STAND: tuple[tuple[Kind, Place, Moment], ...] = (
    (Kind.PUBLIC_WORDS, Place.OTHERS, Moment.ACCEPTED),
    (Kind.STEALTH_KEY, Place.IN_MEMORY, Moment.ACCEPTED),
    (Kind.ROOT_KEY, Place.AROUND, Moment.STOPPED),
    (Kind.TOKEN, Place.AROUND, Moment.STOPPED),
    (Kind.PUBLIC_PICTURE, Place.OTHERS, Moment.DELIVERED),
    (Kind.STEALTH_PICTURE, Place.OWN_DM, Moment.DELIVERED),
    (Kind.BUTTON_KEY, Place.OWN_DM, Moment.DELIVERED),
)
"""What the search must see, for it stands there by right: else it is blind and proves nothing."""

AT_HOME: dict[Kind, frozenset[Moment]] = {
    Kind.ROOT_KEY: _ALWAYS,
    Kind.TOKEN: _ALWAYS,
    Kind.STEALTH_KEY: _BEFORE_DELIVERY,
}
"""Until when a secret may stand in the one file it belongs in."""


def may_stand(secret: Secret, exhibit: Exhibit) -> bool:
    """Say whether this secret may be found in this copy."""
    if exhibit.place is Place.OTHERS and exhibit.viewer == secret.owner is not None:
        return True
    if secret.home is not None and secret.home == exhibit.path:
        return exhibit.moment in AT_HOME[secret.kind]
    return exhibit.moment in MAY_STAND.get((secret.kind, exhibit.place), frozenset())
