"""The operator's block list: fingerprints of pictures that are never delivered."""

from __future__ import annotations

from bot.storage.database import Transaction, many, one


async def known(tx: Transaction) -> dict[str, str]:
    """Give every fingerprint with the day it was added, oldest first."""
    rows = await many(
        tx, "SELECT fingerprint, added_on FROM fingerprints ORDER BY added_on, fingerprint"
    )
    return {row["fingerprint"]: row["added_on"] for row in rows}


async def count(tx: Transaction) -> int:
    """Count them."""
    row = await one(tx, "SELECT count(*) FROM fingerprints")
    return row[0] if row else 0


async def add(tx: Transaction, fingerprint: str, day: str) -> bool:
    """Put a fingerprint on the list. Says whether it was not there yet."""
    cursor = await tx.execute(
        "INSERT OR IGNORE INTO fingerprints VALUES (?, ?)", (fingerprint, day)
    )
    return cursor.rowcount == 1


async def remove(tx: Transaction, fingerprint: str) -> bool:
    """Take a fingerprint off the list. Says whether it was there."""
    cursor = await tx.execute("DELETE FROM fingerprints WHERE fingerprint = ?", (fingerprint,))
    return cursor.rowcount == 1
