"""The durable queue: functions over an open transaction. Who holds the transaction commits.

The queue knows a tenant, a cost, a weight and a sealed payload; it cannot read the payload and
knows no person. States and their legal changes are the table in `gen.job`; the order is kept by
`gen.order`. A lease belongs to one process (`owner`) and one attempt: every write of a running
job names both, so a process that lost its lease changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gen import lookahead, order
from gen.fairness import SHARING, Sharing
from gen.job import TRANSITIONS, JobState, Speed
from gen.order import Outlook, Transaction, forget_idle, outlook, relax_forgotten, relax_used

__all__ = [
    "MAX_ATTEMPTS",
    "Lease",
    "Outlook",
    "Returned",
    "claim",
    "depth",
    "end",
    "enqueue",
    "forget_idle",
    "give_back",
    "lapsed",
    "outlook",
    "placed",
    "relax_forgotten",
    "relax_used",
    "rendered",
    "renew",
    "return_unused",
    "twin",
]

MAX_ATTEMPTS = 3
"""A job that was claimed this often and never finished is poison."""


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
    speed: Speed,
    running_cap: int,
    payload: bytes,
    now: int,
    model: str = "",
    sharing: Sharing = SHARING,
) -> None:
    """Accept a job. It waits for its place before anybody may claim it.

    While `running_cap` jobs of its tenant run, it is passed over. `model`: which it needs.
    """
    tags = await order.join(
        tx,
        tenant,
        speed,
        cost_seconds=cost_seconds,
        weight=weight,
        now=now,
        sharing=sharing,
    )
    await tx.execute(
        "INSERT INTO jobs (id, tenant, state, rows, cost, start_tag, span, accepted_at, payload,"
        " speed, running_cap, model) VALUES (?, ?, 'accepted', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(job, tenant, rows, cost_seconds, tags.start, tags.finish - tags.start, now, payload),
            *(speed, running_cap, model),
        ),
    )


async def placed(tx: Transaction, job: str) -> bool:
    """Let a job be claimed: its place stands. False when it ended meanwhile."""
    cursor = await tx.execute(
        "UPDATE jobs SET state = 'placed' WHERE id = ? AND state = 'accepted'", (job,)
    )
    return cursor.rowcount == 1


async def claim(
    tx: Transaction,
    *,
    owner: str,
    until: float,
    idle: bool,
    now: int,
    sharing: Sharing = SHARING,
    residents: Collection[str] = (),
) -> Lease | None:
    """Take the job that is next by fairness, whatever its size: overtaking would starve it.

    Only jobs of a model that is loaded (`residents`) may go before one whose model is not, and
    only for so long (`gen.lookahead`).

    A job that was claimed before may have been what ended the worker. It is taken only when
    nothing else runs (`idle`), so that it cannot take its neighbours down again. Until then nothing
    else is taken either: what runs ends, so that it waits no longer than that.
    """
    head = await order.head(tx, sharing)
    if head is None or (head["attempts"] and not idle):
        return None
    job, reached = await lookahead.nearest(tx, head, residents)
    lease = Lease(job["id"], owner, job["attempts"] + 1)
    await tx.execute(
        "UPDATE jobs SET state = 'running', attempts = ?, lease_owner = ?, lease_until = ?"
        " WHERE id = ?",
        (lease.attempt, owner, until, lease.job),
    )
    await order.serve(tx, job, reached, now=now, sharing=sharing)
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
        await order.unserve(tx, lease.job)
    return left


async def end(tx: Transaction, job: str, state: JobState, now: int) -> bool:
    """End a job. False when it had ended already: what ended stays ended.

    A job that was never claimed gives its tenant their place in the fair order back.
    """
    await order.leave(tx, job)
    sources = [source for source, targets in TRANSITIONS.items() if state in targets]
    cursor = await tx.execute(
        "UPDATE jobs SET state = ?, ended_at = ?, lease_owner = NULL, lease_until = NULL, cost = 0,"
        " model = '', passed = 0"
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
        "INSERT INTO jobs (id, tenant, state, rows, cost, start_tag, span, accepted_at, payload,"
        " speed, running_cap, model)"
        " SELECT ?2, tenant, 'accepted', rows, cost, start_tag, iif(attempts = 0, span, 0), ?3, ?4,"
        " speed, running_cap, model FROM jobs WHERE id = ?1 AND ended_at IS NULL",
        (job, new, now, payload),
    )
    if cursor.rowcount != 1:
        return False
    await tx.execute(
        "UPDATE jobs SET state = 'cancelled', ended_at = ?, lease_owner = NULL, lease_until = NULL,"
        " cost = 0, model = '', passed = 0 WHERE id = ?",
        (now, job),
    )
    return True


async def lapsed(tx: Transaction, *, owner: str, monotonic: float) -> list[Lease]:
    """List leases of processes that are gone, and our own that were not renewed in time."""
    async with tx.execute(
        "SELECT id, lease_owner, attempts FROM jobs"
        " WHERE state = 'running' AND ended_at IS NULL AND (lease_owner <> ? OR lease_until < ?)",
        (owner, monotonic),
    ) as cursor:
        return [Lease(row[0], row[1], row[2]) for row in await cursor.fetchall()]


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
