"""P4 in some seconds: a purge over the wire, killed on the way; broken ones are noticed."""

from __future__ import annotations

import pytest

from tests.prove import purging

SEED = 1


@pytest.mark.timeout(120)
async def test_a_purge_that_is_killed_ends_with_one_receipt_and_touches_nothing_else() -> None:
    came = await purging.purge(SEED, 150, kills=2)

    assert [] == came.failures()
    assert 2 == came.kills
    assert 0 < came.requests


@pytest.mark.prove
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("broken", "count", "kills"), [("forgets", 600, 1), ("insists", 60, 0)])
async def test_a_purge_that_is_broken_is_noticed(broken: str, count: int, kills: int) -> None:
    came = await purging.purge(SEED, count, kills=kills, broken=broken)

    assert came.failures()
