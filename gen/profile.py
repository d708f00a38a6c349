"""How long one denoiser call takes on this machine, and what follows from it. Pure.

Why: batching gains a factor of three at 512² and nothing at 1024² on the same GPU. So nobody
configures a batch size: the worker measures at start, and these rules read the numbers.
A *sample* is one prediction; a guided picture needs two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: A larger batch must make each sample at least this much cheaper to be worth its memory.
WORTH = 0.95


@dataclass(frozen=True)
class StepTime:
    """One measurement: a denoiser call with so many samples of one size took so long."""

    width: int
    height: int
    samples: int
    seconds: float

    @property
    def per_sample(self) -> float:
        """Seconds for each sample of the call."""
        return self.seconds / self.samples


@dataclass(frozen=True)
class Profile:
    """All measurements of one model on one device."""

    times: tuple[StepTime, ...]

    def step_seconds(self, width: int, height: int) -> float:
        """Return the seconds one sample costs at this size, in the best measured batch.

        A size that was not measured is scaled from the nearest one by its area.
        """
        near = self._nearest(width, height)
        return min(time.per_sample for time in near) * _area_ratio(near[0], width, height)

    def sample_cap(self, width: int, height: int) -> int:
        """Return the largest batch, in samples, that still paid for itself at this size."""
        near = sorted(self._nearest(width, height), key=lambda time: time.samples)
        best = near[0]
        for time in near[1:]:
            if time.per_sample <= best.per_sample * WORTH:
                best = time
        larger = max(1.0, _area_ratio(near[0], width, height))
        return max(1, int(best.samples / larger))

    def row_cap(self, width: int, height: int, *, guided: bool) -> int:
        """Return how many pictures of this size should share one denoiser call."""
        return max(1, self.sample_cap(width, height) // (2 if guided else 1))

    def _nearest(self, width: int, height: int) -> Sequence[StepTime]:
        """The measurements at the measured size whose area is closest."""
        if not self.times:
            raise ValueError("an empty profile answers nothing")
        nearest = min(self.times, key=lambda time: abs(time.width * time.height - width * height))
        size = (nearest.width, nearest.height)
        return [time for time in self.times if (time.width, time.height) == size]


def _area_ratio(time: StepTime, width: int, height: int) -> float:
    return (width * height) / (time.width * time.height)
