"""The paint box: Pocket's palette and the few strokes all drawings are made of."""

from __future__ import annotations

from PIL import Image

RGB = tuple[int, int, int]

#: Side of a finished picture, and how many times larger it is drawn before averaging.
PX = 96
SUPER = 3

#: Apart by at least 45 (Euclid, 0-255) from each other and from every background.
COLOUR_RGB: dict[str, RGB] = {
    "red": (216, 52, 52),
    "orange": (243, 142, 42),
    "yellow": (250, 212, 64),
    "green": (52, 150, 86),
    "blue": (44, 104, 208),
    "purple": (132, 70, 180),
    "pink": (240, 130, 178),
    "brown": (128, 80, 50),
}
BACKGROUND_RGB: dict[str, RGB] = {
    "cream": (250, 240, 216),
    "sky": (176, 218, 244),
    "mint": (178, 230, 204),
    "grey": (172, 176, 184),
    "night": (26, 32, 66),
}


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """`one` with `share` (0 to 1) of `other` in it."""
    r, g, b = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return r, g, b


def shade(rgb: RGB, amount: float) -> RGB:
    """`rgb` lightened (positive) or darkened (negative) by `amount`."""
    return mix(rgb, (255, 255, 255) if amount > 0 else (0, 0, 0), abs(amount))


def gradient(
    top: RGB, bottom: RGB, size: tuple[int, int] = (PX * SUPER, PX * SUPER)
) -> Image.Image:
    """A vertical gradient, `size` in supersampled px."""
    ramp = Image.new("RGB", (1, 16))
    ramp.putdata([mix(top, bottom, i / 15) for i in range(16)])
    return ramp.resize(size, Image.Resampling.BILINEAR)
