"""The fair order, kept: tenants' tags, the clocks of both speeds, and what they say of a wait.

The arithmetic is `gen.fairness`; here is where its numbers stand. All are functions over an open
transaction, as in `gen.queue`, which is the only one to turn the clocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter

import aiosqlite

from gen import fairness, forecast
from gen.fairness import SHARING, Sharing, Tags
from gen.forecast import Work
from gen.job import MAX_PICTURES, Speed
from gen.lookahead import waiting_at

Transaction = aiosqlite.Connection

USE_STEP_SECONDS = 600
"""Relaxed use is dated to ten minutes: its moment would tell when somebody's job was made."""

FORGOTTEN_HALF_LIVES = 12
"""After so many half-lives nobody would notice what is left of a relaxed use."""


@dataclass(frozen=True)
class Clock:
    """How far one speed has come: among its tenants, and with its last job among the speeds."""

    virtual_time: float
    job: Tags


async def join(
    tx: Transaction,
    tenant: str,
    speed: Speed,
    *,
    cost_seconds: float,
    weight: float,
    now: int,
    sharing: Sharing,
) -> Tags:
    """Give a tenant's new job its place in the order of its speed.

    Who comes back to relaxed jobs starts later by what they used of late.
    """
    virtual_time = (await _clocks(tx))[speed].virtual_time
    if speed is Speed.RELAX and not await _waits(tx, tenant, speed):
        virtual_time += fairness.debt(await relax_used(tx, tenant, now, sharing), weight)
    tags = fairness.tag(
        virtual_time=virtual_time,
        last_finish=await _last_finish(tx, tenant, speed),
        cost_seconds=cost_seconds,
        weight=weight,
    )
    await tx.execute(
        "INSERT INTO tenants VALUES (?, ?, ?)"
        " ON CONFLICT (tenant, speed) DO UPDATE SET finish_tag = excluded.finish_tag",
        (tenant, speed, tags.finish),
    )
    return tags


async def head(tx: Transaction, sharing: Sharing) -> aiosqlite.Row | None:
    """Give the job that is next."""
    heads = {speed: job for speed in Speed for job in await waiting_at(tx, speed, 1)}
    if not heads:
        return None
    tags = {speed: await _tags(tx, job, sharing) for speed, job in heads.items()}
    return heads[fairness.next_speed(tags)]


async def serve(
    tx: Transaction, job: aiosqlite.Row, reached: float, *, now: int, sharing: Sharing
) -> None:
    """Turn the clocks on by a job that is claimed, and remember what a relaxed one takes.

    `reached` is the start tag of the job that was next at its speed. A worker's death is not its
    tenant's use: only the first attempt counts.
    """
    tags = await _tags(tx, job, sharing)
    await tx.execute(
        "UPDATE fair_clocks SET virtual_time = max(virtual_time, ?), start_tag = ?, finish_tag = ?"
        " WHERE speed = ?",
        (reached, tags.start, tags.finish, job["speed"]),
    )
    if job["speed"] == Speed.RELAX and job["attempts"] == 0:
        used = await relax_used(tx, job["tenant"], now, sharing)
        await tx.execute(
            "INSERT OR REPLACE INTO relax_use VALUES (?, ?, ?)",
            (job["tenant"], used + job["cost"], now - now % USE_STEP_SECONDS),
        )


async def unserve(tx: Transaction, job: str) -> None:
    """Take back what a relaxed job counted as used whose claim came to nothing."""
    await tx.execute(
        "UPDATE relax_use SET seconds = max(0, seconds - (SELECT cost FROM jobs WHERE id = ?1))"
        " WHERE tenant = (SELECT tenant FROM jobs WHERE id = ?1 AND speed = 'relax'"
        " AND attempts = 0)",
        (job,),
    )


async def leave(tx: Transaction, job: str) -> None:
    """Give a tenant the place of a job back that ends before anybody claimed it."""
    await tx.execute(
        "UPDATE tenants SET finish_tag = max((SELECT virtual_time FROM fair_clocks"
        " WHERE fair_clocks.speed = tenants.speed), finish_tag - (SELECT span FROM jobs"
        " WHERE id = ?1)) WHERE (tenant, speed) = (SELECT tenant, speed FROM jobs"
        " WHERE id = ?1 AND state IN ('accepted', 'placed') AND attempts = 0)",
        (job,),
    )


async def forget_idle(tx: Transaction) -> int:
    """Forget tenants whom the fair clock has passed: to it they are as if they had never asked.

    While nobody waits at a speed its clock moves to the last finish tag, as start-time fair
    queueing has it at the end of a busy period (Goyal, Vin and Cheng, SIGCOMM 1996). So does the
    clock among the speeds while nobody waits at all.
    """
    await tx.execute(
        "UPDATE fair_clocks SET virtual_time = max(virtual_time, coalesce((SELECT max(finish_tag)"
        " FROM tenants WHERE tenants.speed = fair_clocks.speed), 0))"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.speed = fair_clocks.speed"
        " AND ended_at IS NULL)"
    )
    await tx.execute(
        "UPDATE fair_clocks SET start_tag = (SELECT max(finish_tag) FROM fair_clocks)"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE ended_at IS NULL)"
    )
    cursor = await tx.execute(
        "DELETE FROM tenants WHERE finish_tag <= (SELECT virtual_time FROM fair_clocks"
        " WHERE fair_clocks.speed = tenants.speed)"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.tenant = tenants.tenant"
        " AND jobs.speed = tenants.speed AND ended_at IS NULL)"
    )
    return cursor.rowcount


async def relax_used(tx: Transaction, tenant: str, now: int, sharing: Sharing) -> float:
    """Say what of a tenant's relaxed use still counts, in denoiser seconds."""
    async with tx.execute(
        "SELECT seconds, used_at FROM relax_use WHERE tenant = ?", (tenant,)
    ) as cursor:
        row = await cursor.fetchone()
    if row is None:
        return 0.0
    age_seconds = now - now % USE_STEP_SECONDS - row[1]
    return fairness.relaxed_use(row[0], age_seconds, sharing.half_life_seconds)


async def relax_forgotten(tx: Transaction, now: int, sharing: Sharing = SHARING) -> int:
    """Forget relaxed use of which next to nothing is left."""
    cursor = await tx.execute(
        "DELETE FROM relax_use WHERE used_at <= ?",
        (now - FORGOTTEN_HALF_LIVES * sharing.half_life_seconds,),
    )
    return cursor.rowcount


@dataclass(frozen=True)
class Outlook:
    """Where a job stands, and the seconds until it is done as things usually go.

    `position` is 1 for the job that is served next, running ones before it counted; 0 once it runs.
    """

    position: int
    wait_seconds: float


def _nothing(_: str) -> float:
    """No share of a job is done yet; no model has to be loaded for it first."""
    return 0.0


async def outlook(
    tx: Transaction,
    job: str,
    *,
    sharing: Sharing = SHARING,
    engines: int = 1,
    rows: int = MAX_PICTURES,
    done: Callable[[str], float] = _nothing,
    change: Callable[[str], float] = _nothing,
) -> Outlook:
    """Look ahead for one job by today's order.

    An engine takes `rows` pictures at once; `done` says which share of a running job is done,
    `change` how many seconds it takes until a model is loaded.
    """
    mine = await _open(tx, job)
    if mine is None:
        return Outlook(0, 0.0)
    running = {
        row["id"]: Work(row["rows"], row["cost"] * (1 - done(row["id"])))
        for row in await _fetch(tx, "SELECT id, rows, cost FROM jobs WHERE state = 'running'")
    }
    if last := running.pop(job, None):
        seconds = forecast.played([*running.values(), last], [], engines=engines, rows=rows)
        return Outlook(0, seconds * forecast.MEANWHILE)
    clocks = await _clocks(tx)
    starts = {speed: max(_virtual_time(clocks), clocks[speed].job.finish) for speed in Speed}
    jobs, cost = await _ahead(tx, mine, starts, sharing)
    ahead = sum(jobs.values())
    if ahead > forecast.PLAYED:
        cost += sum(work.seconds for work in running.values())
        seconds = forecast.summed(cost, mine["cost"], engines=engines)
    else:
        line = [*await _line(tx, jobs, starts, sharing), Work(mine["rows"], mine["cost"])]
        seconds = forecast.played(list(running.values()), line, engines=engines, rows=rows)
    wait_seconds = seconds * forecast.MEANWHILE + change(mine["model"])
    return Outlook(len(running) + ahead + 1, wait_seconds)


async def _open(tx: Transaction, job: str) -> aiosqlite.Row | None:
    """Give a job that waits or runs."""
    found = await _fetch(
        tx,
        "SELECT rowid, speed, rows, cost, start_tag, accepted_at, model FROM jobs"
        " WHERE id = ? AND state IN ('accepted', 'placed', 'running')",
        job,
    )
    return found[0] if found else None


async def _ahead(
    tx: Transaction, mine: aiosqlite.Row, starts: Mapping[Speed, float], sharing: Sharing
) -> tuple[dict[Speed, int], float]:
    """Count the waiting jobs that go first if nobody asks for more, and sum their costs.

    At its own speed those are the jobs of earlier tags. At the other, those whose start among the
    speeds is earlier than its own: where the cost before them, by the speed's share, ends.
    """
    speed = Speed(mine["speed"])
    (own,) = await _fetch(
        tx,
        "SELECT count(*), coalesce(sum(cost), 0) FROM jobs WHERE speed = ?"
        " AND state IN ('accepted', 'placed') AND (start_tag, accepted_at, rowid) < (?, ?, ?)",
        *(speed, mine["start_tag"], mine["accepted_at"], mine["rowid"]),
    )
    other = Speed.RELAX if speed is Speed.FAST else Speed.FAST
    until = starts[speed] + own[1] / sharing.weight(speed)
    room = (until - starts[other]) * sharing.weight(other)
    if other is Speed.FAST:
        room = math.nextafter(room, math.inf)  # of equals, fast
    (beside,) = await _fetch(
        tx,
        "SELECT count(*), coalesce(sum(cost), 0) FROM (SELECT cost, sum(cost) OVER"
        " (ORDER BY start_tag, accepted_at, rowid ROWS UNBOUNDED PRECEDING) - cost AS before"
        " FROM jobs WHERE speed = ? AND state IN ('accepted', 'placed')) WHERE before < ?",
        *(other, room),
    )
    return {speed: own[0], other: beside[0]}, own[1] + beside[1]


async def _line(
    tx: Transaction, jobs: Mapping[Speed, int], starts: Mapping[Speed, float], sharing: Sharing
) -> list[Work]:
    """Give so many waiting jobs of each speed, in the order in which they will be served."""
    line = list[tuple[tuple[float, bool, int], Work]]()
    for speed, count in jobs.items():
        start = starts[speed]
        for row in await _fetch(
            tx,
            "SELECT rows, cost FROM jobs WHERE speed = ? AND state IN ('accepted', 'placed')"
            " ORDER BY start_tag, accepted_at, rowid LIMIT ?",
            *(speed, count),
        ):
            line.append(((start, speed is Speed.RELAX, len(line)), Work(row["rows"], row["cost"])))
            start += row["cost"] / sharing.weight(speed)
    return [work for _, work in sorted(line, key=itemgetter(0))]


async def _fetch(tx: Transaction, sql: str, *values: object) -> list[aiosqlite.Row]:
    async with tx.execute(sql, values) as cursor:
        return list(await cursor.fetchall())


async def _tags(tx: Transaction, job: aiosqlite.Row, sharing: Sharing) -> Tags:
    """Give a job's tags among the speeds, if it is served now."""
    clocks, speed = await _clocks(tx), Speed(job["speed"])
    return fairness.tag(
        virtual_time=_virtual_time(clocks),
        last_finish=clocks[speed].job.finish,
        cost_seconds=job["cost"],
        weight=sharing.weight(speed),
    )


async def _clocks(tx: Transaction) -> dict[Speed, Clock]:
    async with tx.execute(
        "SELECT speed, virtual_time, start_tag, finish_tag FROM fair_clocks"
    ) as cursor:
        rows = await cursor.fetchall()
    return {Speed(row[0]): Clock(row[1], Tags(row[2], row[3])) for row in rows}


def _virtual_time(clocks: Mapping[Speed, Clock]) -> float:
    """Say how far the speeds have come together: to the start of the job served last."""
    return max(clock.job.start for clock in clocks.values())


async def _waits(tx: Transaction, tenant: str, speed: Speed) -> bool:
    async with tx.execute(
        "SELECT 1 FROM jobs WHERE tenant = ? AND ended_at IS NULL AND +speed = ?"
        " AND +state IN ('accepted', 'placed') LIMIT 1",
        (tenant, speed),
    ) as cursor:
        return await cursor.fetchone() is not None


async def _last_finish(tx: Transaction, tenant: str, speed: Speed) -> float:
    async with tx.execute(
        "SELECT finish_tag FROM tenants WHERE tenant = ? AND speed = ?", (tenant, speed)
    ) as cursor:
        row = await cursor.fetchone()
    return float(row[0]) if row else 0.0
