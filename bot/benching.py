"""`darkroom bench`: what a model gives on this machine, in a process of its own.

Nothing is fetched, and nothing of the running bot is touched: it needs neither a token nor
DATA_DIR. While a bot works on the same device, both are slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from gen import launch


@click.command(name="bench")
@click.option("--model", metavar="FOLDER", type=click.Path(path_type=Path), help="Measure this.")
@click.option(
    "--random",
    "kind",
    type=click.Choice(["sdxl", "flux"]),
    help="Measure this kind at its full size, with random weights and without files.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, mps, cuda, cuda:1 …")
@click.option("--sizes", default="", metavar="PIXELS", help="Sides, such as 512,768,1024.")
@click.option("--steps", default=0, help="Steps of a picture; without, as the model's card says.")
@click.option("--seconds", default=10.0, show_default=True, help="For each line of a table.")
@click.option("--people", default=24, show_default=True, help="Who ask at random times.")
@click.option("--threads", default=0, help="Of the processor; without, all but one core.")
def bench(
    model: Path | None,
    kind: str | None,
    device: str,
    sizes: str,
    steps: int,
    seconds: float,
    people: int,
    threads: int,
) -> None:
    """Measure a model here, beside other ways to serve it: pictures a second, waits, costs."""
    if (model is None) == (kind is None):
        click.echo("darkroom: say what to measure: --model FOLDER, or --random sdxl|flux", err=True)
        sys.exit(2)
    if not all(side.isdecimal() and int(side) % 8 == 0 for side in sizes.split(",") if sizes):
        click.echo("darkroom: sizes are multiples of 8, such as --sizes 512,768,1024", err=True)
        sys.exit(2)
    what = ["--model", str(model.resolve())] if model else ["--random", str(kind)]
    measured = subprocess.run(  # noqa: S603  # our own interpreter, our own module
        [
            *launch.bench(),
            *what,
            *("--device", device, "--sizes", sizes, "--steps", str(steps)),
            *("--seconds", str(seconds), "--people", str(people), "--threads", str(threads)),
        ],
        env=launch.environment(os.environ, threads),
        check=False,
    )
    sys.exit(measured.returncode)
