"""Somebody whose prompt a server's rule stopped writes to its moderators, in words of their own.

Only those and the rule's name go there, not the prompt. Who wrote is sealed beside them, to be told
that it was read.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import tzinfo

from bot import log
from bot.domain import Moderator, OptOut, PersonId
from bot.errors import KeyGone, SealBroken
from bot.policy import moderation
from bot.policy.reasons import CONTEST_CHARACTERS, CONTESTS_A_DAY, Contested, Judged
from bot.policy.retention import DAY, DataClass
from bot.ports import Bell, Clock, day_of
from bot.services.lifetimes import Lifetimes
from bot.storage import audit, choices, contests, servers
from bot.storage.audit import Deed
from bot.storage.contests import Step, Written
from bot.storage.keyring import REPORT
from bot.storage.memory import Memory
from bot.words import ContestShown


@dataclass(frozen=True)
class Contest:
    """Take what people write about rules, and let moderators of that server read it."""

    memory: Memory
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo
    replying: Bell

    async def __call__(
        self, person: PersonId, guild_id: int | None, tag: str, text: str, token: str
    ) -> Contested:
        """Keep it for the moderators. `tag` names the rule as its button does."""
        if not text.strip():
            return Contested.EMPTY
        writer, now, keys = self.memory.keys.person(person), self.clock.now(), self.memory.keys
        async with self.memory.db.transaction() as tx:
            if await choices.opt_out(tx, writer) is OptOut.NO_PROCESSING:
                return Contested.OPTED_OUT
            rules = (await servers.read(tx, keys, guild_id)).rules if guild_id else ()
            rule = moderation.rule_by_tag(rules, tag)
            if guild_id is None or rule is None:
                return Contested.NO_RULE
            before = await contests.since(tx, guild_id, writer, now - DAY)
            if any(step is not Step.CLOSED for step in before):
                return Contested.WAITS
            if len(before) >= CONTESTS_A_DAY:
                return Contested.ENOUGH
            chosen = await choices.read(tx, keys, writer)
            limits = await servers.limits(tx, guild_id, None)
            await contests.add(
                tx,
                keys,
                secrets.token_hex(16),
                guild_id,
                Written(person=person, token=token, rule=rule.name, text=text[:CONTEST_CHARACTERS]),
                now=now,
                day=day_of(now, self.zone),
                expires_at=self.lifetimes.until(DataClass.RECORD, now, chosen, limits) or now,
            )
        log.event("contest.taken")
        return Contested.SENT

    async def first(self, moderator: Moderator) -> ContestShown | None:
        """Show the oldest that is open here; that it was read is entered, and its writer told."""
        async with self.memory.db.transaction() as tx:
            waiting = await contests.waiting(tx, moderator.guild_id)
            opened = await self._open_first(waiting)
            if opened is None:
                return None
            contest, written = opened
            await contests.was_read(tx, contest.id)
            await audit.enter(
                tx,
                self.memory.keys,
                moderator,
                Deed.CONTEST_READ,
                "contest",
                now=self.clock.now(),
                concerning={contest.person: 1},
            )
        self.replying.ring()
        return ContestShown(
            id=contest.id,
            rule=written.rule,
            text=written.text,
            made_at=contest.made_at,
            left=len(waiting) - 1,
        )

    async def close(self, moderator: Moderator, name: str) -> Judged:
        """Forget what was written. That it was is counted for a day."""
        async with self.memory.db.transaction() as tx:
            contest = await contests.get(tx, name)
            if contest is None or contest.guild_id != moderator.guild_id:
                return Judged.NOTHING
            if contest.outcome is Step.CLOSED:
                return Judged.NOTHING
            await self.memory.keys.destroy(name, REPORT)
            await contests.close(tx, name, until=contest.made_at + DAY)
        return Judged.CLOSED

    async def _open_first(
        self, waiting: list[contests.Contest]
    ) -> tuple[contests.Contest, Written] | None:
        for contest in waiting:
            try:
                return contest, await contests.open_written(self.memory.keys, contest)
            except (KeyGone, SealBroken) as fault:  # being erased just now, or tampered with
                log.event("contest.sealed", fault=fault)
        return None
