"""How long a denoiser call takes here: measured once, when the worker starts."""

import time
from collections.abc import Callable

from gen.card import Card
from gen.families import Family
from gen.profile import WORTH, Profile, StepTime

SAMPLES = (1, 2, 4, 8, 16, 32)
_CALLS = 3


def measure(
    family: Family,
    card: Card,
    budget_seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> Profile:
    """Time growing batches, the default size first, until they stop paying or time is up.

    At least the default size is measured, however long a single call takes.
    """
    deadline = clock() + budget_seconds
    default = (card.width, card.height)
    times: list[StepTime] = []
    for width, height in (default, *(size for size in card.sizes if size != default)):
        if times and clock() > deadline:
            break
        times += _measure_size(family, width, height, deadline, clock)
    return Profile(tuple(times))


def _measure_size(
    family: Family, width: int, height: int, deadline: float, clock: Callable[[], float]
) -> list[StepTime]:
    times: list[StepTime] = []
    for samples in SAMPLES:
        try:
            seconds = _fastest(family, width, height, samples, deadline, clock)
        except Exception:
            if not times:  # not even one sample: the model cannot work here
                raise
            break  # too large for the memory
        times.append(StepTime(width, height, samples, seconds))
        if clock() > deadline or _flat(times):
            break
    family.release()  # what the largest calls took is room for pictures
    return times


def _fastest(
    family: Family,
    width: int,
    height: int,
    samples: int,
    deadline: float,
    clock: Callable[[], float],
) -> float:
    """The least of a few calls; the first warms up and counts only if there is no time for more."""
    seconds = []
    for _ in range(_CALLS):
        began = clock()
        family.rehearse(width, height, samples)
        seconds.append(clock() - began)
        if clock() > deadline:
            break
    return max(min(seconds), 1e-9)


def _flat(times: list[StepTime]) -> bool:
    """Whether the last two doublings have not paid."""
    if len(times) < 3:
        return False
    before = min(time.per_sample for time in times[:-2])
    return all(time.per_sample > before * WORTH for time in times[-2:])
