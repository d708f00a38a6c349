"""What may be asked for in words and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal
from bot.policy.prompt import MAX_SEED, check, drawable, ratio, size_of
from tests.asks import CANVAS, ask


def cause(asked) -> Cause | None:
    said = check(asked, CANVAS)
    return said.cause if said else None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t\n\r\n ",
        "\u200b",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u202e\u202d\u2066\u2069\u200f\u200e",
        "\u00ad",
        "\x00\x01\x1b",
        "\ue000",
        "\U000e0041\U000e0042",
        "\u3000\u00a0",
    ],
)
def test_a_prompt_that_cannot_be_seen_is_empty(text):
    assert Cause.PROMPT_EMPTY is cause(ask(text))


@pytest.mark.parametrize("text", ["🦊", "🦊🦊🦊", "👩‍👩‍👧", "!!!", "...", "—", "🇩🇪", "~ * ~", "️❤️"])
def test_emoji_and_signs_alone_cannot_be_drawn(text):
    assert Cause.NOTHING_DRAWABLE is cause(ask(text))


@pytest.mark.parametrize(
    "text",
    ["a", "7", "ein Fuchs", "лиса", "狐", "ثعلب", "שועל", "🦊 fox", "\u200bfox", "x" * 6000],
)
def test_words_in_any_language_can_be_drawn(text):
    assert cause(ask(text)) is None


@pytest.mark.parametrize(
    ("prompt", "negative", "said"),
    [
        (6000, 0, None),
        (6001, 0, Cause.PROMPT_TOO_LONG),
        (3000, 3000, None),
        (3000, 3001, Cause.PROMPT_TOO_LONG),
        (1, 6000, Cause.PROMPT_TOO_LONG),
    ],
)
def test_prompt_and_negative_prompt_share_six_thousand_characters(prompt, negative, said):
    assert said is cause(ask("x" * prompt, negative="y" * negative))


def test_the_refusal_of_a_long_prompt_names_the_limit_and_not_the_prompt():
    assert Refusal(Cause.PROMPT_TOO_LONG, {"limit": 6000}) == check(ask("x" * 6001), CANVAS)


@pytest.mark.parametrize(
    ("field", "least", "most", "said"),
    [
        ("steps", 1, 100, Cause.STEPS),
        ("guidance", 1.0, 20.0, Cause.GUIDANCE),
        ("seed", 0, MAX_SEED, Cause.SEED),
        ("count", 1, 4, Cause.COUNT),
    ],
)
def test_a_number_is_taken_at_its_bounds_and_refused_beyond(field, least, most, said):
    below, above = least - 1, most + 1

    assert [None, None] == [cause(ask(**{field: value})) for value in (least, most)]
    assert [said, said] == [cause(ask(**{field: value})) for value in (below, above)]
    assert {"least": least, "most": most} == check(ask(**{field: above}), CANVAS).facts


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 20.000001, 0.999999])
def test_guidance_that_is_no_ordinary_number_is_refused(value):
    assert Cause.GUIDANCE is cause(ask(guidance=value))


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        (None, (64, 64)),
        ("1:1", (64, 64)),
        ("2:2", (64, 64)),
        (" 1:1 ", (64, 64)),
        ("3:2", (96, 64)),
        ("96:64", (96, 64)),
        ("2:3", (64, 96)),
        ("16:9", None),
        ("", None),
        ("square", None),
        (":", None),
        ("1:", None),
        ("0:0", None),
        ("1:0", None),
        ("-1:-1", None),
        ("1:1:1", None),
        ("1.0:1.0", None),
        ("١:١", None),
        ("²:²", None),
        ("1/1", None),
        (f"{'9' * 5999}:1", None),
    ],
)
def test_a_ratio_is_one_of_the_models_or_refused_by_name(typed, size):
    asked = ask(aspect_ratio=typed)

    assert size == size_of(asked, CANVAS)
    assert (None if size else Cause.SIZE) is cause(asked)


def test_a_refused_ratio_lists_those_the_model_knows():
    assert {"ratios": ("1:1", "3:2", "2:3")} == check(ask(aspect_ratio="7:1"), CANVAS).facts


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_gets_an_answer(prompt, negative, typed):
    said = check(ask(prompt, negative=negative, aspect_ratio=typed), CANVAS)

    assert said is None or isinstance(said, Refusal)


@given(st.integers(1, 4096), st.integers(1, 4096))
def test_a_ratio_names_the_shape_whatever_its_size(width, height):
    assert ratio(width, height) == ratio(width * 3, height * 3)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  a   red\n\tfox ", "a red fox"),
        ("a\u200bfox", "afox"),
        ("\u202ea fox", "a fox"),
        ("cafe\u0301", "café"),
        ("a 🦊, isn't it?", "a 🦊, isn't it?"),
        ("a\x00b", "ab"),
        ("a\u3000b", "a b"),
    ],
)
def test_what_hides_in_a_text_is_dropped(typed, kept):
    assert kept == drawable(typed)


@given(st.text())
def test_dropping_what_hides_twice_changes_nothing_more(text):
    once = drawable(text)

    assert once == drawable(once)
    assert not any(char in once for char in "\u200b\u200e\u202e\u2066\ufeff\n\t\x00")
