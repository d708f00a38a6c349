"""Whose turn it is to write a database file: one process at a time, and in it one coroutine.

SQLite lets two processes write one file in turns by itself, but before 3.51.3 a commit in the very
moment of another connection's checkpoint may lose what was written
(https://sqlite.org/wal.html#walresetbug), and the Pythons that people have link older ones. So
whoever writes or empties the log holds a lock of ours, beside the file and never on it: closing a
second handle of the file itself would drop SQLite's own locks. Readers need no turn.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ASK_AGAIN_SECONDS = 0.01
"""How often a held turn is asked for anew. A blocking wait would sit in a thread that cannot be
cancelled, and then hold a turn that nobody gives back."""


class Turn:
    """The right to write one file. Without a path nobody else is there, and it is always ours."""

    def __init__(self, path: Path | None) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600) if path else None

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold it. The kernel takes it back from a process that died."""
        if self._handle is None:
            yield
            return
        while not _taken(self._handle):  # noqa: ASYNC110  # another process rings no bell of ours
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        try:
            yield
        finally:
            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let the lock's file go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
