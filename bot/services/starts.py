"""When the bot logged in at Discord during the last day: remembered across restarts.

Discord allows 1000 logins a day and then takes the token away; only a disk knows what the process
before this one used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.ports import Clock
from bot.storage import house
from bot.storage.memory import Memory

DAY_SECONDS = 86_400
_FACT = "logins"


@dataclass(frozen=True)
class Starts:
    """The book of logins."""

    memory: Memory
    clock: Clock

    async def of_last_day(self) -> list[int]:
        """Give the moment of each, oldest first; a clock that was set back hides none.

        What it left in the future is of now from here on: else it would never be a day old.
        """
        async with self.memory.db.transaction() as tx:
            written = await house.get(tx, _FACT) or "[]"
            kept = self._read(written)
            if written != json.dumps(kept):
                await house.put(tx, _FACT, json.dumps(kept))
        return kept

    async def add(self) -> None:
        """Write one down, before it happens."""
        async with self.memory.db.transaction() as tx:
            kept = [*self._read(await house.get(tx, _FACT)), self.clock.now()]
            await house.put(tx, _FACT, json.dumps(kept))

    def _read(self, text: str | None) -> list[int]:
        now = self.clock.now()
        return [min(at, now) for at in json.loads(text or "[]") if at > now - DAY_SECONDS]
