"""What doctor says of the worker's doors, on this kernel and on one that has none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.isolation import SENTENCES, closed_doors
from bot.settings import POCKET
from gen.doors import Door

ROOT = Path(__file__).parents[1]

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's measures are Linux's")


def test_there_is_a_sentence_for_each_door_open_and_closed() -> None:
    assert list(Door) == list(SENTENCES)
    assert all(closed != open_ for closed, open_ in SENTENCES.values())


@linux_only
def test_doctor_hears_of_the_doors_of_this_machine() -> None:
    assert Door.MEMORY in closed_doors(POCKET, os.environ)


@linux_only
def test_on_an_old_kernel_doctor_names_each_door_that_stays_open(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.old_kernel", sys.executable, "-m", "bot", "doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "DATA_DIR": str(tmp_path / "data")},
    )

    assert f"✓ {SENTENCES[Door.MEMORY][0]}" in done.stdout
    for door in (Door.CALLS, Door.FILES, Door.SIGNALS):
        assert f"• {SENTENCES[door][1]}" in done.stdout
        assert SENTENCES[door][0] not in done.stdout
