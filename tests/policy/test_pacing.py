"""Progress changes a message slowly enough for Discord and fast enough for people."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.pacing import EDIT_SECONDS, EDITS_PER_SECOND, Pace, may_edit

NEVER = float("-inf")


@pytest.mark.parametrize(
    ("message", "anything", "allowed"),
    [
        (NEVER, NEVER, True),
        (100.0 - 1.5, NEVER, True),
        (100.0 - 1.49, NEVER, False),
        (NEVER, 100.0 - 0.25, True),
        (NEVER, 100.0 - 0.24, False),
        (100.0, 100.0, False),
    ],
)
def test_a_message_rests_between_edits_and_all_messages_share_a_pace(message, anything, allowed):
    assert allowed is may_edit(Pace(message, anything), 100.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.4)), max_size=80))
def test_however_often_it_is_asked_the_pace_is_kept(asks):
    now, any_at, at, made = 0.0, NEVER, {}, []
    for message, later in asks:
        now += later
        if may_edit(Pace(at.get(message, NEVER), any_at), now):
            at[message] = any_at = now
            made.append((message, now))

    for (_, before), (_, after) in pairwise(made):
        assert after - before >= 1 / EDITS_PER_SECOND
    for message in range(4):
        times = [when for which, when in made if which == message]
        assert all(b - a >= EDIT_SECONDS for a, b in pairwise(times))
