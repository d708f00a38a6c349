"""Lines that make several jobs: braces, and lists of which one entry is taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.domain import At, Cause, Refusal
from bot.policy import braces, lines, marked
from bot.policy.lines import Kept
from tests.asks import plan
from tests.policy.reading import READ, each, of, refused


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("{red, blue} fox", ["red fox", "blue fox"]),
        ("a {red,blue} {fox , cat}", ["a red fox", "a red cat", "a blue fox", "a blue cat"]),
        ("{a, {b, c} d} e", ["a e", "b d e", "c d e"]),
        ("{a}", ["a"]),
        ("{} fox", ["fox"]),
        ("{red, } fox", ["red fox", "fox"]),
        ("\\{a, b\\}", ["{a, b}"]),
        ("{a\\, b, c}", ["a, b", "c"]),
        ("{\\{, \\}} fox", ["{ fox", "} fox"]),
        ("a, b\\, c", ["a, b\\, c"]),
        ("{hot::2 dog, cat} fox::1", ["hot::2 dog fox::1", "cat fox::1"]),
    ],
)
def test_braces_spread_into_each_mixture(typed, texts):
    assert texts == each(typed)


def test_parameters_spread_too():
    line = lines.read("fox --ar {1:1, 3:2} {--tile, --seed {1, 2}}", Kept(), READ, lambda: 0)

    assert [
        {"aspect_ratio": "1:1", "tile": True},
        {"aspect_ratio": "1:1", "seed": 1},
        {"aspect_ratio": "1:1", "seed": 2},
        {"aspect_ratio": "3:2", "tile": True},
        {"aspect_ratio": "3:2", "seed": 1},
        {"aspect_ratio": "3:2", "seed": 2},
    ] == [{name: given.value for name, given in job.given.items()} for job in line.jobs]


@pytest.mark.parametrize(
    ("typed", "what", "place"),
    [
        ("a {b, c fox", "unclosed", 3),
        ("{a {b, c} d", "unclosed", 1),
        ("{a {b", "unclosed", 4),
        ("a b} fox", "unopened", 4),
        ("{a, b}} fox", "unopened", 7),
        ("\\{a}", "unopened", 4),
        ("{" * 9, "deep", 9),
    ],
)
def test_unbalanced_braces_are_named_with_their_place(typed, what, place):
    refusal = refused(typed)

    assert (Cause.BRACES, what, At(place)) == (
        refusal.cause,
        refusal.facts["what"],
        refusal.facts["at"],
    )
    assert f"(at character {place})" in words.refused(refusal)


@pytest.mark.parametrize(
    ("typed", "jobs"),
    [
        ("{0,1,2,3,4,5,6,7,8,9}" * 4, 10_000),
        ("{a,b}" * 1000, braces.MOST),
        ("{a{b,c}{d,e},f}" * 2, 25),
    ],
)
def test_many_are_counted_without_being_built(typed, jobs):
    few = plan(max_permutations=4)

    said = lines.read(typed, Kept(), few, lambda: 0)

    assert Refusal(Cause.PLAN_PERMUTATIONS, {"plan": "Free", "limit": 4, "jobs": jobs}) == said
    assert f"{jobs:,} jobs" in words.refused(said)


def test_one_of_a_list_is_taken_for_each_job():
    kept = Kept(wildcards={"colour": ["red", "blue", "green"]})
    numbers = iter([0, 4, 2])

    line = lines.read("{a, b} __colour__ {fox}", kept, READ, lambda: next(numbers))

    assert ["a red fox", "b blue fox"] == [job.words for job in line.jobs]
    assert "__colour__".upper() not in of("__COLOUR__ fox", kept).words


def test_a_list_that_is_not_there_is_named_with_its_place():
    refusal = refused("a fox in __weather__")

    assert (Cause.WILDCARD_UNKNOWN, At(10)) == (refusal.cause, refusal.facts["at"])
    assert "/prefer wildcard list" in words.refused(refusal)


@pytest.mark.parametrize("typed", ["\\__weather__", "snake_case__", "__ a __", "____"])
def test_what_is_no_list_stays_words(typed):
    assert typed == of(typed).words


def test_lists_that_make_a_prompt_too_long_are_refused():
    refusal = refused("__w__ " * 10, Kept(wildcards={"w": ["x" * 2000]}))

    assert Cause.PROMPT_TOO_LONG is refusal.cause


def test_options_that_make_a_prompt_too_long_are_refused_before_they_spread():
    refusal = refused("{a, b} " + "--mine " * 800, Kept(options={"mine": "--no " + "x" * 190}))

    assert Cause.PROMPT_TOO_LONG is refusal.cause


texts = st.recursive(
    st.text("ab ", min_size=1, max_size=3),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(
        lambda one: "{" + ",".join(one) + "}"
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(texts, max_size=3).map("".join))
def test_as_many_texts_are_made_as_are_counted(typed):
    spread = braces.read(marked.drawable(typed))

    assert not isinstance(spread, Refusal)
    assert spread.count == len(spread.texts())
    assert all("{" not in text.text and "," not in text.text for text in spread.texts())
