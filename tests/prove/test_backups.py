"""Restores in a few seconds: two short lives, and one whose restores are told of no erasure."""

from __future__ import annotations

import pytest

from tests.prove import backups


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_old_copy_brings_back_what_was_erased(seed: int) -> None:
    came = await backups.live(seed)

    assert [] == came.breaches
    assert 0 < came.restores
    assert 0 < came.destroyed


async def test_without_the_ledger_an_erased_recipe_is_back_and_is_seen() -> None:
    came = await backups.live(1, ledger=False)

    assert any("recipes are back" in each for each in came.breaches)
    assert any("keys are back" in each for each in came.breaches)


@pytest.mark.prove
@pytest.mark.timeout(120)
def test_for_longer() -> None:
    proof = backups.prove(100, 30)

    assert [] == proof.faults
