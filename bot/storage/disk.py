"""How much room is left: on the disk of the data, and in the logs of the databases.

Looked at every few seconds, not at every ask. While one of them runs short nothing new is accepted,
long before a write fails: what was accepted needs the rest.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.domain import Shut
from bot.ports import Clock
from bot.storage.database import Database

MOST_LOG_BYTES = 64 * 1024 * 1024
"""SQLite empties a log at 4 MB; one so long says that something has kept it from doing so."""

LOOK_SECONDS = 5.0
EMPTY_SECONDS = 60.0
"""How often a long log is tried to be emptied: each try may hold the writer for some seconds."""

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
"""The second: the index of the log, a file beside it, cannot grow."""


def free_bytes(folder: Path) -> int:
    """Give what is free for us on a folder's disk; nothing where it cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def is_full(fault: BaseException) -> bool:
    """Say whether a fault means that a disk is full, by the kernel's word or by SQLite's."""
    if isinstance(fault, BaseExceptionGroup):
        return any(map(is_full, fault.exceptions))
    if isinstance(fault, sqlite3.Error):
        return getattr(fault, "sqlite_errorcode", 0) in _SQLITE_FULL
    return isinstance(fault, OSError) and fault.errno in _FULL


@dataclass
class Disk:
    """The disk of one data folder. `seen` is what the last look found, for health answers."""

    folder: Path
    databases: Sequence[Database]
    clock: Clock
    least_free_bytes: int
    most_log_bytes: int = MOST_LOG_BYTES
    free: Callable[[Path], int] = free_bytes
    seen: Shut | None = None
    _looks_at: float = 0.0
    _empties_at: float = 0.0

    async def shortage(self) -> Shut | None:
        """Say what runs short, as of a few seconds ago at most."""
        now = self.clock.monotonic()
        if now >= self._looks_at:
            self._looks_at = now + LOOK_SECONDS
            found = await self._look(now)
            if found is not self.seen:
                log.event(f"room.{found}" if found else "room.enough")
            self.seen = found
        return self.seen

    async def _look(self, now: float) -> Shut | None:
        if self.free(self.folder) < self.least_free_bytes:
            return Shut.DISK
        if self._is_log_long() and now >= self._empties_at:
            self._empties_at = now + EMPTY_SECONDS
            for database in self.databases:
                await database.empty_log()
        return Shut.LOG if self._is_log_long() else None

    def _is_log_long(self) -> bool:
        return any(database.log_bytes() > self.most_log_bytes for database in self.databases)
