"""Copies of the databases grow old and are deleted; what is erased is told to the ledger.

So that a copy which is restored forgets again what was erased since, and a key that somebody
destroyed is in no copy for longer than people are told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.ports import Clock
from bot.storage import backups
from bot.storage.backups import DAY_SECONDS, SWEPT_SECONDS
from bot.storage.memory import Memory


@dataclass
class Prune:
    """Keep the lifetime of copies. `folder` is where the operator keeps them, if anywhere."""

    memory: Memory
    folder: Path | None
    days: int
    clock: Clock
    _rests_until: float = 0.0

    async def look(self) -> None:
        """Tell the ledger what was erased just now; and, once an hour, delete what is too old."""
        await self.memory.tell_ledger()
        if self.clock.monotonic() < self._rests_until:
            return
        self._rests_until = self.clock.monotonic() + SWEPT_SECONDS
        ledger, now = self.memory.keys.ledger, self.clock.now()
        known = ledger.copies if ledger else None
        for folder in {each for each in (self.folder, known) if each is not None}:
            try:
                await asyncio.to_thread(backups.sweep, folder, now - self.days * DAY_SECONDS)
            except OSError as fault:
                log.event("backup.unswept", fault=fault)
        if ledger is not None and ledger.is_kept:
            await ledger.drop_before(now - (self.days + 1) * DAY_SECONDS)
