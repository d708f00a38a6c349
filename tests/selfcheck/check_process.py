"""The check as an operator runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 110


def selfcheck(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `darkroom selfcheck` in a folder, with Pocket."""
    command = [sys.executable, "-m", "bot", "selfcheck", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "WORKER_THREADS": "1"},
    ) as process:
        try:
            said, complained = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.terminate()  # it ends its children; killed, it would leave them behind
    return subprocess.CompletedProcess(command, process.returncode, said, complained)
