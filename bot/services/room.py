"""Whether the house can take one more job: how many are open, the disk, and whether it is closing.

Asked before anything is written. What was accepted goes on all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot import log, words
from bot.domain import Cause, Refusal, Shut
from bot.storage import deliveries
from bot.storage.database import Transaction
from bot.storage.disk import Disk, is_full
from gen import queue

Answer = TypeVar("Answer")


@dataclass
class Room:
    """The room for new jobs: in all, and of one server's. Public jobs alone have a server."""

    disk: Disk
    max_open_jobs: int
    max_open_jobs_per_server: int
    is_closing: bool = False

    @property
    def shut(self) -> Shut | None:
        """Why nothing new is accepted, as far as is known without looking; for health answers."""
        return Shut.RESTARTING if self.is_closing else self.disk.seen

    def close(self) -> None:
        """Accept nothing more: the bot is about to stop."""
        self.is_closing = True

    async def unless_shut(self, decide: Callable[[], Awaitable[Answer]]) -> Answer | Refusal:
        """Decide on an ask, unless the house is shut. A disk found full just then leaves no trace:
        the transaction was rolled back.
        """
        if not self.is_closing:
            await self.disk.shortage()
        if why := self.shut:
            return Refusal(Cause.HOUSE_CLOSED, {"why": why})
        try:
            return await decide()
        except Exception as fault:
            if not is_full(fault):
                raise
            log.event("disk.full", fault=fault)
            return Refusal(Cause.HOUSE_CLOSED, {"why": Shut.DISK})

    async def is_full(self, tx: Transaction, jobs: int = 1) -> bool:
        """Say whether there is no room for so many jobs more."""
        return await queue.depth(tx) + jobs > self.max_open_jobs

    async def check(self, tx: Transaction, guild_id: int | None, jobs: int = 1) -> Refusal | None:
        """Say why so many more do not fit; `guild_id` is the server of public ones."""
        if await self.is_full(tx, jobs):
            line = words.duration(await deliveries.work_seconds(tx))
            return Refusal(Cause.QUEUE_FULL, {"limit": self.max_open_jobs, "line": line})
        limit = self.max_open_jobs_per_server
        if guild_id is not None and await deliveries.open_in_server(tx, guild_id) + jobs > limit:
            return Refusal(Cause.SERVER_FULL, {"limit": limit})
        return None
