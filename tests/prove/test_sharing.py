"""P8 in some seconds: a thousand people share the GPU by weight; unfair queues are noticed."""

from __future__ import annotations

import pytest

from tests.prove import sharing

SEED = 1


@pytest.mark.timeout(120)
def test_a_thousand_people_share_by_weight_and_are_told_the_truth_about_their_wait() -> None:
    came = sharing.play(SEED, asks=500, engines=(1,))

    assert [] == sharing.faults([came])
    assert sharing.TURNS <= came.fewest
    assert 0.5 < came.turns <= 1 + 1e-6, "the bound says nothing"


@pytest.mark.prove
@pytest.mark.timeout(120)
@pytest.mark.parametrize("broken", sharing.BROKEN)
def test_a_queue_that_is_unfair_is_noticed(broken: str) -> None:
    assert sharing.caught(broken, SEED, asks=500)


def test_all_for_one_is_as_unfair_as_can_be() -> None:
    assert 1 == pytest.approx(sharing.jain([3.0, 3.0, 3.0]))
    assert 0.25 == pytest.approx(sharing.jain([5.0, 0.0, 0.0, 0.0]))
