"""Start-time fair queueing: idleness banks nothing, and work pushes only one's own tags away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen.fairness import MOST_DEBT_SECONDS, Tags, debt, relaxed_use, tag

weights = st.sampled_from([0.5, 1.0, 2.0, 4.0])
costs = st.floats(0.01, 100)


def test_a_newcomer_starts_now():
    assert Tags(5.0, 8.0) == tag(virtual_time=5.0, last_finish=0.0, cost_seconds=3.0, weight=1.0)


def test_a_second_job_starts_where_the_first_one_ends():
    assert Tags(8.0, 11.0) == tag(virtual_time=5.0, last_finish=8.0, cost_seconds=3.0, weight=1.0)


def test_twice_the_weight_is_half_the_way():
    assert Tags(0.0, 1.5) == tag(virtual_time=0.0, last_finish=0.0, cost_seconds=3.0, weight=2.0)


@pytest.mark.parametrize("weight", [0, -1.0])
def test_a_weight_of_nothing_is_refused(weight):
    with pytest.raises(ValueError, match="above 0"):
        tag(virtual_time=0.0, last_finish=0.0, cost_seconds=1.0, weight=weight)


@given(st.floats(0, 1e6), st.floats(0, 1e6), costs, weights)
def test_nobody_starts_in_the_past_or_before_their_own_last_job(now, last, cost, weight):
    made = tag(virtual_time=now, last_finish=last, cost_seconds=cost, weight=weight)

    assert made.start == max(now, last)
    assert made.finish >= made.start


def serve(everybody: dict[str, tuple[float, float]], claims: int) -> list[str]:
    """Everybody always has work; who is served?"""
    now = 0.0
    last = dict.fromkeys(everybody, 0.0)
    waiting: dict[str, Tags] = {}
    served = []
    for _ in range(claims):
        for name, (cost, weight) in everybody.items():
            if name not in waiting:
                waiting[name] = tag(
                    virtual_time=now, last_finish=last[name], cost_seconds=cost, weight=weight
                )
                last[name] = waiting[name].finish
        head = min(waiting, key=lambda name: waiting[name].start)
        now = max(now, waiting.pop(head).start)
        served.append(head)
    return served


@given(st.dictionaries(st.sampled_from("abcde"), st.tuples(st.floats(1, 4), weights), min_size=2))
def test_everybody_gets_their_weights_share_of_the_time_within_one_job(everybody):
    served = serve(everybody, 200)

    normal = {
        name: served.count(name) * cost / weight for name, (cost, weight) in everybody.items()
    }
    largest = max(cost / weight for cost, weight in everybody.values())
    assert max(normal.values()) - min(normal.values()) <= 2 * largest + 1e-6


def test_who_asks_for_large_pictures_is_served_less_often_and_not_less_long():
    served = serve({"large": (4.0, 1.0), "small": (1.0, 1.0)}, 100)

    assert [20, 80] == [served.count("large"), served.count("small")]


def test_a_paying_plan_is_served_more_often_and_nobody_is_starved():
    served = serve({"pro": (1.0, 4.0), "free": (1.0, 1.0)}, 100)

    assert [80, 20] == [served.count("pro"), served.count("free")]


@given(st.floats(0, 1e7), st.floats(0, 1e7), weights)
def test_more_relaxed_use_never_starts_earlier_and_never_much_later(some, more, weight):
    less, most = debt(some, weight), debt(some + more, weight)

    assert 0 <= less <= MOST_DEBT_SECONDS
    assert less <= most * (1 + 1e-12) <= MOST_DEBT_SECONDS * (1 + 1e-12)  # but for rounding


def test_after_a_half_life_half_of_it_counts_and_a_clock_set_back_passes_no_time():
    assert 50.0 == relaxed_use(100.0, 3600, 3600)
    assert 100.0 == relaxed_use(100.0, -3600, 3600)
