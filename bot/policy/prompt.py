"""What may be asked for in words and numbers, before any plan is looked at."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import Ask, Cause, Refusal

MAX_CHARACTERS = 6000
"""Discord's own limit of a string option; the sum of prompt and negative prompt obeys it too."""

MAX_SEED = 2**32 - 1
MIN_STEPS, MAX_STEPS = 1, 100
MIN_GUIDANCE, MAX_GUIDANCE = 1.0, 20.0
MAX_COUNT = 4


@dataclass(frozen=True)
class Canvas:
    """What the loaded model can draw on: its sizes, widest first choice first, and defaults."""

    sizes: tuple[tuple[int, int], ...]
    default_size: tuple[int, int]
    default_steps: int
    default_guidance: float

    @property
    def ratios(self) -> tuple[str, ...]:
        """The aspect ratios somebody may type, such as `1:1` or `3:2`."""
        return tuple(dict.fromkeys(ratio(width, height) for width, height in self.sizes))


def check(ask: Ask, canvas: Canvas) -> Refusal | None:
    """Say which word or number of an ask is out of range, if one is."""
    return _check_words(ask) or _check_numbers(ask) or _check_size(ask, canvas)


def size_of(ask: Ask, canvas: Canvas) -> tuple[int, int] | None:
    """Give the width and height in pixels an ask means; None when the model has no such shape."""
    if ask.aspect_ratio is None:
        return canvas.default_size
    wanted = _simplest(ask.aspect_ratio)
    return next((size for size in canvas.sizes if ratio(*size) == wanted), None)


def ratio(width: int, height: int) -> str:
    """Write a size as the simplest ratio of whole numbers: 96×64 is `3:2`."""
    divisor = math.gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def drawable(text: str) -> str:
    """Keep what a text encoder can read: letters, digits, punctuation, symbols, single spaces.

    Control and format characters (zero-width, bidirectional marks) carry no meaning for a picture
    and are how texts hide; they are dropped.
    """
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join("".join(kept).split())


def _check_words(ask: Ask) -> Refusal | None:
    prompt, negative = ask.prompt.reveal(), ask.negative_prompt.reveal()
    if not drawable(prompt):
        return Refusal(Cause.PROMPT_EMPTY)
    if len(prompt) + len(negative) > MAX_CHARACTERS:
        return Refusal(Cause.PROMPT_TOO_LONG, {"limit": MAX_CHARACTERS})
    if not any(unicodedata.category(char)[0] in "LN" for char in prompt):
        return Refusal(Cause.NOTHING_DRAWABLE)
    return None


def _check_numbers(ask: Ask) -> Refusal | None:
    bounds: Sequence[tuple[float | None, float, float, Cause]] = (
        (ask.steps, MIN_STEPS, MAX_STEPS, Cause.STEPS),
        (ask.guidance, MIN_GUIDANCE, MAX_GUIDANCE, Cause.GUIDANCE),
        (ask.seed, 0, MAX_SEED, Cause.SEED),
        (ask.count, 1, MAX_COUNT, Cause.COUNT),
    )
    for value, least, most, cause in bounds:
        if value is not None and not least <= value <= most:
            return Refusal(cause, {"least": least, "most": most})
    return None


def _check_size(ask: Ask, canvas: Canvas) -> Refusal | None:
    if size_of(ask, canvas) is None:
        return Refusal(Cause.SIZE, {"ratios": canvas.ratios})
    return None


def _simplest(text: str) -> str:
    left, _, right = text.strip().partition(":")
    if not all(side.isascii() and side.isdigit() and len(side) <= 5 for side in (left, right)):
        return text
    width, height = int(left), int(right)
    return ratio(width, height) if width and height else text
