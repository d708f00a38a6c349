"""Who waits and runs: one person's open jobs, and how many there are of everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bot.domain import JobId, PersonHash, Visibility
from bot.storage.database import Transaction, many
from gen.job import JobState, Speed


@dataclass(frozen=True)
class Open:
    """One open job."""

    job: JobId
    state: JobState
    speed: Speed
    visibility: Visibility


@dataclass(frozen=True)
class Totals:
    """How many jobs of one speed wait and run."""

    waiting: int = 0
    running: int = 0


async def of(tx: Transaction, person: PersonHash) -> list[Open]:
    """List a person's open jobs, oldest first."""
    rows = await many(
        tx,
        "SELECT id, state, speed, visibility FROM jobs JOIN deliveries ON job = id"
        " WHERE tenant = ? AND ended_at IS NULL ORDER BY accepted_at, jobs.rowid",
        (person,),
    )
    return [
        Open(row["id"], JobState(row["state"]), Speed(row["speed"]), Visibility(row["visibility"]))
        for row in rows
    ]


class Met(NamedTuple):
    """One job of somebody's, open or ended. `accepted_at` is seconds since 1970; of stealth that
    was cleared up, the beginning of its day.
    """

    job: JobId
    state: JobState
    visibility: Visibility
    accepted_at: int


async def latest(tx: Transaction, person: PersonHash, most: int) -> list[Met]:
    """List a person's newest jobs of which a record is left, the open ones first."""
    rows = await many(
        tx,
        "SELECT id, state, visibility, accepted_at FROM jobs JOIN deliveries ON job = id"
        " WHERE tenant = ? ORDER BY ended_at IS NOT NULL, accepted_at DESC, id LIMIT ?",
        (person, most),
    )
    return [
        Met(row["id"], JobState(row["state"]), Visibility(row["visibility"]), row["accepted_at"])
        for row in rows
    ]


async def totals(tx: Transaction) -> dict[Speed, Totals]:
    """Count everybody's jobs that wait and run, by speed."""
    rows = await many(
        tx,
        "SELECT speed, sum(state IN ('accepted', 'placed')) AS waiting,"
        " sum(state = 'running') AS running FROM jobs WHERE ended_at IS NULL GROUP BY speed",
    )
    counted = {Speed(row["speed"]): Totals(row["waiting"], row["running"]) for row in rows}
    return {speed: counted.get(speed, Totals()) for speed in Speed}
