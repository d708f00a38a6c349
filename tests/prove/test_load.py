"""P8 in some seconds: a small crowd before a short queue; one that leaks is noticed."""

from __future__ import annotations

import pytest

from tests.prove import load


@pytest.mark.timeout(120)
async def test_a_crowd_is_answered_and_the_bot_grows_by_nothing_for_it() -> None:
    came = await load.load(backlog=100, people=30, bursts=2, singles=2, settle_seconds=0.5)

    assert 0 == came.unanswered
    assert 62 == len(came.acknowledged_ms) + len(came.single_ms)
    assert came.growth_mb < load.GROWTH_MB


@pytest.mark.prove
@pytest.mark.timeout(120)
async def test_a_bot_that_leaks_is_noticed() -> None:
    came = await load.load("memory", backlog=0, people=30, bursts=6, singles=1)

    assert [what for what in came.failures() if what.startswith("grew")]
