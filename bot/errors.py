"""Every fault of the house, as one tree. Refusals are values (`bot.domain.Refusal`), not faults.

DarkroomFault
├── StartFault            the operator must change something before the bot can start
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
