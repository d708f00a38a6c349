"""Warnings that moderators of a server gave. People are keyed hashes; no reason is kept."""

from __future__ import annotations

from bot.domain import PersonHash
from bot.storage.database import Transaction, many


async def add(
    tx: Transaction, guild_id: int, person: PersonHash, *, now: int, expires_at: int
) -> None:
    """Enter a strike."""
    await tx.execute(
        "INSERT INTO strikes (guild_id, person, at, expires_at) VALUES (?, ?, ?, ?)",
        (guild_id, person, now, expires_at),
    )


async def ends(tx: Transaction, guild_id: int, person: PersonHash, now: int) -> list[int]:
    """Give when each strike of somebody's in a server is forgotten (seconds since 1970)."""
    rows = await many(
        tx,
        "SELECT expires_at FROM strikes WHERE guild_id = ? AND person = ? AND expires_at > ?"
        " ORDER BY expires_at",
        (guild_id, person, now),
    )
    return [row["expires_at"] for row in rows]
