"""Which plans there are, and what gives them to a person."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Ask
from bot.policy import plans
from bot.policy.plans import Plan


@dataclass(frozen=True)
class Holdings:
    """Which plans there are, and what gives them: a role in a server, or a Discord SKU."""

    plans: tuple[Plan, ...]
    by_role: dict[int, str]
    by_sku: dict[int, str]

    def names(self, ask: Ask) -> set[str]:
        """Name the plans an ask itself proves."""
        roles = {self.by_role[role] for role in ask.role_ids if role in self.by_role}
        return roles | {self.by_sku[sku] for sku in ask.sku_ids if sku in self.by_sku}

    def best_by_role(self, ask: Ask) -> str | None:
        """Name the best plan that a role gives in the server the ask came from, if one does."""
        held = {self.by_role[role] for role in ask.role_ids if role in self.by_role}
        return plans.best_plan(self.plans, held).name if held else None

    def is_sold(self, plan: Plan) -> bool:
        """Say whether Discord sells this plan: its rules for what is sold hold then."""
        return plan.name in self.by_sku.values()
