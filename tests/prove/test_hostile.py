"""Hostile prompts in a second: every trick, what they come to, and houses that do not look."""

from __future__ import annotations

import pytest

from bot.sandbox import mentions
from tests.prove import hostile
from tests.prove.tricks import AROUND, GAPS, LETTERS

ROUND = len(LETTERS) * len(GAPS)


def test_no_trick_passes_and_nothing_repeated_pings_or_links() -> None:
    tally = hostile.play(11, 2 * ROUND)

    assert [] == tally.failures
    assert {(letters, gaps) for letters in LETTERS for gaps in GAPS} == set(tally.met)


@pytest.mark.prove
def test_no_trick_passes_in_thousands() -> None:
    assert [] == hostile.prove(12).faults


def test_no_ordinary_prompt_is_stopped() -> None:
    assert 200 <= len(hostile.ORDINARY.read_text("utf-8").splitlines())
    assert [] == hostile.false_alarms()


@pytest.mark.prove
@pytest.mark.parametrize("pattern", hostile.COSTLY)
def test_ten_times_the_text_takes_no_rule_much_more_than_ten_times_as_long(pattern: str) -> None:
    assert hostile.slope(pattern) < hostile.STEEP


def test_an_engine_that_backtracks_is_noticed() -> None:
    assert hostile.blown_up(0.5)


def test_rules_on_what_is_typed_are_noticed() -> None:
    assert hostile.passed_without_reading(11, 3 * ROUND)


def test_repeating_what_is_typed_is_noticed() -> None:
    assert hostile.harm_without_echo()


@pytest.mark.parametrize("around", ["link", "masked link", "code", "spoiler", "heading"])
def test_the_judge_sees_what_is_live_and_nothing_in_plain_words(around: str) -> None:
    assert all(hostile.live_in(text.replace("{}", "fox")) for text in AROUND[around])
    assert [] == hostile.live_in("a red fox, oil painting (1.2)")


def test_the_sandbox_calls_whom_a_text_names() -> None:
    assert ["person 7", "role 7", "everyone"] == hostile.called_by(
        "<@7> <@&7> @here", mentions.EVERYTHING
    )
    assert [] == hostile.called_by("<@7> <@&7> @here", {"parse": []})
