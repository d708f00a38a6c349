"""What is due to be forgotten: one condition per kind of row, to count, name and drop by; and how
what is there comes to end sooner.

Everything here takes rows in bounded batches, so that nobody waits long for the one writer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bot.domain import PersonHash
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


@dataclass(frozen=True)
class _Held:
    """Where things of a class lie: since when each is there, whose it is, and which are a server's
    or a channel's.
    """

    table: str
    made: str
    owner: str
    server: str = "FALSE"
    channel: str = "FALSE"


_TENANT = "(SELECT tenant FROM jobs WHERE id = job)"
_HELD = {
    DataClass.PICTURE: _Held(
        "pictures",
        "made_at",
        _TENANT,
        "job IN (SELECT job FROM deliveries WHERE guild_id = :guild_id)",
        "job IN (SELECT job FROM deliveries"
        " WHERE guild_id = :guild_id AND channel_id = :channel_id)",
    ),
    DataClass.RECIPE: _Held(
        "recipes",
        "made_at",
        "person",
        "guild_id = :guild_id",
        "job IN (SELECT job FROM posts WHERE guild_id = :guild_id AND channel_id = :channel_id)",
    ),
    DataClass.POST: _Held(
        "posts",
        "posted_at",
        "person",
        "guild_id = :guild_id",
        "guild_id = :guild_id AND channel_id = :channel_id",
    ),
    # Once its messages are cleared up, only the post and the recipe say which server a record is
    # of; a record that has neither any more keeps the end it has. What has become its owner's alone
    # is no server's, at once.
    DataClass.RECORD: _Held(
        "deliveries",
        "(SELECT ended_at FROM jobs WHERE id = job)",
        _TENANT,
        "(job IN (SELECT job FROM posts WHERE guild_id = :guild_id"
        " UNION ALL SELECT job FROM recipes WHERE guild_id = :guild_id)"
        " OR guild_id = :guild_id AND ending IS NOT 'moved')",
        "(job IN (SELECT job FROM posts WHERE guild_id = :guild_id AND channel_id = :channel_id)"
        " OR guild_id = :guild_id AND channel_id = :channel_id AND ending IS NOT 'moved')",
    ),
    DataClass.AUDIT: _Held("acts", "at", "person"),
    # A count has a day and no time: it may be of that day's last moment.
    DataClass.COUNTER: _Held(
        "counters", "CAST(strftime('%s', day, '+1 day') AS INTEGER)", "person"
    ),
}
_HELD_BESIDES = {
    DataClass.COUNTER: (_Held("strikes", "at", "person"),),
    DataClass.RECORD: (
        _Held(
            "reports",
            "made_at",
            "reporter",
            "guild_id = :guild_id",
            "guild_id = :guild_id AND channel_id = :channel_id",
        ),
        _Held("contests", "made_at", "person", "guild_id = :guild_id"),
    ),
}
"""What else is of a class."""

_ENDS_LATER = "coalesce(expires_at, 9223372036854775807) > {made} + :seconds"
_EARLIER = "UPDATE {table} SET expires_at = {made} + :seconds WHERE {meant}"
_WOULD_END = (
    "SELECT {owner} AS person, count(*) AS total, sum({made} + :seconds <= :now) AS over,"
    " max({made} + :seconds) AS last"
    " FROM {table} WHERE {meant} GROUP BY 1"
)


@dataclass(frozen=True, kw_only=True)
class Shortening:
    """What a shorter lifetime does to what is there: how many end `at_once`, how many `later`.

    `until` is when the last of those goes (seconds since 1970); `whose` says how many are whose.
    """

    at_once: int = 0
    later: int = 0
    until: int | None = None
    whose: Mapping[PersonHash, int] = field(default_factory=dict)


async def tighten(
    tx: Transaction,
    kind: DataClass,
    seconds: int,
    *,
    person: str | None = None,
    guild_id: int | None = None,
    channel_id: int | None = None,
) -> int:
    """Let what was made before end sooner, never later: everybody's, or of one person or server.

    `channel_id` narrows a server to one of its channels. Stealth recipes are nobody's and have a
    last day only: `tighten_unlinked` is theirs. Says how many end sooner now.
    """
    named = {"person": person, "guild_id": guild_id, "channel_id": channel_id}
    sooner = 0
    for held in _held(kind):
        statement = _of(_EARLIER, held, person=person, guild_id=guild_id, channel_id=channel_id)
        sooner += (await tx.execute(statement, {"seconds": seconds} | named)).rowcount
    return sooner


async def shortening(
    tx: Transaction,
    kind: DataClass,
    seconds: int,
    *,
    now: int,
    guild_id: int,
    channel_id: int | None,
) -> Shortening:
    """Say what `tighten` would do to what a server or a channel of it has; changes nothing."""
    named = {"seconds": seconds, "now": now, "guild_id": guild_id, "channel_id": channel_id}
    rows = []
    for held in _held(kind):
        statement = _of(_WOULD_END, held, person=None, guild_id=guild_id, channel_id=channel_id)
        async with tx.execute(statement, named) as cursor:
            rows += list(await cursor.fetchall())
    whose = Counter[PersonHash]()
    for row in rows:
        whose[PersonHash(row["person"])] += row["total"]
    over, total = sum(row["over"] for row in rows), sum(row["total"] for row in rows)
    return Shortening(
        at_once=over,
        later=total - over,
        until=max(row["last"] for row in rows) if total > over else None,
        whose=whose,
    )


def _held(kind: DataClass) -> Iterator[_Held]:
    if kind in _HELD:
        yield _HELD[kind]
    yield from _HELD_BESIDES.get(kind, ())


def _of(
    shape: str,
    held: _Held,
    *,
    person: str | None,
    guild_id: int | None,
    channel_id: int | None,
) -> str:
    """Make the statement for those things of a class that are meant."""
    meant = [
        _ENDS_LATER.format(made=held.made),
        f"{held.owner} = :person" if person is not None else "",
        held.server if guild_id is not None and channel_id is None else "",
        held.channel if guild_id is not None and channel_id is not None else "",
    ]
    return shape.format(
        table=held.table, made=held.made, owner=held.owner, meant=" AND ".join(filter(None, meant))
    )


async def tighten_unlinked(tx: Transaction, last_day: str) -> int:
    """Let every stealth recipe end on this day, if it would end later; says how many."""
    cursor = await tx.execute(
        "UPDATE unlinked_recipes SET expires_on = ?1 WHERE expires_on > ?1", (last_day,)
    )
    return cursor.rowcount
