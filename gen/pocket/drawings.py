"""Draws what a spec says: the only pictures Pocket ever learned from.

`draw(spec, chance)` returns uint8 [96, 96, 3]. The same spec and the same generator state give the
same picture. Everything is drawn `SUPER` times larger and averaged down, which is the antialiasing.
Shapes are large on purpose: the autoencoder keeps one latent cell per 8 x 8 px, and what is
smaller than about three cells is no longer a shape to it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from gen.pocket.captions import Pair, Scene, Single, Spec, Thing
from gen.pocket.landscapes import paint_scene
from gen.pocket.paint import BACKGROUND_RGB, COLOUR_RGB, PX, RGB, SUPER, gradient, shade

Chance = np.random.Generator
Points = list[tuple[float, float]]

SIZE_PX = {"small": (27.0, 30.0), "large": (45.0, 49.0)}
PAIR_PX = (34.0, 38.0)
#: Distance of the outer places from the middle of the picture, in px.
REACH_PX = {"small": 27.0, "large": 20.0}


def draw(spec: Spec, chance: Chance) -> NDArray[np.uint8]:
    """One picture of `spec`, uint8 [96, 96, 3]; `chance` decides what the spec leaves open."""
    match spec:
        case Single():
            picture = _ground(spec.background)
            size = chance.uniform(*SIZE_PX[spec.size])
            _stamp(picture, spec.thing, *_spot(spec, chance), size)
        case Pair():
            picture = _ground(spec.background)
            _pair(picture, spec, chance)
        case Scene():
            picture = paint_scene(spec, chance)
    return np.asarray(picture.reduce(SUPER), dtype=np.uint8)


def _ground(background: str) -> Image.Image:
    """A flat background with a breath of light from above."""
    rgb = BACKGROUND_RGB[background]
    return gradient(shade(rgb, 0.03), shade(rgb, -0.03))


def _spot(spec: Single, chance: Chance) -> tuple[float, float]:
    """Middle of the thing in px, within 1.5 px of its place."""
    reach = REACH_PX[spec.size]
    across = reach * (("right" in spec.place) - ("left" in spec.place))
    down = reach * (("bottom" in spec.place) - ("top" in spec.place))
    jitter = chance.uniform(-1.5, 1.5, 2)
    return PX / 2 + across + jitter[0], PX / 2 + down + jitter[1]


def _pair(picture: Image.Image, spec: Pair, chance: Chance) -> None:
    """Two things side by side or one above the other, at about the same size."""
    reach, drift = chance.uniform(21.5, 23.0), chance.uniform(-6.0, 6.0)
    sign = -1.0 if spec.relation in ("above", "left of") else 1.0
    for thing, side in ((spec.first, sign), (spec.second, -sign)):
        along = PX / 2 + side * reach
        across = PX / 2 + drift + chance.uniform(-2.0, 2.0)
        x, y = (across, along) if spec.relation in ("above", "below") else (along, across)
        _stamp(picture, thing, x, y, chance.uniform(*PAIR_PX))


def _stamp(picture: Image.Image, thing: Thing, x: float, y: float, size: float) -> None:
    """Paint `thing`, `size` px across, centred on (x, y) px, lit a little from above."""
    mask = Image.new("L", picture.size)
    pen = ImageDraw.Draw(mask)
    half = size / 2

    def scaled(points: Points) -> Points:
        return [((x + px * half) * SUPER, (y + py * half) * SUPER) for px, py in points]

    pen.polygon(scaled(outline(thing.shape)), fill=255)
    if thing.shape == "ring":
        pen.polygon(scaled([(px * 0.54, py * 0.54) for px, py in outline("circle")]), fill=0)
    top, bottom = int((y - half) * SUPER), int((y + half) * SUPER)
    rgb = COLOUR_RGB[thing.colour]
    light = gradient(shade(rgb, 0.06), shade(rgb, -0.06), (picture.width, bottom - top))
    picture.paste(light, (0, top), mask.crop((0, top, picture.width, bottom)))


def outline(shape: str) -> Points:
    """Corners of `shape` within the square from -1 to 1, y pointing down."""
    match shape:
        case "circle" | "ring":
            return _arc(0.0, 0.0, 1.0, 0.0, 360.0)
        case "square":
            return [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]
        case "triangle":
            return [(0.0, -0.95), (1.0, 0.85), (-1.0, 0.85)]
        case "star":
            turns = [math.radians(36 * i - 90) for i in range(10)]
            radii = [1.05 if i % 2 == 0 else 0.44 for i in range(10)]
            return [
                (r * math.cos(t), 0.08 + r * math.sin(t)) for r, t in zip(radii, turns, strict=True)
            ]
        case "heart":
            turns = [math.radians(6 * i) for i in range(60)]
            return [(math.sin(t) ** 3, -_heart_height(t) / 16.0 - 0.14) for t in turns]
        case "moon":  # the part of a disc that a second disc, shifted right, leaves over
            return [
                (px + 0.18, py)
                for px, py in _arc(0.0, 0.0, 1.0, 55.0, 305.0) + _arc(0.5, 0.0, 0.822, 275.0, 85.0)
            ]
        case "cross":
            arm = 0.34
            quarter = [(arm, -0.95), (arm, -arm), (0.95, -arm)]
            corners: Points = []
            for _ in range(4):  # a quarter turn maps (x, y) to (-y, x)
                corners += quarter
                quarter = [(-py, px) for px, py in quarter]
            return corners
    raise ValueError(f"no such shape: {shape}")


def _heart_height(turn: float) -> float:
    """The classic heart curve; see MathWorld, "Heart Curve", equation 8."""
    return (
        13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn)
    )


def _arc(x: float, y: float, radius: float, start: float, end: float) -> Points:
    """48 points on a circle from `start` to `end` degrees."""
    turns = [math.radians(start + (end - start) * i / 47) for i in range(48)]
    return [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turns]


__all__ = ["PX", "RGB", "draw", "outline"]
