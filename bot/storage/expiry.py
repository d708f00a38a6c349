"""What is due to be forgotten: one condition per kind of row, to count, name and drop by.

Everything here takes rows in bounded batches, so that nobody waits long for the one writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bot.policy.retention import DataClass
from bot.storage.database import Transaction

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
    """When we look. Seconds since 1970; `today` is the operator's calendar day."""

    now: int
    today: str
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
        "usage WHERE day < :today AND NOT EXISTS (SELECT 1 FROM jobs JOIN deliveries"
        " ON job = id WHERE tenant = person AND deliveries.day = usage.day AND ended_at IS NULL)",
        "day",
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
    async with tx.execute(_sql(_COUNT, kind), asdict(moment)) as cursor:
        row = await cursor.fetchone()
    return Due(row[0], row[1]) if row else Due(0, None)


async def names(tx: Transaction, kind: Kind, moment: Moment, limit: int = BATCH) -> list[str]:
    """Name rows that are due."""
    async with tx.execute(_sql(_NAME, kind), asdict(moment) | {"limit": limit}) as cursor:
        return [row[0] for row in await cursor.fetchall()]


async def drop(tx: Transaction, kind: Kind, moment: Moment, limit: int = BATCH) -> int:
    """Drop rows that are due; says how many."""
    cursor = await tx.execute(_sql(_DROP, kind), asdict(moment) | {"limit": limit})
    return cursor.rowcount


async def forget(tx: Transaction, kind: Kind, doomed: Iterable[str]) -> None:
    """Drop rows by their names: those whose keys were destroyed."""
    await tx.executemany(_sql(_FORGET, kind), [(name,) for name in doomed])


def _sql(shape: str, kind: Kind) -> str:
    return shape.format_map(asdict(_RULES[kind]))


_EARLIER = {
    DataClass.RECIPE: "UPDATE recipes SET expires_at = made_at + :seconds"
    " WHERE expires_at > made_at + :seconds",
    DataClass.POST: "UPDATE posts SET expires_at = posted_at + :seconds"
    " WHERE (expires_at IS NULL OR expires_at > posted_at + :seconds)",
    DataClass.RECORD: "UPDATE deliveries SET expires_at = ended_at + :seconds FROM jobs"
    " WHERE jobs.id = job AND expires_at > ended_at + :seconds",
    DataClass.AUDIT: "UPDATE acts SET expires_at = at + :seconds WHERE expires_at > at + :seconds",
}
_WHOSE = {DataClass.RECORD: "tenant = :person"}


async def tighten(tx: Transaction, kind: DataClass, seconds: int, person: str | None = None) -> int:
    """Let what was made before end sooner, never later: of one person, or of everybody.

    Stealth recipes are nobody's and have a last day only: `tighten_unlinked` is theirs. Says how
    many end sooner now.
    """
    if kind not in _EARLIER:
        return 0
    whose = f" AND {_WHOSE.get(kind, 'person = :person')}" if person is not None else ""
    cursor = await tx.execute(_EARLIER[kind] + whose, {"seconds": seconds, "person": person})
    return cursor.rowcount


async def tighten_unlinked(tx: Transaction, last_day: str) -> int:
    """Let every stealth recipe end on this day, if it would end later; says how many."""
    cursor = await tx.execute(
        "UPDATE unlinked_recipes SET expires_on = ?1 WHERE expires_on > ?1", (last_day,)
    )
    return cursor.rowcount
