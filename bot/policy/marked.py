"""Text that knows where each of its characters was typed, through all that is cut out of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.domain import At

KEPT = -1
"""The place of a character that was not typed, but comes from what its owner prefers."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_BLANKS = re.compile(" {2,}")


@dataclass(frozen=True)
class Marked:
    """A text, and of each character its index in what was typed, or `KEPT`."""

    text: str = field(repr=False)
    places: Sequence[int] = field(repr=False)

    def __getitem__(self, part: slice) -> Marked:
        return Marked(self.text[part], self.places[part])

    def at(self, index: int) -> At:
        """Say where a character stands; one behind the last stands where the last does."""
        if not self.places:
            return At(1)
        place = self.places[min(index, len(self.places) - 1)]
        return At(None if place == KEPT else place + 1)

    def tidy(self) -> Marked:
        """Make runs of spaces one, and take those at both ends away."""
        gone = [(found.start() + 1, found.end()) for found in _BLANKS.finditer(self.text)]
        left = self.without(gone)
        end = len(left.text.rstrip(" "))
        return left[len(left.text) - len(left.text.lstrip(" ")) : max(end, 0)]

    def without(self, spans: Iterable[tuple[int, int]]) -> Marked:
        """Cut spans out; they come in order and do not overlap."""
        pieces, begin = list[Marked](), 0
        for start, end in spans:
            pieces.append(self[begin:start])
            begin = end
        return join([*pieces, self[begin:]])


def join(pieces: Iterable[Marked]) -> Marked:
    """Put pieces one behind the other."""
    pieces = list(pieces)
    places = [place for piece in pieces for place in piece.places]
    return Marked("".join(piece.text for piece in pieces), places)


def kept(text: str) -> Marked:
    """Mark a text that was not typed."""
    return Marked(text, [KEPT] * len(text))


def drawable(typed: str) -> Marked:
    """Mark what a text encoder can read: letters, digits, punctuation, symbols, single spaces.

    Control and format characters (zero-width, bidirectional marks) carry no meaning for a picture
    and are how texts hide; they are dropped.
    """
    chars, places = list[str](), list[int]()
    for char, place in _composed(typed):
        if char.isspace():
            if chars and chars[-1] != " ":
                chars.append(" ")
                places.append(place)
        elif unicodedata.category(char) not in _HIDDEN:
            chars.append(char)
            places.append(place)
    return Marked("".join(chars), places).tidy()


def _composed(typed: str) -> list[tuple[str, int]]:
    """Compose the text (NFC), each character with the place of the first it is made of."""
    composed = unicodedata.normalize("NFC", typed)
    if composed == typed:
        return list(zip(typed, range(len(typed)), strict=True))
    pieces, begin = list[tuple[str, int]](), 0
    for place in range(1, len(typed) + 1):
        if place == len(typed) or not unicodedata.combining(typed[place]):
            pieces += [(char, begin) for char in unicodedata.normalize("NFC", typed[begin:place])]
            begin = place
    if "".join(char for char, _ in pieces) == composed:
        return pieces
    # a script whose letters compose without marks, such as Hangul written in jamo: nearly there
    return [(char, min(place, len(typed) - 1)) for place, char in enumerate(composed)]
