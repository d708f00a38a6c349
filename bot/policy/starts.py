"""What a job that starts from pictures may start from, and at what size it is then made."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, prod

from bot.domain import Ask, Cause, Input, Refusal
from gen.inbound import LONGEST_SIDE_PX
from gen.job import Kind

Size = tuple[int, int]

MOST_BLENDED = 5
LONGEST_UPSCALED_PX = 4096
FACTOR_PX = 8
"""Sides of an enlarged picture are multiples of this, as autoencoders need it."""

ALIKE = 0.02
"""By which share a mask's shape may differ from its picture's: rounded when it was made smaller."""

_NEEDED = {Kind.BLEND: range(2, MOST_BLENDED + 1)}


def check(ask: Ask) -> Refusal | None:
    """Say whether an ask brings other pictures than its kind starts from."""
    pictures = len(ask.uploads or ask.inputs) - ask.masked
    if ask.kind is Kind.IMAGINE:
        if ask.masked:
            return Refusal(Cause.MASK_ALONE)
        return Refusal(Cause.STRENGTH_ALONE) if ask.strength is not None else None
    if pictures not in _NEEDED.get(ask.kind, range(1, 2)):
        return Refusal(Cause.INPUT_MISSING)
    return None


def check_inputs(ask: Ask) -> Refusal | None:
    """Say whether what was brought does not fit: a mask of another shape than the picture it lies
    on, or a picture that would be enlarged to more than is made here.
    """
    if ask.masked and abs(_leaning(ask.inputs[0]) - _leaning(ask.inputs[-1])) > ALIKE:
        return Refusal(Cause.MASK_SHAPE)
    if ask.kind is Kind.UPSCALE and max(size_of(ask, ())) > LONGEST_UPSCALED_PX:
        return Refusal(Cause.UPSCALE_SIZE, {"limit": LONGEST_UPSCALED_PX})
    return None


def longest_side_px(ask: Ask) -> int:
    """Say how large a picture is kept: one that is enlarged as it is, as far as any may be."""
    return LONGEST_UPSCALED_PX if ask.kind is Kind.UPSCALE else LONGEST_SIDE_PX


def size_of(ask: Ask, sizes: Sequence[Size]) -> Size:
    """Give the size in pixels: the picture's own times `scale` when it is enlarged, else that one
    of the model's `sizes` that is nearest to its shape.
    """
    first = ask.inputs[0]
    if ask.kind is Kind.UPSCALE:
        return _rounded(first.width, ask.scale), _rounded(first.height, ask.scale)
    return nearest((first.width, first.height), sizes)


def nearest(wanted: Size, sizes: Sequence[Size]) -> Size:
    """Give the size of the nearest shape; of equal ones the larger."""
    leaning = log(wanted[0] / wanted[1])
    return min(sizes, key=lambda size: (abs(log(size[0] / size[1]) - leaning), -prod(size)))


def _rounded(side: int, scale: float | None) -> int:
    return max(FACTOR_PX, round(side * (scale or 1.0) / FACTOR_PX) * FACTOR_PX)


def _leaning(picture: Input) -> float:
    """How wide a picture is for its height: a quotient of two is a difference of these."""
    return log(picture.width / picture.height)
