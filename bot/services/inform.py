"""What a person should know of their own standing: plan, visibility mode, use of today, choices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.domain import Ask, OptOut, Visibility
from bot.policy import plans, visibility
from bot.policy.retention import DataClass
from bot.ports import Clock, day_of
from bot.services.holdings import Holdings
from bot.services.lifetimes import Lifetimes
from bot.storage import choices, people
from bot.storage.memory import Memory
from bot.words import Standing


@dataclass(frozen=True)
class Inform:
    """Tell a person where they stand. Reads only, and meets nobody."""

    memory: Memory
    holdings: Holdings
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo

    async def __call__(self, ask: Ask) -> Standing:
        """Read it for whoever asks, from the place they ask in."""
        owner = self.memory.keys.person(ask.person)
        now = self.clock.now()
        async with self.memory.db.read() as tx:
            chosen = await choices.read(tx, self.memory.keys, owner)
            forbidden = await choices.opt_out(tx, owner)
            person = await people.known(tx, owner, now)
            usage = await people.usage(tx, owner, day_of(now, self.zone))
            stored = await people.stored_items(tx, owner)
        names = self.holdings.names(ask)
        if ask.where.is_dm and person is not None and person.role_plan:
            names.add(person.role_plan)
        plan = plans.best_plan(self.holdings.plans, names)
        never = forbidden is OptOut.NEVER_PUBLIC
        return Standing(
            in_dm=ask.where.is_dm,
            plan=plan,
            usage=usage,
            mode=(
                Visibility.STEALTH
                if ask.where.is_dm
                else visibility.default(plan, chosen.visibility, never)
            ),
            chosen=chosen,
            forbidden=forbidden,
            kept={kind: self.lifetimes.of(kind, chosen) for kind in DataClass},
            stored_items=stored,
        )
