"""What may be asked for in words and numbers, before any plan is looked at."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.domain import Ask, Cause, Refusal
from bot.policy import starts
from gen.job import Kind

MAX_CHARACTERS = 6000
"""Discord's own limit of a string option; the sum of prompt and negative prompt obeys it too."""

MAX_SEED = 2**32 - 1
MIN_STEPS, MAX_STEPS = 1, 100
MIN_GUIDANCE, MAX_GUIDANCE = 1.0, 20.0
MAX_COUNT = 4


USUAL_RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9", "2:1", "1:2")
MOST_ELONGATED = 3
"""A picture is at most so many times as long as wide, where a model draws any ratio."""

FINE_GRID_PX, COARSE_GRID_PX = 8, 64
"""Sides are multiples of this; the coarse one is how large models were trained (SDXL, arXiv
2307.01952, section 2.3), the fine one is for models whose pictures are smaller than 256 pixels."""


@dataclass(frozen=True)
class Canvas:
    """What the loaded model can draw on: its sizes, widest first choice first, and defaults."""

    sizes: tuple[tuple[int, int], ...]
    default_size: tuple[int, int]
    default_steps: int
    any_ratio: bool = False  #: other ratios of about the default's area are drawn, too

    @property
    def ratios(self) -> tuple[str, ...]:
        """The aspect ratios somebody may type, such as `1:1` or `3:2`; the usual ones of many."""
        if self.any_ratio:
            return USUAL_RATIOS
        return tuple(dict.fromkeys(ratio(width, height) for width, height in self.sizes))


def check(ask: Ask, canvas: Canvas) -> Refusal | None:
    """Say which word or number of an ask is out of range, if one is."""
    return _check_words(ask) or _check_numbers(ask) or _check_size(ask, canvas)


def size_of(ask: Ask, canvas: Canvas) -> tuple[int, int] | None:
    """Give the width and height in pixels an ask means; None when the model has no such shape.

    Without a word a job that starts from a picture is of that one's shape.
    """
    if ask.inputs and (ask.aspect_ratio is None or ask.kind is Kind.UPSCALE):
        return starts.size_of(ask, canvas.sizes)
    if ask.aspect_ratio is None:
        return canvas.default_size
    wanted = _simplest(ask.aspect_ratio)
    listed = next((size for size in canvas.sizes if ratio(*size) == wanted), None)
    return listed or (_shaped(wanted, canvas.default_size) if canvas.any_ratio else None)


def strength_of(ask: Ask) -> float:
    """Give the share by which a start is changed, when nobody says otherwise as the kind needs."""
    if ask.strength is not None:
        return ask.strength
    if ask.image_weight is not None:  # the share that is left for the words, whose weight is 1
        return 1 / (1 + ask.image_weight)
    match ask.kind:
        case Kind.IMAGINE | Kind.ZOOM | Kind.PAN:
            return 1.0
        case Kind.VARY:
            return 0.6
        case Kind.BLEND:
            return 0.7
        case Kind.UPSCALE:
            return 0.0
        case _:
            assert_never(ask.kind)


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
        return Refusal(Cause.PROMPT_EMPTY) if ask.kind is Kind.IMAGINE else None
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
        any_ratio = f"any from 1:{MOST_ELONGATED} to {MOST_ELONGATED}:1"
        return Refusal(Cause.SIZE, {"ratios": (any_ratio,) if canvas.any_ratio else canvas.ratios})
    return None


def _shaped(wanted: str, default: tuple[int, int]) -> tuple[int, int] | None:
    """Give a size of this ratio and about the default's area, on the model's grid."""
    left, _, right = wanted.partition(":")
    if not (left.isdigit() and right.isdigit() and int(left) and int(right)):
        return None
    proportion = int(left) / int(right)
    if not 1 / MOST_ELONGATED <= proportion <= MOST_ELONGATED:
        return None
    grid = COARSE_GRID_PX if min(default) >= 256 else FINE_GRID_PX
    width = math.sqrt(default[0] * default[1] * proportion)

    def on_grid(side: float) -> int:
        return max(1, round(side / grid)) * grid

    return on_grid(width), on_grid(width / proportion)


def _simplest(text: str) -> str:
    left, _, right = text.strip().partition(":")
    if not all(side.isascii() and side.isdigit() and len(side) <= 5 for side in (left, right)):
        return text
    width, height = int(left), int(right)
    return ratio(width, height) if width and height else text
