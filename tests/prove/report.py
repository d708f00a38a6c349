"""What a promise's run came to, and how it is printed. Nothing here knows what was proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import click

_NAME_WIDTH = 28


@dataclass
class Table:
    """How often each cell was hit. `cells` are those that can be hit at all."""

    title: str
    columns: Sequence[str]
    cells: Mapping[str, Sequence[str]]
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)

    def empty(self) -> list[str]:
        """Name the cells that were never hit."""
        return [
            f"{row} × {column}"
            for row, columns in self.cells.items()
            for column in columns
            if not self.hits[row, column]
        ]

    def lines(self) -> list[str]:
        """Write it down."""
        head = f"  {self.title:{_NAME_WIDTH}}" + "".join(f"{each:>10}" for each in self.columns)
        return [head, *(self._line(row) for row in self.cells)]

    def _line(self, row: str) -> str:
        shown = (
            f"{self.hits[row, column]:>10}" if column in self.cells[row] else f"{'–':>10}"
            for column in self.columns
        )
        return f"  {row:{_NAME_WIDTH}}" + "".join(shown)


@dataclass
class Proof:
    """One promise's run. It holds when nothing failed, no cell is empty and every control bit.

    `tried` is the N of 3/N: if it never failed in so many independent trials, it fails in fewer
    than three of N with 95 % confidence (Hanley and Lippman-Hand, JAMA 249, 1983).
    """

    promise: str
    tried: int = 0
    trials: str = "sequences"
    seeds: str = ""
    figures: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    controls: dict[str, str] = field(default_factory=dict)  #: what was broken → how it was caught
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def faults(self) -> list[str]:
        """All that speaks against it."""
        uncaught = [f"not caught: {name}" for name, caught in self.controls.items() if not caught]
        empty = [f"never hit: {cell}" for table in self.tables for cell in table.empty()]
        return self.failures + uncaught + empty

    def show(self) -> None:
        """Print it."""
        verdict = "✗ broken" if self.faults else "✓ held"
        click.echo(f"{verdict}  {self.promise}   {self.seconds:.0f} s")
        if self.tried:
            bound = f"3/N = {3 / self.tried:.2g}"
            click.echo(
                f"  N = {self.tried} {self.trials}, {bound}{self.seeds and '; '}{self.seeds}"
            )
        for line in self.figures:
            click.echo(f"  {line}")
        for table in self.tables:
            for line in table.lines():
                click.echo(line)
        for name, caught in self.controls.items():
            click.echo(f"  control, {name}: {f'caught ({caught})' if caught else 'NOT CAUGHT'}")
        for fault in self.faults:
            click.echo(f"  ✗ {fault}")
        click.echo("")
