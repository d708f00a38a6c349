"""A result edits its place while people still look; later a new message takes the place."""

import pytest

from bot.policy.delivery import Way, way


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
