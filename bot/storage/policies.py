"""The privacy policy as it was printed at each change: what `/privacy changes` compares."""

from __future__ import annotations

from bot.policy.disclosure import Policy
from bot.storage.database import Transaction, many


async def latest(tx: Transaction, count: int = 1) -> list[Policy]:
    """Give the newest versions, newest first."""
    rows = await many(
        tx, "SELECT version, day, text FROM policies ORDER BY version DESC LIMIT ?", (count,)
    )
    return [Policy(row["version"], row["day"], row["text"]) for row in rows]


async def add(tx: Transaction, day: str, text: str) -> Policy:
    """Keep a text as the next version."""
    newest = await latest(tx)
    version = newest[0].version + 1 if newest else 1
    await tx.execute("INSERT INTO policies VALUES (?, ?, ?)", (version, day, text))
    return Policy(version, day, text)
