"""P6 in some seconds: the bot and its worker are killed on the way; short cuts are noticed."""

from __future__ import annotations

import random

import pytest

from tests.prove import killing, killing_house
from tests.prove.killing_house import Plot

SEED = 1
FEW = (
    [{"what": "stood", "kind": "bot"}],
    [{"what": "running", "kind": "worker", "nth": 3}, {"what": "sent", "kind": "bot", "nth": 2}],
    [{"what": "rendered", "kind": "term", "nth": 2}],
)
"""A place nobody wrote down, a worker in the middle of it, a result nobody wrote down, an end."""


@pytest.mark.timeout(180)
async def test_nothing_is_lost_or_doubled_whoever_is_killed() -> None:
    came = await killing_house.run(SEED, Plot(FEW, life_seconds=60.0))

    assert [] == came.failures()
    assert {"bot": 2, "worker": 1, "term": 1} == came.kills
    assert 10 < came.verdict.delivered


@pytest.mark.prove
@pytest.mark.timeout(180)
@pytest.mark.parametrize("variant", killing.CONTROLS)
async def test_a_house_that_takes_a_short_cut_is_noticed(variant: str) -> None:
    came = await killing_house.run(SEED, killing.control(variant, random.Random(SEED)))

    assert came.verdict.lost or came.verdict.doubled
