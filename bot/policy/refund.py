"""What an ended job gives back of what it took: all of it, or what its steps left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """What an accepted job took of its owner's plan."""

    pictures: int = 0
    stealth_jobs: int = 0
    gpu_milliseconds: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.pictures + other.pictures,
            self.stealth_jobs + other.stealth_jobs,
            self.gpu_milliseconds + other.gpu_milliseconds,
        )

    def __sub__(self, other: Taken) -> Taken:
        return Taken(
            self.pictures - other.pictures,
            self.stealth_jobs - other.stealth_jobs,
            self.gpu_milliseconds - other.gpu_milliseconds,
        )

    def left(self, done: float) -> Taken:
        """Say what goes back after this share of its steps, from 0 to 1.

        What is counted whole goes to the nearer side, and halves to its owner.
        """
        undone = 1 - min(1.0, max(0.0, done))
        return Taken(
            pictures=int(self.pictures * undone + 0.5),
            stealth_jobs=int(self.stealth_jobs * undone + 0.5),
            gpu_milliseconds=int(self.gpu_milliseconds * undone + 0.5),
        )


NOTHING = Taken()
"""What comes back of a job that has done all its steps."""
