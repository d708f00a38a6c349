"""Where each job's messages stand, and what was intended before each call to Discord."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.domain import Ending, JobId, PersonHash, Visibility
from bot.policy.refund import Taken
from bot.route import PublicRoute, Route
from bot.storage.database import Transaction, many, one
from bot.storage.keyring import CHOICES, ERASURE, PICTURE, PURGE, RECIPE, REPORT, ROUTE, SERVER
from gen.job import JobState


@dataclass(frozen=True)
class Delivery:
    """One job's way to its owner, as stored. Times are seconds since 1970.

    `charged`: its pictures were counted, as for every command; a withdrawn result that is made
    again was counted before. `plan`: what it was accepted under. `guild_id` and `channel_id` are a
    public job's until its messages are cleared up; a stealth job has none. `attempts`: how often it
    was claimed; of one that waits, how often its painting was interrupted.
    """

    job: JobId
    tenant: str
    state: JobState
    attempts: int
    rows: int
    accepted_at: int
    visibility: Visibility
    day: str
    charged: bool
    place_intended_at: int | None
    placed_at: int | None
    result_intended_at: int | None
    shared_at: int | None
    ending: Ending | None
    plan: str | None
    gpu_milliseconds: int
    guild_id: int | None
    channel_id: int | None
    route: bytes | None = field(repr=False)
    payload: bytes | None = field(repr=False)

    @property
    def taken(self) -> Taken:
        """What it took of its owner's plan."""
        return Taken(
            pictures=self.rows * self.charged,
            stealth_jobs=int(self.visibility is Visibility.STEALTH),
            gpu_milliseconds=self.gpu_milliseconds,
        )

    @property
    def seen_since(self) -> int | None:
        """Since when others may have seen its place: also one whose answer was lost."""
        public = self.visibility is Visibility.PUBLIC
        return (self.shared_at or self.place_intended_at) if public else None


LOOKED_AT = 1000
"""Jobs of one look. Those in hand or at rest are skipped, so the next look sees further."""

_COLUMNS = (
    "SELECT jobs.id AS job, tenant, state, attempts, rows, accepted_at, payload, visibility, day,"
    " route, interaction <> job AS charged, place_intended_at, placed_at, result_intended_at,"
    " shared_at, ending, plan, gpu_milliseconds, guild_id, channel_id"
    " FROM deliveries JOIN jobs ON jobs.id = deliveries.job"
)


async def add(
    tx: Transaction,
    *,
    job: JobId,
    interaction: str,
    day: str,
    route: bytes,
    to: Route,
    plan: str | None = None,
    gpu_milliseconds: int = 0,
) -> None:
    """Record where an accepted job's result is to go. Only a public route has anything to show."""
    public = to if isinstance(to, PublicRoute) else None
    await tx.execute(
        "INSERT INTO deliveries (job, interaction, visibility, day, route, guild_id, channel_id,"
        " plan, gpu_milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            job,
            interaction,
            to.visibility,
            day,
            route,
            public.guild_id if public else None,
            public.channel_id if public else None,
            plan,
            gpu_milliseconds,
        ),
    )


async def hand_over(tx: Transaction, job: str) -> str:
    """Take its interaction from a job whose twin goes on, so that a repeat still makes nothing.

    What it took of its owner's plan is the twin's too from then on.
    """
    row = await one(tx, "SELECT interaction FROM deliveries WHERE job = ?", (job,))
    await tx.execute(
        "UPDATE deliveries SET interaction = job, gpu_milliseconds = 0 WHERE job = ?", (job,)
    )
    return str(row["interaction"]) if row else job


async def is_repeated(tx: Transaction, interaction: str) -> bool:
    """Say whether this interaction was accepted before."""
    return (
        await one(tx, "SELECT 1 FROM deliveries WHERE interaction = ?", (interaction,)) is not None
    )


async def get(tx: Transaction, job: str) -> Delivery | None:
    """Give one job's delivery."""
    row = await one(tx, f"{_COLUMNS} WHERE jobs.id = ?", (job,))
    return _delivery(dict(row)) if row else None


async def jobs_in(
    tx: Transaction, state: JobState, *, but: Collection[str] = (), most: int = LOOKED_AT
) -> list[str]:
    """List the oldest open jobs in a state, without those that are in hand."""
    rows = await many(
        tx,
        "SELECT id FROM jobs WHERE state = ? AND ended_at IS NULL"
        " AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY accepted_at, rowid LIMIT ?",
        (state, json.dumps([*but]), most),
    )
    return [row["id"] for row in rows]


async def interrupted(tx: Transaction) -> list[str]:
    """List the jobs that wait again after they were claimed: few, and perhaps not the oldest."""
    rows = await many(
        tx,
        "SELECT id FROM jobs WHERE state = ? AND ended_at IS NULL AND attempts > 0"
        " ORDER BY accepted_at, rowid",
        (JobState.PLACED,),
    )
    return [row["id"] for row in rows]


async def open_jobs(tx: Transaction) -> list[Delivery]:
    """List every delivery that has not ended."""
    return [_delivery(dict(row)) for row in await many(tx, f"{_COLUMNS} WHERE ended_at IS NULL")]


async def open_in_server(tx: Transaction, guild_id: int) -> int:
    """Count the open jobs of a server. A stealth job has no server."""
    row = await one(
        tx,
        "SELECT count(*) FROM deliveries JOIN jobs ON jobs.id = deliveries.job"
        " WHERE guild_id = ? AND ended_at IS NULL",
        (guild_id,),
    )
    return int(row[0]) if row else 0


async def work_seconds(tx: Transaction) -> float:
    """Sum up the denoiser seconds that all open jobs take."""
    row = await one(tx, "SELECT total(cost) FROM jobs WHERE ended_at IS NULL")
    return float(row[0]) if row else 0.0


async def those(tx: Transaction, jobs: list[str]) -> list[Delivery]:
    """List these jobs' deliveries."""
    rows = await many(
        tx,
        f"{_COLUMNS} WHERE jobs.id IN (SELECT value FROM json_each(?)) ORDER BY accepted_at",  # noqa: S608  # ours
        (json.dumps(jobs),),
    )
    return [_delivery(dict(row)) for row in rows]


async def untidied(
    tx: Transaction, *, but: Collection[str] = (), most: int = LOOKED_AT
) -> list[str]:
    """List the oldest ended jobs whose messages are not cleared up, without those in hand."""
    rows = await many(
        tx,
        "SELECT job FROM deliveries JOIN jobs ON jobs.id = job"
        " WHERE route IS NOT NULL AND ended_at IS NOT NULL"
        " AND job NOT IN (SELECT value FROM json_each(?)) ORDER BY ended_at LIMIT ?",
        (json.dumps([*but]), most),
    )
    return [row["job"] for row in rows]


async def needed_keys(tx: Transaction) -> set[tuple[str, str]]:
    """Name the keys that rows still need, by item and purpose."""
    jobs = await many(
        tx,
        "SELECT job, ended_at, route IS NOT NULL AS route FROM deliveries"
        " JOIN jobs ON jobs.id = job WHERE ended_at IS NULL OR route IS NOT NULL",
    )
    needed = {(row["job"], ROUTE) for row in jobs if row["ended_at"] is None or row["route"]}
    for row in jobs:
        needed |= (
            {(row["job"], PICTURE), (row["job"], RECIPE)} if row["ended_at"] is None else set()
        )
    others = await many(
        tx,
        "SELECT job AS item, ?1 AS purpose FROM recipes UNION ALL SELECT person, ?2 FROM choices"
        " UNION ALL SELECT id, ?3 FROM erasures UNION ALL SELECT id, ?4 FROM purges"
        " UNION ALL SELECT id, ?5 FROM reports"
        " UNION ALL SELECT id, ?5 FROM contests WHERE outcome IS NOT 'closed'"
        " UNION ALL SELECT item, ?6 FROM servers",
        (RECIPE, CHOICES, ERASURE, PURGE, REPORT, SERVER),
    )
    needed |= {(row["item"], row["purpose"]) for row in others}
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
        "UPDATE deliveries SET route = ?1, place_id = ?2, placed_at = coalesce(placed_at, ?3),"
        " shared_at = CASE WHEN ?2 IS NULL THEN NULL ELSE coalesce(shared_at, ?3) END"
        " WHERE job = ?4",
        (route, public_message_id, now, job),
    )


async def close(
    tx: Transaction, job: str, *, expires_at: int, ending: Ending | None = None
) -> None:
    """Drop an ended job's words; say why it has no picture, and until when its record is kept."""
    await tx.execute(
        "UPDATE deliveries SET ending = coalesce(ending, ?), expires_at = ? WHERE job = ?",
        (ending, expires_at, job),
    )
    await tx.execute("UPDATE jobs SET payload = NULL WHERE id = ?", (job,))


async def tidied(tx: Transaction, job: str) -> None:
    """Forget where an ended job's result went: everything is cleared up and said.

    Of a stealth job the record keeps its day and no time, so that nothing can be matched with it:
    also not by its turn in the fair order, or by where its row lies among those of public jobs. Nor
    does it keep the GPU time, which would tell its parameters: what goes back has gone back.
    """
    await tx.execute(
        "UPDATE deliveries SET route = NULL, guild_id = NULL, channel_id = NULL, place_id = NULL"
        " WHERE job = ?",
        (job,),
    )
    await tx.execute(
        "UPDATE deliveries SET placed_at = NULL, place_intended_at = NULL,"
        " result_intended_at = NULL, gpu_milliseconds = 0,"
        " expires_at = expires_at - expires_at % 86400"
        " WHERE job = ? AND visibility = 'stealth'",
        (job,),
    )
    await tx.execute(
        "UPDATE jobs SET accepted_at = accepted_at - accepted_at % 86400,"
        " ended_at = ended_at - ended_at % 86400, start_tag = 0, span = 0, rowid = ?2 WHERE id ="
        " (SELECT job FROM deliveries WHERE job = ?1 AND visibility = 'stealth')",
        (job, _out_of_order()),
    )
    await tx.execute(
        "UPDATE deliveries SET rowid = ?2 WHERE job = ?1 AND visibility = 'stealth'",
        (job, _out_of_order()),
    )


def _out_of_order() -> int:
    """Give a row number below all that SQLite counts up from 1: new rows stay in their order."""
    return -1 - secrets.randbits(62)


async def result_stands(tx: Transaction, job: str, route: bytes) -> None:
    """Record, sealed, which message holds the result, for what is still to be said about it."""
    await tx.execute("UPDATE deliveries SET route = ? WHERE job = ?", (route, job))


async def open_of(tx: Transaction, person: PersonHash, seen: Visibility | None) -> list[Delivery]:
    """List a person's jobs that have not ended; `seen` narrows them to one visibility."""
    rows = await many(
        tx,
        f"{_COLUMNS} WHERE tenant = ?1 AND ended_at IS NULL"
        " AND visibility = coalesce(?2, visibility) ORDER BY accepted_at",
        (person, seen),
    )
    return [_delivery(dict(row)) for row in rows]


async def at_place(tx: Transaction, guild_id: int, message_id: int) -> str | None:
    """Name the public job whose place this message is."""
    row = await one(
        tx, "SELECT job FROM deliveries WHERE guild_id = ? AND place_id = ?", (guild_id, message_id)
    )
    return str(row["job"]) if row else None


async def withdraw(tx: Transaction, job: str, now: int) -> None:
    """Let a withdrawn result's record go: at once, or with the last of its messages."""
    await tx.execute(
        "DELETE FROM jobs WHERE id = ? AND ended_at IS NOT NULL"
        " AND id IN (SELECT job FROM deliveries WHERE route IS NULL)",
        (job,),
    )
    await close(tx, job, expires_at=now, ending=Ending.MOVED)


async def forget(tx: Transaction, job: str) -> None:
    """Forget an ended job's record."""
    await tx.execute("DELETE FROM jobs WHERE id = ? AND ended_at IS NOT NULL", (job,))


def _delivery(row: dict[str, object]) -> Delivery:
    row["state"] = JobState(str(row["state"]))
    row["visibility"] = Visibility(str(row["visibility"]))
    row["charged"] = bool(row["charged"])
    row["ending"] = Ending(str(row["ending"])) if row["ending"] else None
    return Delivery(**row)  # type: ignore[arg-type]  # the columns are the fields
