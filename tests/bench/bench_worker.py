"""What a model gives on this machine, four ways, by `gen.bench`: in a process of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gen import launch

POCKET = Path(__file__).parents[2] / "gen" / "pocket" / "model"


def main() -> None:
    """Print the tables for Pocket: one thread, few steps, so that it takes two minutes."""
    subprocess.run(
        [
            *launch.bench(),
            *("--model", str(POCKET), "--device", "cpu", "--threads", "1"),
            *("--steps", "8", "--seconds", "2"),
        ],
        env=launch.environment(os.environ, threads=1),
        check=True,
    )


if __name__ == "__main__":
    main()
