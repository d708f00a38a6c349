"""Facts of the house that outlive a process, by name."""

from __future__ import annotations

from bot.storage.database import Transaction, one

QUOTA_DAY = "quota_day"
"""Which day quotas have reached."""

MEASURED = "measured"
"""How long a step of the model took when it was measured last."""


async def get(tx: Transaction, name: str) -> str | None:
    """Give a fact."""
    row = await one(tx, "SELECT value FROM house WHERE name = ?", (name,))
    return row["value"] if row else None


async def put(tx: Transaction, name: str, value: str) -> None:
    """Remember a fact."""
    await tx.execute(
        "INSERT INTO house VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
