"""What is there comes to end sooner, never later: of everybody, or of one person or server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.domain import PersonHash
from bot.policy.retention import DataClass
from bot.storage.database import Row, Transaction


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
    but_starred: bool = False,
) -> int:
    """Let what was made before end sooner, never later: everybody's, or of one person or server.

    `channel_id` narrows a server to one of its channels. Stealth recipes are nobody's and have a
    last day only: `tighten_unlinked` is theirs. `but_starred`: recipes that were starred are not
    meant. Says how many end sooner now.
    """
    named = {"person": person, "guild_id": guild_id, "channel_id": channel_id}
    sooner = 0
    for held in _held(kind):
        statement = _of(_EARLIER, held, person=person, guild_id=guild_id, channel_id=channel_id)
        statement += " AND NOT starred" if but_starred else ""
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
    rows: list[Row] = []
    for held in _held(kind):
        statement = _of(_WOULD_END, held, person=None, guild_id=guild_id, channel_id=channel_id)
        rows += await tx.execute_fetchall(statement, named)
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
