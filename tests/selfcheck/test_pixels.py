"""A picture's pixels are read in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from gen import images

ROOT = Path(__file__).parents[2]


def _pixels(content: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "gen.pixels"]
    return subprocess.run(command, cwd=ROOT, input=content, capture_output=True)


def test_the_pixels_of_a_delivered_picture_are_as_they_were_painted() -> None:
    painted = np.random.default_rng(1).integers(0, 256, (24, 16, 3), dtype=np.uint8)

    done = _pixels(images.encode(painted).data)

    assert (0, painted.tobytes()) == (done.returncode, done.stdout)


def test_what_is_no_picture_ends_it_without_a_word() -> None:
    done = _pixels(b"no picture")

    assert (1, b"", b"") == (done.returncode, done.stdout, done.stderr)
