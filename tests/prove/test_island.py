"""P7 in a few seconds: a share of all acts, and broken houses; and that no act is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.purge import PurgeButtons
from cogs.reports import ReportButtons
from cogs.retention import RetentionButtons
from tests.prove import island
from tests.prove.dealing import ACTS

SEED = 1
FEW = island.CELLS[SEED::7]


def test_no_act_of_anybody_changes_another_server_or_tells_of_stealth() -> None:
    came = island.play(SEED, FEW)

    assert [] == came.breaches
    assert len(FEW) == sum(came.told.hits.values())
    assert island.STATES == came.told.states
    assert came.told.changes
    assert came.told.refusals


def test_a_purge_that_forgets_its_server_is_noticed() -> None:
    assert island.caught("a purge without the server", SEED)


@pytest.mark.prove
@pytest.mark.timeout(120)
@pytest.mark.parametrize("control", island.CONTROLS)
def test_a_house_whose_servers_are_no_islands_is_noticed(control: str) -> None:
    assert island.caught(control, SEED)


def test_the_shares_make_up_every_act_in_every_role() -> None:
    shares = [cell for number in range(island.PARTS) for cell in island.part(number)]

    assert sorted(island.CELLS) == sorted(shares)
    assert len(ACTS) * len(island.ROLES) == len(set(shares))


def test_every_button_and_form_of_moderators_is_an_act() -> None:
    nobody: Any = None
    reports = ReportButtons(nobody)
    verbs = reports.verbs() | RetentionButtons(nobody, nobody).verbs()
    verbs |= PurgeButtons(nobody, nobody).verbs() | dict.fromkeys(reports.forms())

    acts = {one for one in ACTS if one.startswith("▸") and not one.startswith("▸ menu")}
    assert {f"▸ {verb}" for verb in verbs} == acts
