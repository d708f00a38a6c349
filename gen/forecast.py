"""When a line of jobs will be done: the engines, played forward. Pure.

An engine works off one denoiser second a second, shared by the pictures in its batch, and takes the
next job of the line while it has a row free. That is the worker at its best batch, by which costs
are measured (`gen.profile`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PLAYED = 64
"""A longer line is not played: by then it is only its sum that counts."""

MEANWHILE = 1.3
"""What others ask for meanwhile makes a wait longer by so much. Chosen with the simulator: of the
answers at loads up to 0.8 the most are right with it, and it spoils none of those at rest."""

_SOON = 1e-9


@dataclass(frozen=True)
class Work:
    """What is left of a job: so many pictures, so many denoiser seconds."""

    rows: int
    seconds: float


class _Batch:
    """One engine's jobs, by number, with the seconds each of their rows still takes."""

    def __init__(self) -> None:
        self.left: dict[int, float] = {}
        self.rows: dict[int, int] = {}

    @property
    def taken(self) -> int:
        return sum(self.rows.values())

    def take(self, number: int, work: Work) -> None:
        self.left[number] = work.seconds / work.rows
        self.rows[number] = work.rows

    def next_end(self) -> float:
        return min(self.left.values()) * self.taken if self.left else float("inf")

    def go_on(self, seconds: float) -> None:
        each = seconds / (self.taken or 1)
        self.left = {number: left - each for number, left in self.left.items()}
        for number in [number for number, left in self.left.items() if left <= _SOON]:
            del self.left[number], self.rows[number]


def played(running: Sequence[Work], line: Sequence[Work], *, engines: int, rows: int) -> float:
    """Say when the last of these jobs is done: the end of the line, or of those that run.

    Whatever runs is taken to be spread evenly.
    """
    jobs = [*running, *line]
    batches = [_Batch() for _ in range(max(1, engines))]
    for number, work in enumerate(running):
        _emptiest(batches).take(number, work)
    now, started, rows = 0.0, len(running), max(1, rows)
    while True:
        while started < len(jobs) and _emptiest(batches).taken < rows:
            _emptiest(batches).take(started, jobs[started])
            started += 1
        until = min(batch.next_end() for batch in batches)
        now += until
        for batch in batches:
            batch.go_on(until)
        if started == len(jobs) and not any(len(jobs) - 1 in batch.left for batch in batches):
            return now


def summed(ahead_seconds: float, own_seconds: float, *, engines: int) -> float:
    """Say when a job is done that has so much before it."""
    return ahead_seconds / max(1, engines) + own_seconds


def _emptiest(batches: Sequence[_Batch]) -> _Batch:
    return min(batches, key=lambda batch: batch.taken)
