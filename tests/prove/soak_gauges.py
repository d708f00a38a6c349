"""What a soak measures from outside, and how it says whether anything grows."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.prove.load import LoadedBot

WARM_SHARE = 0.25
"""So much of a soak only warms up: caches fill, the first of everything is made."""

AT_MOST = 400
"""Samples that a slope is taken over: it looks at each pair of them."""


@dataclass(frozen=True)
class Gauge:
    """One figure: what it is, in which unit, and by how much it may drift from end to end."""

    name: str
    unit: str
    drift: float


GAUGES = (
    Gauge("resident memory", "MB", 12.0),
    Gauge("memory of the worker", "MB", 12.0),
    Gauge("asyncio tasks", "", 12.0),
    Gauge("open files", "", 6.0),
    Gauge("sockets", "", 6.0),
    Gauge("threads", "", 2.0),
    Gauge("child processes", "", 1.0),
    Gauge("databases", "KB", 1024.0),
    Gauge("write-ahead logs", "KB", 8400.0),
    Gauge("sealed pictures", "files", 24.0),
    Gauge("keys in memory", "files", 24.0),
    Gauge("open jobs", "", 24.0),
)
"""Bounds hold for the whole judged part, short or long. The logs are as large as SQLite lets them
become before it writes them into the files: some 4 MB each."""

Sample = dict[str, float]


def sample(bot: LoadedBot, data: Path, shared: Path, open_jobs: int) -> Sample:
    """Look at the bot once, from outside; only its tasks it tells itself."""
    process = psutil.Process(bot.pid)
    worker = bot.worker()
    with process.oneshot():
        taken: Sample = {
            "resident memory": process.memory_info().rss / 2**20,
            "open files": float(process.num_fds()),
            "sockets": float(len(process.net_connections("all"))),
            "threads": float(process.num_threads()),
            "child processes": float(len(process.children())),
            "asyncio tasks": bot.said[-1]["tasks"] if bot.said else 0.0,
            "databases": _size_kb(data, "*.db"),
            "write-ahead logs": _size_kb(data, "*.db-wal"),
            "sealed pictures": float(sum(one.is_file() for one in (data / "blobs").rglob("*"))),
            "keys in memory": float(sum(one.is_file() for one in shared.rglob("*"))),
            "open jobs": float(open_jobs),
        }
    if worker is not None:
        with suppress(psutil.Error):
            taken["memory of the worker"] = worker.memory_info().rss / 2**20
    return taken


def _size_kb(folder: Path, pattern: str) -> float:
    found = 0
    for one in folder.glob(pattern):
        with suppress(FileNotFoundError):
            found += one.stat().st_size
    return found / 1024


def slope(moments: Sequence[float], values: Sequence[float]) -> float:
    """Give the Theil-Sen slope, the median of all pairs' slopes: a few outliers move nothing.

    Sen, JASA 63, 1968.
    """
    step = max(1, len(values) // AT_MOST)
    points = list(zip(moments, values, strict=True))[::step]
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for earlier, later in itertools.combinations(points, 2)
        if later[0] > earlier[0]
    ]
    return statistics.median(slopes) if slopes else 0.0


@dataclass(frozen=True)
class Drift:
    """How one figure moved in the judged part of a soak."""

    gauge: Gauge
    first: float
    least: float
    most: float
    last: float
    drift: float  #: slope times length

    @property
    def grows(self) -> bool:
        """Whether it grew by more than its bound."""
        return self.drift > self.gauge.drift

    def line(self) -> str:
        """Write it down."""
        numbers = (self.first, self.least, self.most, self.last)
        shown = "".join(f"{each:>10.1f}" for each in numbers)
        bound = f"{self.drift:>+10.1f} of {self.gauge.drift:g} {self.gauge.unit}".rstrip()
        return f"{self.gauge.name:22}{shown}{bound}{'  GROWS' if self.grows else ''}"


HEAD = f"{'after warm-up':22}{'first':>10}{'least':>10}{'most':>10}{'last':>10}{'drift':>10}"


def drifts(moments: Sequence[float], samples: Sequence[Sample]) -> list[Drift]:
    """Judge what came after the warm-up."""
    begins = moments[0] + WARM_SHARE * (moments[-1] - moments[0])
    found = []
    for gauge in GAUGES:
        points = [
            (moment, one[gauge.name])
            for moment, one in zip(moments, samples, strict=True)
            if moment >= begins and gauge.name in one
        ]
        if len(points) < 2:
            continue
        times, values = [point[0] for point in points], [point[1] for point in points]
        drift = slope(times, values) * (times[-1] - times[0])
        found.append(Drift(gauge, values[0], min(values), max(values), values[-1], drift))
    return found
