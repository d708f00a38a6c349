"""`python -m gen.intake LONGEST_SIDE_PX`: a picture from outside on stdin, written anew on stdout.

Nobody knows what made its bytes, so they are decoded behind the worker's doors, with a limit on
memory and on time, in a process that ends with the picture. What comes out is lossless WebP of
8-bit RGB, upright, on white where it was transparent, no side longer than was said, and nothing but
pixels: no metadata, no colour profile, nothing that was hung onto its end. Colours are taken as
they are; profiles are not applied, as those are programs, too.

The first line on stdout is its width and height. Where it cannot be used, exits with 1 and says a
`Flaw`.
"""

import io
import os
import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from gen import doors
from gen.inbound import (
    FORMATS,
    LONGEST_FILE_BYTES,
    MOST_ELONGATED,
    MOST_PIXELS,
    SHORTEST_SIDE_PX,
    Flaw,
)

if TYPE_CHECKING:
    from PIL.Image import Image

MEMORY_BYTES = 1 << 30
PROCESSOR_SECONDS = 20

MOST_SCANS = 500
"""A JPEG may be painted in ever more scans, each as costly as the whole. Honest ones have ten; so
many bytes of a film hung onto its end may look like one, too
(https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf)."""

_JPEG, _SCAN = b"\xff\xd8\xff", b"\xff\xda"
_ON_WHITE = "white"


class Unusable(Exception):
    """A picture that cannot be used."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


def main() -> int:
    """Close the doors, limit what may be used, read, write anew."""
    doors.close()
    _limit()
    data = sys.stdin.buffer.read(LONGEST_FILE_BYTES + 1)
    try:
        written, width, height = clean(data, int(sys.argv[1]))
    except Unusable as unusable:
        sys.stdout.write(unusable.flaw)
        return 1
    sys.stdout.buffer.write(b"%d %d\n" % (width, height) + written)
    return 0


def clean(data: bytes, longest_side_px: int) -> tuple[bytes, int, int]:
    """Write a picture anew; gives it with its width and height. Raises Unusable."""
    if not data:
        raise Unusable(Flaw.EMPTY)
    if len(data) > LONGEST_FILE_BYTES:
        raise Unusable(Flaw.TOO_LARGE)
    try:
        canvas = _drawn(data, longest_side_px)
        file = io.BytesIO()
        canvas.save(file, "WEBP", lossless=True, quality=0, method=0)
    except Unusable:
        raise
    except MemoryError:
        raise Unusable(Flaw.PIXELS) from None
    except Exception:  # noqa: BLE001 - a broken file can make a decoder raise anything
        raise Unusable(Flaw.BROKEN) from None
    return file.getvalue(), canvas.width, canvas.height


def _drawn(data: bytes, longest_side_px: int) -> "Image":
    """The picture on a fresh canvas. Its size and kind are looked at before it is decoded."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked instead
    warnings.simplefilter("ignore")
    if _canvas_of_webp(data) > MOST_PIXELS:  # Pillow makes room for it before it tells its size
        raise Unusable(Flaw.PIXELS)
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unusable(Flaw.BROKEN if data.startswith(_BEGINNINGS) else Flaw.FORMAT) from None
    with image:
        _look(image)
        if data.startswith(_JPEG) and data.count(_SCAN) > MOST_SCANS:
            raise Unusable(Flaw.BROKEN)
        image.draft("RGB", (longest_side_px, longest_side_px))  # JPEG alone can decode smaller
        image.load()
        drawn = _in_colour(image)
        drawn.thumbnail((longest_side_px, longest_side_px), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(_with_orientation(drawn, image))
    canvas = Image.new("RGB", upright.size, _ON_WHITE)
    canvas.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return canvas


def _look(image: "Image") -> None:
    """Refuse what its header says. Several pictures in one JPEG are one and its thumbnails."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Unusable(Flaw.PIXELS)
    if min(width, height) < SHORTEST_SIDE_PX:
        raise Unusable(Flaw.THIN)
    if max(width, height) > MOST_ELONGATED * min(width, height):
        raise Unusable(Flaw.THIN)
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise Unusable(Flaw.ANIMATED)


def _in_colour(image: "Image") -> "Image":
    """The same in 8-bit RGB, or RGBA where it is transparent.

    Pillow clips 16-bit grey, which has to be divided instead: 65535 is the white of it.
    """
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 257) + 0).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


_ORIENTATION = 0x0112  #: of EXIF: which way up a camera was held


def _with_orientation(drawn: "Image", source: "Image") -> "Image":
    """Note on a drawn picture which way up it is; a broken note is none."""
    with suppress(Exception):
        drawn.getexif()[_ORIENTATION] = int(source.getexif().get(_ORIENTATION, 1))
    return drawn


_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", _JPEG)


def _canvas_of_webp(data: bytes) -> int:
    """Read how many pixels an extended WebP says to have; 0 for everything else.

    https://developers.google.com/speed/webp/docs/riff_container, *Extended File Format*.
    """
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8X" or len(data) < 30:
        return 0
    width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    return width * height


def _limit() -> None:
    """Let this process have no more memory and time than a good picture needs."""
    if os.name != "posix":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):  # a system that has no such limit
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main())
