"""How times and speeds are said: an estimate roughly, what is counted to three figures."""

from __future__ import annotations

from gen.job import Speed


def said_of(speed: Speed) -> str:
    """Say of a job how fast it goes."""
    return "relaxed" if speed is Speed.RELAX else "fast"


def duration(seconds: float) -> str:
    """Say a length of time as people do."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    if whole < 90 * 60:
        return f"{round(whole / 60)} min"
    return f"{round(whole / 3600)} h"


def fast_time(seconds: float) -> str:
    """Say an amount of fast time: it is counted, not estimated."""
    if seconds < 10:
        return f"{max(0.1, round(seconds, 1)):g} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    amount, unit = (seconds / 3600, "h") if seconds >= 3600 else (seconds / 60, "min")
    return f"{amount:.3g} {unit}" if amount < 100 else f"{round(amount):,} {unit}"
