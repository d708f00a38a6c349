"""Every fault of the house, as one tree. Refusals are values (`bot.domain.Refusal`), not faults.

DarkroomFault
├── StartFault            the operator must change something before the bot can start
│   └── NotLetIn          Discord does not let this bot in, and no new start changes that
├── Stuck                 the connection cannot be mended from inside; a new start may
├── SealBroken            a sealed field does not open: tampered, swapped, or another owner's
├── KeyGone               the key of an item was destroyed; the item is forgotten by design
└── DiscordTrouble        Discord did not do what was asked
    ├── Unreachable       it may or may not have happened: reconcile before asking again
    └── Refused           it certainly did not happen, and asking again will not help
"""

from __future__ import annotations


class DarkroomFault(Exception):
    """The root. Its text never holds a prompt, name, id or picture."""


class StartFault(DarkroomFault):
    """The operator must change something before the bot can start."""

    exit_status = 1


class NotLetIn(StartFault):
    """Discord does not let this bot in, and no new start changes that."""

    exit_status = 78  # EX_CONFIG of sysexits.h


class Stuck(DarkroomFault):
    """The connection cannot be mended from inside; a new start may."""

    exit_status = 75  # EX_TEMPFAIL of sysexits.h


class SealBroken(DarkroomFault):
    """A sealed field does not open: tampered, swapped, or another owner's."""


class KeyGone(DarkroomFault):
    """The key of an item was destroyed; the item is forgotten by design."""


class DiscordTrouble(DarkroomFault):
    """Discord did not do what was asked."""


class Unreachable(DiscordTrouble):
    """It may or may not have happened: reconcile before asking again."""


class Refused(DiscordTrouble):
    """It certainly did not happen, and asking again will not help."""
