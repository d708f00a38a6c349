"""Our messages with public results: where each stands, whose it is, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import ChannelId, JobId, PersonHash
from bot.storage.database import Transaction, many, one

_COLUMNS = "SELECT job, person, guild_id, channel_id, message_id, posted_at, expires_at FROM posts"


@dataclass(frozen=True)
class Standing:
    """One public result that stands. Times are seconds since 1970."""

    job: JobId
    person: PersonHash
    guild_id: int
    channel_id: ChannelId
    message_id: int
    posted_at: int
    expires_at: int | None


async def add(tx: Transaction, post: Standing) -> None:
    """Remember a public result that stands now."""
    await tx.execute(
        "INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            post.job,
            post.person,
            post.guild_id,
            post.channel_id,
            post.message_id,
            post.posted_at,
            post.expires_at,
        ),
    )


async def get(tx: Transaction, job: str) -> Standing | None:
    """Give where a job's public result stands."""
    row = await one(tx, f"{_COLUMNS} WHERE job = ?", (job,))
    return Standing(**dict(row)) if row else None


async def at(tx: Transaction, message_id: int) -> Standing | None:
    """Give the public result that is this message."""
    row = await one(tx, f"{_COLUMNS} WHERE message_id = ?", (message_id,))
    return Standing(**dict(row)) if row else None


async def of(tx: Transaction, person: PersonHash) -> list[Standing]:
    """List a person's public results that stand, oldest first."""
    rows = await many(tx, f"{_COLUMNS} WHERE person = ? ORDER BY posted_at", (person,))
    return [Standing(**dict(row)) for row in rows]


async def due(tx: Transaction, now: int, limit: int) -> list[Standing]:
    """List results whose time is over: the oldest of each channel, then the next of each.

    So a channel that Discord does not let us remove anything from holds up no other. In a server
    that we were removed from nothing can be done: what is due there waits until we are back.
    """
    rows = await many(
        tx,
        "SELECT job, person, guild_id, channel_id, message_id, posted_at, expires_at FROM"
        " (SELECT *, row_number() OVER (PARTITION BY channel_id ORDER BY expires_at, job) AS turn"
        " FROM posts WHERE expires_at <= ? AND guild_id NOT IN (SELECT guild_id FROM departures))"
        " ORDER BY turn, expires_at LIMIT ?",
        (now, limit),
    )
    return [Standing(**dict(row)) for row in rows]


async def expire(tx: Transaction, job: str, now: int) -> None:
    """Let a result be due now: the sweeper removes its message if nobody can at once."""
    await tx.execute("UPDATE posts SET expires_at = ? WHERE job = ?", (now, job))


async def forget(tx: Transaction, job: str) -> None:
    """Forget a result that stands no more."""
    await tx.execute("DELETE FROM posts WHERE job = ?", (job,))
