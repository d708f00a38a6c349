"""How long things are kept: only ever shorter than somebody above allows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal
from bot.policy.retention import (
    DAY,
    FORMS,
    HOUR,
    LEAST_PICTURE_SECONDS,
    LIFETIMES,
    LONGEST_SECONDS,
    MINUTE,
    OF_SERVERS,
    UNDELIVERED_PICTURE_SECONDS,
    WEEK,
    YEAR,
    By,
    DataClass,
    Effective,
    effective,
    operator_limits,
    parse,
    say,
    tighten,
    written,
)
from bot.words import refused

NUMBERED = [cls for cls, life in LIFETIMES.items() if life.numbered]
SHORTENED = [cls for cls, life in LIFETIMES.items() if life.person_may_shorten]

durations = st.integers(0, 2 * YEAR)
words = st.none() | durations


def row(cls: DataClass) -> tuple[str, ...]:
    life = LIFETIMES[cls]
    shipped = life.until if life.seconds is None else life.said.format(say(life.seconds))
    return cls.value, shipped, "-" if life.ceiling_seconds is None else say(life.ceiling_seconds)


def test_the_table_is_the_designs():
    assert [
        ("picture", "at most 24 hours until it is delivered, then not at all", "24 hours"),
        ("recipe", "30 days", "180 days"),
        ("stealth-recipe", "7 days", "30 days"),
        ("post", "while it stands", "-"),
        ("record", "30 days", "90 days"),
        ("counter", "30 days", "30 days"),
        ("quota", "until its day is over", "-"),
        ("settings", "180 days", "1 year"),
        ("audit", "1 year", "1 year"),
        ("input", "the end of its job", "-"),
    ] == [row(cls) for cls in DataClass]
    assert 24 * HOUR == UNDELIVERED_PICTURE_SECONDS


@pytest.mark.parametrize("cls", DataClass)
def test_every_class_says_what_it_is_and_when_it_ends(cls):
    life = LIFETIMES[cls]

    assert life.what
    assert life.what[0].islower()
    assert life.seconds is not None or life.until
    assert life.ceiling_seconds is None or (life.seconds or 0) <= life.ceiling_seconds
    assert life.numbered or not life.person_may_shorten


def test_people_shorten_what_is_theirs_and_neither_proof_nor_what_holds_abuse_back():
    assert ["picture", "recipe", "stealth-recipe", "post", "record"] == SHORTENED


def test_a_server_shortens_what_may_be_public_and_nothing_that_only_a_dm_shows():
    assert {"post", "recipe", "picture", "record"} == set(OF_SERVERS)
    assert set(OF_SERVERS) <= set(SHORTENED)


# --- what applies -------------------------------------------------------------------------------


def test_what_is_shipped_applies_when_nobody_says_otherwise():
    assert Effective(30 * DAY, By.OPERATOR) == effective(DataClass.RECIPE)
    assert Effective(DAY, By.OPERATOR) == effective(DataClass.PICTURE)
    assert Effective(None, By.OPERATOR) == effective(DataClass.POST)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"operator": 60 * DAY}, Effective(60 * DAY, By.OPERATOR)),
        ({"operator": 181 * DAY}, Effective(180 * DAY, By.OPERATOR)),
        ({"plan": 20 * DAY}, Effective(20 * DAY, By.PLAN)),
        ({"server": 0}, Effective(0, By.SERVER)),
        ({"person": 7 * DAY}, Effective(7 * DAY, By.PERSON)),
        ({"plan": 31 * DAY, "server": YEAR, "person": YEAR}, Effective(30 * DAY, By.OPERATOR)),
        ({"plan": DAY, "server": HOUR, "person": WEEK}, Effective(HOUR, By.SERVER)),
        # of equal words the outermost counts
        ({"operator": DAY, "plan": DAY, "server": DAY, "person": DAY}, Effective(DAY, By.OPERATOR)),
        ({"plan": DAY, "server": DAY, "person": DAY}, Effective(DAY, By.PLAN)),
        ({"server": DAY, "person": DAY}, Effective(DAY, By.SERVER)),
        ({"server": DAY, "channel": DAY, "person": DAY}, Effective(DAY, By.SERVER)),
        ({"channel": DAY, "person": DAY}, Effective(DAY, By.CHANNEL)),
        ({"server": DAY, "channel": HOUR, "person": DAY}, Effective(HOUR, By.CHANNEL)),
        ({"server": HOUR, "channel": DAY}, Effective(HOUR, By.SERVER)),
    ],
)
def test_the_least_that_is_said_applies(said, expected):
    assert expected == effective(DataClass.RECIPE, **said)


def test_a_post_that_stands_may_be_given_an_end_by_anybody():
    assert Effective(DAY, By.PERSON) == effective(DataClass.POST, person=DAY)
    assert Effective(HOUR, By.SERVER) == effective(DataClass.POST, server=HOUR, person=DAY)


@pytest.mark.parametrize("cls", [cls for cls in DataClass if cls not in SHORTENED])
def test_a_person_is_not_heard_where_they_may_not_shorten(cls):
    assert effective(cls) == effective(cls, person=0)


@pytest.mark.parametrize("cls", [DataClass.QUOTA, DataClass.INPUT])
def test_no_number_rules_what_ends_with_its_period_or_job(cls):
    assert Effective(None, By.OPERATOR) == effective(cls, operator=0, plan=0, server=0, person=0)


@given(st.sampled_from(NUMBERED), words, words, words, words, words)
def test_no_word_makes_anything_last_longer(cls, operator, plan, server, channel, person):
    all_say = {"operator": operator, "plan": plan, "server": server, "person": person}
    all_say["channel"] = channel
    applies = effective(cls, **all_say).seconds

    for name in ("plan", "server", "channel", "person"):
        without = effective(cls, **(all_say | {name: None})).seconds
        assert without is None or applies <= without
    ceiling = LIFETIMES[cls].ceiling_seconds
    assert ceiling is None or applies <= ceiling


# --- what a person wishes -----------------------------------------------------------------------


@pytest.mark.parametrize("wish", [0, HOUR, 7 * DAY])
def test_a_person_may_wish_for_what_applies_or_less(wish):
    assert wish == tighten(DataClass.RECIPE, wish, Effective(7 * DAY, By.SERVER))


@pytest.mark.parametrize("by", [By.OPERATOR, By.PLAN, By.SERVER, By.CHANNEL])
def test_a_wish_for_longer_says_who_caps_it_and_where(by):
    refusal = tighten(DataClass.RECIPE, 7 * DAY + 1, Effective(7 * DAY, by))

    facts = {"what": "recipe", "limit": "7 days", "by": by.value}
    assert Refusal(Cause.LOOSER_THAN_ALLOWED, facts) == refusal
    assert f"`recipe` is capped by {by.value} at 7 days" in refused(refusal)


@pytest.mark.parametrize("wish", [LEAST_PICTURE_SECONDS, HOUR, DAY])
def test_a_picture_may_wait_for_less_time(wish):
    assert wish == tighten(DataClass.PICTURE, wish, effective(DataClass.PICTURE))


@pytest.mark.parametrize("wish", [0, LEAST_PICTURE_SECONDS - 1])
def test_a_picture_that_could_not_be_delivered_any_more_is_not_wished_for(wish):
    refusal = tighten(DataClass.PICTURE, wish, effective(DataClass.PICTURE))

    facts = {"what": "picture", "least": "10 minutes"}
    assert Refusal(Cause.SHORTER_THAN_WORKS, facts) == refusal
    assert "must live long enough to be delivered, so `picture` is 10 minutes" in refused(refusal)


def test_any_end_may_be_wished_for_a_post_that_has_none():
    assert LONGEST_SECONDS == tighten(DataClass.POST, LONGEST_SECONDS, effective(DataClass.POST))


@pytest.mark.parametrize(
    ("cls", "kept"),
    [
        (DataClass.QUOTA, "until its day is over"),
        (DataClass.INPUT, "the end of its job"),
        (DataClass.COUNTER, "30 days"),
        (DataClass.AUDIT, "1 year"),
        (DataClass.SETTINGS, "180 days"),
    ],
)
def test_a_wish_where_there_is_no_choice_says_how_long_it_is_kept(cls, kept):
    refusal = tighten(cls, 0, effective(cls))

    assert Refusal(Cause.LIFETIME_FIXED, {"what": cls.value, "kept": kept}) == refusal


@given(st.sampled_from(SHORTENED), durations, words, words, words)
def test_a_wish_that_is_granted_is_what_applies_or_was_so_already(
    cls, wish, operator, plan, server
):
    limits = effective(cls, operator=operator, plan=plan, server=server)

    if wish == tighten(cls, wish, limits):
        granted = effective(cls, operator=operator, plan=plan, server=server, person=wish)
        assert wish == granted.seconds
    else:
        assert wish > limits.seconds or wish < LIFETIMES[cls].floor_seconds


# --- durations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("45m", 45 * MINUTE),
        ("1h", HOUR),
        ("24h", DAY),
        ("7d", 7 * DAY),
        ("2w", 2 * WEEK),
        ("1y", YEAR),
        (" 7 D ", 7 * DAY),
        ("7\td", 7 * DAY),
        ("007d", 7 * DAY),
        ("0d", 0),
        ("45 min", 45 * MINUTE),
        ("1 Hour", HOUR),
        ("24 hours", DAY),
        ("7 days", 7 * DAY),
        ("2 weeks", 2 * WEEK),
        ("100y", LONGEST_SECONDS),
    ],
)
def test_a_duration_is_read(text, seconds):
    assert seconds == parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "-1d",
        "+1d",
        "1e9h",
        "٣d",
        "７d",
        "²d",
        "",
        " ",
        "1.5h",
        "1,5h",
        "1h30m",
        "1h 30m",
        "forever",
        "never",
        "7",
        "d",
        "7 d d",
        "7days!",
        "1mo",
        "1 month",
        "30s",
        "7d\n8d",
        "101y",
        "99999999y",
        "9" * 5000 + "d",
        "None",
        "inf",
        "0x10h",
    ],
)
def test_what_is_no_duration_lists_the_forms(text):
    assert Refusal(Cause.DURATION, {"forms": FORMS}) == parse(text)


def test_the_forms_that_are_listed_are_accepted():
    said = refused(parse("soon"))

    assert "0, 45m, 24h, 7d, 2w, 1y" in said
    assert [0, 45 * MINUTE, DAY, WEEK, 2 * WEEK, YEAR] == [parse(form) for form in FORMS]


@given(st.text())
def test_any_text_is_a_duration_in_range_or_refused(text):
    read = parse(text)

    assert isinstance(read, Refusal) or 0 <= read <= LONGEST_SECONDS


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "nothing is kept"),
        (1, "1 second"),
        (90, "90 seconds"),
        (MINUTE, "1 minute"),
        (45 * MINUTE, "45 minutes"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (DAY, "24 hours"),
        (25 * HOUR, "25 hours"),
        (2 * DAY, "2 days"),
        (WEEK, "7 days"),
        (180 * DAY, "180 days"),
        (YEAR, "1 year"),
        (2 * YEAR, "2 years"),
    ],
)
def test_a_lifetime_is_said_whole(seconds, words):
    assert words == say(seconds)


@given(st.integers(1, LONGEST_SECONDS // MINUTE))
def test_what_is_said_reads_back_as_the_same(minutes):
    assert minutes * MINUTE == parse(say(minutes * MINUTE))


@given(st.integers(0, LONGEST_SECONDS // MINUTE))
def test_what_is_written_reads_back_as_the_same(minutes):
    assert minutes * MINUTE == parse(written(minutes * MINUTE))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0"), (45 * MINUTE, "45m"), (36 * HOUR, "36h"), (DAY, "1d"), (YEAR, "365d")],
)
def test_a_lifetime_is_written_short(seconds, text):
    assert text == written(seconds)


# --- the operator's setting ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", {}),
        (" , ", {}),
        ("recipe=7d, record=14d", {DataClass.RECIPE: 7 * DAY, DataClass.RECORD: 14 * DAY}),
        ("Stealth-Recipe = 1 day", {DataClass.STEALTH_RECIPE: DAY}),
        ("record=30d,", {DataClass.RECORD: 30 * DAY}),
        ("post=2y", {DataClass.POST: 2 * YEAR}),
        ("audit=365d", {DataClass.AUDIT: YEAR}),
        ("picture=10m", {DataClass.PICTURE: 10 * MINUTE}),
        ("counter=0", {DataClass.COUNTER: 0}),
    ],
)
def test_an_operators_limits_are_read(text, limits):
    assert limits == operator_limits(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("recipe", "entry 1 must look like recipe=7d"),
        ("record=7d, 14d", "entry 2 must look like recipe=7d"),
        ("recipee=7d", "'recipee' has no lifetime to set; known are picture, recipe, "),
        ("=7d", "'' has no lifetime to set"),
        ("quota=7d", "'quota' has no lifetime to set"),
        ("input=7d", "'input' has no lifetime to set"),
        ("recipe=soon", "recipe must be a duration such as 0, 45m, 24h, 7d, 2w, 1y"),
        ("recipe=7d=8d", "recipe must be a duration"),
        ("recipe=", "recipe must be a duration"),
        ("recipe=181d", "recipe may be 180 days at most"),
        ("picture=25h", "picture may be 24 hours at most"),
        ("picture=0", "picture must be 10 minutes at least"),
        ("picture=9m", "picture must be 10 minutes at least"),
        ("settings=366d", "settings may be 1 year at most"),
        ("record=7d, record=8d", "record is named twice"),
    ],
)
def test_a_limit_that_cannot_be_used_is_named(text, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        operator_limits(text)


def test_every_problem_is_named_at_once_and_no_value():
    with pytest.raises(ValueError, match="recipe must be") as caught:
        operator_limits("recipe=SECRET, nothing=1d, record=1y, post")

    said = str(caught.value)
    for problem in ("'nothing' has no", "record may be 90 days at most", "entry 4 must look like"):
        assert problem in said
    assert "SECRET" not in said
