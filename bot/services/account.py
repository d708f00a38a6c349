"""What the house can tell somebody about their data: what applies, what is stored, what was done.

Reads only, and meets nobody: asking leaves no trace.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain import Ask, PersonHash, PersonId, Visibility
from bot.policy.datamap import Store, personal
from bot.policy.disclosure import (
    Facts,
    Happened,
    Kept,
    Life,
    Line,
    Policy,
    Selfcheck,
    table_of,
)
from bot.policy.entries import ENTRIES
from bot.policy.retention import DataClass
from bot.ports import Clock
from bot.services.holdings import Holdings
from bot.services.lifetimes import NOWHERE, Lifetimes
from bot.storage import acts, audit, choices, datamap, deliveries, policies, posts, recipes, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory

ACTS_SHOWN = 50

_MESSAGE = re.compile(r"(?:^|/)([0-9]{1,19})/?$")
"""A Discord message id, alone or at the end of a message's link."""


@dataclass
class Account:
    """Answer for what is held about a person. `data` is the data folder."""

    memory: Memory
    facts: Facts
    data: Path
    holdings: Holdings
    clock: Clock

    def learn_model_digest(self, digest: str) -> None:
        """Name the model by its content from now on; reading it all takes a while after a start."""
        self.facts = replace(self.facts, model_digest=digest)

    async def effective(self, person: PersonId, ask: Ask | None = None) -> list[Kept]:
        """Put side by side, per class of data, who says what and what applies to this person.

        `ask` says where they ask, in a server its words are among them, and what proves their plan.
        """
        here, plan = None, dict[DataClass, int]()
        async with self.memory.db.read() as tx:
            chosen = await choices.read(tx, self.memory.keys, self._hash(person))
            if ask is not None:
                held = await self.holdings.of(tx, self.memory.keys, ask, self.clock.now())
                plan |= held.plan.retention
            if ask is not None and ask.where.guild_id is not None:
                here = await servers.limits(tx, ask.where.guild_id, ask.where.channel_id)
        return table_of(self.facts.limits, chosen.retention, here, plan)

    async def policy(self) -> Policy | None:
        """Give the policy that stands; None before the first start has printed one."""
        async with self.memory.db.read() as tx:
            kept = await policies.latest(tx)
        return kept[0] if kept else None

    async def selfcheck(self) -> Selfcheck | None:
        """Give the operator's last selfcheck."""
        return await asyncio.to_thread(datamap.last_selfcheck, self.data)

    async def stored(self, person: PersonId) -> list[Line]:
        """Count everything that is stored about a person, in the order of the data map."""
        counted = await datamap.counts(self.memory, self._hash(person))
        lines = []
        for entry in personal(ENTRIES, *Store):
            found = counted.get((entry.store, entry.name))
            lines.append(Line(entry, found.rows if found else None, found.until if found else None))
        return lines

    async def history(self, person: PersonId, guild_id: int | None = None) -> list[Happened]:
        """List the newest acts on a person's data: their own, moderators' and the operator's.

        `guild_id` is the server they ask in. No other is named: what happened there is theirs to
        know, and where is not for whoever looks over their shoulder.
        """
        async with self.memory.db.read() as tx:
            own = await acts.of(tx, self._hash(person), ACTS_SHOWN)
            touching = await audit.of_person(tx, self._hash(person), ACTS_SHOWN)
        found = [Happened(act.at, act.actor.value, act.act.value, act.objects) for act in own]
        found += [
            Happened(
                *(each.at, each.actor, each.act, each.objects),
                is_here=None if each.chain == audit.HOUSE else each.chain == guild_id,
            )
            for each in touching
        ]
        found.sort(key=lambda happened: happened.at, reverse=True)  # stable: newest stay first
        return found[:ACTS_SHOWN]

    async def life_of(self, job: str, person: PersonId) -> Life | None:
        """Say how a job of theirs stands. None: they have none of that name, whoever else may.

        `job` is its id, or the link or id of a public message with it.
        """
        owner, said = self._hash(person), job.strip().lower()
        message = _MESSAGE.search(said)
        async with self.memory.db.read() as tx:
            named = await datamap.job_at(tx, owner, message[1]) if message else None
            return await self._life(tx, named or said, owner)

    async def _life(self, tx: Transaction, job: str, person: PersonHash) -> Life | None:
        delivery = await deliveries.get(tx, job)
        post, recipe = await posts.get(tx, job), await recipes.get(tx, job)
        owners = {
            *([delivery.tenant] if delivery else []),
            *([post.person] if post else []),
            *([recipe.person] if recipe else []),
        }
        if owners != {person}:
            return None
        return Life(
            job=job,
            visibility=delivery.visibility if delivery else Visibility.PUBLIC,
            state=delivery.state if delivery else None,
            picture_seconds=await self._picture_seconds(tx, delivery or post, person),
            ending=delivery.ending if delivery else None,
            post=(post.guild_id, post.channel_id, post.message_id) if post else None,
            post_until=post.expires_at if post else None,
            recipe_until=recipe.expires_at if recipe else None,
            is_starred=recipe is not None and recipe.starred,
            record_until=await datamap.record_until(tx, job),
        )

    async def _picture_seconds(
        self, tx: Transaction, at: Delivery | posts.Standing | None, person: PersonHash
    ) -> int:
        """Say how long a picture of theirs may wait to be delivered there, as things are now."""
        chosen = await choices.read(tx, self.memory.keys, person)
        here = await servers.limits(tx, at.guild_id, at.channel_id) if at is not None else NOWHERE
        limits = Lifetimes(self.facts.limits, self.facts.plans)
        plan = at.plan if isinstance(at, Delivery) else None
        return limits.of(DataClass.PICTURE, chosen, here, plan).seconds or 0

    def _hash(self, person: PersonId) -> PersonHash:
        return self.memory.keys.person(person)
