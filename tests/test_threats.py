"""THREATS.md is complete, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.prove.__main__ import promises

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "tests" / "THREATS.md").read_text()
ROWS = [*map(str, range(1, 46)), *(f"L{number}" for number in range(1, 21))]
"""Failures, and ways in which stealth leaks elsewhere."""

PARTS = {number for number, _ in promises(1, 1.0, 1)}
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_PART = re.compile(r"`make prove (\w+)`")
_EXCUSE = re.compile(r"^(later|does not apply): \w.{7,}")


@cache
def _tests_in(path: str) -> frozenset[str]:
    """The tests of a file; none when it is not there."""
    if not (ROOT / path).exists():
        return frozenset()
    tree = ast.parse((ROOT / path).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
    return frozenset(name for name in found if name.startswith("test_"))


def flaws(table: str) -> list[str]:
    """What is wrong with a table of threats."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in table.splitlines()
        if re.match(r"\| *L?\d+ *\|", line)
    ]
    found = [f"row {name} stands there {count} times" for name, count in _counted(rows)]
    for name, *cells in rows:
        if len(cells) != 3 or not all(cells):
            found.append(f"row {name} has an empty cell, or one too many")
            continue
        leak, measure, proof = cells
        proved = bool(_TEST.search(proof) or _PART.search(proof))
        excused = bool(_EXCUSE.match(proof))
        if not excused and (not proved or "–" == measure):
            found.append(f"row {name} has neither measure and proof nor a reason: {leak}")
    for path, test in _TEST.findall(table):
        if test not in _tests_in(path):
            found.append(f"there is no {path}::{test}")
    found += [
        f"`make prove` has no part {part}" for part in _PART.findall(table) if part not in PARTS
    ]
    named = len(_TEST.findall(table)) + len(_PART.findall(table))
    if named != len(re.findall(r"`(?:tests/|make prove )[^`]+`", table.partition("\n## ")[2])):
        found.append("something in backticks looks like a proof and names none")
    return found


def _counted(rows: list[list[str]]) -> list[tuple[str, int]]:
    """Rows that are not there exactly once."""
    names = [name for name, *_ in rows]
    return [(name, names.count(name)) for name in ROWS if names.count(name) != 1] + [
        (name, names.count(name)) for name in sorted(set(names) - set(ROWS))
    ]


def test_every_threat_has_its_test_or_its_reason() -> None:
    assert [] == flaws(TABLE)


def _line(row: str) -> str:
    return next(line for line in TABLE.splitlines() if line.startswith(f"| {row} |"))


GHOST = "`tests/test_log.py::test_that_is_not_there`"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (_line("7") + "\n", "", "row 7 stands there 0 times"),
        (_line("7"), _line("7") + "\n" + _line("7"), "row 7 stands there 2 times"),
        (_line("L3"), "| L3 | previews | nothing |  |", "row L3 has an empty cell"),
        (_line("L3"), "| L3 | previews | nothing | trust us |", "row L3 has neither"),
        (_line("L3"), "| L3 | previews | – | later: |", "row L3 has neither"),
        (_line("L3"), "| L3 | previews | – | `make prove P1` |", "row L3 has neither"),
        (_line("L3"), f"| L3 | previews | none | {GHOST} |", "there is no tests/test_log.py::"),
        ("tests/test_log.py", "tests/test_logs.py", "there is no tests/test_logs.py::"),
        ("`make prove P10`", "`make prove P77`", "has no part P77"),
        ("test_log.py::test_w", "test_log.py:test_w", "looks like a proof and names none"),
        (_line("45"), _line("45") + "\n| 46 | a | b | later: whatever comes |", "row 46 stands"),
    ],
)
def test_a_flaw_in_the_table_is_named(old: str, new: str, said: str) -> None:
    assert old in TABLE
    assert [] != [flaw for flaw in flaws(TABLE.replace(old, new)) if said in flaw]
