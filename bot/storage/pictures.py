"""Sealed pictures that wait to be delivered: rows here, bytes in files with random names.

Those that a job starts from (`bot.storage.inputs`) lie in the same folder.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from bot.errors import KeyGone
from bot.storage import inputs
from bot.storage.database import Transaction, many


class Blobs:
    """A folder of sealed files. Calls touch the disk: run them in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, sealed: bytes) -> str:
        """Write a file durably and give its name."""
        name = secrets.token_hex(16)
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
        except OSError:  # a full disk: no half of it stays
            self.drop([name])
            raise
        return name

    def put_all(self, sealed: list[bytes]) -> list[str]:
        """Write files durably, all or none, and give their names."""
        names: list[str] = []
        try:
            for content in sealed:
                names.append(self.put(content))  # noqa: PERF401  # what is written is known
        except OSError:
            self.drop(names)
            raise
        return names

    def get(self, name: str) -> bytes:
        """Read a file.

        Raises:
            KeyGone: the file is not there any more.
        """
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise KeyGone("a picture's file is gone") from None

    def drop(self, names: list[str]) -> None:
        """Delete files; those that are gone already are a success."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        """List the files."""
        return [path.name for path in self.folder.iterdir()]


async def add(tx: Transaction, job: str, blobs: list[str], *, now: int, expires_at: int) -> None:
    """Record the pictures of a job in their order, and until when they wait to be delivered."""
    await tx.executemany(
        "INSERT INTO pictures (job, position, blob, made_at, expires_at) VALUES (?, ?, ?, ?, ?)",
        [(job, position, blob, now, expires_at) for position, blob in enumerate(blobs)],
    )


async def of(tx: Transaction, job: str) -> list[str]:
    """Give the file names of a job's pictures in their order."""
    rows = await many(tx, "SELECT blob FROM pictures WHERE job = ? ORDER BY position", (job,))
    return [row["blob"] for row in rows]


async def drop(tx: Transaction, job: str) -> list[str]:
    """Forget a job's pictures, and those it started from.

    Gives the file names to drop once this is committed.
    """
    names = await of(tx, job) + await inputs.of(tx, job)
    await tx.execute("DELETE FROM pictures WHERE job = ?", (job,))
    await tx.execute("DELETE FROM inputs WHERE job = ?", (job,))
    return names


async def known(tx: Transaction) -> frozenset[str]:
    """Give the names of all files that a row still needs."""
    rows = await many(tx, "SELECT blob FROM pictures UNION ALL SELECT blob FROM inputs")
    return frozenset(row["blob"] for row in rows)
