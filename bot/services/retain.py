"""A person shortens how long a class of their data is kept: what they have already ends sooner too.

A lifetime may be lengthened again within what operator, plan and server allow, but only for what is
made from then on: nothing that exists is ever kept longer than it was to be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import log
from bot.domain import Ask, Choices, PersonHash, PersonId, Refusal
from bot.errors import Unreachable
from bot.policy import retention
from bot.policy.retention import DataClass, Effective
from bot.ports import Clock, Closed, day_of
from bot.services.holdings import Holdings
from bot.services.lifetimes import Lifetimes
from bot.services.walk import Walk, Walked
from bot.storage import choices, expiry, servers, tightening
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Kept:
    """What became of the wish.

    `here` is what applies to what is public where they said it; None outside servers. `sooner` is
    how many things that exist end sooner now. `walked` is what was found in their DM when the class
    is the stealth recipe; None when Discord did not answer to the end.
    """

    kind: DataClass
    effective: Effective
    sooner: int
    is_longer: bool
    here: Effective | None = None
    walked: Walked | Closed | None = None


@dataclass(frozen=True)
class Retain:
    """Keep a person's wish about one class of their data."""

    memory: Memory
    lifetimes: Lifetimes
    walk: Walk
    clock: Clock
    zone: tzinfo
    holdings: Holdings

    async def __call__(
        self, person: PersonId, kind: DataClass, text: str, ask: Ask | None = None
    ) -> Kept | Refusal:
        """Read the duration they said, keep it, and let what they have end sooner.

        `ask` says where they said it, and what proves their plan, beyond which nobody goes. Saying
        the same again finishes what a Discord that did not answer left undone.
        """
        seconds = retention.parse(text)
        if not isinstance(seconds, Refusal):
            plan = await self._plan(ask)
            limits = self.lifetimes.of(kind, Choices(), plan=plan)
            seconds = retention.tighten(kind, seconds, limits)
        if isinstance(seconds, Refusal):
            return seconds
        kept = await self._keep(self.memory.keys.person(person), kind, seconds, ask)
        if kind is not DataClass.STEALTH_RECIPE:
            return kept
        return replace(kept, walked=await self._shorten_in_dm(person, seconds))

    async def _plan(self, ask: Ask | None) -> str | None:
        if ask is None:
            return None
        async with self.memory.db.read() as tx:
            held = await self.holdings.of(tx, self.memory.keys, ask, self.clock.now())
        return held.plan.name

    async def _keep(
        self, person: PersonHash, kind: DataClass, seconds: int, ask: Ask | None
    ) -> Kept:
        now = self.clock.now()
        async with self.memory.db.transaction() as tx:
            old = await choices.read(tx, self.memory.keys, person)
            before = self.lifetimes.of(kind, old).seconds
            new = replace(old, retention=old.retention | {kind.value: seconds})
            day = day_of(now, self.zone)
            await choices.write(tx, self.memory.keys, person, new, now=now, day=day)
            sooner = await tightening.tighten(tx, kind, seconds, person=person)
            here = None
            if ask is not None and ask.where.guild_id is not None:
                limits = await servers.limits(tx, ask.where.guild_id, ask.where.channel_id)
                here = self.lifetimes.of(kind, new, limits)
        return Kept(
            kind,
            self.lifetimes.of(kind, new),
            sooner,
            is_longer=before is not None and seconds > before,
            here=here,
        )

    async def _shorten_in_dm(self, person: PersonId, seconds: int) -> Walked | Closed | None:
        """Nothing of ours knows whose a stealth recipe is; the buttons in their DM do."""
        until = self.clock.now() + seconds
        try:
            return await self.walk.shorten(person, expiry.last_day(until, self.zone))
        except Unreachable as fault:
            log.event("retain.unreachable", fault=fault)
            return None
