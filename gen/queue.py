"""The durable queue: functions over an open transaction. Who holds the transaction commits.

The queue knows a tenant, a cost, a weight and a sealed payload; it cannot read the payload and
knows no person. States and their legal changes are the table in `gen.job`; the order is that of
`gen.fairness`. A lease belongs to one process (`owner`) and one attempt: every write of a running
job names both, so a process that lost its lease changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import aiosqlite

from gen import fairness
from gen.job import TRANSITIONS, JobState

MAX_ATTEMPTS = 3
"""A job that was claimed this often and never finished is poison."""

Transaction = aiosqlite.Connection


@dataclass(frozen=True)
class Lease:
    """The right to work on a job: this process, this attempt, until that monotonic second."""

    job: str
    owner: str
    attempt: int


async def enqueue(
    tx: Transaction,
    *,
    job: str,
    tenant: str,
    rows: int,
    cost_seconds: float,
    weight: float,
    payload: bytes,
    now: int,
) -> None:
    """Accept a job. It waits for its place before anybody may claim it."""
    tags = fairness.tag(
        virtual_time=await _virtual_time(tx),
        last_finish=await _last_finish(tx, tenant),
        cost_seconds=cost_seconds,
        weight=weight,
    )
    await tx.execute(
        "INSERT INTO jobs (id, tenant, state, rows, cost, start_tag, span, accepted_at, payload)"
        " VALUES (?, ?, 'accepted', ?, ?, ?, ?, ?, ?)",
        (job, tenant, rows, cost_seconds, tags.start, tags.finish - tags.start, now, payload),
    )
    await tx.execute(
        "INSERT INTO tenants VALUES (?, ?)"
        " ON CONFLICT (tenant) DO UPDATE SET finish_tag = excluded.finish_tag",
        (tenant, tags.finish),
    )


async def placed(tx: Transaction, job: str) -> bool:
    """Let a job be claimed: its place stands. False when it ended meanwhile."""
    cursor = await tx.execute(
        "UPDATE jobs SET state = 'placed' WHERE id = ? AND state = 'accepted'", (job,)
    )
    return cursor.rowcount == 1


async def claim(tx: Transaction, *, owner: str, until: float, idle: bool) -> Lease | None:
    """Take the job that is next by fairness, whatever its size: overtaking would starve it.

    A job that was claimed before may have been what ended the worker. It is taken only when
    nothing else runs (`idle`), so that it cannot take its neighbours down again.
    """
    async with tx.execute(
        "SELECT id, start_tag, attempts FROM jobs WHERE state = 'placed'"
        " ORDER BY start_tag, accepted_at LIMIT 1"
    ) as cursor:
        head = await cursor.fetchone()
    if head is None or (head["attempts"] and not idle):
        return None
    lease = Lease(head["id"], owner, head["attempts"] + 1)
    await tx.execute(
        "UPDATE jobs SET state = 'running', attempts = ?, lease_owner = ?, lease_until = ?"
        " WHERE id = ?",
        (lease.attempt, owner, until, lease.job),
    )
    await tx.execute(
        "UPDATE fair_clock SET virtual_time = max(virtual_time, ?)", (head["start_tag"],)
    )
    return lease


async def renew(tx: Transaction, leases: Sequence[Lease], until: float) -> None:
    """Keep leases alive while the worker is seen to work on them."""
    await tx.executemany(
        "UPDATE jobs SET lease_until = ? WHERE id = ? AND lease_owner = ? AND attempts = ?",
        [(until, lease.job, lease.owner, lease.attempt) for lease in leases],
    )


async def rendered(tx: Transaction, lease: Lease) -> bool:
    """Record that the sealed pictures are stored. False when the lease was lost."""
    return await _leave_running(tx, lease, JobState.RENDERED)


class Returned(StrEnum):
    """What became of a job whose worker died."""

    WAITING = "waiting"  #: it waits again, one attempt the poorer
    POISON = "poison"  #: that was its last attempt: whoever asked must end it
    NOT_OURS = "not-ours"  #: the lease was lost; nothing changed


async def give_back(tx: Transaction, lease: Lease) -> Returned:
    """Return a job whose worker died."""
    if not await _holds(tx, lease):
        return Returned.NOT_OURS
    if lease.attempt >= MAX_ATTEMPTS:
        return Returned.POISON
    await _leave_running(tx, lease, JobState.PLACED)
    return Returned.WAITING


async def return_unused(tx: Transaction, lease: Lease) -> bool:
    """Return a job whose worker was stopped by us: costs it no attempt."""
    left = await _leave_running(tx, lease, JobState.PLACED)
    if left:
        await tx.execute("UPDATE jobs SET attempts = attempts - 1 WHERE id = ?", (lease.job,))
    return left


async def end(tx: Transaction, job: str, state: JobState, now: int) -> bool:
    """End a job. False when it had ended already: what ended stays ended.

    A job that was never claimed gives its tenant their place in the fair order back.
    """
    await tx.execute(
        "UPDATE tenants SET finish_tag = max((SELECT virtual_time FROM fair_clock), finish_tag -"
        " (SELECT span FROM jobs WHERE id = ?1)) WHERE tenant = (SELECT tenant FROM jobs"
        " WHERE id = ?1 AND state IN ('accepted', 'placed') AND attempts = 0)",
        (job,),
    )
    sources = [source for source, targets in TRANSITIONS.items() if state in targets]
    cursor = await tx.execute(
        "UPDATE jobs SET state = ?, ended_at = ?, lease_owner = NULL, lease_until = NULL, cost = 0"
        " WHERE id = ? AND state IN (SELECT value FROM json_each(?))",
        (state, now, job, json.dumps(sources)),
    )
    return cursor.rowcount == 1


async def twin(tx: Transaction, job: str, new: str, payload: bytes, now: int) -> bool:
    """End an open job and let a new one, sealed anew, take its place in the fair order.

    Once the first was claimed, ending the new one gives no place back: the work was done. False
    when it had ended already: then nothing changes.
    """
    cursor = await tx.execute(
        "INSERT INTO jobs (id, tenant, state, rows, cost, start_tag, span, accepted_at, payload)"
        " SELECT ?2, tenant, 'accepted', rows, cost, start_tag, iif(attempts = 0, span, 0), ?3, ?4"
        " FROM jobs WHERE id = ?1 AND ended_at IS NULL",
        (job, new, now, payload),
    )
    if cursor.rowcount != 1:
        return False
    await tx.execute(
        "UPDATE jobs SET state = 'cancelled', ended_at = ?, lease_owner = NULL, lease_until = NULL,"
        " cost = 0 WHERE id = ?",
        (now, job),
    )
    return True


async def forget_idle(tx: Transaction) -> int:
    """Forget tenants whom the fair clock has passed: to it they are as if they had never asked.

    While nobody waits the clock moves to the last finish tag, as start-time fair queueing has it at
    the end of a busy period (Goyal, Vin and Cheng, SIGCOMM 1996).
    """
    await tx.execute(
        "UPDATE fair_clock SET virtual_time = max(virtual_time,"
        " coalesce((SELECT max(finish_tag) FROM tenants), 0))"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE ended_at IS NULL)"
    )
    cursor = await tx.execute(
        "DELETE FROM tenants WHERE finish_tag <= (SELECT virtual_time FROM fair_clock)"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.tenant = tenants.tenant"
        " AND ended_at IS NULL)"
    )
    return cursor.rowcount


async def lapsed(tx: Transaction, *, owner: str, monotonic: float) -> list[Lease]:
    """List leases of processes that are gone, and our own that were not renewed in time."""
    async with tx.execute(
        "SELECT id, lease_owner, attempts FROM jobs"
        " WHERE state = 'running' AND ended_at IS NULL AND (lease_owner <> ? OR lease_until < ?)",
        (owner, monotonic),
    ) as cursor:
        return [Lease(row[0], row[1], row[2]) for row in await cursor.fetchall()]


async def state_of(tx: Transaction, job: str) -> JobState | None:
    """Say where a job stands; None when there is no such job."""
    async with tx.execute("SELECT state FROM jobs WHERE id = ?", (job,)) as cursor:
        row = await cursor.fetchone()
    return JobState(row[0]) if row else None


@dataclass(frozen=True)
class Ahead:
    """What will be served before a job: how many jobs, and their cost in denoiser seconds."""

    jobs: int
    cost_seconds: float


async def ahead_of(tx: Transaction, job: str) -> Ahead:
    """Count what goes before a waiting job by today's order; running jobs count too."""
    async with tx.execute(
        "SELECT count(*), coalesce(sum(other.cost), 0) FROM jobs AS other, jobs AS mine"
        " WHERE mine.id = ? AND other.id <> mine.id AND other.ended_at IS NULL"
        " AND (other.state = 'running'"
        "  OR (other.state IN ('accepted', 'placed')"
        "   AND (other.start_tag, other.accepted_at, other.rowid)"
        "     < (mine.start_tag, mine.accepted_at, mine.rowid)))",
        (job,),
    ) as cursor:
        row = await cursor.fetchone()
    return Ahead(row[0], row[1]) if row else Ahead(0, 0.0)


async def depth(tx: Transaction) -> int:
    """Count the jobs that have not ended."""
    async with tx.execute("SELECT count(*) FROM jobs WHERE ended_at IS NULL") as cursor:
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _holds(tx: Transaction, lease: Lease) -> bool:
    async with tx.execute(
        "SELECT 1 FROM jobs WHERE id = ? AND state = 'running' AND lease_owner = ?"
        " AND attempts = ?",
        (lease.job, lease.owner, lease.attempt),
    ) as cursor:
        return await cursor.fetchone() is not None


async def _leave_running(tx: Transaction, lease: Lease, state: JobState) -> bool:
    cursor = await tx.execute(
        "UPDATE jobs SET state = ?, lease_owner = NULL, lease_until = NULL"
        " WHERE id = ? AND state = 'running' AND lease_owner = ? AND attempts = ?",
        (state, lease.job, lease.owner, lease.attempt),
    )
    return cursor.rowcount == 1


async def _virtual_time(tx: Transaction) -> float:
    async with tx.execute("SELECT virtual_time FROM fair_clock") as cursor:
        row = await cursor.fetchone()
    return float(row[0]) if row else 0.0


async def _last_finish(tx: Transaction, tenant: str) -> float:
    async with tx.execute("SELECT finish_tag FROM tenants WHERE tenant = ?", (tenant,)) as cursor:
        row = await cursor.fetchone()
    return float(row[0]) if row else 0.0
