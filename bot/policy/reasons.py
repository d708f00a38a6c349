"""Why people report a picture, what becomes of it, and how much of it there may be."""

from __future__ import annotations

from enum import StrEnum

from bot.policy.retention import DAY

OPEN_REPORTS = 5
"""Reports of one person's that may wait in one server."""

CONTESTS_A_DAY = 3
"""What one person may write to the moderators of one server within 24 hours."""

CONTEST_CHARACTERS = 900
"""Of one contest: as much as an echo repeats whole."""

BLOCK_SECONDS = 7 * DAY
"""How long the maker of a reported picture is blocked in that server by one press."""


class Reason(StrEnum):
    """Why somebody reports a picture. The first goes before all others."""

    CONSENT = "consent"
    SEXUAL = "sexual"
    VIOLENT = "violent"
    OTHER = "other"


class Outcome(StrEnum):
    """How a report ended."""

    REMOVED = "removed"
    DISMISSED = "dismissed"
    GONE = "gone"  #: its picture was gone before a moderator decided


class Reported(StrEnum):
    """What became of somebody's wish to report."""

    TAKEN = "taken"
    TWICE = "twice"
    FULL = "full"
    OWN = "own"
    NOT_OURS = "not-ours"  #: no public result of ours in this server, whatever else it may be
    IN_DM = "in-dm"
    OPTED_OUT = "opted-out"


class Judged(StrEnum):
    """What became of a moderator's press on a report or a contest."""

    REMOVED = "removed"
    STANDS = "stands"  #: ours is gone; Discord did not let the message go yet
    BLOCKED = "blocked"
    DISMISSED = "dismissed"
    GONE = "gone"
    CLOSED = "closed"
    NOTHING = "nothing"  #: decided already, another server's, or never there


class Contested(StrEnum):
    """What became of somebody's word about a rule."""

    SENT = "sent"
    EMPTY = "empty"
    WAITS = "waits"
    ENOUGH = "enough"
    NO_RULE = "no-rule"
    OPTED_OUT = "opted-out"
