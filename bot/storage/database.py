"""One SQLite file: opening it, one writer, forward-only migrations.

All reads and writes of a file go through one connection, one at a time. Two coroutines that share
a connection without this lock share a transaction too, and one's rollback undoes the other's row.
A command of the operator's may have the file open too: see `bot.storage.turn`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import aiosqlite

from bot import log
from bot.errors import StartFault
from bot.storage.turn import Turn

Row = sqlite3.Row
Transaction = aiosqlite.Connection
"""An open transaction: what every storage function takes first."""

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a job is acknowledged by its commit, so the commit must be on disk
    "secure_delete": 1,
    "temp_store": 2,  # MEMORY: nothing of ours in temporary files
    "mmap_size": 0,
    "foreign_keys": 1,
}


class Database:
    """One open file. Use `transaction()` for anything that writes, `read()` for the rest."""

    def __init__(self, connection: aiosqlite.Connection, writing: Turn, path: Path) -> None:
        self._connection = connection
        self._log = path.with_name(f"{path.name}-wal")
        self._turn = asyncio.Lock()
        self._writing = writing
        self._seen_version: int | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Hold the one writer; commit at the end, or roll everything back on an exception."""
        async with self._turn, self._writing.held():
            try:  # BEGIN too: cancelled while it waits, it still happens and must be undone
                await self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                await self._connection.commit()  # one that fails leaves the transaction open
            except BaseException:
                await self._connection.rollback()
                raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Read one consistent state."""
        async with self._turn:
            try:
                await self._connection.execute("BEGIN")
                yield self._connection
            finally:
                await self._connection.rollback()

    async def forget_deleted(self) -> bool:
        """Rewrite the file without what was deleted, and empty its log.

        Returns:
            Whether the log could be emptied to the end.
        """
        try:
            async with self._turn, self._writing.held():
                await self._connection.execute("VACUUM")
        except sqlite3.OperationalError as fault:
            log.event("database.busy", fault=fault)
            return False
        return await self.empty_log()

    async def empty_log(self) -> bool:
        """Write the log into the file: it tells what was written together. Says whether all is.

        A query that was cut short holds the file until its cursor is let go: the next time does it.
        """
        empty = "PRAGMA wal_checkpoint(TRUNCATE)"
        try:
            async with self._turn, self._writing.held():
                busy = await one(self._connection, empty)
        except sqlite3.OperationalError as fault:
            log.event("database.busy", fault=fault)
            return False
        return busy is not None and busy[0] == 0

    def log_bytes(self) -> int:
        """Say how long the log is. It is as long as it ever was since it was emptied."""
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    async def copy_to(self, path: Path) -> None:
        """Write one consistent state into an empty file, without pages of what was deleted."""
        async with self._turn:
            await self._connection.execute("VACUUM INTO ?", (str(path),))

    async def was_changed_elsewhere(self) -> bool:
        """Say whether another process has written since the last time this was asked."""
        async with self._turn:
            row = await one(self._connection, "PRAGMA data_version")
        before, self._seen_version = self._seen_version, row[0] if row else None
        return before != self._seen_version

    async def close(self) -> None:
        """Empty the log into the file and close it."""
        await self.empty_log()
        async with self._turn, self._writing.held():
            await self._connection.close()
        self._writing.close()


async def open_database(
    path: Path, ladder: str, *, turn: Path | None = None, may_climb: bool = True
) -> Database:
    """Open or create a database file and climb its ladder of migrations.

    Args:
        path: The file; made with mode 0600 when missing.
        ladder: The folder under `migrations/` whose numbered files lead to today's schema.
        turn: The file by which processes take turns to write; None where there is only this one.
        may_climb: Whether an older schema is brought up to today's, or refused.

    Raises:
        StartFault: the file cannot be written, is no database, or is newer than this program.
    """
    try:
        await asyncio.to_thread(_make_private, path)
        writing = Turn(turn)
        connection = await aiosqlite.connect(path, isolation_level=None)
    except OSError as fault:
        raise StartFault(
            f"the data folder {path.parent} cannot be written ({fault.strerror}): "
            "make it writable, or name another one in DATA_DIR"
        ) from None
    except sqlite3.DatabaseError:
        raise _no_database(path) from None
    try:
        connection.row_factory = Row
        async with writing.held():
            await _set_pragmas(connection)
            await _migrate(connection, path, ladder, may_climb=may_climb)
    except sqlite3.DatabaseError as fault:
        await connection.close()
        writing.close()
        raise _unusable(path, fault) from None
    except BaseException:
        await connection.close()
        writing.close()
        raise
    return Database(connection, writing, path)


def _says(fault: sqlite3.Error, *codes: int) -> bool:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF in codes


def _unusable(path: Path, fault: sqlite3.Error) -> StartFault:
    if _says(fault, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _no_database(path)
    name = getattr(fault, "sqlite_errorname", type(fault).__name__)
    return StartFault(
        f"{path} cannot be opened ({name}): its disk may be full: make room on it, then start again"
    )


def _no_database(path: Path) -> StartFault:
    return StartFault(
        f"{path} cannot be opened as a database: restore it from a backup, or move it away"
    )


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)


async def _set_pragmas(connection: aiosqlite.Connection) -> None:
    """Set what the house relies on, and read it back: builds of SQLite differ in defaults."""
    told = (f"PRAGMA {name} = {value}" for name, value in _PRAGMAS.items())
    await connection.executescript(";".join(told))
    for name, value in _PRAGMAS.items():
        row = await one(connection, f"PRAGMA {name}")
        if row is None or row[0] != value:
            raise StartFault(f"this build of SQLite does not keep PRAGMA {name} = {value}")


async def _migrate(
    connection: aiosqlite.Connection, path: Path, ladder: str, *, may_climb: bool
) -> None:
    row = await one(connection, "PRAGMA user_version")
    version = row[0] if row else 0
    steps = migrations(ladder)
    if version > len(steps):
        raise StartFault(
            f"{path} was written by a newer Darkroom (schema {version}, this one knows "
            f"{len(steps)}): install the newer version"
        )
    if version < len(steps) and not may_climb:
        raise StartFault(
            f"{path} was written by an older Darkroom (schema {version}, this one writes "
            f"{len(steps)}): start the bot once with this version, then run this again"
        )
    for number, script in enumerate(steps[version:], start=version + 1):
        try:
            await connection.executescript(f"BEGIN;{script};PRAGMA user_version = {number};COMMIT;")
        except sqlite3.Error as fault:  # closed without its COMMIT, the file is as it was
            if _says(fault, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            raise StartFault(
                f"{path} cannot be brought from schema {number - 1} to {number} "
                f"({getattr(fault, 'sqlite_errorname', 'no code')}); it is as it was: start the "
                "version of Darkroom that wrote it, and report this"
            ) from None


def migrations(ladder: str) -> list[str]:
    """Give the scripts of a ladder in order."""
    folder = resources.files("bot.storage") / "migrations" / ladder
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    return [file.read_text() for file in files if file.name.endswith(".sql")]


async def one(tx: Transaction, sql: str, values: Iterable[Any] = ()) -> Row | None:
    """Give the first row of a query."""
    return next(iter(await _rows(tx, sql, values)), None)


async def many(tx: Transaction, sql: str, values: Iterable[Any] = ()) -> list[Row]:
    """Give every row of a query."""
    return list(await _rows(tx, sql, values))


def _rows(tx: Transaction, sql: str, values: Iterable[Any]) -> Awaitable[Iterable[Row]]:
    # one visit to the connection's thread, not three: to ask, to fetch and to let go of the cursor
    return tx.execute_fetchall(sql, tuple(values))
