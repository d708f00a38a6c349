"""The check notices every measure that can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.selfcheck.check_process import selfcheck

NOTICED = {
    "encryption": (
        "words or seed of the stealth job in data folder, when: jobs wait, jobs run",
        "words of the public job in data folder, when: jobs wait, jobs run",
        "the stealth picture in data folder, when: pictures are made",
    ),
    "delivery": ("the stealth picture in what others see, when: pictures are made",),
    "picture": ("the stealth picture in temporary files, when: pictures are made",),
}


@pytest.mark.prove
@pytest.mark.timeout(120)
@pytest.mark.parametrize("broken", NOTICED)
def test_a_broken_measure_is_noticed(tmp_path: Path, broken: str) -> None:
    done = selfcheck(tmp_path, "--break", broken)

    assert 1 == done.returncode, done.stderr
    for find in NOTICED[broken]:
        assert f"✗ found {find}" in done.stdout
