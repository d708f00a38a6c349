"""What may be delivered, by what was measured of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.gate import (
    SAME_PICTURE_BITS,
    Verdict,
    decide,
    is_fingerprint,
    is_plain,
    limits_of,
    near,
    unknown_labels,
)
from gen.messages import Measure

FOX, STAR = "f0e1d2c3b4a59687", "123456789abcdef0"
LIMITS = {"nsfw": 0.5, "porn": 0.3}


def measure(fingerprint=FOX, nsfw=0.0, porn=0.0):
    return Measure(fingerprint, (("normal", 1.0), ("nsfw", nsfw), ("porn", porn)))


def apart(bits: int) -> str:
    """The fox, so many bits away."""
    return f"{int(FOX, 16) ^ (2**bits - 1):016x}"


def judge(*measures, limits=LIMITS, blocked=(), adult_ok=False):
    return decide(measures, limits=limits, blocked=blocked, adult_ok=adult_ok)


def test_a_picture_that_nothing_is_known_against_may_pass():
    assert Verdict.PASS is judge(measure(), blocked=[STAR])


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        (0, Verdict.BLOCKED),
        (SAME_PICTURE_BITS, Verdict.BLOCKED),
        (SAME_PICTURE_BITS + 1, Verdict.PASS),
    ],
)
def test_what_looks_like_a_picture_on_the_list_is_stopped(bits, verdict):
    assert verdict is judge(measure(), blocked=[STAR, apart(bits)])


def test_one_picture_on_the_list_stops_all_of_its_job():
    assert Verdict.BLOCKED is judge(measure(STAR), measure(), blocked=[FOX])


def test_a_place_for_adults_is_no_place_for_what_is_on_the_list():
    assert Verdict.BLOCKED is judge(measure(nsfw=1.0), blocked=[FOX], adult_ok=True)


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ({"nsfw": 0.49, "porn": 0.29}, Verdict.PASS),
        ({"nsfw": 0.5}, Verdict.ADULT),
        ({"porn": 0.3}, Verdict.ADULT),
        ({"nsfw": 1.0, "porn": 1.0}, Verdict.ADULT),
    ],
)
def test_a_picture_for_adults_needs_a_place_for_adults(scores, verdict):
    assert verdict is judge(measure(), measure(**scores))
    assert Verdict.PASS is judge(measure(), measure(**scores), adult_ok=True)


def test_a_score_that_is_no_number_is_for_adults():
    assert Verdict.ADULT is judge(measure(nsfw=math.nan))


def test_without_a_classifier_no_score_is_asked_for():
    assert Verdict.PASS is judge(Measure(FOX), limits={})


@pytest.mark.parametrize(
    "measures",
    [
        (),
        (Measure(FOX),),
        (measure(), Measure(FOX, (("nsfw", 0.0),))),
        (measure(""),),
        (measure("f0e1"),),
        (measure("nonsense of 16 c"),),
        (measure("F0E1D2C3B4A59687"),),
    ],
)
def test_what_was_not_measured_as_it_must_be_does_not_pass_anywhere(measures):
    assert Verdict.UNMEASURED is judge(*measures, adult_ok=True)


@pytest.mark.parametrize("plain", ["0000000000000000", "8000000000000000", "ffffffffffffffff"])
def test_a_picture_of_nothing_matches_nothing(plain):
    assert is_plain(plain)
    assert Verdict.PASS is judge(measure(plain), blocked=[plain, "0000000000000001"])


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_two_fingerprints_are_near_each_other_or_neither_is(one, other):
    hexes = [f"{number:016x}" for number in (one, other)]

    assert all(map(is_fingerprint, hexes))
    if not any(map(is_plain, hexes)):
        assert bool(near(hexes[0], hexes[1:])) == bool(near(hexes[1], hexes[:1]))


# --- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("nsfw=0.5", {"nsfw": 0.5}),
        (" nsfw = 0.5 , porn=1 ,", {"nsfw": 0.5, "porn": 1.0}),
        ("very adult=.25", {"very adult": 0.25}),
    ],
)
def test_limits_are_read_as_people_write_them(text, limits):
    assert limits == limits_of(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "names no label"),
        ("nsfw", "entry 1 must look like nsfw=0.5"),
        ("=0.5", "entry 1 must look like nsfw=0.5"),
        ("nsfw=", "'nsfw' must have a number above 0 and up to 1"),
        ("nsfw=half", "'nsfw' must have a number"),
        ("nsfw=0", "'nsfw' must have a number"),
        ("nsfw=1.1", "'nsfw' must have a number"),
        ("nsfw=nan", "'nsfw' must have a number"),
        ("nsfw=0.5,nsfw=0.6", "'nsfw' is named twice"),
    ],
)
def test_limits_that_cannot_be_meant_are_named(text, problem):
    with pytest.raises(ValueError, match=problem):
        limits_of(text)


def test_every_problem_of_the_limits_is_named_at_once():
    with pytest.raises(ValueError, match=r"entry 1 .*; 'porn'"):
        limits_of("nsfw,porn=2")


def test_labels_that_the_classifier_does_not_know_are_named():
    assert ["porn"] == unknown_labels(LIMITS, ("normal", "nsfw"))
    assert [] == unknown_labels(LIMITS, ("normal", "nsfw", "porn"))
