"""`hot dog::1.5 food::-1`: parts of a prompt and how much each counts. Pure.

The habit is Midjourney's: the number weighs all words since the last one, none means 1, and all
weights together must be more than 0. `\\::` is two colons.
"""

import math
import re
from dataclasses import dataclass, field

MOST = 100
"""A weight lies between this and its negative: more says no more."""

_NUMBER = r"-?(?:[0-9]+\.[0-9]+|[0-9]+|\.[0-9]+)"
_MARK = re.compile(rf"(?<!\\)::(?P<number>{_NUMBER})?")
_WRONG = re.compile(rf"(?<!\\)::(?!{_NUMBER}(?![0-9.+-]*[0-9]))(?=[.+-]*[0-9])")


@dataclass(frozen=True)
class Part:
    """Some words and how much they count; negative: how much they are not wanted."""

    text: str = field(repr=False)
    weight: float


class WeightsUnbalanced(ValueError):
    """All weights of a prompt together must be more than 0."""


def is_weighted(prompt: str) -> bool:
    """Say whether a prompt weighs its parts."""
    return _MARK.search(prompt) is not None


def misplaced(prompt: str) -> int | None:
    """Give the place of the first mark whose number is none, such as `::1.2.3`, or is too large."""
    wrong = _WRONG.search(prompt)
    places = [wrong.start()] if wrong else []
    for mark in _MARK.finditer(prompt):
        if mark["number"] and abs(float(mark["number"])) > MOST:
            places.append(mark.start())
            break
    return min(places, default=None)


def words(prompt: str) -> str:
    """Give a prompt without its weights."""
    return _MARK.sub(" ", prompt)


def read(prompt: str) -> tuple[Part, ...]:
    """Take a prompt apart; one without weights is one part of weight 1.

    Parts without words are left out.

    Raises:
        WeightsUnbalanced: nothing would be wanted more than it is not.
    """
    parts, begin = list[Part](), 0
    for mark in _MARK.finditer(prompt):
        parts.append(_part(prompt[begin : mark.start()], mark["number"]))
        begin = mark.end()
    parts.append(_part(prompt[begin:], None))
    said = tuple(part for part in parts if part.text)
    if said and not math.fsum(part.weight for part in said) > 0:
        raise WeightsUnbalanced("all weights together must be more than 0")
    return said or (Part("", 1.0),)


def _part(text: str, number: str | None) -> Part:
    return Part(text.replace("\\::", "::").strip(), 1.0 if number is None else float(number))
