"""Which plan somebody has, and what gives it: read in one place, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain import Ask, PersonHash
from bot.policy import plans
from bot.policy.plans import Held, Plan, Proof, Source
from bot.storage import entitlements, grants, people, plan_roles
from bot.storage.database import Transaction
from bot.storage.keyring import Keyring


@dataclass(frozen=True)
class Holdings:
    """Which plans there are, and what gives them by the operator's word: a role, or a Discord SKU.

    Roles that a server mapped and the operator's grants are read from memory.
    """

    plans: tuple[Plan, ...]
    by_role: dict[int, str]
    by_sku: dict[int, str]

    async def of(self, tx: Transaction, keys: Keyring, ask: Ask, now: int) -> Held:
        """Give the best plan of who asks, where they ask: what all sources prove together."""
        owner = keys.person(ask.person)
        proofs = [
            *await self._by_roles(tx, ask, owner, now),
            *await self._through_discord(tx, keys, ask, owner, now),
        ]
        if granted := await grants.of(tx, owner, now):
            proofs.append(Proof(granted.plan, Source.GRANT, granted.expires_at))
        return plans.best_held(self.plans, proofs)

    async def remember(self, tx: Transaction, keys: Keyring, ask: Ask, now: int) -> None:
        """Keep the best plan that a role gave within a day, for asks in the DM."""
        if ask.where.is_dm:
            return
        owner = keys.person(ask.person)
        given = plans.best_held(self.plans, await self._by_roles(tx, ask, owner, now))
        proved = given.plan.name if given.source is Source.ROLE else None
        known = await people.known(tx, owner, now)
        held = {name for name in (known and known.role_plan, proved) if name}
        best = plans.best_plan(self.plans, held).name if held else None
        if best == proved:
            await people.saw_role_plan(tx, owner, proved, now)

    def is_sold(self, plan: Plan) -> bool:
        """Say whether Discord sells this plan: its rules for what is sold hold then."""
        return plan.name in self.by_sku.values()

    async def _by_roles(
        self, tx: Transaction, ask: Ask, owner: PersonHash, now: int
    ) -> list[Proof]:
        guild_id = ask.where.guild_id
        if guild_id is None:
            person = await people.known(tx, owner, now)
            seen = person.role_plan if person else None
            return [Proof(seen, Source.ROLE_ELSEWHERE)] if seen else []
        mapped = await plan_roles.of(tx, guild_id)
        lets = {plan.name for plan in plans.up_to(self.plans, mapped.ceiling)}
        given = {role: plan for role, plan in mapped.roles.items() if plan in lets}
        names = [by[role] for by in (self.by_role, given) for role in ask.role_ids if role in by]
        return [Proof(name, Source.ROLE) for name in names]

    async def _through_discord(
        self, tx: Transaction, keys: Keyring, ask: Ask, owner: PersonHash, now: int
    ) -> Iterator[Proof]:
        """Read the interaction's own list, but where an event told otherwise just now."""
        listed = {
            keys.entitlement(each.id): (self.by_sku[each.sku_id], each.ends_at)
            for each in ask.entitlements
            if each.sku_id in self.by_sku
        }
        told = {
            each.id: (each.plan, each.ends_at)
            for each in await entitlements.news_of(tx, owner, now)
        }
        return (
            Proof(plan, Source.DISCORD, ends_at)
            for plan, ends_at in (listed | told).values()
            if ends_at is None or ends_at > now
        )
