"""What is due to be forgotten: one condition per kind of row, to count, name and drop by.

Everything here takes rows in bounded batches, so that nobody waits long for the one writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bot.storage.database import Transaction
from bot.storage.entitlements import NEWS_SECONDS

BATCH = 500
"""Rows of one kind that are dropped in one transaction."""


class Kind(StrEnum):
    """A kind of row that ends."""

    UNDELIVERED = "undelivered"
    RECIPE = "recipe"
    UNLINKED_RECIPE = "unlinked-recipe"
    POST = "post"
    RECORD = "record"
    USAGE = "usage"
    GPU_USAGE = "gpu-usage"
    GRANT = "grant"
    ENTITLEMENT = "entitlement"
    EXPORT = "export"
    CHOICES = "choices"
    PERSON = "person"
    ACT = "act"
    BLOCK = "block"
    STRIKE = "strike"
    COUNTER = "counter"
    REPORT = "report"
    CONTEST = "contest"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When we look. Seconds since 1970; `today` is the operator's calendar day.

    `quota_day` is the day that quotas are of, which a clock set to another time does not change.
    """

    now: int
    today: str
    quota_day: str
    unused_since: int


@dataclass(frozen=True)
class Due:
    """How many are due, and the day the oldest is of; of a stealth recipe its last day."""

    count: int
    oldest: str | int | None


@dataclass(frozen=True)
class _Rule:
    """`rows` are those that are due, `name` names one in `table`, `made` says when it was made."""

    table: str
    name: str
    rows: str
    made: str


_IDLE = "person NOT IN (SELECT tenant FROM jobs WHERE ended_at IS NULL)"
"""Of somebody who waits nothing is forgotten: their choices protect what is under way."""

_RULES = {
    Kind.UNDELIVERED: _Rule(
        "pictures",
        "job",
        "pictures WHERE position = 0 AND expires_at <= :now",
        "made_at",
    ),
    Kind.RECIPE: _Rule("recipes", "job", "recipes WHERE expires_at <= :now", "made_at"),
    Kind.UNLINKED_RECIPE: _Rule(
        "unlinked_recipes", "id", "unlinked_recipes WHERE expires_on < :today", "expires_on"
    ),
    Kind.POST: _Rule("posts", "job", "posts WHERE expires_at <= :now", "posted_at"),
    # A record is needed until its job is cleared up: it says where the messages stand.
    Kind.RECORD: _Rule(
        "jobs",
        "id",
        "deliveries JOIN jobs ON jobs.id = job"
        " WHERE expires_at <= :now AND route IS NULL AND ended_at IS NOT NULL",
        "ended_at",
    ),
    # A refund needs the sum of the day on which its job was taken.
    Kind.USAGE: _Rule(
        "usage",
        "person, day",
        "usage WHERE day < :quota_day AND NOT EXISTS (SELECT 1 FROM jobs JOIN deliveries"
        " ON job = id WHERE tenant = person AND deliveries.day = usage.day AND ended_at IS NULL)",
        "day",
    ),
    Kind.GPU_USAGE: _Rule(
        "gpu_usage",
        "person, month",
        "gpu_usage WHERE month < substr(:quota_day, 1, 7) AND NOT EXISTS (SELECT 1 FROM jobs"
        " JOIN deliveries ON job = id WHERE tenant = person"
        " AND substr(deliveries.day, 1, 7) = month AND ended_at IS NULL)",
        "month || '-01'",
    ),
    Kind.GRANT: _Rule("grants", "person", "grants WHERE expires_at <= :now", "granted_on"),
    Kind.ENTITLEMENT: _Rule(
        "entitlements",
        "id",
        f"entitlements WHERE told_at NOT BETWEEN :now - {NEWS_SECONDS} AND :now",
        "told_at",
    ),
    Kind.EXPORT: _Rule("exports", "person", "exports WHERE day < :today", "day"),
    Kind.CHOICES: _Rule(
        "choices", "person", f"choices WHERE used_at <= :unused_since AND {_IDLE}", "used_at"
    ),
    # Somebody of whom nothing else is known. Their choices say when they were last here.
    Kind.PERSON: _Rule(
        "people",
        "person",
        "people WHERE max(first_seen_at, coalesce(told_ai_at, 0), coalesce(role_plan_seen_at, 0))"
        " <= :unused_since AND person NOT IN (SELECT tenant FROM jobs)"
        " AND person NOT IN (SELECT person FROM choices)"
        " AND person NOT IN (SELECT person FROM usage)",
        "max(first_seen_at, coalesce(told_ai_at, 0), coalesce(role_plan_seen_at, 0))",
    ),
    Kind.ACT: _Rule("acts", "id", "acts WHERE expires_at <= :now", "at"),
    Kind.BLOCK: _Rule("blocks", "guild_id, person", "blocks WHERE expires_at <= :now", "since"),
    Kind.STRIKE: _Rule("strikes", "id", "strikes WHERE expires_at <= :now", "at"),
    Kind.COUNTER: _Rule(
        "counters", "person, what, visibility, day", "counters WHERE expires_at <= :now", "day"
    ),
    Kind.REPORT: _Rule("reports", "id", "reports WHERE expires_at <= :now", "made_at"),
    Kind.CONTEST: _Rule("contests", "id", "contests WHERE expires_at <= :now", "made_at"),
}


def last_day(until: int, zone: tzinfo) -> str:
    """Give the last whole day before a moment (seconds since 1970): what has a day and no time
    ends with it, never later.
    """
    return (datetime.fromtimestamp(until, zone).date() - timedelta(days=1)).isoformat()


_COUNT = "SELECT count(*), min({made}) FROM {rows}"
_NAME = "SELECT {name} FROM {rows} LIMIT :limit"
_DROP = "DELETE FROM {table} WHERE ({name}) IN (SELECT {name} FROM {rows} LIMIT :limit)"
_FORGET = "DELETE FROM {table} WHERE {name} = ?"


async def count(tx: Transaction, kind: Kind, moment: Moment) -> Due:
    """Count what is due."""
    (row,) = await tx.execute_fetchall(_sql(_COUNT, kind), asdict(moment))
    return Due(row[0], row[1])


async def names(tx: Transaction, kind: Kind, moment: Moment, limit: int = BATCH) -> list[str]:
    """Name rows that are due."""
    named = await tx.execute_fetchall(_sql(_NAME, kind), asdict(moment) | {"limit": limit})
    return [row[0] for row in named]


async def drop(tx: Transaction, kind: Kind, moment: Moment, limit: int = BATCH) -> int:
    """Drop rows that are due; says how many."""
    cursor = await tx.execute(_sql(_DROP, kind), asdict(moment) | {"limit": limit})
    return cursor.rowcount


async def forget(tx: Transaction, kind: Kind, doomed: Iterable[str]) -> None:
    """Drop rows by their names: those whose keys were destroyed."""
    await tx.executemany(_sql(_FORGET, kind), [(name,) for name in doomed])


def _sql(shape: str, kind: Kind) -> str:
    return shape.format_map(asdict(_RULES[kind]))
