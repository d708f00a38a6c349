"""The operator reads what was searched and what was found, and never the thing itself."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bot.selfcheck import report
from bot.selfcheck.report import Verdict
from bot.selfcheck.search import Row
from bot.selfcheck.table import Kind, Moment, Place
from bot.selfcheck.witness import Contacts

SANDBOX = "127.0.0.1:8040"
GOOD = Verdict(
    rows=tuple(Row(moment, Place.DATA, 8, 1000, (), ()) for moment in Moment),
    patterns={Kind.STEALTH_WORDS: 100, Kind.ROOT_KEY: 14},
    blind=(),
    contacts=Contacts(inside={SANDBOX}, outside={SANDBOX}, looks=5),
    sandbox=SANDBOX,
    within_reach={"the person who erased": 0},
    written_elsewhere=0,
    untried_bytes=0,
)


def _leaking(*moments: Moment) -> tuple[Row, ...]:
    return GOOD.rows + tuple(Row(each, Place.SAID, 1, 10, (Kind.TOKEN,), ()) for each in moments)


BAD = {
    "found the bot's token in output and logs, when: jobs run, the bot stopped": replace(
        GOOD, rows=_leaking(Moment.RUNNING, Moment.STOPPED)
    ),
    "there was no time to look when: jobs wait": replace(GOOD, rows=GOOD.rows[1:]),
    "the search is blind": replace(GOOD, blind=("the search is blind",)),
    "the bot contacted 192.0.2.1:443": replace(
        GOOD, contacts=Contacts(inside={SANDBOX}, outside={"192.0.2.1:443"}, looks=1)
    ),
    "the witness in the bot's process saw nothing, not even the sandbox": replace(
        GOOD, contacts=Contacts()
    ),
    "the disk with its root key still opens 3 parts of the person who erased": replace(
        GOOD, within_reach={"the person who erased": 3}
    ),
    "2 files were opened for writing outside its folders": replace(GOOD, written_elsewhere=2),
}


def test_a_clean_check_says_how_much_was_searched() -> None:
    *_, last = report.lines(GOOD)

    assert GOOD.passed
    assert "✓ 6,000 bytes searched; nothing was where it may not be." == last


@pytest.mark.parametrize("problem", BAD)
def test_every_problem_is_said_in_one_line_and_fails_the_check(problem: str) -> None:
    said = list(report.lines(BAD[problem]))

    assert not BAD[problem].passed
    assert f"✗ {problem}" in said


def test_a_kind_that_could_not_be_looked_for_is_said() -> None:
    said = "\n".join(report.lines(GOOD))

    assert 11 == said.count("(there was none to look for)")


def test_what_the_witness_outside_could_not_see_is_said() -> None:
    blind = replace(GOOD, contacts=Contacts(inside={SANDBOX}, looks=0, refused=9))

    assert "let only root look" in "\n".join(report.lines(blind))


def test_the_result_is_kept_for_us_alone(tmp_path: Path) -> None:
    report.keep(BAD["the search is blind"], tmp_path / "data", 1_700_000_000)
    report.keep(GOOD, tmp_path / "data", 1_800_000_000)

    (kept,) = (tmp_path / "data").iterdir()
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    content = json.loads(kept.read_text())
    assert ("selfcheck.json", True, 1_800_000_000, 6000, 114, 1) == (
        kept.name,
        *(content[name] for name in ("passed", "at", "searched_bytes", "patterns", "version")),
    )
