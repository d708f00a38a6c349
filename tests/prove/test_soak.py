"""P6, P8 in some seconds: the soak lives, and sees what grows."""

from __future__ import annotations

import pytest

from tests.prove import soak
from tests.prove.soak_gauges import GAUGES, drifts, slope


def test_the_slope_is_that_of_most_and_not_of_a_few() -> None:
    moments = [float(number) for number in range(20)]
    steady = [100.0 + number % 2 for number in range(20)]
    with_a_peak = [*steady[:10], 900.0, *steady[11:]]

    assert 0.0 == slope(moments, steady)
    assert abs(slope(moments, with_a_peak)) < 0.1
    assert 2.0 == slope(moments, [2 * moment for moment in moments])


def test_what_grows_while_it_warms_up_is_not_held_against_it() -> None:
    moments = [float(number) for number in range(40)]
    warms = [{"open files": min(10.0, number)} for number in range(40)]
    leaks = [{"open files": float(number)} for number in range(40)]

    assert [False] == [one.grows for one in drifts(moments, warms)]
    assert [True] == [one.grows for one in drifts(moments, leaks)]


@pytest.mark.prove
@pytest.mark.timeout(120)
async def test_a_bot_whose_tasks_and_files_grow_is_seen_and_told_from_its_threads() -> None:
    came = await soak.soak(7, 1, "tasks", "files", sample_seconds=0.5)

    grown = {one.gauge.name for one in came.drifts if one.grows}
    assert {"asyncio tasks", "open files"} <= grown
    assert "threads" not in grown
    assert {one.name for one in GAUGES} == {one.gauge.name for one in came.drifts}
    assert 0 < came.deeds.total()


@pytest.mark.prove
@pytest.mark.timeout(180)
async def test_nothing_grows_while_people_make_erase_and_purge() -> None:
    came = await soak.soak(soak.QUICK_SECONDS, 1)

    assert [] == came.failures()
