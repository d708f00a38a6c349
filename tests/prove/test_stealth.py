"""P1 in a few seconds: a share of what `make prove` plays, and every mutant."""

from __future__ import annotations

import math

import pytest

from tests.prove import mutants, stealth, wire
from tests.prove.seeds import spread
from tests.prove.weather import MET

SEED = 1


def test_no_sequence_lets_anything_of_a_stealth_job_reach_another_person() -> None:
    score = stealth.play(SEED, sequences=12)

    assert 12 <= score.sequences
    assert 12 * stealth.STEPS // 2 < score.steps
    assert 0 < score.jobs < score.looked_at


@pytest.mark.parametrize("mutant", mutants.STEALTH)
def test_a_house_without_one_of_its_rules_is_noticed(mutant: str) -> None:
    assert stealth.caught(mutant, SEED)


def test_a_sequence_that_leaks_is_told_by_the_few_steps_it_takes() -> None:
    with mutants.wrong_recipient(), pytest.raises(stealth.LeakedError) as leaked:
        stealth.play(SEED, sequences=3)

    told = "\n".join(leaked.value.__notes__)
    assert "state.something_is_under_way" in told
    assert told.count("state.") <= 6


async def test_people_over_the_wire_see_nothing_of_anothers_stealth_jobs() -> None:
    heard = await wire.play(SEED, sequences=6, budget_seconds=15)

    assert [] == heard.breaches
    assert heard.secret
    assert heard.pictures


def test_a_seed_after_the_other_is_played_until_the_time_is_over() -> None:
    assert [(9, 3), (10, 3), (11, 3)] == spread(math.isqrt, 9, budget_seconds=0, at_least=3)


def test_every_fault_is_looked_for_in_some_state() -> None:
    assert all(MET.values())
