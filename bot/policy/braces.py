"""`{red, green} bird`: a line that spreads into one job for each mixture of what braces hold.

Lists may stand in lists, and in parameters, too. A backslash makes a brace or a comma a plain one.
How many jobs a line makes is counted without building any of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from bot.domain import Cause, Refusal
from bot.policy.marked import Marked, join

MAX_DEPTH = 8
"""Lists within lists: what nobody needs deeper must not hold up the house."""

MOST = 1_000_000
"""Counting ends here: more is as good as any more."""

_MARK = re.compile(r"\\[{},]|[{},]")


@dataclass(frozen=True)
class Spread:
    """A text in pieces, in turn words and lists; of each list, one choice is taken."""

    pieces: tuple[Marked | Choices, ...]

    @property
    def count(self) -> int:
        """How many texts it makes, at most `MOST`."""
        total = 1
        for piece in self.pieces:
            if isinstance(piece, Choices):
                total = min(MOST, total * sum(choice.count for choice in piece.choices))
        return total

    def texts(self) -> list[Marked]:
        """Give each mixture, the last list turning fastest. Look at `count` before."""
        heads = (piece.texts() if isinstance(piece, Choices) else [piece] for piece in self.pieces)
        return [join(mixture) for mixture in product(*heads)]


@dataclass(frozen=True)
class Choices:
    """One list."""

    choices: tuple[Spread, ...]

    def texts(self) -> list[Marked]:
        """Give each text that one choice of it makes."""
        return [text for choice in self.choices for text in choice.texts()]


def read(line: Marked) -> Spread | Refusal:
    """Take a line apart at its braces."""
    begin, opened = 0, list[_Open]([_Open(0)])
    for mark in _MARK.finditer(line.text):
        here, sign = opened[-1], mark[0]
        if sign == "," and len(opened) == 1:
            continue
        here.pieces.append(line[begin : mark.start()])
        begin = mark.end()
        match sign:
            case "{":
                if len(opened) > MAX_DEPTH:
                    return _refused(line, mark.start(), "deep")
                opened.append(_Open(mark.start()))
            case ",":
                here.next_choice()
            case "}":
                if len(opened) == 1:
                    return _refused(line, mark.start(), "unopened")
                opened.pop()
                opened[-1].pieces.append(here.closed())
            case r"\,":  # only within braces does a comma need one
                here.pieces.append(line[mark.start() + (len(opened) > 1) : mark.end()])
            case _:
                here.pieces.append(line[mark.start() + 1 : mark.end()])
    if len(opened) > 1:
        return _refused(line, opened[-1].place, "unclosed")
    return Spread((*opened[0].pieces, line[begin:]))


def _refused(line: Marked, place: int, what: str) -> Refusal:
    return Refusal(Cause.BRACES, {"what": what, "at": line.at(place)})


class _Open:
    """A list that is not closed yet, and the choice of it that is being read."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.pieces: list[Marked | Choices] = []
        self._choices: list[Spread] = []

    def next_choice(self) -> None:
        self._choices.append(Spread(_trimmed(self.pieces)))
        self.pieces = []

    def closed(self) -> Choices:
        self.next_choice()
        return Choices(tuple(self._choices))


def _trimmed(pieces: list[Marked | Choices]) -> tuple[Marked | Choices, ...]:
    """Leave out the spaces around a choice."""
    if pieces and isinstance(first := pieces[0], Marked):
        pieces[0] = first[len(first.text) - len(first.text.lstrip(" ")) :]
    if pieces and isinstance(last := pieces[-1], Marked):
        pieces[-1] = last[: len(last.text.rstrip(" "))]
    return tuple(pieces)
