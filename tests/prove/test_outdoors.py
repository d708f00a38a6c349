"""P6 in the weather, in some seconds: every fault at every moment once, and a broken house."""

from __future__ import annotations

import pytest

from tests.prove import outdoors
from tests.prove.outdoors import LASTS, MOMENTS, PASSES, PASSING, STAYING, Tally

SEED = 1
QUICK = 5
"""`make test` plays every fifth cell, from another one on for each fault; `make prove` all."""


@pytest.mark.parametrize("fault", PASSES)
async def test_a_fault_that_passes_leaves_one_picture_in_its_place(fault: str) -> None:
    tally, first = Tally(), list(PASSES).index(fault) % QUICK
    for cell in [cell for cell in PASSING if cell[0] == fault][first::QUICK]:
        await outdoors.play_passing(SEED, cell, tally)

    assert [] == tally.breaches
    assert 0 < tally.passing.total()


@pytest.mark.parametrize("change", LASTS)
async def test_a_change_for_good_ends_a_job_refunded_and_told(change: str) -> None:
    tally, first = Tally(), list(LASTS).index(change) % 3
    for cell in [cell for cell in STAYING if cell[0] == change][first::3]:
        await outdoors.play_staying(SEED, cell, tally)

    assert [] == tally.breaches
    assert 0 < tally.staying.total()


def test_in_those_every_moment_meets_a_fault() -> None:
    met = {
        moment
        for number, fault in enumerate(PASSES)
        for _, moment, _ in [cell for cell in PASSING if cell[0] == fault][number % QUICK :: QUICK]
    }

    assert set(MOMENTS) == met


@pytest.mark.parametrize("broken", outdoors.CONTROLS)
def test_a_house_that_cannot_stand_the_weather_is_noticed(broken: str) -> None:
    assert outdoors.caught(broken)
