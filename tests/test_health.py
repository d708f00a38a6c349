"""`darkroom health`: what a supervisor asks, and what it is told."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import cli, health
from bot.ports import SystemClock

LONG_AGO = 61


def asked(folder: Path) -> tuple[int, str]:
    """Ask, over a data folder."""
    done = CliRunner().invoke(cli.health_command, ["--data", str(folder)])
    return done.exit_code, done.output


def reported(folder: Path, *, ok: bool, seconds_ago: int = 0) -> None:
    """Leave a report as a bot does."""
    gateway = {"ok": ok, "phase": "connected", "latency_ms": None}
    at = SystemClock().now() - seconds_ago
    report = {"version": 1, "at": at, "ok": ok, "parts": {"gateway": gateway}}
    health._keep(report, folder / health.FILE)


@pytest.mark.parametrize(
    ("ok", "seconds_ago", "status", "line"),
    [
        (True, 0, 0, "✓ gateway: phase connected, latency unknown"),
        (False, 0, 1, "✗ gateway: phase connected, latency unknown"),
        (True, LONG_AGO, 1, "it hangs, or was killed"),
    ],
)
def test_the_exit_status_says_whether_all_is_well(
    tmp_path: Path, ok: bool, seconds_ago: int, status: int, line: str
) -> None:
    reported(tmp_path, ok=ok, seconds_ago=seconds_ago)

    code, said = asked(tmp_path)

    assert status == code
    assert line in said


def test_a_line_says_what_is_known_with_its_unit() -> None:
    facts = {"ok": False, "answered_seconds_ago": 15, "rests_seconds": 126, "logins_left": None}

    said = health._line("rest", facts | {"log_bytes": 4096, "latency_ms": 2})

    known = "answered 15 s ago, rests 126 s, logins left unknown, log 4096 bytes, latency 2 ms"
    assert f"✗ rest: {known}" == said


def test_without_a_bot_or_with_half_a_report_nothing_is_well(tmp_path: Path) -> None:
    nobody = asked(tmp_path)
    (tmp_path / health.FILE).write_text(json.dumps({"at": 1})[:4])
    half = asked(tmp_path)

    assert (1, 1) == (nobody[0], half[0])
    assert "no bot runs" in nobody[1]
    assert "cannot be read" in half[1]


def test_a_report_replaces_the_one_before_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    reported(tmp_path, ok=False)
    reported(tmp_path, ok=True)

    assert [health.FILE] == [path.name for path in tmp_path.iterdir()]
    assert 0o600 == (tmp_path / health.FILE).stat().st_mode & 0o777


class Slow(dict[str, Any]):
    """A report whose writing takes until `goes_on` is set."""

    def __init__(self) -> None:
        super().__init__({"at": 1})
        self.begun, self.goes_on = threading.Event(), threading.Event()

    def items(self) -> Any:
        self.begun.set()
        self.goes_on.wait(10)
        return super().items()


async def test_no_report_is_left_by_a_bot_that_ends_while_one_is_written(tmp_path: Path) -> None:
    report, nobody = Slow(), None

    class Told(health.Health):
        async def _look(self) -> dict[str, Any]:
            return report

    told: Any = Told(*[nobody] * 6, data=tmp_path, clock=SystemClock())  # type: ignore[arg-type]
    writing = asyncio.create_task(told.write())
    await asyncio.to_thread(report.begun.wait, 10)
    writing.cancel()
    asyncio.get_running_loop().call_later(0.02, report.goes_on.set)
    await asyncio.wait({writing})
    told.take_down()
    await asyncio.get_running_loop().shutdown_default_executor()

    assert writing.cancelled()
    assert [] == os.listdir(tmp_path)
