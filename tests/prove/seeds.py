"""Seeds, one after the other, on every core: a run that is stopped goes on at the next seed."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

import click

Came = TypeVar("Came")

SAY_SECONDS = 60.0
"""How often a long run says at which seed it could be resumed."""


def spread(
    deed: Callable[[int], Came],
    first: int,
    *,
    budget_seconds: float,
    at_least: int = 0,
    enough: Callable[[list[tuple[int, Came]]], bool] = lambda _: True,
    longest_seconds: float | None = None,
) -> list[tuple[int, Came]]:
    """Do it with each seed from `first` on, until the time is over.

    Args:
        deed: At module level, so that another process can do it.
        first: The first seed.
        budget_seconds: No seed is begun later.
        at_least: So many seeds are begun in any case.
        enough: Whether what came of them will do; if not, it goes on until `longest_seconds`.
        longest_seconds: None is half as long again as the budget.

    Returns:
        What came of each seed, in order.
    """
    began = said = time.monotonic()
    longest = 1.5 * budget_seconds if longest_seconds is None else longest_seconds
    running = dict[Future[Came], int]()
    done = list[tuple[int, Came]]()
    number, workers = first, os.cpu_count() or 1

    def goes_on() -> bool:
        spent = time.monotonic() - began
        wanted = spent < budget_seconds or (spent < longest and not enough(done))
        return wanted or number - first < at_least

    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        while goes_on() or running:
            while goes_on() and len(running) < workers:
                running[pool.submit(deed, number)] = number
                number += 1
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done.append((running.pop(future), future.result()))
            if time.monotonic() - said > SAY_SECONDS:
                said, resume = time.monotonic(), min(running.values(), default=number)
                click.echo(f"  … {len(done)} seeds; to go on here: SEED={resume}", err=True)
    return sorted(done, key=lambda one: one[0])
