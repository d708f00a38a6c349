"""The words in a prompt that say who may see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Refusal, Visibility
from bot.policy.promptline import Line, read

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a red fox", Line("a red fox", None)),
        ("a red fox --stealth", Line("a red fox", STEALTH)),
        ("a red fox --private", Line("a red fox", STEALTH)),
        ("a red fox --public", Line("a red fox", PUBLIC)),
        ("--stealth a red fox", Line("a red fox", STEALTH)),
        ("a --public red fox", Line("a red fox", PUBLIC)),
        ("a red fox --STEALTH", Line("a red fox", STEALTH)),
        ("a red fox --Public", Line("a red fox", PUBLIC)),
        ("a red fox —stealth", Line("a red fox", STEALTH)),
        ("a red fox –private", Line("a red fox", STEALTH)),
        ("a red fox —public", Line("a red fox", PUBLIC)),
        ("a red fox ―stealth", Line("a red fox", STEALTH)),
        ("a red fox －－stealth", Line("a red fox", STEALTH)),
        ("a red fox ---stealth", Line("a red fox", STEALTH)),
        ("a red fox -–stealth", Line("a red fox", STEALTH)),
        ("a red fox --—stealth", Line("a red fox", STEALTH)),
        ("a red fox —-stealth", Line("a red fox", STEALTH)),
        ("a fox --stealth, at night", Line("a fox, at night", STEALTH)),
        ("a fox, --stealth, at night", Line("a fox,, at night", STEALTH)),
        ("a fox (--stealth)", Line("a fox ()", STEALTH)),
        ("a  fox\n--stealth\t at   night ", Line("a fox at night", STEALTH)),
        ("--stealth a fox --private", Line("a fox", STEALTH)),
        ("a fox --stealth --ar 3:2", Line("a fox --ar 3:2", STEALTH)),
        ("a fox --stealth--ar 3:2", Line("a fox--ar 3:2", STEALTH)),
        ("fox--stealth", Line("fox", STEALTH)),
        ("\u200b--stealth fox", Line("\u200b fox", STEALTH)),
        ("--stealth", Line("", STEALTH)),
        ("", Line("", None)),
        (" \n ", Line("", None)),
    ],
)
def test_the_word_is_taken_out_and_heard(text, line):
    assert line == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "a stealth bomber",
        "a public garden - private property",
        "-stealth",
        "-public",
        "— stealth",
        "-- stealth",
        "--stealthy --publicly --privateer",
        "--stealth-mode --public-domain",
        "--stealth_2",
        "--öffentlich",
        "public—private partnership",
        "the line–public or not",
        "--ar 16:9 --no cars --seed 7",
        "--ſtealth",
        "--prıvate",
        "--PRİVATE",
        "\\--ar 3:2",
    ],
)
def test_other_words_stay_where_they_are(text):
    assert Line(text, None) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        "fox --stealth --public",
        "--public fox --private",
        "—private fox –PUBLIC",
        "--stealth--public",
        "\\--stealth --public",
    ],
)
def test_who_says_both_is_asked_to_say_one(text):
    assert Refusal(Cause.VISIBILITY_TWICE) == read(text)


def test_a_backslash_takes_public_back_and_never_stealth():
    assert Line("a sign \\--public", None) == read("a sign \\--public")
    assert Line("a sign \\—public", None) == read("a sign \\—public")
    assert Line("a sign", STEALTH) == read("a sign \\--stealth")
    assert Line("a sign \\--public", STEALTH) == read("a sign \\--public --stealth")


def test_a_line_does_not_show_its_words():
    assert "fox" not in repr(read("a red fox"))


words = st.sampled_from(["fox", "a", "--ar", "3:2", "--no", "public", "stealth", "—", "\\"])


@given(st.lists(words), st.lists(words), st.sampled_from(["--stealth", "—private", "\\--STEALTH"]))
def test_who_says_stealth_anywhere_is_heard(before, after, word):
    line = read(" ".join([*before, word, *after]))

    assert isinstance(line, Line)
    assert STEALTH is line.said
    assert word.lower() not in line.text.lower()


@given(st.lists(words))
def test_nobody_who_does_not_say_it_is_public(said):
    assert Line(" ".join(said), None) == read(" ".join(said))


@given(st.text())
def test_any_text_is_read(text):
    line = read(text)

    assert isinstance(line, Refusal) or line.text == " ".join(line.text.split())


@pytest.mark.parametrize("piece", [" ", "-", "—", "\\", " -", "-—", "--stealt", "－"])
def test_a_prompt_made_to_hold_up_the_house_is_read(piece):
    """Time that grows with the square of a text would overstep the test's own limit."""
    assert read(piece * 100_000).said is None
