"""Pictures that come along, laid onto the canvas that a job starts from.

Every kind of job (`gen.job.Kind`) becomes the same thing here: pictures of the spec's size, and
where they are to be painted anew. Families know no kinds: they paint where the mask is not black,
and `kept` lays the rest back over what they made, pixel for pixel.

Shapes: H W the spec's height and width.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from gen import images
from gen.images import Pixels
from gen.job import Kind, Side, Spec

Mask = NDArray[np.uint8]  #: (H, W); 0: stays as it is, 255: painted anew, between: a mixture

#: The seam between old and new is mixed over this share of the picture's shorter side: where a
#: person drew the line, within what is painted anew; where the canvas grew, within the picture.
_DRAWN_SEAM, _GROWN_SEAM = 1 / 256, 1 / 16
_GRAIN = 12  #: grey levels of noise on what fills new canvas, so that it is no flat colour


@dataclass(frozen=True)
class Start:
    """What a job starts from. All are of the spec's size; a blend has several pictures."""

    pictures: tuple[Pixels, ...] = field(repr=False)
    mask: Mask | None = field(default=None, repr=False)


def start_of(spec: Spec, inputs: Sequence[bytes]) -> Start | None:
    """Lay out what came along; None when nothing did. Raises ValueError when it is no picture."""
    if len(inputs) != spec.inputs:
        raise ValueError(f"{spec.inputs} pictures were to come along, not {len(inputs)}")
    if not inputs:
        return None
    size = (spec.width, spec.height)
    shown = inputs[:-1] if spec.masked else inputs
    if not shown:
        raise ValueError("a mask came along, and no picture")
    pictures = [_covering(_opened(one), size) for one in shown]
    match spec.kind:
        case Kind.ZOOM:
            return _zoomed_out(pictures[0], spec.scale)
        case Kind.PAN:
            return _panned(pictures[0], spec.towards)
        case Kind.BLEND:
            return Start(tuple(map(_pixels, pictures)))
        case _:
            mask = _drawn(_opened(inputs[-1]), size) if spec.masked else None
            return Start((_pixels(pictures[0]),), mask)


def finished(spec: Spec, start: Start | None) -> list[Pixels]:
    """Give the pictures of a job that paints nothing: what it starts from, once for each seed."""
    if start is None:
        raise ValueError("nothing is painted, and no picture came along")
    mean = np.mean([one.astype(np.float32) for one in start.pictures], axis=0)
    return [mean.round().astype(np.uint8) for _ in spec.seeds]


def kept(made: Sequence[Pixels], start: Start | None) -> list[Pixels]:
    """Lay what was to stay back over what a model made."""
    if start is None or start.mask is None:
        return list(made)
    anew = start.mask.astype(np.float32)[..., None] / 255  # (H, W, 1)
    old = start.pictures[0].astype(np.float32)
    return [(old + anew * (one - old)).round().astype(np.uint8) for one in made]


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.fromarray(images.decode(data))
    except OSError:
        raise ValueError("what came along is no picture") from None


def _covering(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Fill the canvas: as it is if it fits, else resampled, and what juts out is cut off."""
    if picture.size == size:
        return picture
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _drawn(mask: Image.Image, size: tuple[int, int]) -> Mask:
    """A mask as somebody drew it; its edge goes soft inwards, so that black stays untouched.

    Resized by area, which keeps the share of what was white.
    """
    grey = mask.convert("L")
    if grey.size != size:
        grey = ImageOps.fit(grey, size, Image.Resampling.BOX)
    soft = grey.filter(ImageFilter.GaussianBlur(min(size) * _DRAWN_SEAM))
    inwards = np.clip(2 * np.asarray(soft, np.int16) - 255, 0, 255)
    anew: Mask = np.minimum(inwards, np.asarray(grey)).astype(np.uint8)
    return anew


def _zoomed_out(picture: Image.Image, scale: float) -> Start:
    """The picture as the middle of a wider view."""
    width, height = picture.size
    small = (max(1, round(width / scale)), max(1, round(height / scale)))
    left, top = (width - small[0]) // 2, (height - small[1]) // 2
    shrunk = picture.resize(small, Image.Resampling.LANCZOS)
    return _grown(shrunk, (width, height), left, top)


def _panned(picture: Image.Image, towards: Side | None) -> Start:
    """The half of the picture on that side, moved to the other side, so that its half is free."""
    width, height = picture.size
    across, down = width // 2, height // 2
    match towards:
        case Side.LEFT:
            half, left, top = (0, 0, width - across, height), across, 0
        case Side.RIGHT:
            half, left, top = (across, 0, width, height), 0, 0
        case Side.UP:
            half, left, top = (0, 0, width, height - down), 0, down
        case Side.DOWN:
            half, left, top = (0, down, width, height), 0, 0
        case None:
            raise ValueError("a view is moved, and nobody says to which side")
    return _grown(picture.crop(half), (width, height), left, top)


def _grown(picture: Image.Image, size: tuple[int, int], left: int, top: int) -> Start:
    """A picture on a larger canvas: around it its edges, drawn out, blurred and grained."""
    width, height = size
    sides = ((top, height - top - picture.height), (left, width - left - picture.width))
    stretched = np.pad(np.asarray(picture), (*sides, (0, 0)), mode="edge")
    seam = max(1, round(min(size) * _GROWN_SEAM))
    blurred = Image.fromarray(stretched).filter(ImageFilter.GaussianBlur(seam / 2))
    grain = np.random.default_rng(0).normal(0, _GRAIN, stretched.shape)  # the same every time
    around = np.clip(np.asarray(blurred) + grain, 0, 255)

    free = [_ramp(length, *side, seam) for length, side in zip((height, width), sides, strict=True)]
    anew = np.maximum(free[0][:, None], free[1][None, :])  # (H, W) in 0..1
    outside = np.pad(np.zeros((picture.height, picture.width), bool), sides, constant_values=True)
    canvas = np.where(outside[..., None], around, stretched).round().astype(np.uint8)
    return Start((canvas,), (255 * anew).round().astype(np.uint8))


def _ramp(length: int, before: int, after: int, seam: int) -> NDArray[np.float64]:
    """1 where an axis grew, 0 in the picture, and between them `seam` pixels of the picture."""
    place = np.arange(length)
    into = np.full(length, np.inf)  # how many pixels inside of the sides that grew
    if before:
        into = np.minimum(into, place - before + 1)
    if after:
        into = np.minimum(into, length - after - place)
    return np.clip(1 - into / (seam + 1), 0, 1)


def _pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture)
