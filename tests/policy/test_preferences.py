"""What people may prefer: parameters and plain words within bounds, and nothing more public."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Cause, Choices, Refusal, Visibility
from bot.policy import lines, preferences, promptline, visibility
from bot.policy.plans import StealthRule
from bot.policy.preferences import (
    MAX_ENTRIES,
    MAX_LIST_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_OPTIONS,
    MAX_PARAMETER_CHARACTERS,
    MAX_WILDCARDS,
    Switch,
)
from tests.asks import plan

FRESH = Choices()
TYPED = st.text("-—–_\\ {},:apublicstehr31\u200b\n", max_size=40) | st.sampled_from(
    ["--public", "—public", "--stealth", "--ar 1:1", "--no public", "--steps 5", "-", "--", "\\"]
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("--ar 1:1 --steps 20", "--ar 1:1 --steps 20"),
        ("  --ar \n 1:1 ", "--ar 1:1"),
        ("—tile", "—tile"),
        ("--no cars, a red fox", "--no cars, a red fox"),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_suffix_is_parameters(typed, kept):
    assert kept == preferences.with_suffix(FRESH, typed).suffix


@pytest.mark.parametrize(
    ("typed", "cause"),
    [
        ("a fox", Cause.SETTING_WORDS),
        ("--ar 1:1 a fox", Cause.SETTING_WORDS),
        (r"--tile \--public", Cause.SETTING_WORDS),
        ("--public", Cause.SETTING_VISIBILITY),
        ("--tile —Public", Cause.SETTING_VISIBILITY),
        ("--stealth", Cause.SETTING_VISIBILITY),
        ("--private --public", Cause.SETTING_VISIBILITY),
        ("--pub\u200blic", Cause.SETTING_VISIBILITY),
        ("--nothing-like-it", Cause.PARAMETER_UNKNOWN),
        ("--chaos 3", Cause.PARAMETER_UNSERVED),
        ("--ar", Cause.PARAMETER_EMPTY),
        ("--steps 0", Cause.PARAMETER_VALUE),
        ("--tile --tile", Cause.PARAMETER_TWICE),
        ("--no " + "x" * MAX_PARAMETER_CHARACTERS, Cause.SETTING_TOO_LONG),
    ],
)
def test_what_is_no_parameter_is_kept_neither_as_suffix_nor_as_option(typed, cause):
    assert cause is preferences.with_suffix(FRESH, typed).cause
    assert cause is preferences.with_option(FRESH, "mine", typed).cause


@pytest.mark.parametrize("name", ["mine", "--mine", "—Mine", " mine ", "my-2nd", "x" * 32])
def test_an_option_is_kept_under_its_name_and_deleted_by_it(name):
    kept = preferences.with_option(FRESH, name, "--tile")
    gone = preferences.with_option(kept, name, " ")

    assert {preferences.named(name): "--tile"} == kept.options
    assert FRESH == gone


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("", Cause.SETTING_NAME),
        ("--", Cause.SETTING_NAME),
        ("2nd", Cause.SETTING_NAME),
        ("my own", Cause.SETTING_NAME),
        ("münze", Cause.SETTING_NAME),
        ("x" * (MAX_NAME_CHARACTERS + 1), Cause.SETTING_NAME),
        ("ar", Cause.SETTING_NAME_TAKEN),
        ("AR", Cause.SETTING_NAME_TAKEN),
        ("s", Cause.SETTING_NAME_TAKEN),
        ("chaos", Cause.SETTING_NAME_TAKEN),
        ("public", Cause.SETTING_NAME_TAKEN),
        ("stealth", Cause.SETTING_NAME_TAKEN),
    ],
)
def test_a_name_that_means_something_already_or_is_none_is_refused(name, cause):
    assert cause is preferences.with_option(FRESH, name, "--tile").cause


def test_what_is_not_there_cannot_be_deleted():
    assert Refusal(Cause.NO_SUCH_SETTING) == preferences.with_option(FRESH, "mine", "")
    assert Refusal(Cause.NO_SUCH_SETTING) == preferences.with_wildcard(FRESH, "mine", " , ")


def test_one_option_more_than_twenty_is_refused_and_an_old_one_can_still_change():
    chosen = FRESH
    for number in range(MAX_OPTIONS):
        chosen = preferences.with_option(chosen, f"mine-{number}", "--tile")

    refused = preferences.with_option(chosen, "one-more", "--tile")
    changed = preferences.with_option(chosen, "mine-0", "--steps 5")

    assert Refusal(Cause.SETTING_TOO_MANY, {"limit": 20}) == refused
    assert "--steps 5" == changed.options["mine-0"]
    assert 20 == len(changed.options)


def test_a_list_is_plain_words_each_once():
    kept = preferences.with_wildcard(FRESH, "__Colour__", " red,deep  blue,, red , grey-green")

    assert {"colour": ["red", "deep blue", "grey-green"]} == kept.wildcards
    assert FRESH == preferences.with_wildcard(kept, "colour", "")


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ("red, --ar 1:1", Cause.SETTING_NOT_PLAIN),
        ("red --stealth", Cause.SETTING_NOT_PLAIN),
        ("—public", Cause.SETTING_NOT_PLAIN),
        ("{red, blue}", Cause.SETTING_NOT_PLAIN),
        ("__other__", Cause.SETTING_NOT_PLAIN),
        ("red::2", Cause.SETTING_NOT_PLAIN),
        ("red\\", Cause.SETTING_NOT_PLAIN),
        (",".join(map(str, range(MAX_ENTRIES + 1))), Cause.SETTING_ENTRIES),
        ("x" * (MAX_LIST_CHARACTERS + 1), Cause.SETTING_TOO_LONG),
    ],
)
def test_what_would_be_more_than_words_in_a_prompt_is_no_entry(values, cause):
    assert cause is preferences.with_wildcard(FRESH, "colour", values).cause


def test_one_list_more_than_there_may_be_is_refused():
    chosen = replace(FRESH, wildcards={f"list-{n}": ["x"] for n in range(MAX_WILDCARDS)})

    assert Cause.SETTING_TOO_MANY is preferences.with_wildcard(chosen, "one-more", "x").cause


@pytest.mark.parametrize("switch", Switch)
@pytest.mark.parametrize("on", [True, False])
def test_each_switch_turns_itself_and_nothing_else(switch, on):
    turned = preferences.switched(FRESH, switch, on=on)

    assert on is preferences.is_on(turned, switch)
    others = [each for each in Switch if each is not switch]
    assert [preferences.is_on(FRESH, each) for each in others] == [
        preferences.is_on(turned, each) for each in others
    ]


# --- nothing that somebody prefers makes anything more public ------------------------------------

VISIBLE = ("visibility", "stealth_since", "last_default", "hides_prompt", "retention")


@given(
    texts=st.lists(st.tuples(TYPED, TYPED), max_size=6),
    how=st.lists(st.sampled_from(["suffix", "option", "wildcard", *Switch]), max_size=6),
    said=st.sampled_from([None, *Visibility]),
)
def test_whatever_somebody_prefers_says_nothing_of_who_sees_a_job(texts, how, said):
    chosen = Choices(visibility=said, last_default=said, hides_prompt=True)
    before = {name: asdict(chosen)[name] for name in VISIBLE}

    for kind, (name, text) in zip(how, texts, strict=False):
        if kind == "suffix":
            changed = preferences.with_suffix(chosen, text)
        elif kind == "option":
            changed = preferences.with_option(chosen, name, text)
        elif kind == "wildcard":
            changed = preferences.with_wildcard(chosen, name, text)
        else:
            changed = preferences.switched(chosen, Switch(kind), on=len(text) % 2 == 0)
        chosen = chosen if isinstance(changed, Refusal) else changed

    assert before == {name: asdict(chosen)[name] for name in VISIBLE}


@given(
    prompt=TYPED | st.sampled_from(["a fox", "a fox --mine", "a __mine__ fox", "a \\__mine__"]),
    suffix=TYPED,
    option=TYPED,
    entries=TYPED,
)
def test_no_prompt_is_heard_as_more_public_for_what_its_owner_prefers(
    prompt, suffix, option, entries
):
    chosen = FRESH
    for rule in (
        lambda old: preferences.with_suffix(old, suffix),
        lambda old: preferences.with_option(old, "mine", option),
        lambda old: preferences.with_wildcard(old, "mine", entries),
    ):
        changed = rule(chosen)
        chosen = chosen if isinstance(changed, Refusal) else changed
    typed = promptline.read(prompt)
    free = plan(stealth=StealthRule.OPTIONAL, max_permutations=50)
    kept = lines.Kept(chosen.suffix, chosen.options, chosen.wildcards)

    read = lines.read(prompt, kept, free, lambda: 0)

    if isinstance(read, Refusal):
        return
    assert not isinstance(typed, Refusal)
    for sticky in (None, *Visibility):
        with_them = visibility.decide(free, in_dm=False, said=read.said, sticky=sticky)
        without = visibility.decide(free, in_dm=False, said=typed.said, sticky=sticky)
        assert not (with_them is Visibility.PUBLIC and without is not Visibility.PUBLIC)
