"""Progress changes messages slowly enough for Discord and fast enough for people."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.pacing import EDIT_SECONDS, EDITS_PER_SECOND, News, Pace, next_edit

NEVER = float("-inf")
HERE, THERE = 1, 2


@pytest.mark.parametrize(
    ("channel", "anything", "allowed"),
    [
        (NEVER, NEVER, True),
        (100.0 - 1.5, NEVER, True),
        (100.0 - 1.49, NEVER, False),
        (NEVER, 100.0 - 0.25, True),
        (NEVER, 100.0 - 0.24, False),
        (100.0, 100.0, False),
    ],
)
def test_a_channel_rests_between_edits_and_all_channels_share_a_pace(channel, anything, allowed):
    news = News("job", HERE, stands_since=90.0)

    assert allowed is (next_edit([news], Pace({HERE: channel}, anything), 100.0) == news)


def test_whose_message_stands_unchanged_for_longest_comes_first():
    ana, zoe, plum = News("ana", HERE, 95.0), News("zoe", THERE, 80.0), News("plum", HERE, 90.0)

    assert zoe == next_edit([ana, zoe, plum], Pace({}), 100.0)
    assert plum == next_edit([ana, zoe, plum], Pace({THERE: 99.0}, 99.0), 100.0)
    assert next_edit([], Pace({}), 100.0) is None


def edits(channels: list[int], pauses: list[float]) -> list[tuple[int, float]]:
    """Who is edited when, if each of these has news after every pause."""
    now, any_at = 0.0, NEVER
    at: dict[int, float] = {}
    since = dict.fromkeys(range(len(channels)), 0.0)
    made = []
    for pause in pauses:
        now += pause
        news = [News(str(who), where, since[who]) for who, where in enumerate(channels)]
        while chosen := next_edit(news, Pace(at, any_at), now):
            since[int(chosen.message)] = at[chosen.channel] = any_at = now
            made.append((int(chosen.message), now))
    return made


crowds = st.lists(st.integers(0, 3), min_size=1, max_size=12)


@given(crowds, st.lists(st.floats(0, 0.7), max_size=80))
def test_however_much_is_told_the_budget_is_kept_in_total_and_in_each_channel(channels, pauses):
    made = edits(channels, pauses)

    for (_, before), (_, after) in pairwise(made):
        assert after - before >= 1 / EDITS_PER_SECOND
    for channel in set(channels):
        times = [when for who, when in made if channels[who] == channel]
        assert all(after - before >= EDIT_SECONDS for before, after in pairwise(times))


@given(crowds, st.lists(st.floats(0.01, 0.7), min_size=40, max_size=80))
def test_nobody_starves_between_two_edits_of_one_each_other_of_a_channel_has_its_own(
    channels, pauses
):
    made = edits(channels, pauses)

    for channel in set(channels):
        people = {who for who, where in enumerate(channels) if where == channel}
        turns = [who for who, _ in made if who in people]
        rounds = [turns[at : at + len(people)] for at in range(len(turns) - len(people) + 1)]
        assert all(set(one) == people for one in rounds)


@pytest.mark.parametrize(("running", "seconds"), [(1, 1.5), (10, 2.5), (50, 12.5)])
def test_the_more_run_the_more_seldom_each_is_edited(running, seconds):
    made = edits(list(range(running)), [0.25] * 800)  # 200 seconds, each in a channel of its own

    mine = [when for who, when in made if who == 0]
    assert pytest.approx(seconds, rel=0.05) == (mine[-1] - mine[0]) / (len(mine) - 1)
