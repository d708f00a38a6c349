"""P2, P9, P10 and the operator's own check: what is proved by tests that stand elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.prove.report import Proof
from tests.selfcheck.check_process import selfcheck as run_selfcheck

ROOT = Path(__file__).parents[2]

FILES = {
    "P2  Private is not for sale to training": ("tests/test_training.py",),
    "P4  Retention is a number that is kept": (
        "tests/services/test_sweep.py",
        "tests/services/test_limit.py",
        "tests/services/test_limits_hold.py",
    ),
    "P9  The words are true": (
        "tests/test_claims.py",
        "tests/test_papers.py",
        "tests/test_datamap.py",
        "tests/test_words.py",
        "tests/test_house.py",
    ),
    "P10 It says so, and nothing about its maker": (
        "tests/prove/test_pictures.py",
        "tests/gen/test_images.py",
    ),
}
"""Which tests are a promise's contract."""

SELFCHECKS = {
    "": 0,
    "encryption": 1,
    "delivery": 1,
    "picture": 1,
}
"""What is broken, and the exit status of the check."""


def tests_of(promise: str) -> Proof:
    """Run the tests of a promise."""
    began = time.monotonic()
    missing = [name for name in FILES[promise] if not (ROOT / name).exists()]
    there = [name for name in FILES[promise] if name not in missing]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--no-header", "-o", "addopts=-q", *there],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    *_, last = done.stdout.strip().splitlines() or ["nothing was run"]
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    unclear = [f"pytest ended with {done.returncode}"] if done.returncode and not failed else []
    return Proof(
        promise=promise,
        figures=[f"{' '.join(there)}: {re.sub(r'=+', '', last).strip()}"],
        failures=[*failed, *unclear, *(f"no such test: {one}" for one in missing)],
        seconds=time.monotonic() - began,
    )


PROMISES = {promise.split()[0]: partial(tests_of, promise) for promise in FILES}


def selfcheck() -> Proof:
    """Run `darkroom selfcheck` as an operator does, and once with each measure broken."""
    began, controls, failures, figures = time.monotonic(), dict[str, str](), [], list[str]()
    for broken, status in SELFCHECKS.items():
        with tempfile.TemporaryDirectory() as folder:
            asked = ("--break", broken) if broken else ()
            done = run_selfcheck(Path(folder), *asked)
        found = [line for line in done.stdout.splitlines() if line.startswith("✗")]
        if broken:
            caught = found and done.returncode == status
            controls[f"--break {broken}"] = f"{len(found)} finds" if caught else ""
        else:
            figures = done.stdout.strip().splitlines()[-3:]
            if done.returncode != status:
                failures = found or [done.stderr.strip() or "it did not pass"]
    return Proof(
        promise="darkroom selfcheck, on this machine",
        figures=figures,
        controls=controls,
        failures=failures,
        seconds=time.monotonic() - began,
    )
