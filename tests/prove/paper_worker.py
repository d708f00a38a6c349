"""`python -m tests.prove.paper_worker`: the real worker, with paper instead of a model.

Loop, batcher, encoder and pipe are those of `gen`; only the family is ours. It paints a flat colour
that says which ask the picture is of, so that a picture in the wrong place is recognised.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gen import images, safety, stand, work, worker
from gen.images import Pixels
from gen.job import Spec
from gen.profile import Profile, StepTime

STEP_SECONDS = 0.006
COST_SECONDS = 0.01
"""What a step is said to cost: the books must balance to the millisecond, so it is a round one."""

_NUMBER = re.compile(r"number (\d+)")


def number_in(prompt: str) -> int:
    """Say which ask a prompt is of; 0 when it is of none."""
    found = _NUMBER.search(prompt)
    return int(found[1]) if found else 0


def number_on(picture: bytes) -> int:
    """Say which ask a picture is of."""
    red, green, blue = (int(part) for part in images.decode(picture)[0, 0])
    return (red << 16) | (green << 8) | blue


@dataclass(eq=False)
class _Strip:
    """The pictures of one job, as far as they are painted."""

    number: int
    pictures: int
    samples: int
    size: tuple[int, int]
    steps: int
    step: int = 0

    @property
    def company(self) -> tuple[int, int]:
        """Those of one size share a call."""
        return self.size

    def sheet(self) -> list[Pixels]:
        """Paint them."""
        colour = np.array([self.number >> shift & 255 for shift in (16, 8, 0)], dtype=np.uint8)
        return [np.tile(colour, (*self.size, 1)) for _ in range(self.pictures)]


class PaperFamily:
    """Paints numbers. Each step takes a moment, whatever is in the batch."""

    device, device_name, dtype = "cpu", "paper", "none"

    def prepare(self, spec: Spec, seeds: Sequence[int], start: object = None) -> _Strip:
        """Begin."""
        size = (spec.width, spec.height)
        return _Strip(number_in(spec.prompt), len(seeds), len(seeds) * 2, size, spec.steps)

    def denoise(self, strips: Sequence[_Strip], pad_to: int = 0) -> list[int]:
        """Take a moment."""
        threading.Event().wait(STEP_SECONDS)
        return [0 for _ in strips]

    def advance(self, strip: _Strip, prediction: int) -> None:
        """Count."""
        strip.step += 1

    def develop(self, strip: _Strip) -> list[Pixels]:
        """Give the pictures."""
        return strip.sheet()

    def preview(self, strip: _Strip) -> list[Pixels]:
        """Give them early."""
        return strip.sheet()

    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Nothing has to warm up."""

    def release(self) -> None:
        """Nothing is held."""

    def economise(self) -> None:
        """Paper is thin."""


def main() -> int:
    """Be a worker until told to stop."""
    stand.load = lambda *_: PaperFamily()
    profile = Profile(tuple(StepTime(96, 96, n, n * COST_SECONDS) for n in (1, 8)))
    stand.measure = lambda *_: profile
    return worker.main()


if __name__ == "__main__":
    _BEHIND_THE_DOORS = (safety, stand, work)  # imported before they close: tests lie outside
    os._exit(main())
