"""Start-time fair queueing over tenants: who has had least of the GPU for their weight goes first.

Each job gets a start tag and a finish tag when it is accepted:

    start  = max(virtual time, the tenant's last finish tag)
    finish = start + cost / weight

Jobs are served by least start tag; the virtual time is the start tag of the job served last. A
tenant that was idle starts at the virtual time, so idleness banks no credit, and a tenant with
many jobs pushes only their own tags into the future.

The two speeds share the GPU in the same way, one level above: each is a tenant whose next job is
the next of its own people, and whose weight is its share.

While a job of start tag S waits, nobody else at its speed gets more of the GPU than their weight
times (S - virtual time), and one job; and the other speed gets no more than its share beside that,
and one job. So what others ask for meanwhile lengthens nobody's wait without bound.

Who comes back to relaxed jobs starts later by what they used of late (`debt`), and never by more
than `MOST_DEBT_SECONDS`: everybody else of weight 1 who waits can gain half a minute by it.

Paper: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gen.job import Speed

MOST_DEBT_SECONDS = 30.0
"""How far relaxed use can push somebody's next start, in denoiser seconds per weight."""


@dataclass(frozen=True)
class Tags:
    """A job's place in virtual time, in denoiser seconds per weight."""

    start: float
    finish: float


def tag(*, virtual_time: float, last_finish: float, cost_seconds: float, weight: float) -> Tags:
    """Tag one job of a tenant whose previous job ends at `last_finish`."""
    if weight <= 0:
        raise ValueError(f"weight must be above 0, not {weight}")
    start = max(virtual_time, last_finish)
    return Tags(start, start + cost_seconds / weight)


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """How the speeds share the GPU while both wait, and how long relaxed use is remembered.

    `relax_share` lies between 0 and 1. Of relaxed use, half counts after `half_life_seconds`.
    """

    relax_share: float = 0.2
    half_life_seconds: float = 3600.0

    def weight(self, speed: Speed) -> float:
        """Give a speed's share."""
        return self.relax_share if speed is Speed.RELAX else 1 - self.relax_share


SHARING = Sharing()
"""As shipped."""


def next_speed(tags: Mapping[Speed, Tags]) -> Speed:
    """Say which speed is served next, of those that wait; of equals, fast."""
    return min(tags, key=lambda speed: (tags[speed].start, speed is not Speed.FAST))


def relaxed_use(seconds: float, age_seconds: float, half_life_seconds: float) -> float:
    """Say how much of a use counts so long after it."""
    return seconds * math.exp2(-max(0.0, age_seconds) / half_life_seconds)


def debt(use_seconds: float, weight: float) -> float:
    """Say how far relaxed use pushes the next start: a little use by itself, much by the most."""
    used = use_seconds / weight
    return MOST_DEBT_SECONDS * used / (used + MOST_DEBT_SECONDS)
