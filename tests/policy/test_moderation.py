"""What a server's word and the safety rules mean for somebody's next job."""

import itertools
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, PersonId, Refusal, Visibility
from bot.policy import moderation
from bot.policy.retention import DAY, YEAR
from bot.policy.server import UNREADABLE, AdultHere, Rule, ServerSettings
from bot.words import CONTENT_LIMIT, channels_now, refused
from tests.asks import dm, where

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
NOW = 1_800_000_000  # 2027-01-15 08:00 UTC
MOD, ANA, BOT = PersonId(12), PersonId(11), PersonId(1)


@pytest.mark.parametrize(
    ("hits", "until"),
    [
        ([], None),
        ([(10, 4)], None),
        ([(10, 5)], 10),
        ([(10, 1), (20, 4)], 10),
        ([(10, 1), (20, 5)], 20),
        ([(10, 2), (20, 2), (30, 2)], 10),
        ([(10, 1), (20, 1), (30, 6)], 30),
    ],
)
def test_stealth_is_off_until_fewer_than_five_hits_are_left(hits, until):
    assert until == moderation.stealth_off_until(hits)


@given(st.dictionaries(st.integers(1, 50), st.integers(1, 6), max_size=8))
def test_when_stealth_is_back_it_is_back_and_not_a_moment_earlier(counted):
    hits = sorted(counted.items())
    until = moderation.stealth_off_until(hits)

    for now in range(60):
        left = sum(count for at, count in hits if at > now)
        is_off = until is not None and now < until
        assert (left >= moderation.STEALTH_HITS) == is_off


def test_three_strikes_block():
    assert [False, False, False, True, True] == [moderation.strikes_block(n) for n in range(5)]


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("45m", NOW + 45 * 60),
        (" 7 days ", NOW + 7 * DAY),
        ("1y", NOW + YEAR),
        ("2027-01-15", 1_800_057_600),
        ("2027-01-31", 1_801_440_000),
        ("2028-01-15", NOW + YEAR),
    ],
)
def test_a_block_ends_after_a_while_or_with_a_day(said, end):
    assert end == moderation.block_end(said, NOW, UTC)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "0",
        "soon",
        "for ever",
        "2y",
        "-1d",
        "2027-01-14",
        "2027-02-30",
        "2030-01-01",
        "9999-12-31",
    ],
)
def test_what_is_no_end_within_a_year_is_refused_with_the_forms(said):
    answer = moderation.block_end(said, NOW, UTC)

    assert isinstance(answer, Refusal)
    assert Cause.BLOCK_UNTIL is answer.cause
    assert all(form in refused(answer) for form in ("45m", "7d", "2027-01-31"))


@given(st.text(max_size=12))
def test_no_text_makes_a_block_without_an_end_or_beyond_a_year(said):
    end = moderation.block_end(said, NOW, UTC)

    assert isinstance(end, Refusal) or NOW < end <= NOW + YEAR


def test_nobody_blocks_themselves_or_the_bot():
    assert moderation.may_act_on(MOD, ANA, BOT) is None
    assert Refusal(Cause.NOT_THAT_PERSON) == moderation.may_act_on(MOD, MOD, BOT)
    assert Refusal(Cause.NOT_THAT_PERSON) == moderation.may_act_on(MOD, BOT, BOT)


def test_an_empty_list_of_channels_is_every_channel():
    assert moderation.may_stand_in(where(), ServerSettings()) is None


@pytest.mark.parametrize(
    ("asked", "stands"),
    [
        ({"channel_id": 7}, True),
        ({"channel_id": 8}, False),
        ({"channel_id": 70, "is_thread": True, "parent_id": 7}, True),
        ({"channel_id": 7, "is_thread": True, "parent_id": 8}, False),
    ],
)
def test_a_thread_counts_as_its_channel(asked, stands):
    refusal = moderation.may_stand_in(where(**asked), ServerSettings(channels=(7, 9)))

    assert stands == (refusal is None)
    assert stands or "<#7>, <#9>" in refused(refusal)


def test_a_list_of_every_channel_there_may_be_still_fits_into_an_answer():
    channels = tuple(range(2**63 - 500, 2**63))
    settings = ServerSettings(channels=channels)

    refusal = moderation.may_stand_in(where(), settings)

    assert f"<#{channels[0]}>" in refused(refusal)
    assert "470 more" in refused(refusal)
    assert max(len(refused(refusal)), len(channels_now(settings))) <= CONTENT_LIMIT


def test_where_the_settings_cannot_be_read_nothing_is_public():
    refusal = moderation.may_stand_in(where(), UNREADABLE)

    assert "no channel" in refused(refusal)


def test_pictures_for_adults_have_one_place_in_a_server_and_one_way_to_a_dm():
    """Every mixture: seen, where, what the server says, what the operator says, what is sold."""
    flags = [False, True]
    ok = [
        (seen, place, adult, operator, sold)
        for seen, place, adult, operator, sold in itertools.product(
            Visibility, ("dm", "plain", "restricted"), AdultHere, flags, flags
        )
        if moderation.adult_ok(
            seen, _place(place), adult, adult_stealth=operator, sold_on_discord=sold
        )
    ]

    restricted = AdultHere.AGE_RESTRICTED
    assert [
        *[(PUBLIC, "restricted", restricted, *each) for each in itertools.product(flags, flags)],
        (STEALTH, "restricted", restricted, True, False),
    ] == ok


def _place(name):
    return dm() if name == "dm" else where(is_age_restricted=name == "restricted")


@pytest.mark.parametrize(
    ("seen", "adult", "said"),
    [
        (STEALTH, AdultHere.NEVER, "our DM"),
        (PUBLIC, AdultHere.NEVER, "this server"),
        (PUBLIC, AdultHere.AGE_RESTRICTED, "this channel"),
    ],
)
def test_a_refused_picture_for_adults_names_the_place(seen, adult, said):
    assert said in refused(moderation.not_for_adults(seen, adult))


def test_a_button_names_a_rule_without_its_words():
    rules = (Rule(name="manners", text="darn"), Rule(name="no cars", text="car, bus"))

    tags = [moderation.tag_of(rule) for rule in rules]

    assert list(rules) == [moderation.rule_by_tag(rules, tag) for tag in tags]
    assert moderation.rule_by_tag(rules[:1], tags[1]) is None
    assert all(len(tag) == 16 for tag in tags)
