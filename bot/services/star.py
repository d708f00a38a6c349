"""⭐ keeps the recipe of one's own public result for longer, and taking it away ends that.

It is kept as long as the operator lets any recipe be kept, and never longer than its plan, its
server, its channel and its owner say. A shorter word of theirs ends a starred recipe, too
(`bot.storage.tightening`). For stealth there is none: nothing of ours knows whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonId
from bot.policy.retention import DataClass
from bot.ports import Clock
from bot.services.lifetimes import Lifetimes
from bot.storage import choices, deliveries, posts, recipes, servers
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.storage.recipes import Recipe


@dataclass(frozen=True)
class Starred:
    """What became of it: whether it is starred now, and until when it is kept."""

    is_starred: bool
    expires_at: int


@dataclass(frozen=True)
class Star:
    """Keep a recipe for longer, or as long as others."""

    memory: Memory
    lifetimes: Lifetimes
    clock: Clock

    async def __call__(
        self, job: str, presser: PersonId, *, starred: bool | None = None
    ) -> Starred | None:
        """Star it or not; without a word, turn it round. None: there is none, or not theirs."""
        person = self.memory.keys.person(presser)
        async with self.memory.db.transaction() as tx:
            recipe = await recipes.get(tx, job)
            if recipe is None or recipe.person != person:
                return None
            if recipe.expires_at <= self.clock.now():
                return None
            is_starred = not recipe.starred if starred is None else starred
            until = await self._until(tx, recipe, is_starred=is_starred)
            await recipes.star(tx, job, starred=is_starred, expires_at=until)
        return Starred(is_starred, until)

    async def _until(self, tx: Transaction, recipe: Recipe, *, is_starred: bool) -> int:
        chosen = await choices.read(tx, self.memory.keys, recipe.person)
        delivery, post = await deliveries.get(tx, recipe.job), await posts.get(tx, recipe.job)
        here = await servers.limits(tx, recipe.guild_id, post.channel_id if post else None)
        # once its record is gone nobody knows its plan: then the strictest one speaks
        plans = [delivery.plan] if delivery else [plan.name for plan in self.lifetimes.plans]
        ends = [
            self.lifetimes.until(
                DataClass.RECIPE, recipe.made_at, chosen, here, plan, starred=is_starred
            )
            for plan in plans or [None]
        ]
        until = min(end for end in ends if end is not None)
        return max(recipe.expires_at, until) if is_starred else min(recipe.expires_at, until)
