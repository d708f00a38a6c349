"""Discord tells that what somebody has through it began, changed or ended."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Entitlement, OptOut, PersonId
from bot.ports import Clock
from bot.services.holdings import Holdings
from bot.storage import choices, entitlements
from bot.storage.entitlements import News
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Entitle:
    """Remember for a while what an event told: the list of the next interaction may lag behind.

    What an accepted job was accepted under stays as it is.
    """

    memory: Memory
    holdings: Holdings
    clock: Clock

    async def __call__(
        self, person: PersonId, entitlement: Entitlement, *, has_ended: bool = False
    ) -> None:
        """Take what was told of one entitlement. `has_ended`: used up, taken back or over."""
        plan = self.holdings.by_sku.get(entitlement.sku_id)
        if plan is None:
            return
        now, keys = self.clock.now(), self.memory.keys
        owner = keys.person(person)
        ends_at = now if has_ended else entitlement.ends_at
        async with self.memory.db.transaction() as tx:
            if await choices.opt_out(tx, owner) is not OptOut.NO_PROCESSING:
                news = News(keys.entitlement(entitlement.id), plan, ends_at)
                await entitlements.tell(tx, owner, news, now)
