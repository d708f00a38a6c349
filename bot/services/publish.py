"""The printed policy and its versions: a new one is kept at a start where the text differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot.policy.disclosure import Facts, Policy
from bot.ports import Clock, day_of
from bot.storage import policies
from bot.storage.memory import Memory
from bot.words import policy


@dataclass
class Publish:
    """Keep the policy's versions, and show what changed between them."""

    memory: Memory
    facts: Facts
    clock: Clock
    zone: tzinfo
    _version: int = 0

    def version(self) -> int:
        """Give the number of the policy that stands; 0 before the first one was printed."""
        return self._version

    async def __call__(self) -> Policy:
        """Print the policy; keep it as a new version where it differs from the last. At start."""
        text = policy.policy_text(self.facts)
        async with self.memory.db.transaction() as tx:
            kept = await policies.latest(tx)
            if kept and kept[0].text == text:
                policy_now = kept[0]
            else:
                policy_now = await policies.add(tx, day_of(self.clock.now(), self.zone), text)
        self._version = policy_now.version
        return policy_now

    async def changes(self) -> list[str]:
        """Show what changed between the last two versions, as messages."""
        async with self.memory.db.read() as tx:
            kept = await policies.latest(tx, 2)
        new, old = (*kept, None, None)[:2]
        return policy.changes(new, old)
