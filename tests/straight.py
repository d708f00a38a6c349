"""The queue without a thread: the real functions over a real SQLite, run straight through.

What awaits here never waits, so a coroutine ends at its first step. A simulator asks the queue a
hundred thousand times, and aiosqlite's way to its thread and back would take most of that time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Coroutine, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.storage.database import migrations


class Cursor:
    """What `execute` gives: to be awaited, or to be entered."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __await__(self) -> Generator[Any, Any, Cursor]:
        return self
        yield

    async def __aenter__(self) -> Cursor:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cursor.close()

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    async def fetchone(self) -> Any:
        return self._cursor.fetchone()

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()


class Straight:
    """As much of an aiosqlite connection as the queue and its tests use."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Iterable[Any] = ()) -> Cursor:
        return Cursor(self._connection.execute(sql, tuple(values)))

    async def execute_fetchall(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        return self._connection.execute(sql, tuple(values)).fetchall()

    def executemany(self, sql: str, rows: Iterable[Iterable[Any]]) -> Cursor:
        return Cursor(self._connection.executemany(sql, rows))


@contextmanager
def queue_in_memory(path: Path | None = None) -> Iterator[Any]:
    """Open an empty queue, in memory or in a file, in one transaction that is never committed."""
    connection = sqlite3.connect(path or ":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        for script in migrations("darkroom"):
            connection.executescript(script)
        connection.execute("PRAGMA foreign_keys = 1")
        connection.execute("BEGIN")
        yield Straight(connection)
    finally:
        connection.close()


def run(deed: Coroutine[Any, Any, Any]) -> Any:
    """Do what never waits."""
    try:
        deed.send(None)
    except StopIteration as done:
        return done.value
    deed.close()
    raise RuntimeError("it waited for something")
