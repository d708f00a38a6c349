"""P3 in a few seconds: one short churn, with and without the cipher; a copy of the disk."""

from __future__ import annotations

import pytest

from tests.prove import diskcopy, erasure

SEED, PROMPTS = 1, 40


async def test_nothing_readable_is_in_any_file_before_and_after_somebody_erases() -> None:
    came = await erasure.churn(SEED, PROMPTS)

    assert PROMPTS <= came.prompts
    assert 0 < came.hers
    assert (0, 0) == (came.readable_before, came.readable_after)
    assert 0 < came.keys
    assert 0 == came.keys_left
    assert "darkroom-receipt." in came.receipt


async def test_without_the_cipher_the_same_search_finds_what_people_asked_for() -> None:
    came = await erasure.churn(SEED, PROMPTS, ciphered=False)

    assert 0 < came.readable_before


async def test_a_copy_of_the_disk_opens_no_delivered_stealth_recipe() -> None:
    tried = await diskcopy.attack(jobs_each=2)

    assert (6, 0) == (tried.rows, tried.opened)
    assert tried.attempts > tried.rows * tried.keys
    assert (3, 6) == (tried.control_public, tried.control_waiting)


async def test_only_the_owners_own_press_opens_it() -> None:
    tried = await diskcopy.attack(jobs_each=1)

    assert tried.rows == tried.control_owner
    assert 0 == tried.foreign_opened
    assert 0 < tried.foreign_presses


@pytest.mark.timeout(120)
def test_a_press_that_fails_prints_no_key() -> None:
    said = erasure.failed_presses("gated")

    assert 0 == said.leaks
    assert "button.failed" in said.printed


@pytest.mark.prove
@pytest.mark.timeout(120)
def test_without_the_houses_log_it_would() -> None:
    assert 0 < erasure.failed_presses("open").leaks
