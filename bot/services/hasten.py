"""Fast or relaxed: what a person's jobs are from now on, where their plan offers it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain import Ask, Refusal
from bot.policy.speed import offered
from bot.services.choose import Choose
from bot.services.inform import Inform
from bot.words import Standing
from gen.job import Speed


@dataclass(frozen=True)
class Hasten:
    """Change how fast a person's jobs go. Those that wait keep their speed."""

    inform: Inform
    choose: Choose

    async def __call__(self, ask: Ask, speed: Speed) -> Standing | Refusal:
        """Remember the choice, and tell where they stand with it."""
        standing = await self.inform(ask)
        if refusal := offered(standing.plan, speed):
            return refusal
        chosen = await self.choose.change(ask.person, lambda old: replace(old, speed=speed))
        return replace(standing, chosen=chosen)
