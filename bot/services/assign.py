"""A server lets roles of its own give plans there, up to the ceiling that the operator gave it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Cause, Moderator, Refusal
from bot.policy import plans
from bot.policy.granting import no_such
from bot.policy.plans import Plan
from bot.ports import Clock
from bot.services.holdings import Holdings
from bot.storage import audit, plan_roles
from bot.storage.audit import Deed
from bot.storage.database import Transaction
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Assign:
    """Map roles of a moderator's own server to plans."""

    memory: Memory
    holdings: Holdings
    clock: Clock

    async def __call__(self, who: Moderator, role_id: int, said: str) -> Plan | Refusal:
        """Let a role give a plan; gives that plan."""
        shelf = self.holdings.plans
        async with self.memory.db.transaction() as tx:
            ceiling = (await plan_roles.of(tx, who.guild_id)).ceiling
            lets, plan = plans.up_to(shelf, ceiling), plans.named(shelf[1:], said)
            if not lets:
                return Refusal(Cause.NO_CEILING, {"server": who.guild_id})
            if plan is None:
                return no_such(lets)
            if plan not in lets:
                return Refusal(Cause.ABOVE_CEILING, {"plan": plan.name, "ceiling": ceiling})
            await plan_roles.map_role(tx, who.guild_id, role_id, plan.name)
            await self._enter(tx, who, f"plan={plan.name}")
        return plan

    async def lift(self, who: Moderator, role_id: int) -> bool:
        """Let a role give nothing; says whether it gave a plan."""
        async with self.memory.db.transaction() as tx:
            gave = await plan_roles.unmap(tx, who.guild_id, role_id)
            if gave:
                await self._enter(tx, who, "plan=none")
        return gave

    async def role_gone(self, guild_id: int, role_id: int) -> None:
        """A role was deleted: it gives nothing any more."""
        async with self.memory.db.transaction() as tx:
            await plan_roles.unmap(tx, guild_id, role_id)

    async def offered(self, guild_id: int) -> tuple[Plan, ...]:
        """Give the plans that roles may give in a server."""
        async with self.memory.db.read() as tx:
            ceiling = (await plan_roles.of(tx, guild_id)).ceiling
        return plans.up_to(self.holdings.plans, ceiling)

    async def _enter(self, tx: Transaction, who: Moderator, scope: str) -> None:
        now = self.clock.now()
        await audit.enter(tx, self.memory.keys, who, Deed.PLAN_ROLE, scope, now=now)
