"""`python -m gen.bench`: the worker's tables. Ratios count; seconds depend on the machine."""

import argparse
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers.utils import logging

from gen.bench import arrivals, costs, randomised, subject, throughput
from gen.bench.subject import Subject
from gen.bench.ways import MOST_ROWS
from gen.errors import ModelFault

LOADS = (0.5, 0.8, 1.1)
PEOPLE = 24


def main() -> int:
    """Load the model and print what it gives."""
    asked = _asked()
    logging.set_verbosity_error()
    torch.set_num_threads(asked.threads or torch.get_num_threads())
    try:
        found = (
            randomised.build(asked.random, asked.device)
            if asked.random
            else subject.load(asked.model, asked.device, asked.steps)
        )
    except ModelFault as fault:
        sys.stderr.write(f"darkroom: {fault}\n")
        return 2
    sizes = _sizes(asked.sizes, found)
    default = sizes[-1]
    family = found.family
    _say(
        [
            f"{found.card.name} on {family.device_name} ({family.device}, {family.dtype}),"
            f" guidance {found.card.guidance}, {torch.get_num_threads()} threads,"
            f" medians of runs in turns, load {os.getloadavg()[0]:.1f}",
            "With one thread on a CPU, seconds are the processor's own.",
        ]
    )
    _say(throughput.table(found, sizes, asked.seconds))
    _say(waits(found, default, asked.people))
    _say(costs.table(found, default, min(asked.seconds, 5.0)))
    if asked.model and not asked.random:
        _say(costs.cancels(found, asked.model, asked.threads))
    return 0


def waits(found: Subject, size: tuple[int, int], people: int) -> list[str]:
    """How long people wait at each load, by each way, and against diffusers alone."""
    on_one_core(found)
    rows = range(1, MOST_ROWS + 1, MOST_ROWS - 1)
    capacity = max(throughput.cell(found, size, count, 0.0).a_second("ours") for count in rows)
    lines = [
        f"{people} people ask at random times, {size[0]}x{size[1]}, every fourth for half the"
        f" steps; at 1.0 they ask for {capacity:.2f} pictures a second,",
        "which is what a full batch gives; on a CPU all four ways have one core.",
        "",
        f"{'load':>4} {'':32} {'p50 wait':>9} {'p95 wait':>9} {'p50':>6} {'p95':>6}"
        f" {'pictures a call':>16}",
    ]
    for load in LOADS:
        who = arrivals.drawn(found, size, people, load * capacity, seed=int(load * 10))
        reference: tuple[float, float] | None = None
        for way, play in arrivals.WAYS.items():
            played = play(found, who)
            p50, p95 = statistics.median(played.waits), _percentile(played.waits, 0.95)
            reference = reference or (p50, p95)
            lines.append(
                f"{load:4} {way:32} {p50:7.2f} s {p95:7.2f} s {p50 / reference[0]:6.2f}"
                f" {p95 / reference[1]:6.2f} {played.pictures_a_call:16.1f}"
            )
    return lines


def on_one_core(found: Subject) -> None:
    """On a CPU, give all ways the same one core: threads alone would take several."""
    if found.device.type == "cpu" and hasattr(os, "sched_setaffinity"):
        torch.set_num_threads(1)
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _sizes(said: str, found: Subject) -> list[tuple[int, int]]:
    if not said:
        return [(found.card.width, found.card.height)]
    return [(int(side), int(side)) for side in said.split(",")]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--random", choices=randomised.KINDS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sizes", default="", help="sides in pixels, such as 512,768,1024")
    parser.add_argument("--steps", type=int, default=0, help="0: as many as the card says")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each line of a table")
    parser.add_argument("--people", type=int, default=PEOPLE, help="who ask at random times")
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def _say(lines: Sequence[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
