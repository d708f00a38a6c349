"""The operator gives somebody a plan until a date, or takes it back.

What was accepted under a plan goes on when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.domain import PersonHash, PersonId, Refusal
from bot.policy.granting import grant_of
from bot.policy.plans import Plan
from bot.ports import Clock, day_of
from bot.services.holdings import Holdings
from bot.storage import audit, grants
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.database import Transaction
from bot.storage.grants import Grant as Given
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Grant:
    """Give plans. Whoever calls it was found to be the operator; the operator's chain names it."""

    memory: Memory
    holdings: Holdings
    clock: Clock
    zone: tzinfo

    async def __call__(
        self, operator: PersonId, person: PersonId, plan: str, until: str
    ) -> tuple[Plan, int] | Refusal:
        """Give a plan, in place of one given before; says which, and when it ends."""
        now = self.clock.now()
        read = grant_of(self.holdings.plans, plan, until, now, self.zone)
        if isinstance(read, Refusal):
            return read
        given, ends_at = read
        owner, day = self.memory.keys.person(person), day_of(now, self.zone)
        async with self.memory.db.transaction() as tx:
            await grants.give(tx, owner, given.name, granted_on=day, expires_at=ends_at)
            await self._enter(tx, operator, owner, Deed.GRANTED, given.name)
        return given, ends_at

    def offered(self) -> tuple[Plan, ...]:
        """Give the plans that can be given: all but the one everybody has."""
        return self.holdings.plans[1:]

    async def revoke(self, operator: PersonId, person: PersonId) -> Given | None:
        """Take a grant back; gives the one that held. What roles and Discord give stays."""
        now, owner = self.clock.now(), self.memory.keys.person(person)
        async with self.memory.db.transaction() as tx:
            held = await grants.revoke(tx, owner, now)
            if held is not None:
                await self._enter(tx, operator, owner, Deed.REVOKED, held.plan)
        return held

    async def _enter(
        self, tx: Transaction, operator: PersonId, owner: PersonHash, deed: Deed, plan: str
    ) -> None:
        keys = self.memory.keys
        act = Act(actor=Actor.OPERATOR, by=keys.person(operator), act=deed, scope=f"plan={plan}")
        await audit.append(tx, keys, HOUSE, act, now=self.clock.now(), concerning={owner: 0})
