"""Sealed pictures that a job starts from: rows here, bytes in the folder of `bot.storage.pictures`.

They end with their job, by `pictures.drop`, which knows both.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.storage.database import Transaction, many


async def add(tx: Transaction, job: str, blobs: Sequence[str]) -> None:
    """Record the files of a job's inputs in their order; a mask is the last."""
    await tx.executemany(
        "INSERT INTO inputs (job, position, blob) VALUES (?, ?, ?)",
        [(job, position, blob) for position, blob in enumerate(blobs)],
    )


async def of(tx: Transaction, job: str) -> list[str]:
    """Give the file names of a job's inputs in their order."""
    rows = await many(tx, "SELECT blob FROM inputs WHERE job = ? ORDER BY position", (job,))
    return [row["blob"] for row in rows]
