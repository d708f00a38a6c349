"""Files, chunk by chunk: the AI mark, the picture, and nothing else."""

import io
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from gen import images, launch


def noise(height=48, width=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def riff_chunks(data):
    assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    chunks, at = [], 12
    while at < len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        chunks.append((name.decode(), data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return chunks


def png_chunks(data):
    chunks, at = [], 8
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        chunks.append((name.decode(), data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def test_a_webp_holds_the_picture_and_the_mark_and_nothing_else():
    picture = images.encode(noise())

    chunks = riff_chunks(picture.data)

    assert picture.media_type == "image/webp"
    assert [name for name, _ in chunks] == ["VP8X", "VP8L", "XMP "]
    assert dict(chunks)["XMP "] == images.XMP


def test_a_png_holds_the_picture_and_the_mark_and_nothing_else():
    picture = images.encode(noise(), "png")

    chunks = png_chunks(picture.data)

    assert picture.media_type == "image/png"
    assert {name for name, _ in chunks} == {"IHDR", "iTXt", "IDAT", "IEND"}
    assert [body for name, body in chunks if name == "iTXt"] == [
        b"XML:com.adobe.xmp\0\0\0\0\0" + images.XMP
    ]


@pytest.mark.parametrize("picture_format", ["webp", "png"])
def test_the_mark_is_the_one_that_machines_read_and_not_a_pixel_is_lost(picture_format):
    pixels = noise()
    picture = images.encode(pixels, picture_format)

    with Image.open(io.BytesIO(picture.data)) as image:
        assert np.array_equal(pixels, np.asarray(image.convert("RGB")))
    assert b"trainedAlgorithmicMedia" in picture.data
    assert np.array_equal(pixels, images.decode(picture.data))


def test_the_same_pixels_make_the_same_file():
    assert images.encode(noise()) == images.encode(noise())


@pytest.mark.parametrize("limit_bytes", [20_000, 5_000, 1_500])
def test_a_picture_is_made_to_fit_and_keeps_its_mark(limit_bytes):
    assert len(images.encode(noise(128, 128)).data) > 20_000

    picture = images.encode_within(noise(128, 128), limit_bytes)

    assert len(picture.data) <= limit_bytes
    assert {name for name, _ in riff_chunks(picture.data)} <= {"VP8X", "VP8L", "VP8 ", "XMP "}
    assert images.XMP in picture.data


def test_what_already_fits_stays_lossless():
    assert images.encode_within(noise(), 1_000_000) == images.encode(noise())


def test_a_limit_that_nothing_fits_is_said():
    with pytest.raises(ValueError, match="no picture fits"):
        images.encode_within(noise(), 100)


def shrunk(data, limit_bytes):
    """What the small process makes of a picture."""
    command = launch.shrink(limit_bytes)
    environment = launch.environment(os.environ)
    return subprocess.run(command, input=data, env=environment, capture_output=True, check=False)


def test_a_process_of_its_own_makes_a_picture_fit():
    done = shrunk(images.encode(noise(128, 128)).data, 5_000)

    assert done.returncode == 0
    assert len(done.stdout) <= 5_000
    assert images.XMP in done.stdout


def test_the_process_says_nothing_when_it_cannot():
    done = shrunk(b"no picture, but a canary", 5_000)

    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


_SHRINKS = """
import sys
from gen import shrink
known = "PIL" in sys.modules
sys.argv[1:] = ["5000"]
assert shrink.main() == 1
print(known, open("/proc/self/status").read())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the doors are of Linux")
def test_its_doors_are_closed_before_a_library_that_decodes_is_there():
    done = subprocess.run(
        [sys.executable, "-P", "-c", _SHRINKS],
        input=b"no picture",
        env=launch.environment(os.environ),
        capture_output=True,
        check=True,
    )

    assert done.stdout.startswith(b"False ")
    assert b"Seccomp:\t2" in done.stdout


def test_what_is_no_picture_is_refused():
    with pytest.raises(ValueError, match="not RGB"):
        images.encode(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(
    ("count", "shape", "expected"),
    [
        (1, (8, 8, 3), (96, 96)),
        (4, (64, 64, 3), (128, 128)),
        (3, (8, 16, 3), (96, 48)),
        (1, (300, 600, 3), (256, 128)),
    ],
)
def test_a_preview_is_one_small_jpeg(count, shape, expected):
    data = images.preview_jpeg([np.zeros(shape, np.uint8)] * count)

    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", expected)
    assert b"Exif" not in data
