"""Pictures from outside: written anew, or refused by one word; real children, bounded memory."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from bot import workers
from bot.domain import Input
from gen import images, launch
from gen.inbound import LONGEST_FILE_BYTES, LONGEST_SIDE_PX, MOST_PIXELS, Flaw
from gen.intake import MEMORY_BYTES, Unusable, clean

RED, WHITE = (255, 0, 0), (255, 255, 255)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(width: int, height: int, depth: int, colour: int, rows: bytes, more: bytes = b"") -> bytes:
    """A PNG by hand: of a depth or size that Pillow does not write."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def ramp(width: int = 64, height: int = 48) -> Image.Image:
    line = np.linspace(0, 255, width).astype(np.uint8)
    return Image.fromarray(np.tile(line, (height, 1))).convert("RGB")


def file(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned() -> bytes:
    """A JPEG of a camera that was held upright: black on its left before it is turned."""
    noted = Image.Exif()
    noted[0x0112] = 6
    noted[0x010E] = "taken at home"
    return file(ramp(), "JPEG", exif=noted, quality=95)


def sixteen(colour: int, pixel: bytes) -> bytes:
    return png(64, 48, 16, colour, (b"\0" + pixel * 64) * 48)


def bomb() -> bytes:
    return png(30_000, 30_000, 1, 0, b"\0" * (3751 * 30_000))


def long_text() -> bytes:
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200 << 20)))
    return png(64, 48, 8, 0, bytes(65 * 48), text)


def moving(kind: str) -> bytes:
    return file(ramp(), kind, save_all=True, append_images=[ramp().rotate(180)])


def scans(times: int) -> bytes:
    """A JPEG that is painted over and over; every scan costs as much as the whole picture."""
    painted = file(ramp(), "JPEG", progressive=True)
    first = painted.index(b"\xff\xda")
    return painted[:-2] + painted[first:-2] * times + b"\xff\xd9"


GOOD = {
    "a PNG": (file(ramp(), "PNG"), 0, (0, 0, 0)),
    "a JPEG": (file(ramp(), "JPEG", quality=95), 4, (0, 0, 0)),
    "a WebP": (file(ramp(), "WEBP", lossless=True), 0, (0, 0, 0)),
    "CMYK": (file(Image.new("RGB", (64, 48), RED).convert("CMYK"), "JPEG"), 4, RED),
    "16-bit grey, its white": (sixteen(0, b"\xff\xff"), 0, WHITE),
    "16-bit grey, its middle": (sixteen(0, b"\x80\x80"), 1, (128, 128, 128)),
    "16-bit colour": (sixteen(2, b"\xff\xff\0\0\0\0"), 0, RED),
    "a palette": (file(Image.new("RGB", (64, 48), RED).quantize(4), "PNG"), 0, RED),
    "one bit": (file(Image.new("1", (64, 48), 1), "PNG"), 0, WHITE),
    "all transparent": (file(Image.new("RGBA", (64, 48), (*RED, 0)), "PNG"), 0, WHITE),
    "half transparent": (file(Image.new("RGBA", (64, 48), (*RED, 128)), "PNG"), 1, (255, 127, 127)),
    "a JPEG in a hundred scans": (scans(9), 255, (0, 0, 0)),
    "a ZIP hung onto its end": (file(ramp(), "PNG") + b"PK\x03\x04 a secret", 0, (0, 0, 0)),
}

BAD = {
    "nothing": (b"", Flaw.EMPTY),
    "40 MB": (bytes(40 << 20), Flaw.TOO_LARGE),
    "a ZIP": (b"PK\x03\x04" + bytes(100), Flaw.FORMAT),
    "a page": (b"<html><script>alert(1)</script>", Flaw.FORMAT),
    "a vector drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', Flaw.FORMAT),
    "a GIF": (file(ramp(), "GIF"), Flaw.FORMAT),
    "a BMP": (file(ramp(), "BMP"), Flaw.FORMAT),
    "a moving WebP": (moving("WEBP"), Flaw.ANIMATED),
    "a moving PNG": (moving("PNG"), Flaw.ANIMATED),
    "1 by 10,000": (file(Image.new("RGB", (1, 10_000)), "PNG"), Flaw.THIN),
    "9 times as long": (file(Image.new("RGB", (16, 144)), "PNG"), Flaw.THIN),
    "8 by 8": (file(Image.new("RGB", (8, 8)), "PNG"), Flaw.THIN),
    "half a PNG": (file(ramp(), "PNG")[:100], Flaw.BROKEN),
    "half a JPEG": (file(ramp(), "JPEG")[:-300], Flaw.BROKEN),
    "half a WebP": (file(ramp(), "WEBP")[:-60], Flaw.BROKEN),
    "the head of a PNG": (file(ramp(), "PNG")[:20], Flaw.BROKEN),
    "a PNG that says more than it holds": (png(6000, 6000, 8, 2, bytes(100)), Flaw.BROKEN),
    "30,000 by 30,000 in 100 kB": (bomb, Flaw.PIXELS),
    "a WebP canvas of 16,384 by 16,384": (
        b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\x3f\0\xff\x3f\0" * 9,
        Flaw.PIXELS,
    ),
    "a JPEG in six hundred scans": (scans(60), Flaw.BROKEN),
    "200 MB of text beside the picture": (long_text, Flaw.BROKEN),
}


def bad(name: str) -> tuple[bytes, Flaw]:
    """One of them; two take as long to make as all the rest, and are made only here."""
    data, flaw = BAD[name]
    return data() if callable(data) else data, flaw


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_used_is_written_anew_in_colour(name: str) -> None:
    data, apart, corner = GOOD[name]

    written, width, height = clean(data, LONGEST_SIDE_PX)

    assert (64, 48) == (width, height)
    found = images.decode(written)
    assert (48, 64, 3) == found.shape
    assert np.abs(found[0, 0].astype(int) - corner).max() <= apart
    assert [] == [each for each in (b"XMP ", b"EXIF", b"ICCP", b"secret") if each in written]


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_has_one_word_for_it(name: str) -> None:
    data, flaw = bad(name)

    with pytest.raises(Unusable) as refused:
        clean(data, LONGEST_SIDE_PX)

    assert flaw is refused.value.flaw


def test_a_picture_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    written, width, height = clean(turned(), LONGEST_SIDE_PX)

    found = images.decode(written)
    assert (48, 64) == (width, height)
    assert found[0].mean() < 10 < 245 < found[-1].mean()  # its left side is up now
    assert b"home" not in written


@pytest.mark.parametrize(("kind", "side"), [("JPEG", 3000), ("PNG", 2049)])
def test_a_large_picture_is_made_smaller_in_its_own_shape(kind: str, side: int) -> None:
    _, width, height = clean(file(ramp(side, side // 2), kind), LONGEST_SIDE_PX)

    assert (LONGEST_SIDE_PX, LONGEST_SIDE_PX // 2) == (width, height)


async def test_a_child_of_its_own_reads_it_and_says_why_not() -> None:
    red = file(Image.new("RGB", (64, 48), RED), "PNG")

    read = await workers.take_in(red, 32)
    refused = [
        await workers.take_in(bad(name)[0], LONGEST_SIDE_PX)
        for name in ("30,000 by 30,000 in 100 kB", "half a JPEG", "40 MB")
    ]

    assert isinstance(read, Input)
    assert (32, 24) == (read.width, read.height)
    assert RED == tuple(images.decode(read.content)[0, 0])
    assert [Flaw.PIXELS, Flaw.BROKEN, Flaw.TOO_LARGE] == refused


async def test_one_that_takes_too_long_is_given_up() -> None:
    assert Flaw.BROKEN is await workers.take_in(file(ramp(), "PNG"), 64, patience_seconds=0.0)


_WEIGH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=sys.stdin, capture_output=True)
head = done.stdout.split(b"\\n", 1)[0].decode()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode, head)
"""


def weighed(data: bytes) -> tuple[int, int, str]:
    """The most memory a child took, in bytes, how it ended, and the first line it said."""
    said = subprocess.run(
        [sys.executable, "-c", _WEIGH, *launch.intake(LONGEST_SIDE_PX)],
        input=data,
        capture_output=True,
        check=True,
        env=launch.environment(os.environ, 1),
    ).stdout.decode()
    kilobytes, ended, *first = said.split(maxsplit=2)
    return int(kilobytes) * 1024, int(ended), first[0].strip()


@pytest.mark.skipif(sys.platform != "linux", reason="it counts in kilobytes on Linux")
def test_no_picture_takes_more_memory_than_the_largest_good_one() -> None:
    rgba = Image.new("RGBA", (8000, 5000), (*RED, 200))
    assert rgba.width * rgba.height == MOST_PIXELS

    largest = weighed(file(rgba, "PNG", compress_level=1))
    refused = [weighed(bad(name)[0]) for name in ("200 MB of text beside the picture", "40 MB")]

    assert (0, "2048 1280") == largest[1:]
    assert largest[0] < MEMORY_BYTES * 3 // 4
    assert [(1, Flaw.BROKEN), (1, Flaw.TOO_LARGE)] == [each[1:] for each in refused]
    assert max(taken for taken, _, _ in refused) < LONGEST_FILE_BYTES * 6
