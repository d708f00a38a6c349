"""The words inside a prompt that are not for the model: `--stealth`, `--private`, `--public`.

What is unclear is read as the more private: `fox--stealth` and `\\--stealth` are stealth too, while
a backslash takes `--public` back. Other `--words` stay where they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.domain import Cause, Refusal, Visibility

_MEANS = {
    "stealth": Visibility.STEALTH,
    "private": Visibility.STEALTH,
    "public": Visibility.PUBLIC,
}

_SHORT, _LONG = "-－", "‒–—―−"
"""Two short dashes, or what phones and keyboards make of them."""

_WORD = re.compile(
    rf" ?(?P<escape>\\?)(?<![{_SHORT}{_LONG}])"
    # a long dash glued to the word before it is punctuation
    rf"(?:[{_SHORT}]{{2,}}|(?<!\w)[{_SHORT}]*[{_LONG}][{_SHORT}{_LONG}]*)"
    r"(?P<word>(?ai:stealth|private|public))(?!\w|-\w)"
)


@dataclass(frozen=True)
class Line:
    """A prompt without the words that say who may see it, and what they said."""

    text: str = field(repr=False)
    said: Visibility | None


def read(text: str) -> Line | Refusal:
    """Take the visibility words out of a prompt. Saying both is refused; saying one twice is not.

    Runs of spaces become one.
    """
    tidy = " ".join(text.split())
    said = {_MEANS[word["word"].lower()] for word in _WORD.finditer(tidy) if _is_meant(word)}
    if len(said) > 1:
        return Refusal(Cause.VISIBILITY_TWICE)
    kept = _WORD.sub(lambda word: "" if _is_meant(word) else word[0], tidy)
    return Line(kept.strip(), next(iter(said), None))


def _is_meant(word: re.Match[str]) -> bool:
    return not word["escape"] or word["word"].lower() != "public"
