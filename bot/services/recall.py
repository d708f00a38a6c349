"""A pressed button brings a recipe back: what was asked for, to its owner alone.

Somebody else's recipe, an expired one and none at all look alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from bot import log
from bot.crypto import tickets
from bot.crypto.envelope import unseal
from bot.crypto.tickets import Ticket
from bot.domain import PersonId, Visibility
from bot.errors import KeyGone, SealBroken
from bot.ports import Clock, day_of
from bot.storage import recipes
from bot.storage.keyring import RECIPE
from bot.storage.memory import Memory, bound_to
from gen.job import Spec


@dataclass(frozen=True)
class Recalled:
    """What a button opened, how visible its parent was, and until when it is kept.

    `expires_at` is of a public recipe, seconds since 1970; `last_day` of a stealth one, which has
    no more than a day. `starred`: its owner keeps it for longer.
    """

    spec: Spec
    visibility: Visibility
    expires_at: int | None = None
    last_day: str = ""
    starred: bool = False


@dataclass(frozen=True)
class Recall:
    """Open the recipe a button names: a public job's id, or a stealth row with its only key."""

    memory: Memory
    clock: Clock
    zone: tzinfo

    async def __call__(self, name: str, presser: PersonId) -> Recalled | None:
        """Give the recipe if it is the presser's and still kept."""
        try:
            ticket = Ticket.read(name)
            if ticket is not None:
                return await self._stealth(ticket, presser)
            return await self._public(name, presser)
        except KeyGone:
            return None
        except SealBroken as fault:
            log.event("recall.sealed", fault=fault)
            return None

    async def _public(self, job: str, presser: PersonId) -> Recalled | None:
        async with self.memory.db.read() as tx:
            recipe = await recipes.get(tx, job)
        if recipe is None or recipe.person != self.memory.keys.person(presser):
            return None
        if recipe.expires_at <= self.clock.now():
            return None
        key = await self.memory.keys.key(job, RECIPE)
        plain = unseal(key, recipe.sealed, bound_to(job, recipe.person, RECIPE))
        return Recalled(
            Spec.from_json(plain.decode()),
            Visibility.PUBLIC,
            expires_at=recipe.expires_at,
            starred=recipe.starred,
        )

    async def _stealth(self, ticket: Ticket, presser: PersonId) -> Recalled | None:
        async with self.memory.db.read() as tx:
            found = await recipes.get_unlinked(tx, ticket.row, day_of(self.clock.now(), self.zone))
        if found is None:
            return None
        sealed, last_day = found
        plain = tickets.open_recipe(ticket, presser, sealed)
        return Recalled(Spec.from_json(plain.decode()), Visibility.STEALTH, last_day=last_day)


def ticket_of(custom_id: str) -> Ticket | None:
    """Read the ticket a button of ours carries (`v1:verb:row:key`), if it does."""
    version, _, rest = custom_id.partition(":")
    return Ticket.read(rest.partition(":")[2]) if version == "v1" else None
