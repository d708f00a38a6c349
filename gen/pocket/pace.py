"""How training keeps time: a wall-clock budget, and as many threads as pay on a busy machine."""

from __future__ import annotations

import math
import time
from types import FrameType

import torch


class Watch:
    """How much of a stage's wall-clock budget is used; a stop signal ends it early."""

    def __init__(self, budget_seconds: float, used_seconds: float = 0.0) -> None:
        self.budget, self.start = budget_seconds, time.monotonic() - used_seconds
        self.stopped = False

    @property
    def used(self) -> float:
        """Seconds, those before a resume included."""
        return time.monotonic() - self.start

    @property
    def share(self) -> float:
        """Used part of the budget, 0 to 1."""
        return min(1.0, self.used / self.budget)

    @property
    def running(self) -> bool:
        """Whether there is time left and nobody asked to stop."""
        return not self.stopped and self.share < 1.0

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Signal handler."""
        self.stopped = True


class Gears:
    """Chooses between one thread and all: on a busy machine threads wait for each other.

    Threads meet after every operation; when another program takes one core, two threads were
    measured slower than one. So every 200 steps both are tried for three steps.
    """

    def __init__(self, threads: int) -> None:
        self.threads, self.step, self.began = threads, 0, time.monotonic()
        self.seconds: dict[int, float] = {}

    def __str__(self) -> str:
        tried = (f"{took:.2f} s a step on {n}" for n, took in self.seconds.items())
        return ", ".join(tried)

    def shift(self) -> None:
        """Call once before each step."""
        now, place = time.monotonic(), self.step % 200
        if place in (0, 3, 6):  # steps 0 to 2 ran on one thread, 3 to 5 on all
            if place:
                self.seconds[1 if place == 3 else self.threads] = (now - self.began) / 3
            self.began = now
            best = min(self.seconds, key=self.seconds.__getitem__, default=1)
            torch.set_num_threads({0: 1, 3: self.threads, 6: best}[place])
        self.step += 1


def rate_at(share: float, step: int, peak: float, hold: float = 0.0) -> float:
    """Learning rate after `share` of the budget: a warm-up, a plateau, a cosine down to 2 %.

    The warm-up takes 100 steps, the plateau lasts until `hold`.
    """
    falling = max(0.0, share - hold) / (1 - hold)
    return (
        peak * min(1.0, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * falling)))
    )
