"""The words inside a prompt that are not for the model: `--stealth`, `--private`, `--public`.

What is unclear is read as the more private: `fox--stealth` and `\\--stealth` are stealth too, while
a backslash takes `--public` back. Other `--words` stay where they are (`policy.parameters`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.domain import Cause, Refusal, Visibility
from bot.policy.marked import Marked

_MEANS = {
    "stealth": Visibility.STEALTH,
    "private": Visibility.STEALTH,
    "public": Visibility.PUBLIC,
}

SHORT, LONG = "-－", "‒–—―−"
"""Two short dashes, or what phones and keyboards make of them."""

_WORD = re.compile(
    rf" ?(?P<escape>\\?)(?<![{SHORT}{LONG}])"
    # a long dash glued to the word before it is punctuation
    rf"(?:[{SHORT}]{{2,}}|(?<!\w)[{SHORT}]*[{LONG}][{SHORT}{LONG}]*)"
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
    heard = hear(Marked(tidy, range(len(tidy))))
    return heard if isinstance(heard, Refusal) else Line(heard[0].text, heard[1])


def hear(line: Marked) -> tuple[Marked, Visibility | None] | Refusal:
    """Take the visibility words out of a line that is tidy, and say what they said."""
    words = [word for word in _WORD.finditer(line.text) if _is_meant(word)]
    said = {_MEANS[word["word"].lower()] for word in words}
    if len(said) > 1:
        return Refusal(Cause.VISIBILITY_TWICE)
    left = line.without(word.span() for word in words)
    begin = len(left.text) - len(left.text.lstrip())
    return left[begin : max(begin, len(left.text.rstrip()))], next(iter(said), None)


def _is_meant(word: re.Match[str]) -> bool:
    return not word["escape"] or word["word"].lower() != "public"
