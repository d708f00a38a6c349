"""A span of time as moderators say it: ages, days, and what is neither."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal
from bot.policy import span
from bot.policy.span import Span

NOW = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp())
DAY = 86400
MIDNIGHT = NOW - 12 * 3600


@pytest.mark.parametrize(
    ("since", "until", "seconds"),
    [
        ("7d", "0", (NOW - 7 * DAY, NOW)),
        (" 24h ", "45m", (NOW - DAY, NOW - 45 * 60)),
        ("2026-11-20", "0", (MIDNIGHT - DAY, NOW)),
        ("2026-11-20", "2026-11-20", (MIDNIGHT - DAY, MIDNIGHT - 1)),
        ("2026-11-20", "2026-11-21", (MIDNIGHT - DAY, NOW)),
        ("100y", "2027-01-01", (0, NOW)),
        ("1969-01-01", "0", (0, NOW)),
    ],
)
def test_ages_and_days_are_read(since, until, seconds):
    assert Span(*seconds) == span.read(since, until, now=NOW, zone=UTC)


def test_a_day_is_the_operators():
    found = span.read("2026-11-20", "0", now=NOW, zone=ZoneInfo("Asia/Tokyo"))

    assert Span(MIDNIGHT - DAY - 9 * 3600, NOW) == found


@pytest.mark.parametrize(
    "said", ["soon", "", "-7d", "7", "2026-13-01", "20261101", "2026-W47-6", "9" * 99]
)
def test_what_is_no_moment_lists_the_forms(said):
    refused = span.read(said, "0", now=NOW, zone=UTC)

    assert Refusal(Cause.SPAN, {"forms": span.AGES}) == refused
    assert refused == span.read("7d", said, now=NOW, zone=UTC)


@pytest.mark.parametrize(("since", "until"), [("0", "7d"), ("7d", "7d"), ("2027-01-01", "0")])
def test_a_range_that_ends_before_it_begins_is_refused(since, until):
    assert Refusal(Cause.SPAN_ORDER) == span.read(since, until, now=NOW, zone=UTC)


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_is_a_span_or_a_refusal(since, until):
    found = span.read(since, until, now=NOW, zone=UTC)

    assert isinstance(found, Refusal) or found.since < found.until <= NOW
