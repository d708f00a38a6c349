"""The exam: 1,000 captions whose pairs were never trained on, judged from the pixels alone.

    python -m gen.pocket.score [--captions 1000] [--seed 7]

Three rows are printed: the model; clean drawings of the same captions, which is the most this
judge can give; and the model's pictures against other captions, which is chance. It shares no code
with the renderer or the model: its shapes are written as inequalities, its palette is its own, and
it learns what to look for from the words of the caption.

The judge finds what is not background, takes the one or two largest pieces, and asks of each: which
palette colour is nearest, where is its middle, and which of eight masks overlaps it best.
"""

from __future__ import annotations

import argparse
import logging
import math
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

ASPECTS = ("background", "colour", "place", "shape")
GROUNDS = {
    "cream": (250, 240, 216),
    "sky": (176, 218, 244),
    "mint": (178, 230, 204),
    "grey": (172, 176, 184),
    "night": (26, 32, 66),
}
PAINTS = {
    "red": (216, 52, 52),
    "orange": (243, 142, 42),
    "yellow": (250, 212, 64),
    "green": (52, 150, 86),
    "blue": (44, 104, 208),
    "purple": (132, 70, 180),
    "pink": (240, 130, 178),
    "brown": (128, 80, 50),
}
#: A pixel this far (Euclid, 0-255) from the background is part of a thing.
DISTINCT = 45.0

#: Shapes as inequalities over x to the right and y downwards, each within -1 to 1.
FIGURES: dict[str, Callable[[Floats, Floats], Mask]] = {
    "circle": lambda x, y: x**2 + y**2 < 1,
    "ring": lambda x, y: (x**2 + y**2 < 1) & (x**2 + y**2 > 0.29),
    "square": lambda x, y: np.maximum(abs(x), abs(y)) < 1,
    "triangle": lambda x, y: 2 * abs(x) < 1 + y,
    "cross": lambda x, y: np.minimum(abs(x), abs(y)) < 0.36,
    "heart": lambda x, y: _heart(1.2 * x, 0.12 - 1.13 * y),
    "moon": lambda x, y: ((x - 0.22) ** 2 / 1.49 + y**2 < 1) & ((x - 0.83) ** 2 + y**2 > 0.72),
    "star": lambda x, y: _star(0.951 * x, 0.905 * y - 0.096),
}


def _heart(x: Floats, y: Floats) -> Mask:
    """The sextic heart curve (MathWorld, "Heart Curve", equation 1)."""
    inside: Mask = (x**2 + y**2 - 1) ** 3 < x**2 * y**3
    return inside


def _star(x: Floats, y: Floats) -> Mask:
    """A pentagram: inside at least four of the five half planes its edges lie on."""
    turns = [math.radians(72 * i - 90) for i in range(5)]
    within = [x * math.cos(t) + y * math.sin(t) < 0.33 for t in turns]
    inside: Mask = np.sum(within, axis=0) >= 4
    return inside


@dataclass(frozen=True)
class Wanted:
    """What a caption asks for: one or two (colour, shape), where, and on which background."""

    things: tuple[tuple[str, str], ...]
    place: str
    background: str


@dataclass(frozen=True)
class Found:
    """One thing seen in a picture; its middle in px from the top left."""

    colour: str
    shape: str
    x: float
    y: float


@dataclass
class Tally:
    """Right answers out of those asked."""

    right: int = 0
    asked: int = 0

    def add(self, *answers: bool) -> None:
        """Count these answers."""
        self.right += sum(answers)
        self.asked += len(answers)

    @property
    def rate(self) -> float:
        """Share of right answers."""
        return self.right / max(1, self.asked)

    def interval(self) -> tuple[float, float]:
        """95 % Wilson score interval (Wilson 1927; Brown, Cai, DasGupta 2001)."""
        n, z = max(1, self.asked), 1.96
        middle = (self.rate + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(self.rate * (1 - self.rate) / n + (z / (2 * n)) ** 2)
        return max(0.0, middle - half), min(1.0, middle + half)


ONE = re.compile(r"a \w+ (\w+) (\w+) (?:at|in) the ([\w ]+), on a (\w+) background")
TWO = re.compile(
    r"a (\w+) (\w+) (?:to the )?(above|below|left of|right of) a (\w+) (\w+), on a (\w+) background"
)


def read_caption(caption: str) -> Wanted:
    """What the words ask for; ValueError when they are not in the exam's wording."""
    if match := ONE.fullmatch(caption):
        colour, shape, place, background = match.groups()
        return Wanted(((colour, shape),), place, background)
    if match := TWO.fullmatch(caption):
        colour, shape, place, other_colour, other_shape, background = match.groups()
        return Wanted(((colour, shape), (other_colour, other_shape)), place, background)
    raise ValueError(f"not an exam caption: {caption!r}")


def look(picture: Pixels, count: int) -> tuple[str, list[Found]]:
    """The background's name and the `count` largest things in a uint8 [H, W, 3] picture."""
    pixels = picture.astype(np.float64)
    ground = np.median(np.concatenate([pixels[:2], pixels[-2:]]).reshape(-1, 3), axis=0)
    sides = np.concatenate([pixels[:, :2], pixels[:, -2:]], axis=1)  # [H, 4, 3]
    rows = np.median(sides, axis=1, keepdims=True)  # [H, 1, 3], the background has a gradient
    rows = np.where(np.linalg.norm(rows - ground, axis=-1, keepdims=True) < 40, rows, ground)
    pieces = _pieces(np.linalg.norm(pixels - rows, axis=-1) > DISTINCT)[:count]
    return _nearest(ground, GROUNDS), [_describe(pixels, rows, piece) for piece in pieces]


def _pieces(mask: Mask) -> list[Mask]:
    """Connected parts of at least 30 px, the largest first."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:  # each pixel takes the highest label around it until none changes
        spread = np.pad(labels, 1)
        highest = np.maximum.reduce(
            [spread[1 + i : spread.shape[0] - 1 + i, 1 + j : spread.shape[1] - 1 + j]
             for i in (-1, 0, 1) for j in (-1, 0, 1)]
        )  # fmt: skip
        grown = np.where(mask, highest, 0)
        if np.array_equal(grown, labels):
            break
        labels = grown
    names, sizes = np.unique(labels[labels > 0], return_counts=True)
    order = np.argsort(-sizes)
    return [labels == names[i] for i in order if sizes[i] >= 30]


def _describe(pixels: Floats, rows: Floats, piece: Mask) -> Found:
    """Name one piece: colour by its median, shape by the best overlap, middle by its box."""
    paint = np.median(pixels[piece], axis=0)
    to_paint = np.linalg.norm(pixels - paint, axis=-1)
    near = np.linalg.norm(pixels - rows, axis=-1) > to_paint  # nearer to the paint than the ground
    ys, xs = np.nonzero(_grow(piece) & near)
    if len(ys) == 0:
        ys, xs = np.nonzero(piece)
    top, bottom, left, right = ys.min(), ys.max(), xs.min(), xs.max()
    seen = np.zeros(piece.shape, dtype=np.bool_)
    seen[ys, xs] = True
    shape = best_figure(seen[top : bottom + 1, left : right + 1])
    return Found(_nearest(paint, PAINTS), shape, (left + right) / 2, (top + bottom) / 2)


def _grow(mask: Mask) -> Mask:
    """`mask` and the pixels beside it."""
    wide = np.pad(mask, 1)
    grown: Mask = (
        wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    )
    return grown


def best_figure(seen: Mask) -> str:
    """The figure that overlaps a box [h, w] best, tried a little larger, smaller and shifted."""
    h, w = seen.shape
    best, name = -1.0, ""
    for stretch in (0.92, 1.0, 1.08):
        for dx in (-0.06, 0.0, 0.06):
            for dy in (-0.06, 0.0, 0.06):
                y, x = np.mgrid[0:h, 0:w]
                u = ((2 * x + 1) / w - 1 + dx) * stretch
                v = ((2 * y + 1) / h - 1 + dy) * stretch
                inside = (abs(u) <= 1) & (abs(v) <= 1)
                for figure, within in FIGURES.items():
                    mask = within(u, v) & inside
                    overlap = (mask & seen).sum() / max(1, (mask | seen).sum())
                    if overlap > best:
                        best, name = overlap, figure
    return name


def _nearest(rgb: Floats, palette: dict[str, tuple[int, int, int]]) -> str:
    return min(palette, key=lambda name: float(np.linalg.norm(rgb - np.array(palette[name]))))


def place_of(found: Found, side: int) -> str:
    """One of nine places; the middle fifth counts as centre."""
    across = "left" if found.x < 0.39 * side else "right" if found.x > 0.61 * side else ""
    down = "top" if found.y < 0.39 * side else "bottom" if found.y > 0.61 * side else ""
    return f"{down} {across}".strip() or "centre"


def relation_of(first: Found, second: Found) -> str:
    """How `first` stands to `second`, along the larger distance."""
    dx, dy = first.x - second.x, first.y - second.y
    if abs(dx) > abs(dy):
        return "left of" if dx < 0 else "right of"
    return "above" if dy < 0 else "below"


def judge(pictures: list[Pixels], captions: list[str]) -> dict[str, Tally]:
    """Count what is right, per picture (background, place) or per thing (colour, shape)."""
    tallies = {aspect: Tally() for aspect in ASPECTS}
    for picture, caption in zip(pictures, captions, strict=True):
        wanted = read_caption(caption)
        background, found = look(picture, len(wanted.things))
        found += [Found("", "", 0.0, 0.0)] * (len(wanted.things) - len(found))
        orders = (found, found[::-1])  # which thing is which: the order that explains most
        found = max(orders, key=lambda order: sum(_matches(order, wanted)))
        if len(found) == 1:
            place = place_of(found[0], picture.shape[0])
        else:
            place = relation_of(*found) if found[0].colour and found[1].colour else ""
        tallies["background"].add(background == wanted.background)
        tallies["place"].add(place == wanted.place)
        tallies["colour"].add(*_matches(found, wanted)[::2])
        tallies["shape"].add(*_matches(found, wanted)[1::2])
    return tallies


def _matches(found: list[Found], wanted: Wanted) -> list[bool]:
    """Colour and shape right or wrong, thing by thing."""
    return [
        answer
        for seen, (colour, shape) in zip(found, wanted.things, strict=True)
        for answer in (seen.colour == colour, seen.shape == shape)
    ]


def report(rows: dict[str, dict[str, Tally]]) -> str:
    """The table as Markdown, one row per set of pictures."""
    lines = ["| pictures | " + " | ".join(ASPECTS) + " |", "|---|" + "---|" * len(ASPECTS)]
    for name, tallies in rows.items():
        cells = []
        for aspect in ASPECTS:
            low, high = tallies[aspect].interval()
            cells.append(
                f"{100 * tallies[aspect].rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
            )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Hold the exam, print the table and the median seconds per picture."""
    import torch
    from diffusers import StableDiffusionPipeline

    from gen.pocket.captions import exam_spec, full_caption
    from gen.pocket.drawings import draw
    from gen.pocket.folder import settings

    parser = argparse.ArgumentParser(description="Score Pocket on pairs it was never trained on.")
    parser.add_argument("--captions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", type=Path, default=Path(__file__).parent / "model")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    torch.set_num_threads(asked.threads)
    pipeline = StableDiffusionPipeline.from_pretrained(asked.model, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    knobs = settings(asked.model)
    knobs["num_inference_steps"] = asked.steps or knobs["num_inference_steps"]
    knobs["guidance_scale"] = asked.guidance or knobs["guidance_scale"]

    chance = np.random.default_rng(asked.seed)
    specs = [exam_spec(chance) for _ in range(asked.captions)]
    captions = [full_caption(spec) for spec in specs]
    clean = [draw(spec, chance) for spec in specs]
    made: list[Pixels] = []
    for start in range(0, len(captions), 50):
        some = captions[start : start + 50]
        seeds = [torch.Generator().manual_seed(start + i) for i in range(len(some))]
        pictures = pipeline(some, generator=seeds, output_type="np", **knobs).images
        made += list((pictures * 255).round().astype(np.uint8))
    shuffled = [captions[i] for i in chance.permutation(len(captions))]
    rows = {
        "Pocket": judge(made, captions),
        "clean drawings": judge(clean, captions),
        "shuffled captions": judge(made, shuffled),
    }
    log.info("%d captions, seed %d, %s", len(captions), asked.seed, knobs)
    log.info("%s", report(rows))
    seconds = []
    for caption in captions[:11]:
        start_time = time.perf_counter()
        pipeline(caption, generator=torch.Generator().manual_seed(0), **knobs)
        seconds.append(time.perf_counter() - start_time)
    median = statistics.median(seconds)
    log.info("%.2f s per picture, median of 11, %d threads", median, asked.threads)


if __name__ == "__main__":
    main()
