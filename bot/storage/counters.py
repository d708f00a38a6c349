"""How often a safety rule stopped something of a person's, by day: no content, and no server."""

from __future__ import annotations

from bot.domain import PersonHash, Visibility
from bot.storage.database import Transaction, many


async def add(
    tx: Transaction,
    person: PersonHash,
    *,
    what: str,
    visibility: Visibility,
    day: str,
    now: int,
    expires_at: int,
) -> None:
    """Count one hit. `what` is `prompt`, `picture`, or `server-prompt` for a server's own rule.

    Hits of one day go together, with the first of them; of stealth the row keeps no time of day.
    """
    if visibility is Visibility.STEALTH:
        expires_at -= expires_at % 86400
    await tx.execute(
        "INSERT INTO counters VALUES (?1, ?2, ?3, ?4, 1, ?6)"
        " ON CONFLICT (person, what, visibility, day) DO UPDATE SET"
        " hits = CASE WHEN expires_at > ?5 THEN hits + 1 ELSE 1 END,"
        " expires_at = CASE WHEN expires_at > ?5 THEN expires_at ELSE ?6 END",
        (person, what, visibility, day, now, expires_at),
    )


async def stealth_hits(tx: Transaction, person: PersonHash, now: int) -> list[tuple[int, int]]:
    """Give when hits of stealth are forgotten (seconds since 1970) and how many then, soonest
    first. Those of a server's own rules are left out: no moderator turns anybody's stealth off.
    """
    rows = await many(
        tx,
        "SELECT expires_at, sum(hits) AS hits FROM counters WHERE person = ?"
        " AND visibility = 'stealth' AND what <> 'server-prompt' AND expires_at > ?"
        " GROUP BY expires_at ORDER BY expires_at",
        (person, now),
    )
    return [(row["expires_at"], row["hits"]) for row in rows]
