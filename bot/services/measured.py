"""What the worker measured outlives the process: after a restart a job costs what it cost before.

A price guessed until the worker is ready would take too much of somebody's fast time or too little.
"""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass

from bot import log
from bot.services.studio import Studio
from bot.storage import house
from bot.storage.memory import Memory
from gen.profile import Profile, StepTime


@dataclass(frozen=True)
class Measured:
    """Recall the last measurement of this model, and keep each new one."""

    memory: Memory
    studio: Studio

    async def recall(self) -> None:
        """Before anybody asks: let jobs cost what was measured last, if it was with this model."""
        async with self.memory.db.read() as tx:
            kept = await house.get(tx, house.MEASURED)
        try:
            model, times = json.loads(kept or "[null, []]")
            profile = Profile(tuple(StepTime(*each) for each in times))
        except (ValueError, TypeError) as fault:  # of another version: it is measured soon
            log.event("measured.unread", fault=fault)
            return
        if times and model == self.studio.card.name:
            self.studio.measured = profile

    async def keep(self, profile: Profile) -> None:
        """Remember a measurement."""
        times = [astuple(each) for each in profile.times]
        async with self.memory.db.transaction() as tx:
            await house.put(tx, house.MEASURED, json.dumps([self.studio.card.name, times]))
