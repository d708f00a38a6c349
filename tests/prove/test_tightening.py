"""P5 in a few seconds: some cells, calm and not, and a house that does not heed."""

from __future__ import annotations

import pytest

from tests.prove import mutants, tightening
from tests.prove.tightening import ACTS, CELLS, STATES, Tally


def test_every_act_meets_every_state() -> None:
    assert len(ACTS) * len(STATES) == len(set(CELLS))
    assert 63 == len(CELLS)


@pytest.mark.parametrize("act", ACTS)
async def test_whatever_happens_besides_the_act_wins(act: str) -> None:
    tally = Tally()
    for number, state in enumerate(STATES):
        await tightening.play(2 + number % 3, act, state, tally)

    assert [] == tally.breaches
    assert len(STATES) == sum(tally.played.values())


@pytest.mark.parametrize("mutant", mutants.TIGHTENING)
def test_a_house_that_does_not_heed_is_noticed(mutant: str) -> None:
    assert tightening.caught(mutant)
