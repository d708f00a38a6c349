"""Servers that the bot is not in any more, and everything that is a server's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.storage import deliveries
from bot.storage.database import Transaction, many, one
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PURGE, RECIPE, REPORT, SERVER


@dataclass(frozen=True)
class Departure:
    """A server that the bot left. `purge` names what erases it, once that has begun."""

    guild_id: int
    purge: str | None


async def held(tx: Transaction, *, but_departures: bool = False) -> set[int]:
    """Name every server that anything is held of; or anything but that the bot left it."""
    union = " UNION ".join(
        f"SELECT {column} AS guild FROM {table}"  # noqa: S608  # ours
        for table, column in _OF_SERVERS
        if not (but_departures and table == "departures")
    )
    rows = await many(tx, f"SELECT guild FROM ({union}) WHERE guild > 0")  # noqa: S608
    return {row["guild"] for row in rows}


async def left(tx: Transaction, guild_id: int, now: int) -> bool:
    """Note that the bot is not in a server any more; a repeat keeps the first time.

    Says whether it was new.
    """
    cursor = await tx.execute(
        "INSERT INTO departures VALUES (?, ?, NULL) ON CONFLICT DO NOTHING", (guild_id, now)
    )
    return cursor.rowcount == 1


async def back(tx: Transaction, guild_id: int) -> bool:
    """Forget that the bot left a server. Says whether it had."""
    cursor = await tx.execute("DELETE FROM departures WHERE guild_id = ?", (guild_id,))
    return cursor.rowcount == 1


async def due(tx: Transaction, before: int) -> list[Departure]:
    """List the servers that the bot left before a moment, the longest ago first."""
    rows = await many(
        tx,
        "SELECT guild_id, purge FROM departures WHERE left_at <= ? ORDER BY left_at",
        (before,),
    )
    return [Departure(row["guild_id"], row["purge"]) for row in rows]


async def all_left(tx: Transaction) -> set[int]:
    """Name every server that the bot left."""
    return {row["guild_id"] for row in await many(tx, "SELECT guild_id FROM departures")}


async def erased_by(tx: Transaction, guild_id: int, purge: str) -> None:
    """Note which purge erases a server."""
    await tx.execute("UPDATE departures SET purge = ? WHERE guild_id = ?", (purge, guild_id))


async def is_purged(tx: Transaction, purge: str) -> bool:
    """Say whether a purge is finished."""
    return await one(tx, "SELECT 1 FROM purges WHERE id = ?", (purge,)) is None


async def open_jobs(tx: Transaction, guild_id: int) -> list[Delivery]:
    """List the public jobs of a server that have not ended."""
    jobs = await deliveries.open_jobs(tx)
    return [each for each in jobs if each.guild_id == guild_id]


async def sealed_items(tx: Transaction, guild_id: int) -> list[tuple[str, str]]:
    """Name the keys that rows of a server need, by item and purpose."""
    rows = await many(
        tx,
        "SELECT item, ?2 AS purpose FROM servers WHERE guild_id = ?1 UNION ALL"
        " SELECT id, ?3 FROM reports WHERE guild_id = ?1 UNION ALL"
        " SELECT id, ?3 FROM contests WHERE guild_id = ?1 UNION ALL"
        " SELECT id, ?4 FROM purges WHERE guild_id = ?1 UNION ALL"
        " SELECT job, ?5 FROM recipes WHERE guild_id = ?1",
        (guild_id, SERVER, REPORT, PURGE, RECIPE),
    )
    return [(row["item"], row["purpose"]) for row in rows]


_OF_SERVERS = (
    ("posts", "guild_id"),
    ("recipes", "guild_id"),
    ("deliveries", "guild_id"),
    ("servers", "guild_id"),
    ("server_retention", "guild_id"),
    ("plan_roles", "guild_id"),
    ("plan_ceilings", "guild_id"),
    ("departures", "guild_id"),
    ("blocks", "guild_id"),
    ("strikes", "guild_id"),
    ("reports", "guild_id"),
    ("contests", "guild_id"),
    ("purges", "guild_id"),
    ("audit", "chain"),
    ("audit_heads", "chain"),
    ("audit_subjects", "chain"),
)
"""Every table with rows of a server, and the column that names it. 0 is the house itself."""


async def erase_server(tx: Transaction, guild_id: int) -> int:
    """Drop every row of a server; keys that they need were destroyed before. Says how many."""
    if guild_id <= 0:
        raise ValueError("the house itself is no server")
    await tx.execute(
        "DELETE FROM jobs WHERE ended_at IS NOT NULL"
        " AND id IN (SELECT job FROM deliveries WHERE guild_id = ?)",
        (guild_id,),
    )
    dropped = 0
    for table, column in _OF_SERVERS:
        if table != "deliveries":  # open jobs end by themselves
            cursor = await tx.execute(
                f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608  # ours
                (guild_id,),
            )
            dropped += cursor.rowcount
    return dropped
