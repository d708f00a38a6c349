"""Start-time fair queueing over tenants: who has had least of the GPU for their weight goes first.

Each job gets a start tag and a finish tag when it is accepted:

    start  = max(virtual time, the tenant's last finish tag)
    finish = start + cost / weight

Jobs are served by least start tag; the virtual time is the start tag of the job served last. A
tenant that was idle starts at the virtual time, so idleness banks no credit, and a tenant with
many jobs pushes only their own tags into the future.

Paper: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.
"""

from __future__ import annotations

from dataclasses import dataclass


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
