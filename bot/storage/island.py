"""What of a server lies in reach of a purge: its public jobs, posts, recipes and records.

A stealth row names no server and is public nowhere, so nothing here finds or counts one, or takes
longer for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bot.domain import JobId
from bot.storage import deliveries
from bot.storage.database import Transaction, many, one
from bot.storage.deliveries import Delivery
from bot.storage.posts import Standing

_JOB = re.compile(r"[0-9a-f]{32}")
_MESSAGE = re.compile(r"[0-9]{1,18}|[1-8][0-9]{18}")
_THESE = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a purge covers: in one server, or in all of them where `guild_id` is 0.

    `since` and `until` are seconds since 1970, both included; what was made later than `until` is a
    new beginning and stays. Empty words leave it open whose, where and which. `is_whole`: all there
    is of a server, so its reports and contests too.
    """

    guild_id: int
    until: int
    since: int = 0
    person: str = ""
    channel_id: int = 0
    job: str = ""
    is_whole: bool = False


@dataclass(frozen=True)
class Piece:
    """One thing in reach by its name, and whose it is."""

    name: str
    person: str


@dataclass(frozen=True)
class Within:
    """What lies in reach. `untidied` are ended jobs with messages to clear up."""

    open_jobs: tuple[Delivery, ...]
    ended: tuple[Piece, ...]
    untidied: tuple[JobId, ...]
    posts: tuple[Standing, ...]
    recipes: tuple[Piece, ...]
    pictures: int
    reports: tuple[Piece, ...]
    contests: tuple[Piece, ...]
    times: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all. What is being cleared up is as good as gone."""
        found = (self.open_jobs, self.ended, self.posts, self.recipes, self.reports, self.contests)
        return not any(found)


async def within(tx: Transaction, reach: Reach) -> Within:
    """Find what lies in reach."""
    standing = await posts(tx, reach)
    kept, made_at = await _recipes(tx, reach, standing)
    jobs = {post.job for post in standing} | {piece.name for piece in kept}
    rows = await _jobs(tx, reach, jobs)
    waiting = [row["id"] for row in rows if row["ended_at"] is None]
    ended = [row for row in rows if row["ended_at"] is not None]
    reports, contests = await _talk(tx, reach)
    return Within(
        open_jobs=tuple(await deliveries.those(tx, waiting)),
        ended=tuple(Piece(row["id"], row["tenant"]) for row in ended if not row["untidied"]),
        untidied=tuple(row["id"] for row in ended if row["untidied"]),
        posts=tuple(standing),
        recipes=tuple(kept),
        pictures=await _pictures(tx, waiting),
        reports=tuple(reports),
        contests=tuple(contests),
        times=(
            *(post.posted_at for post in standing),
            *made_at,
            *(row["accepted_at"] for row in rows if row["ended_at"] is None),
        ),
    )


async def posts(tx: Transaction, reach: Reach) -> list[Standing]:
    """List the public results in reach that stand, newest message first."""
    where, values = _where(
        guild_id=reach.guild_id,
        person=reach.person,
        channel_id=reach.channel_id,
        job=reach.job,
    )
    rows = await many(
        tx,
        "SELECT job, person, guild_id, channel_id, message_id, posted_at, expires_at FROM posts"  # noqa: S608  # ours
        f" WHERE {where} AND posted_at BETWEEN ? AND ? ORDER BY message_id DESC",
        (*values, reach.since, reach.until),
    )
    return [Standing(**dict(row)) for row in rows]


async def named(tx: Transaction, guild_id: int, name: str) -> str | None:
    """Find a server's public job by its id, or by the id or link of its message; else None."""
    text = name.strip().rpartition("/")[2]
    if _JOB.fullmatch(text):
        row = await one(
            tx,
            "SELECT job FROM posts WHERE job = ?1 AND guild_id = ?2"
            " UNION SELECT job FROM recipes WHERE job = ?1 AND guild_id = ?2"
            " UNION SELECT job FROM deliveries WHERE job = ?1 AND guild_id = ?2",
            (text, guild_id),
        )
    elif _MESSAGE.fullmatch(text):
        row = await one(
            tx,
            "SELECT job FROM posts WHERE message_id = ?1 AND guild_id = ?2"
            " UNION SELECT job FROM deliveries WHERE place_id = ?1 AND guild_id = ?2",
            (int(text), guild_id),
        )
    else:
        row = None
    return str(row["job"]) if row else None


async def untidied(tx: Transaction, jobs: Collection[str]) -> list[str]:
    """Name those of these ended jobs whose messages are not cleared up yet."""
    rows = await many(
        tx,
        f"SELECT job FROM deliveries WHERE route IS NOT NULL AND job IN {_THESE}",  # noqa: S608
        (_these(jobs),),
    )
    return [row["job"] for row in rows]


async def drop_posts(tx: Transaction, jobs: Iterable[str]) -> None:
    """Forget results that stand no more, or that we cannot remove."""
    await tx.execute(f"DELETE FROM posts WHERE job IN {_THESE}", (_these(jobs),))  # noqa: S608


async def expire_posts(tx: Transaction, jobs: Iterable[str], now: int) -> None:
    """Let results be due now: the sweeper goes on trying to remove them."""
    await tx.execute(
        f"UPDATE posts SET expires_at = ? WHERE job IN {_THESE}",  # noqa: S608
        (now, _these(jobs)),
    )


async def drop(tx: Transaction, found: Within) -> None:
    """Drop recipes, records, reports and contests; their keys were destroyed before."""
    for table, column, pieces in (
        ("recipes", "job", found.recipes),
        ("reports", "id", found.reports),
        ("contests", "id", found.contests),
    ):
        await tx.execute(
            f"DELETE FROM {table} WHERE {column} IN {_THESE}",  # noqa: S608  # ours
            (_these(piece.name for piece in pieces),),
        )
    await drop_records(tx, [piece.name for piece in found.ended])


async def drop_records(tx: Transaction, jobs: Iterable[str]) -> int:
    """Drop the records of ended jobs that are cleared up; says how many."""
    cursor = await tx.execute(
        f"DELETE FROM jobs WHERE ended_at IS NOT NULL AND id IN {_THESE}"  # noqa: S608
        " AND id IN (SELECT job FROM deliveries WHERE route IS NULL)",
        (_these(jobs),),
    )
    return cursor.rowcount


async def _recipes(
    tx: Transaction, reach: Reach, standing: list[Standing]
) -> tuple[list[Piece], list[int]]:
    """Give recipes in reach; of a channel those whose result stands there: they name none."""
    where, values = _where(guild_id=reach.guild_id, person=reach.person, job=reach.job)
    if reach.channel_id:
        where += f" AND job IN {_THESE}"
        values.append(_these(post.job for post in standing))
    rows = await many(
        tx,
        f"SELECT job, person, made_at FROM recipes WHERE {where} AND made_at BETWEEN ? AND ?",  # noqa: S608
        (*values, reach.since, reach.until),
    )
    return [Piece(row["job"], row["person"]) for row in rows], [row["made_at"] for row in rows]


async def _jobs(tx: Transaction, reach: Reach, delivered: set[str]) -> list[dict[str, Any]]:
    """List the public jobs in reach, and those that delivered what is in reach."""
    where, values = _where(
        guild_id=reach.guild_id, channel_id=reach.channel_id, job=reach.job, visibility="public"
    )
    rows = await many(
        tx,
        "SELECT id, tenant, ended_at, accepted_at, route IS NOT NULL AS untidied FROM jobs"  # noqa: S608  # ours
        f" JOIN deliveries ON job = id WHERE id IN (SELECT job FROM deliveries WHERE {where}"
        " UNION SELECT value FROM json_each(?)) ORDER BY accepted_at",
        (*values, _these(delivered)),
    )
    return [
        dict(row)
        for row in rows
        if row["id"] in delivered
        or (
            reach.since <= row["accepted_at"] <= reach.until and reach.person in {"", row["tenant"]}
        )
    ]


_FILES = "(SELECT job FROM pictures UNION ALL SELECT job FROM inputs)"


async def _pictures(tx: Transaction, jobs: Collection[str]) -> int:
    row = await one(
        tx,
        f"SELECT count(*) AS found FROM {_FILES} WHERE job IN {_THESE}",  # noqa: S608
        (_these(jobs),),
    )
    return int(row["found"]) if row else 0


async def _talk(tx: Transaction, reach: Reach) -> tuple[list[Piece], list[Piece]]:
    """Give reports, of a whole server; and contests, of it or of one person there."""
    reports = contests = list[Piece]()
    if reach.is_whole:
        rows = await many(
            tx, "SELECT id, reporter FROM reports WHERE guild_id = ?", (reach.guild_id,)
        )
        reports = [Piece(row["id"], row["reporter"]) for row in rows]
    if reach.is_whole or (reach.person and not reach.job):
        where, values = _where(guild_id=reach.guild_id, person=reach.person)
        rows = await many(
            tx,
            f"SELECT id, person FROM contests WHERE {where} AND made_at BETWEEN ? AND ?",  # noqa: S608
            (*values, reach.since, reach.until),
        )
        contests = [Piece(row["id"], row["person"]) for row in rows]
    return reports, contests


def _where(**said: int | str) -> tuple[str, list[int | str]]:
    """Ask for the columns of which something was said; every one is ours, never a person's word."""
    heard = {column: value for column, value in said.items() if value}
    asked = [f"{column} = ?" for column in heard]
    return " AND ".join(["1", *asked]), list(heard.values())


def _these(names: Iterable[str]) -> str:
    return json.dumps(list(names))
