"""What an audit chain turns out to be when it is checked: sound, or broken at its first bad entry.

    floor → entry → entry → … → entry ← head

Each entry's hash covers the entry before it; floor and head are signed states of the chain. What no
chain can show by itself: that all of it, with its heads, was removed or replaced by an older copy,
or written anew by somebody who holds the root key. A head that the operator keeps elsewhere shows
each of these, as long as its entry has not had its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with an entry. Each has its sentence in `bot.words`."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT_OFF = "cut-off"
    BEYOND = "beyond"
    UNSIGNED = "unsigned"
    UNSTATED = "unstated"
    SUBJECT = "subject"
    ROLLED_BACK = "rolled-back"


@dataclass(frozen=True)
class Sound:
    """A chain that holds: how many entries there are, after which they begin, where they end."""

    entries: int
    floor: int
    head: int


@dataclass(frozen=True)
class Broken:
    """A chain that does not: its first bad entry, and what is wrong with it."""

    seq: int
    flaw: Flaw


@dataclass(frozen=True)
class State:
    """Where a chain stood: its newest entry then, and that entry's hash. Number 0: before any."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Entered:
    """One entry as the moderators of its server read it: codes, a role, and whether it was they.

    `at` is seconds since 1970, to the minute.
    """

    seq: int
    at: int
    actor: str
    is_by_you: bool
    act: str
    scope: str
    objects: int
    result: str


@dataclass(frozen=True)
class Sheet:
    """One page of a chain, newest entries first, out of so many pages."""

    entries: tuple[Entered, ...]
    page: int
    pages: int


_PREFIX = "darkroom-audit"


@dataclass(frozen=True)
class Kept:
    """A signed head as a line the operator keeps elsewhere."""

    chain: int
    state: State
    signature: str

    def line(self) -> str:
        """Write it."""
        return f"{_PREFIX}.{self.chain}.{self.state.seq}.{self.state.hash}.{self.signature}"


def read_kept(line: str) -> Kept | None:
    """Read a kept line; None when it is none."""
    parts = line.strip().split(".")
    if len(parts) != 5 or parts[0] != _PREFIX or not all(map(_is_number, parts[1:3])):
        return None
    return Kept(int(parts[1]), State(int(parts[2]), parts[3]), parts[4])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20  # 64 bits
