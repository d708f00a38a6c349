"""Pictures a second by size and rows, four ways in turns; and the share of the device's peak.

Operations are counted in the model's own calls (`torch.utils.flop_counter`: two for a multiply and
an add, attention included) and held against the fastest matrix product of the same type on the
same device in the same run. What memory or launches cost shows as a smaller share.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from gen.bench import ways
from gen.bench.subject import Subject, dtype_of
from gen.bench.ways import Steps, Threads

ROWS = (1, 2, 4, 8)

#: TFLOP of one prediction, counted on the published configurations by others of this trade.
KNOWN_TFLOP = {
    ("sdxl", 512): 1.59,
    ("sdxl", 768): 3.64,
    ("sdxl", 1024): 6.76,
    ("flux", 512): 21.5,
    ("flux", 1024): 74.4,
}


@dataclass(frozen=True)
class Cell:
    """One size at so many rows: seconds of each run, by way; empty where it did not fit."""

    rows: int
    call_seconds: float  #: one denoiser call for all rows
    seconds: dict[str, list[float]]

    def ratio(self, way: str, reference: str = "one by one") -> float:
        """How much faster a way was than another: the median over neighbouring runs."""
        pairs = zip(self.seconds[reference], self.seconds[way], strict=True)
        return statistics.median(theirs / its for theirs, its in pairs)

    def a_second(self, way: str) -> float:
        """Pictures a second."""
        return self.rows / statistics.median(self.seconds[way])


def cell(subject: Subject, size: tuple[int, int], rows: int, budget_seconds: float) -> Cell:
    """Measure one size at so many rows, for about so long and at least once."""
    specs = [subject.spec(number, size) for number in range(rows)]
    threads = Threads(subject)
    deeds: dict[str, Callable[[], object]] = {
        "one by one": lambda: ways.one_by_one(subject, specs),
        "threads": lambda: threads(specs),
        "one call": lambda: ways.in_one_call(subject, specs),
        "ours": lambda: Steps(subject, rows)(specs),
    }
    samples = rows * subject.samples
    seconds = in_turns(subject, deeds, budget_seconds)
    threads.close()
    call_seconds = least(subject, lambda: subject.family.rehearse(*size, samples))
    return Cell(rows, call_seconds, seconds)


def in_turns(
    subject: Subject, deeds: dict[str, Callable[[], object]], budget_seconds: float
) -> dict[str, list[float]]:
    """Time deeds in turns, so that a busy machine is unfair to all alike; who is first changes."""
    found: dict[str, list[float]] = {name: [] for name in deeds}
    names, turn = list(deeds), 0
    for deed in deeds.values():
        deed()  # warm
    ends = time.perf_counter() + budget_seconds
    while turn < 1 or time.perf_counter() < ends:
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            found[name].append(subject.timed(deeds[name]))
        turn += 1
    return found


def least(subject: Subject, deed: Callable[[], object], times: int = 5) -> float:
    """The shortest of a few goes, the first not counted."""
    deed()
    return min(subject.timed(deed) for _ in range(times))


def operations(subject: Subject, size: tuple[int, int]) -> int:
    """Count what one prediction for one picture computes."""
    with FlopCounterMode(display=False) as counted, sdpa_kernel(SDPBackend.MATH):
        subject.family.rehearse(*size, 1)
    return int(counted.get_total_flops())


def peak(subject: Subject) -> float:
    """Operations a second in the fastest matrix product of the model's type."""
    side = 8192 if subject.device.type == "cuda" else 1024
    one = torch.rand(side, side, device=subject.device).to(dtype_of(subject.family))

    def multiply() -> None:
        torch.mm(one, one)
        subject.wait()

    return 2 * side**3 / least(subject, multiply, times=20)


def table(
    subject: Subject,
    sizes: Sequence[tuple[int, int]],
    budget_seconds: float,
    counts: Sequence[int] = ROWS,
) -> list[str]:
    """Every size, each at growing rows, until it no longer fits."""
    fastest = peak(subject)
    lines = [f"matrix product of this type, the peak of the run: {fastest / 1e12:.3f} TFLOP/s"]
    for size in sizes:
        flop = operations(subject, size)
        known = KNOWN_TFLOP.get((subject.card.family, size[0])) if size[0] == size[1] else None
        expected = f" (published configuration: {known})" if known else ""
        lines += [
            "",
            f"{size[0]}x{size[1]}, {subject.card.steps} steps: "
            f"{flop / 1e12:.3g} TFLOP a prediction{expected}",
            f"{'':4} {'denoiser':^27} {'pictures a second':^41}  {'ours against':^29}",
            f"{'rows':>4} {'steps/s':>8} {'gain':>6} {'of peak':>11} {'one by one':>11}"
            f" {'threads':>9} {'one call':>9} {'ours':>9}"
            f"  {'one by one':>10} {'threads':>8} {'one call':>9}",
        ]
        alone = 0.0
        for rows in counts:
            found: Cell | None = None
            with suppress(torch.OutOfMemoryError):
                found = cell(subject, size, rows, budget_seconds)
            if found is None:
                lines.append(f"{rows:4}   does not fit")
                break
            alone = alone or found.call_seconds
            lines.append(_line(found, alone, flop * rows * subject.samples / fastest))
    return lines


def _line(found: Cell, alone: float, floor_seconds: float) -> str:
    pictures = " ".join(f"{found.a_second(way):9.2f}" for way in ("threads", "one call", "ours"))
    against = [found.ratio("ours", way) for way in ("one by one", "threads", "one call")]
    return (
        f"{found.rows:4} {found.rows / found.call_seconds:8.1f}"
        f" {found.rows * alone / found.call_seconds:6.2f}"
        f" {floor_seconds / found.call_seconds:11.0%} {found.a_second('one by one'):11.2f}"
        f" {pictures}  {against[0]:10.2f} {against[1]:8.2f} {against[2]:9.2f}"
    )
