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
    """Recall the last measurements of these models, and keep each new one."""

    memory: Memory
    studio: Studio

    async def recall(self) -> None:
        """Before anybody asks: let jobs cost what was measured of their model last."""
        async with self.memory.db.read() as tx:
            kept = await house.get(tx, house.MEASURED)
        try:
            profiles = {
                model: Profile(tuple(StepTime(*each) for each in times))
                for model, times in json.loads(kept or "{}").items()
            }
        except (ValueError, TypeError, AttributeError) as fault:
            log.event("measured.unread", fault=fault)  # of another version: it is measured soon
            return
        offered = {card.name for card in self.studio.cards}
        self.studio.measured |= {
            name: profile for name, profile in profiles.items() if name in offered and profile.times
        }

    async def keep(self) -> None:
        """Remember what was measured of each model that is offered."""
        self.studio.measured.update(self.studio.engine.profiles)
        times = {
            name: [astuple(each) for each in profile.times]
            for name, profile in self.studio.measured.items()
        }
        async with self.memory.db.transaction() as tx:
            await house.put(tx, house.MEASURED, json.dumps(times))
