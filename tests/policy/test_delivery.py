"""A result edits its place while people still look; later a new message takes the place."""

from itertools import pairwise

import pytest

from bot.policy.delivery import (
    SAFE_LIMIT_BYTES,
    TOKEN_SECONDS,
    Way,
    can_whisper,
    smaller_limits,
    way,
)


@pytest.mark.parametrize(
    ("waited", "age", "chosen"),
    [
        (0, 0, Way.EDIT),
        (59, 59, Way.EDIT),
        (60, 60, Way.EDIT),
        (61, 61, Way.REPLACE),
        (61, 0, Way.REPLACE),
        (0, 55 * 60, Way.EDIT),
        (0, 55 * 60 + 1, Way.REPLACE),
        (3600, 3600, Way.REPLACE),
    ],
)
def test_after_a_minute_people_have_looked_away_and_are_told_anew(waited, age, chosen):
    assert chosen is way(waited_seconds=waited, place_age_seconds=age)


def test_a_clock_that_jumped_back_only_edits():
    assert Way.EDIT is way(waited_seconds=-5, place_age_seconds=-5)


@pytest.mark.parametrize("largest", [300, 3_000_000, SAFE_LIMIT_BYTES, 50 * SAFE_LIMIT_BYTES])
def test_what_is_too_large_is_made_clearly_smaller_each_time(largest):
    limits = smaller_limits(largest)

    assert limits[0] <= min(largest / 2, SAFE_LIMIT_BYTES)
    assert all(next_one <= limit / 2 for limit, next_one in pairwise(limits))


@pytest.mark.parametrize(
    ("seconds", "can"), [(-5, True), (0, True), (TOKEN_SECONDS - 1, True), (TOKEN_SECONDS, False)]
)
def test_an_ephemeral_answer_can_be_rewritten_for_a_quarter_of_an_hour(seconds, can):
    assert can is can_whisper(now=1000 + seconds, accepted_at=1000)
