"""Paints the scenes: sky, light, land, and what stands in it, back to front."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from gen.pocket.captions import Scene
from gen.pocket.paint import COLOUR_RGB, PX, RGB, SUPER, gradient, mix, shade

Chance = np.random.Generator
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Hour:
    """The colours of one time of day, and how much of its own light lies on everything."""

    sky: tuple[RGB, RGB]
    lamp: RGB
    glow: RGB
    light: RGB
    strength: float


HOURS = {
    "day": Hour(((96, 178, 232), (222, 242, 246)), (255, 216, 92), (255, 244, 196), (255,) * 3, 0),
    "sunset": Hour(
        ((96, 78, 152), (255, 186, 124)), (255, 232, 160), (255, 140, 96), (232, 92, 96), 0.22
    ),
    "night": Hour(
        ((16, 22, 56), (66, 82, 138)), (250, 242, 210), (96, 108, 160), (24, 32, 84), 0.38
    ),
}
#: Far and near ground by daylight.
LAND: dict[str, tuple[RGB, RGB]] = {
    "hill": ((138, 196, 122), (84, 164, 96)),
    "meadow": ((150, 206, 118), (104, 180, 92)),
    "mountains": ((132, 146, 188), (92, 152, 112)),
    "sea": ((66, 150, 200), (36, 104, 168)),
    "desert": ((240, 206, 140), (226, 176, 104)),
}
SNOW: RGB = (246, 247, 252)
WINDOW: RGB = (255, 222, 120)
BLOSSOMS: tuple[RGB, ...] = ((250, 220, 90), (250, 250, 245), (242, 150, 180))


class Easel:
    """A supersampled picture to paint on in px, under the light of an hour."""

    def __init__(self, picture: Image.Image, hour: Hour) -> None:
        self.picture, self.hour = picture, hour
        self.pen = ImageDraw.Draw(picture)

    def lit(self, rgb: RGB) -> RGB:
        """`rgb` as it looks at this hour."""
        return mix(rgb, self.hour.light, self.hour.strength)

    def shape(self, rgb: RGB, points: Points) -> None:
        """A filled polygon; `rgb` is used as it is."""
        self.pen.polygon([(x * SUPER, y * SUPER) for x, y in points], fill=rgb)

    def disc(self, rgb: RGB, x: float, y: float, wide: float, high: float | None = None) -> None:
        """An ellipse around (x, y) with these half axes."""
        high = wide if high is None else high
        box = [(x - wide) * SUPER, (y - high) * SUPER, (x + wide) * SUPER, (y + high) * SUPER]
        self.pen.ellipse(box, fill=rgb)

    def box(self, rgb: RGB, left: float, top: float, right: float, bottom: float) -> None:
        """An upright rectangle."""
        self.pen.rectangle([left * SUPER, top * SUPER, right * SUPER, bottom * SUPER], fill=rgb)


def paint_scene(spec: Scene, chance: Chance) -> Image.Image:
    """The scene, supersampled; `chance` arranges it."""
    hour = HOURS[spec.time]
    if spec.setting == "water":
        return _under_water(spec, hour, chance)
    easel = Easel(gradient(*hour.sky), hour)
    x = float(chance.uniform(36, 60))  # the subject stands here, the light on the other side
    lamp_x = x + (30 if x < 48 else -30) + float(chance.uniform(-4, 4))
    _light(easel, spec.time, lamp_x, chance)
    ground = _land(easel, spec.setting, x, chance)
    if spec.subject == "house" and spec.setting == "sea":
        easel.disc(easel.lit(LAND["hill"][1]), x, ground + 8, 40, 10)  # an island
    _SUBJECTS[spec.subject](easel, COLOUR_RGB[spec.colour], x, ground)
    return easel.picture


def _light(easel: Easel, time: str, x: float, chance: Chance) -> None:
    """Sun or moon, with clouds by day and stars by night."""
    y = float(chance.uniform(50, 54)) if time == "sunset" else float(chance.uniform(16, 22))
    easel.disc(mix(easel.hour.sky[1], easel.hour.glow, 0.5), x, y, 15 if time == "sunset" else 13)
    easel.disc(easel.hour.lamp, x, y, 11 if time == "sunset" else 9)
    if time == "night":
        for _ in range(9):
            at = float(chance.uniform(4, 92)), float(chance.uniform(4, 48))
            easel.disc((238, 238, 250), at[0], at[1], 0.9)
        easel.disc((226, 214, 180), x - 3, y - 2, 2.2)
        easel.disc((226, 214, 180), x + 3, y + 3, 1.6)
    elif time == "day":
        cloud, y = 96 - x + float(chance.uniform(-8, 8)), float(chance.uniform(12, 26))
        for dx, dy, r in ((-8, 1.5, 5), (0, -1, 7), (8, 1.5, 5)):
            easel.disc((250, 252, 255), cloud + dx, y + dy, r, r * 0.75)


def _land(easel: Easel, setting: str, x: float, chance: Chance) -> float:
    """Far and near ground; returns the height (px from the top) the subject stands on."""
    far, near = (easel.lit(rgb) for rgb in LAND[setting])
    shift = float(chance.uniform(0, math.tau))
    if setting == "sea":
        easel.picture.paste(gradient(far, near, (PX * SUPER, 36 * SUPER)), (0, 60 * SUPER))
        for i in range(5):  # glitter
            at, y = float(chance.uniform(8, 88)), 65 + 6.5 * i
            easel.disc(mix(far, easel.hour.glow, 0.45), at, y, 6 + i, 0.8)
        return 74.0
    if setting == "mountains":
        for dx, top, wide in ((-34, 34, 34), (30, 28, 40), (2, 40, 30)):
            peak = x + dx + float(chance.uniform(-4, 4)), top + float(chance.uniform(-3, 3))
            _peak(easel, shade(far, 0.02 * (top - 34)), *peak, wide)
        _ridge(easel, near, 78, 3, shift)
        return 78.0
    _ridge(easel, far, 62 if setting == "desert" else 60, 5, shift)
    if setting == "hill":
        easel.disc(near, x, 112, 76, 40)
        return 73.0
    _ridge(easel, near, 74, 3, shift + 2)
    if setting == "meadow":
        for i in range(7):
            at, y = 7 + 13.5 * i + float(chance.uniform(-3, 3)), float(chance.uniform(83, 92))
            easel.disc(easel.lit(BLOSSOMS[i % 3]), at, y, 1.7)
    return 78.0


def _ridge(easel: Easel, rgb: RGB, height: float, swing: float, shift: float) -> None:
    """Rolling ground down to the lower edge."""
    line = [(8.0 * i, height + swing * math.sin(0.75 * i + shift)) for i in range(13)]
    easel.shape(rgb, [*line, (96, 96), (0, 96)])


def _peak(easel: Easel, rgb: RGB, x: float, top: float, wide: float) -> None:
    """A mountain with a shaded side and snow."""
    easel.shape(rgb, [(x, top), (x + wide, 82), (x - wide, 82)])
    easel.shape(shade(rgb, -0.14), [(x, top), (x + wide, 82), (x + 4, 82)])
    cap, slope = 10.0, wide * 10.0 / (82 - top)
    snow = [(x, top), (x + slope, top + cap), (x + 1, top + cap - 4), (x - slope, top + cap)]
    easel.shape(easel.lit(SNOW), snow)


def _under_water(spec: Scene, hour: Hour, chance: Chance) -> Image.Image:
    """A fish between weed and sand."""
    easel = Easel(gradient((0, 0, 0), (0, 0, 0)), hour)
    top, deep = easel.lit((112, 206, 226)), easel.lit((26, 96, 160))
    easel.picture.paste(gradient(top, deep), (0, 0))
    sand = easel.lit((236, 212, 156))
    _ridge(easel, sand, 84, 3, float(chance.uniform(0, math.tau)))
    for at in (12 + float(chance.uniform(-4, 4)), 82 + float(chance.uniform(-4, 4))):
        for i in range(6):
            easel.disc(easel.lit((58, 150, 104)), at + 3 * (-1) ** i, 88 - 6 * i, 3.2, 4.5)
    x, y = float(chance.uniform(42, 54)), float(chance.uniform(40, 52))
    side = 1 if chance.random() < 0.5 else -1
    for i in range(3):
        easel.disc(
            mix(top, (255, 255, 255), 0.6), x + side * (27 + 3 * i), y - 8 - 9 * i, 2.6 - 0.4 * i
        )
    _fish(easel, COLOUR_RGB[spec.colour], x, y, side)
    return easel.picture


def _fish(easel: Easel, rgb: RGB, x: float, y: float, side: int) -> None:
    body, fin = easel.lit(rgb), easel.lit(shade(rgb, -0.2))
    easel.shape(fin, [(x - 14 * side, y), (x - 29 * side, y - 12), (x - 29 * side, y + 12)])
    easel.shape(fin, [(x - 8 * side, y - 8), (x + 2 * side, y - 19), (x + 8 * side, y - 8)])
    easel.disc(body, x, y, 20, 13)
    easel.disc((255, 255, 255), x + 11 * side, y - 3, 3.6)
    easel.disc((30, 30, 40), x + 12 * side, y - 3, 2)


def _house(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    wall, roof = easel.lit(rgb), easel.lit(mix(shade(rgb, -0.5), (90, 50, 50), 0.4))
    glass = easel.lit((200, 228, 244)) if easel.hour is HOURS["day"] else WINDOW
    easel.box(roof, x + 7, y - 37, x + 12, y - 24)
    easel.box(wall, x - 16, y - 22, x + 16, y + 2)
    easel.shape(roof, [(x - 21, y - 21), (x, y - 39), (x + 21, y - 21)])
    easel.box(glass, x - 12, y - 17, x - 4, y - 9)
    easel.box(glass, x + 4, y - 17, x + 12, y - 9)
    easel.box(roof, x - 4, y - 9, x + 4, y + 2)


def _tree(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    easel.box(easel.lit((116, 78, 52)), x - 3.5, y - 20, x + 3.5, y + 2)
    for dx, dy, r in ((-9, -24, 12), (9, -24, 12), (0, -36, 14)):
        easel.disc(easel.lit(shade(rgb, -0.08 if dx > 0 else 0.0)), x + dx, y + dy, r)
    easel.disc(easel.lit(shade(rgb, 0.15)), x - 5, y - 40, 5)


def _flower(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    stem = easel.lit((60, 140, 74))
    easel.box(stem, x - 1.8, y - 32, x + 1.8, y + 8)
    easel.disc(stem, x - 8, y - 8, 7, 3.4)
    easel.disc(stem, x + 8, y - 13, 7, 3.4)
    for i in range(6):
        turn = math.radians(60 * i)
        easel.disc(easel.lit(rgb), x + 10 * math.cos(turn), y - 40 + 10 * math.sin(turn), 7.5)
    easel.disc(
        easel.lit((252, 206, 80) if rgb != COLOUR_RGB["yellow"] else (150, 90, 50)), x, y - 40, 6.5
    )


def _boat(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    easel.box(easel.lit((110, 76, 56)), x - 1.2, y - 42, x + 1.2, y - 4)
    easel.shape(easel.lit((252, 248, 238)), [(x + 2, y - 42), (x + 22, y - 10), (x + 2, y - 10)])
    easel.shape(easel.lit((232, 226, 216)), [(x - 2, y - 36), (x - 16, y - 10), (x - 2, y - 10)])
    easel.shape(
        easel.lit(rgb), [(x - 25, y - 6), (x + 27, y - 6), (x + 18, y + 7), (x - 17, y + 7)]
    )


def _lighthouse(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    easel.disc(easel.lit((96, 100, 116)), x, y + 6, 22, 9)
    for i in range(5):  # stripes, narrower towards the top
        low, wide = y + 2 - 9 * i, 9.5 - 0.8 * i
        stripe = easel.lit(rgb if i % 2 == 0 else (250, 248, 244))
        easel.shape(
            stripe,
            [
                (x - wide, low),
                (x + wide, low),
                (x + wide - 0.8, low - 9),
                (x - wide + 0.8, low - 9),
            ],
        )
    easel.box(WINDOW, x - 4.5, y - 51, x + 4.5, y - 43)
    easel.shape(easel.lit(shade(rgb, -0.3)), [(x - 7, y - 50), (x, y - 58), (x + 7, y - 50)])


def _balloon(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    y -= 40
    easel.shape(
        easel.lit(rgb), [(x - 17, y + 6), (x + 17, y + 6), (x + 5, y + 23), (x - 5, y + 23)]
    )
    easel.disc(easel.lit(rgb), x, y, 19)
    easel.disc(easel.lit(shade(rgb, 0.4)), x, y, 8, 19)
    easel.box(easel.lit((140, 98, 64)), x - 5, y + 27, x + 5, y + 34)


def _cactus(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    green = easel.lit((62, 142, 88))
    for left, top, bottom in (
        (x - 5, y - 40, y + 3),
        (x - 18, y - 30, y - 14),
        (x + 11, y - 34, y - 18),
    ):
        wide = 10 if top < y - 38 else 7
        easel.box(green, left, top, left + wide, bottom)
        easel.disc(green, left + wide / 2, top, wide / 2)
    easel.box(green, x - 18, y - 20, x, y - 13)
    easel.box(green, x, y - 24, x + 18, y - 17)


def _nothing(easel: Easel, rgb: RGB, x: float, y: float) -> None:
    """The mountains are already there."""


_SUBJECTS = {
    "house": _house,
    "tree": _tree,
    "flower": _flower,
    "boat": _boat,
    "lighthouse": _lighthouse,
    "balloon": _balloon,
    "cactus": _cactus,
    "mountains": _nothing,
}
