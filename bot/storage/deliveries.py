"""Where each job's messages stand, and what was intended before each call to Discord."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain import Ending, JobId, Visibility
from bot.storage.database import Transaction, many, one
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from gen.job import JobState


@dataclass(frozen=True)
class Delivery:
    """One job's way to its owner, as stored. Times are seconds since 1970."""

    job: JobId
    tenant: str
    state: JobState
    rows: int
    accepted_at: int
    visibility: Visibility
    day: str
    place_intended_at: int | None
    placed_at: int | None
    result_intended_at: int | None
    ending: Ending | None
    route: bytes | None = field(repr=False)
    payload: bytes | None = field(repr=False)


LOOKED_AT = 1000
"""Jobs of one look. Those in hand or at rest are skipped, so the next look sees further."""

_COLUMNS = (
    "SELECT jobs.id AS job, tenant, state, rows, accepted_at, payload, visibility, day, route,"
    " place_intended_at, placed_at, result_intended_at, ending"
    " FROM deliveries JOIN jobs ON jobs.id = deliveries.job"
)


async def add(
    tx: Transaction,
    *,
    job: JobId,
    interaction: str,
    visibility: Visibility,
    day: str,
    route: bytes,
    guild_id: int | None,
    channel_id: int | None,
) -> None:
    """Record where an accepted job's result is to go."""
    public = visibility is Visibility.PUBLIC
    await tx.execute(
        "INSERT INTO deliveries (job, interaction, visibility, day, route, guild_id, channel_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            job,
            interaction,
            visibility,
            day,
            route,
            guild_id if public else None,
            channel_id if public else None,
        ),
    )


async def is_repeated(tx: Transaction, interaction: str) -> bool:
    """Say whether this interaction was accepted before."""
    return (
        await one(tx, "SELECT 1 FROM deliveries WHERE interaction = ?", (interaction,)) is not None
    )


async def get(tx: Transaction, job: str) -> Delivery | None:
    """Give one job's delivery."""
    row = await one(tx, f"{_COLUMNS} WHERE jobs.id = ?", (job,))
    return _delivery(dict(row)) if row else None


async def jobs_in(tx: Transaction, state: JobState) -> list[str]:
    """List the open jobs in a state, oldest first."""
    rows = await many(
        tx,
        "SELECT id FROM jobs WHERE state = ? AND ended_at IS NULL"
        " ORDER BY accepted_at, rowid LIMIT ?",
        (state, LOOKED_AT),
    )
    return [row["id"] for row in rows]


async def open_jobs(tx: Transaction) -> list[Delivery]:
    """List every delivery that has not ended."""
    return [_delivery(dict(row)) for row in await many(tx, f"{_COLUMNS} WHERE ended_at IS NULL")]


async def untidied(tx: Transaction) -> list[str]:
    """List ended jobs whose messages are not cleared up yet, oldest first."""
    rows = await many(
        tx,
        "SELECT job FROM deliveries JOIN jobs ON jobs.id = job"
        " WHERE route IS NOT NULL AND ended_at IS NOT NULL ORDER BY ended_at LIMIT ?",
        (LOOKED_AT,),
    )
    return [row["job"] for row in rows]


async def needed_keys(tx: Transaction) -> set[tuple[str, str]]:
    """Name the keys that rows still need, by job and purpose."""
    rows = await many(
        tx,
        "SELECT job, ended_at, payload IS NOT NULL AS recipe, route IS NOT NULL AS route"
        " FROM deliveries JOIN jobs ON jobs.id = job WHERE ended_at IS NULL"
        " OR payload IS NOT NULL OR route IS NOT NULL",
    )
    needed = set()
    for row in rows:
        is_open = row["ended_at"] is None
        needed |= {(row["job"], PICTURE)} if is_open else set()
        needed |= {(row["job"], RECIPE)} if is_open or row["recipe"] else set()
        needed |= {(row["job"], ROUTE)} if is_open or row["route"] else set()
    return needed


async def intend_place(tx: Transaction, job: str, now: int) -> None:
    """Record that a place is about to be sent; a repeat keeps the first time."""
    await tx.execute(
        "UPDATE deliveries SET place_intended_at = coalesce(place_intended_at, ?) WHERE job = ?",
        (now, job),
    )


async def intend_result(tx: Transaction, job: str, now: int) -> None:
    """Record that a new message with the result is about to be sent."""
    await tx.execute(
        "UPDATE deliveries SET result_intended_at = coalesce(result_intended_at, ?) WHERE job = ?",
        (now, job),
    )


async def stands(
    tx: Transaction, job: str, *, route: bytes, public_message_id: int | None, now: int
) -> None:
    """Record where the place stands; a stealth place's message id is only in the sealed route."""
    await tx.execute(
        "UPDATE deliveries SET route = ?, place_id = ?, placed_at = coalesce(placed_at, ?)"
        " WHERE job = ?",
        (route, public_message_id, now, job),
    )


async def close(
    tx: Transaction, job: str, *, keep_recipe: bool, ending: Ending | None = None
) -> None:
    """Drop an ended job's words, unless buttons need them; say why it has no picture."""
    await tx.execute(
        "UPDATE deliveries SET ending = coalesce(ending, ?) WHERE job = ?", (ending, job)
    )
    if not keep_recipe:
        await tx.execute("UPDATE jobs SET payload = NULL WHERE id = ?", (job,))


async def tidied(tx: Transaction, job: str) -> None:
    """Forget where an ended job's result went: everything is cleared up and said."""
    await tx.execute("UPDATE deliveries SET route = NULL WHERE job = ?", (job,))


async def posted(tx: Transaction, job: str, *, route: bytes, public_message_id: int | None) -> None:
    """Record which message holds the result; for stealth only the sealed route knows."""
    await tx.execute(
        "UPDATE deliveries SET route = ?, place_id = ? WHERE job = ?",
        (route, public_message_id, job),
    )


async def forget_post(tx: Transaction, job: str) -> None:
    """Forget where a public result stood, once it stands no more."""
    await tx.execute("UPDATE deliveries SET place_id = NULL WHERE job = ?", (job,))


def _delivery(row: dict[str, object]) -> Delivery:
    row["state"] = JobState(str(row["state"]))
    row["visibility"] = Visibility(str(row["visibility"]))
    row["ending"] = Ending(str(row["ending"])) if row["ending"] else None
    return Delivery(**row)  # type: ignore[arg-type]  # the columns are the fields
