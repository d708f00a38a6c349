"""What plans there are, side by side, which of them is theirs who asks, and why."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ask, Choices
from bot.policy.retention import DataClass
from bot.ports import Clock
from bot.services.holdings import Holdings
from bot.services.lifetimes import Lifetimes
from bot.storage import plan_roles
from bot.storage.memory import Memory
from bot.words import Offered, RolesHere

SHOWN = (DataClass.RECIPE, DataClass.STEALTH_RECIPE, DataClass.RECORD)
"""The lifetimes that a table of plans has room for: the others are alike in most of them."""


@dataclass(frozen=True)
class Offer:
    """Read it for whoever asks, from the place they ask in. Meets nobody."""

    memory: Memory
    holdings: Holdings
    lifetimes: Lifetimes
    clock: Clock

    async def __call__(self, ask: Ask, *, manages: bool) -> Offered:
        """Gather it. Whoever `manages` this server is shown what its roles give."""
        shelf, guild_id = self.holdings.plans, ask.where.guild_id
        async with self.memory.db.read() as tx:
            held = await self.holdings.of(tx, self.memory.keys, ask, self.clock.now())
            mapped = await plan_roles.of(tx, guild_id) if guild_id and manages else None
        kept = {
            plan.name: {
                kind: self.lifetimes.of(kind, Choices(), plan=plan.name).seconds for kind in SHOWN
            }
            for plan in shelf
        }
        here = None
        if mapped is not None and guild_id is not None:
            here = RolesHere(guild_id, mapped.ceiling, mapped.roles)
        return Offered(shelf, kept, held, here, in_dm=ask.where.is_dm)
