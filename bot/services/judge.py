"""Moderators decide on reports of their own server: remove, dismiss, or remove and block its maker.

All reports of one message end together. Each decision is one transaction with its audit entry;
whoever reported is told by `reply`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import Moderator
from bot.policy.reasons import BLOCK_SECONDS, Judged, Outcome
from bot.ports import Bell, Clock
from bot.services.remove import Removal, Remove
from bot.storage import audit, blocks, contests, posts, reports
from bot.storage.audit import Deed
from bot.storage.database import Transaction
from bot.storage.memory import Memory
from bot.storage.posts import Standing
from bot.storage.reports import Report
from bot.words import ReportShown

_BLOCKED_FOR = f"user={BLOCK_SECONDS // 86400}d"


@dataclass(frozen=True)
class Judge:
    """Decide on reports. A report of another server is none at all."""

    memory: Memory
    remove: Remove
    clock: Clock
    replying: Bell

    async def first(self, moderator: Moderator) -> ReportShown | None:
        """Show the report that comes first here; None when none waits."""
        async with self.memory.db.read() as tx:
            waiting = await reports.waiting(tx, moderator.guild_id)
            written = await contests.waiting(tx, moderator.guild_id)
        if waiting is None:
            return None
        report = waiting.first
        return ReportShown(
            id=report.id,
            reason=report.reason,
            guild_id=report.guild_id,
            channel_id=report.channel_id,
            message_id=report.message_id,
            made_at=report.made_at,
            others=waiting.others,
            left=waiting.left,
            contests=len(written),
        )

    async def take_down(self, moderator: Moderator, name: str, *, blocks_maker: bool) -> Judged:
        """Forget a reported result and remove its message; block its maker here too, if asked."""
        async with self.memory.db.transaction() as tx:
            report = await self._mine(tx, moderator, name)
            if report is None:
                return Judged.NOTHING
            post = await self._post(tx, report)
            if post is not None:
                await self.remove.within(tx, post.job)
                await reports.end(tx, report, Outcome.REMOVED)
                await self._enter(
                    tx, moderator, Deed.REPORT_REMOVED, f"report={report.reason}", post
                )
                if blocks_maker:
                    await self._block(tx, moderator, post)
        self.replying.ring()
        if post is None:
            return Judged.GONE
        if await self.remove.unpost(post) is Removal.FORGOTTEN:
            return Judged.STANDS
        return Judged.BLOCKED if blocks_maker else Judged.REMOVED

    async def dismiss(self, moderator: Moderator, name: str) -> Judged:
        """Let a reported result stand."""
        async with self.memory.db.transaction() as tx:
            report = await self._mine(tx, moderator, name)
            if report is None:
                return Judged.NOTHING
            post = await self._post(tx, report)
            if post is not None:
                await reports.end(tx, report, Outcome.DISMISSED)
                await self._enter(
                    tx, moderator, Deed.REPORT_DISMISSED, f"report={report.reason}", post
                )
        self.replying.ring()
        return Judged.GONE if post is None else Judged.DISMISSED

    async def _mine(self, tx: Transaction, moderator: Moderator, name: str) -> Report | None:
        report = await reports.get(tx, name)
        if report is None or report.guild_id != moderator.guild_id or report.outcome is not None:
            return None
        return report

    async def _post(self, tx: Transaction, report: Report) -> Standing | None:
        """Give what was reported. If it is gone, so is every report of it."""
        post = await posts.get(tx, report.job)
        if post is not None and post.message_id == report.message_id:
            return post
        await reports.end(tx, report, Outcome.GONE)
        return None

    async def _block(self, tx: Transaction, moderator: Moderator, post: Standing) -> None:
        until = self.clock.now() + BLOCK_SECONDS
        await blocks.block(
            tx, moderator.guild_id, post.person, now=self.clock.now(), expires_at=until
        )
        await self._enter(tx, moderator, Deed.BLOCKED, _BLOCKED_FOR, post)

    async def _enter(
        self, tx: Transaction, moderator: Moderator, deed: Deed, scope: str, post: Standing
    ) -> None:
        now, concerning = self.clock.now(), {post.person: 1}
        await audit.enter(
            tx, self.memory.keys, moderator, deed, scope, now=now, concerning=concerning
        )
