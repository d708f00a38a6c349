"""Whether somebody may moderate the server they speak in: asked at every call, never remembered."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Moderator, PersonId, Refusal, Where
from bot.policy import authority
from bot.storage import servers
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Authorise:
    """Read which role a server set, and judge by what Discord says of the person now."""

    memory: Memory

    async def __call__(
        self,
        person: PersonId,
        where: Where,
        role_ids: frozenset[int],
        *,
        must_manage: bool = False,
    ) -> Moderator | Refusal:
        """Give the moderator they are here, or why they are none."""
        role = None
        if where.guild_id is not None:
            async with self.memory.db.read() as tx:
                role = (await servers.read(tx, self.memory.keys, where.guild_id)).moderator_role
        return authority.moderator_of(
            person, where, role_ids=role_ids, moderator_role=role, must_manage=must_manage
        )
