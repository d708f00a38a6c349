"""Audit chains in a second: every harm to every entry, and chains that nobody signs."""

from __future__ import annotations

import pytest

from tests.prove import auditing
from tests.prove.auditing import HARMS


def test_every_harm_to_every_entry_is_named() -> None:
    tally = auditing.play(21, 150)

    assert [] == tally.failures
    assert set(HARMS) == {name for name, _ in tally.hits}
    assert tally.copies


@pytest.mark.prove
def test_every_harm_is_named_thousands_of_times() -> None:
    assert [] == auditing.prove(22).faults


def test_a_chain_that_nobody_signs_lets_a_rewrite_pass_and_that_is_noticed() -> None:
    assert auditing.rewritten_unseen(23, 60)
