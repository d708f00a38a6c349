"""Fast or relaxed, and what a job gives back of what it took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal
from bot.policy import speed
from bot.policy.plans import Usage
from bot.policy.refund import NOTHING, Taken
from bot.policy.speed import Pace
from gen.job import Speed
from tests.asks import plan

FAST, RELAX = Speed.FAST, Speed.RELAX
BOTH = {"speeds": (FAST, RELAX), "gpu_seconds_per_month": 10}
PARTS = st.integers(0, 10**6)
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("changed", "used", "sticky", "cost", "pace"),
    [
        (BOTH, 0, None, 10.0, Pace(FAST, 10_000)),
        (BOTH, 1, None, 10.0, Pace(RELAX, is_spent=True)),
        (BOTH, 0, RELAX, 10.0, Pace(RELAX)),
        (BOTH | {"speeds": (RELAX, FAST)}, 0, None, 1.0, Pace(RELAX)),
        (BOTH | {"speeds": (RELAX, FAST)}, 0, FAST, 1.0, Pace(FAST, 1000)),
        ({"speeds": (RELAX,)}, 0, FAST, 1.0, Pace(RELAX)),
        (BOTH | {"gpu_seconds_per_month": None}, 10**9, None, 1.0, Pace(FAST, 1000)),
    ],
)
def test_a_job_goes_as_was_chosen_while_there_is_fast_time(changed, used, sticky, cost, pace):
    usage = Usage(gpu_milliseconds=used)

    assert pace == speed.decide(plan(**changed), usage, sticky, cost, turns_at=0)


def test_a_plan_without_relaxed_jobs_refuses_what_goes_over_and_says_when_there_is_more():
    only_fast = plan(speeds=(FAST,), gpu_seconds_per_month=10)

    refused = speed.decide(only_fast, Usage(gpu_milliseconds=9001), None, 1.0, turns_at=7)

    assert isinstance(refused, Refusal)
    assert (Cause.GPU_TIME_USED_UP, "<t:7:f>") == (refused.cause, refused.facts["turns"])


@given(PARTS, st.integers(0, 1), PARTS, SHARES)
def test_what_comes_back_and_what_was_spent_are_what_was_taken(pictures, stealth, gpu, done):
    taken = Taken(pictures, stealth, gpu)
    back = taken.left(done)

    assert taken == back + (taken - back)
    assert all(
        0 <= part <= whole and abs(part - whole * (1 - done)) <= 0.5 + 1e-6
        for part, whole in zip(
            (back.pictures, back.stealth_jobs, back.gpu_milliseconds),
            (pictures, stealth, gpu),
            strict=True,
        )
    )


@given(PARTS, PARTS, st.floats(-2, 3))
def test_before_the_first_step_all_comes_back_and_after_the_last_nothing(pictures, gpu, odd):
    taken = Taken(pictures, 1, gpu)

    assert (taken, NOTHING) == (taken.left(0.0), taken.left(1.0))
    assert taken.left(min(1.0, max(0.0, odd))) == taken.left(odd)
