"""A prompt as eyes read it: what is undone, and what honest texts keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import plaintext
from bot.policy.plaintext import readings


@pytest.mark.parametrize(
    "text",
    [
        "NAKED",
        "nákëḑ",
        "n\u0336a\u0336k\u0336e\u0336d",
        "ｎａｋｅｄ",
        "𝓷𝓪𝓴𝓮𝓭",
        "ⓝⓐⓚⓔⓓ",
        "⒩⒜⒦⒠⒟",
        "🅝🅐🅚🅔🅓",
        "🇳🇦🇰🇪🇩",
        "ɴᴀᴋᴇᴅ",
        "ⁿᵃᵏᵉᵈ",
        "ŋąƙɛɖ",
        "nаkеd",  # Cyrillic а and е
        "ηακεδ",  # Greek
        "ΝΑΚΕD",  # Greek capitals
        "иакеd",
        "n\u200ba\u200dk\u2060e\ufeffd",
        "n\x00aked",
        "n\U000e0063aked",
        "\u2067naked\u2069",
        "\u202edekan\u202c",
        "n4k3d",
        "n@k€d",
        "n.a.k.e.d",
        "na-ked",
        "n_a_k_e_d",
        "n**ak**ed",
        "n||ak||ed",
        "n<@123>aked",
        "n👍a👍k👍e👍d",
        "(naked:1.3)",
        "[naked](https://example.com)",
        "```naked```",
        "`_naked_`",
        "naked123",
        "🇺🇸naked",
    ],
)
def test_a_disguised_word_is_read(text):
    assert any("naked" in line.split(" ") for line in readings(text).words)


@pytest.mark.parametrize(
    "text",
    ["n a k e d", "n  a  k  e  d", "n. a. k. e. d", "n 4 k 3 d", "n-a-k-e-d", "nn aa kk ee dd"],
)
def test_letters_that_stand_one_by_one_are_joined(text):
    assert {"naked", "nnaakkeedd"} & {*readings(text).spelled}


def test_an_honest_text_has_one_reading():
    assert ("a red fox in the snow",) == readings("A red fox, in the snow").words
    assert () == readings("A red fox, in the snow").spelled


def test_numbers_and_prices_are_no_letters():
    assert not any("ass" in line for line in readings("455 horses for $455").words)
    assert any("ass" in line for line in readings("455hole").words)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("ГОЛАЯ", "голая"),
        ("ΝΕΡΟ", "νερο"),
        ("عَارِيَة", "عارية"),
        ("ﻋﺎﺭﻳﺔ", "عارية"),
        ("Straße", "STRASSE"),
    ],
)
def test_a_word_of_any_script_is_read_as_the_rule_reads_it(written, word):
    assert {*plaintext.wordings(word)} & {
        one.replace(plaintext.EITHER, "i") for one in readings(written).words
    }


def test_vowels_and_voices_that_are_marks_stay():
    assert {*plaintext.wordings("नंगा")}.isdisjoint(plaintext.wordings("नंगी"))
    assert {*plaintext.wordings("ガ")}.isdisjoint(plaintext.wordings("カ"))


def test_scripts_without_spaces_and_emoji_are_known():
    assert all(map(plaintext.is_spaceless, ("裸体", "エロ", "누드", "เปลือย", "🍆")))
    assert not any(map(plaintext.is_spaceless, ("naked", "голая", "عارية", "नंगा")))


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_as_words_with_one_space_between(text):
    assert all(line == " ".join(line.split()) for line in readings(text).words)


def test_nothing_of_a_prompt_shows_in_a_printed_reading():
    assert "fox" not in repr(readings("a fox"))
