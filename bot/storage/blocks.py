"""Who may not use the bot, in one server or, in server 0, anywhere. People are keyed hashes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonHash
from bot.storage.database import Transaction, many, one

EVERYWHERE = 0
"""The operator's word: it holds in every server and in the DM."""


@dataclass(frozen=True)
class Block:
    """Since when and until when somebody is blocked; without an end: until it is lifted."""

    since: int
    expires_at: int | None


async def block(
    tx: Transaction, guild_id: int, person: PersonHash, *, now: int, expires_at: int | None
) -> None:
    """Block somebody. Where a block holds already, the later end counts: none gets shorter."""
    await tx.execute(
        "INSERT INTO blocks VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (guild_id, person) DO UPDATE SET expires_at = CASE"
        " WHEN expires_at IS NULL OR ?4 IS NULL THEN NULL ELSE max(expires_at, ?4) END,"
        " since = CASE WHEN expires_at <= ?3 THEN ?3 ELSE since END",
        (guild_id, person, now, expires_at),
    )


async def unblock(tx: Transaction, guild_id: int, person: PersonHash, now: int) -> bool:
    """Lift a block; says whether one held."""
    held = await of(tx, guild_id, person, now) is not None
    await tx.execute("DELETE FROM blocks WHERE guild_id = ? AND person = ?", (guild_id, person))
    return held


async def of(tx: Transaction, guild_id: int, person: PersonHash, now: int) -> Block | None:
    """Give the block that holds for somebody in one server, or everywhere."""
    row = await one(
        tx,
        "SELECT since, expires_at FROM blocks WHERE guild_id = ? AND person = ?"
        " AND (expires_at IS NULL OR expires_at > ?)",
        (guild_id, person, now),
    )
    return Block(row["since"], row["expires_at"]) if row else None


async def standing(tx: Transaction, guild_id: int, now: int) -> list[Block]:
    """List the blocks that hold in one server, the first to end first. It tells nobody's name."""
    rows = await many(
        tx,
        "SELECT since, expires_at FROM blocks WHERE guild_id = ?"
        " AND (expires_at IS NULL OR expires_at > ?) ORDER BY expires_at, since",
        (guild_id, now),
    )
    return [Block(row["since"], row["expires_at"]) for row in rows]
