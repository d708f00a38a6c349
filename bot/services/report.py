"""Somebody reports a public result to the moderators of its server: where it stands, and why.

Nothing of stealth can be reported here: nobody of a server may learn of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import tzinfo

from bot import log
from bot.domain import JobId, OptOut, PersonHash, PersonId
from bot.policy.reasons import OPEN_REPORTS, Reason, Reported
from bot.policy.retention import DataClass
from bot.ports import Clock, day_of
from bot.services.lifetimes import Lifetimes
from bot.storage import choices, posts, reports, servers
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.storage.posts import Standing
from bot.storage.reports import Reporter


@dataclass(frozen=True)
class Report:
    """Take a report. `guild_id` is always the server somebody speaks in, None for the DM."""

    memory: Memory
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo

    async def find(
        self, person: PersonId, guild_id: int | None, *, job: str = "", message_id: int = 0
    ) -> JobId | Reported:
        """Give the job of a result that this person may report, or say why not."""
        async with self.memory.db.read() as tx:
            post = await posts.get(tx, job) if job else await posts.at(tx, message_id)
            found = await self._may(tx, self.memory.keys.person(person), guild_id, post)
        return found.job if isinstance(found, Standing) else found

    async def __call__(
        self, person: PersonId, guild_id: int | None, job: str, reason: Reason, token: str
    ) -> Reported:
        """Take it, if nothing has changed since they were asked for the reason.

        `token` is of the press: its answer tells what becomes of the report, while it can.
        """
        reporter, now = self.memory.keys.person(person), self.clock.now()
        async with self.memory.db.transaction() as tx:
            post = await self._may(tx, reporter, guild_id, await posts.get(tx, job))
            if not isinstance(post, Standing):
                return post
            chosen = await choices.read(tx, self.memory.keys, reporter)
            limits = await servers.limits(tx, post.guild_id, post.channel_id)
            await reports.add(
                tx,
                self.memory.keys,
                secrets.token_hex(16),
                post,
                reason=reason,
                by=Reporter(person, token),
                now=now,
                day=day_of(now, self.zone),
                expires_at=self.lifetimes.until(DataClass.RECORD, now, chosen, limits) or now,
            )
        log.event("report.taken")
        return Reported.TAKEN

    async def _may(
        self, tx: Transaction, reporter: PersonHash, guild_id: int | None, post: Standing | None
    ) -> Standing | Reported:
        if guild_id is None:
            return Reported.IN_DM
        if await choices.opt_out(tx, reporter) is OptOut.NO_PROCESSING:
            return Reported.OPTED_OUT
        if post is None or post.guild_id != guild_id:
            return Reported.NOT_OURS
        if post.person == reporter:
            return Reported.OWN
        if await reports.is_made(tx, post.message_id, reporter):
            return Reported.TWICE
        if await reports.count_of(tx, guild_id, reporter) >= OPEN_REPORTS:
            return Reported.FULL
        return post
