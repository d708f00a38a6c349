"""A job ends without a picture: refunded and forgotten, in one transaction.

What then remains to be done at Discord is `tidy`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot import log
from bot.domain import Ending, PersonHash
from bot.errors import DarkroomFault, KeyGone, Refused, SealBroken
from bot.policy.retention import DataClass
from bot.ports import Bell, Clock
from bot.services.lifetimes import Lifetimes
from bot.storage import choices, deliveries, people, pictures, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE
from bot.storage.memory import Memory
from gen import queue
from gen.job import JobState

_STATE = {
    Ending.CANCELLED: JobState.CANCELLED,
    Ending.MOVED: JobState.CANCELLED,
    Ending.ERASED: JobState.CANCELLED,
    Ending.EXPIRED: JobState.REFUSED,
    Ending.PURGED: JobState.CANCELLED,
    Ending.STOPPED: JobState.REFUSED,
    Ending.DM_CLOSED: JobState.REFUSED,
    Ending.PLACE_GONE: JobState.CANCELLED,
    Ending.FAILED: JobState.REFUSED,
    Ending.TOO_LARGE: JobState.REFUSED,
    Ending.NO_MODEL: JobState.REFUSED,
    Ending.POISON: JobState.DEAD,
    Ending.LOST: JobState.LOST,
}


def ending_of(fault: DarkroomFault) -> Ending:
    """Say how a job ends whose seals do not open: forgotten by design, or tampered with."""
    return Ending.LOST if isinstance(fault, KeyGone) else Ending.FAILED


@dataclass(frozen=True)
class Conclude:
    """End a job that was accepted, for good and at no cost to its owner."""

    memory: Memory
    clock: Clock
    lifetimes: Lifetimes
    tidying: Bell

    async def __call__(self, delivery: Delivery, ending: Ending, *, done: float = 0.0) -> bool:
        """End it, refund it, and destroy what it was. `tidy` then clears up at Discord.

        `done` is the share of its steps that its owner let it do, which is not refunded.

        Returns:
            Whether this call ended it: a job ends only once.
        """
        async with self.memory.db.transaction() as tx:
            blobs = await self.within(tx, delivery, ending, done=done)
        if blobs is None:
            return False
        await self.settle(delivery.job, ending, blobs)
        return True

    async def within(
        self, tx: Transaction, delivery: Delivery, ending: Ending, *, done: float = 0.0
    ) -> list[str] | None:
        """End it and refund it in the caller's transaction; `settle` must follow the commit.

        Returns:
            The files of its pictures; None when it had ended already.
        """
        now, owner = self.clock.now(), PersonHash(delivery.tenant)
        if not await queue.end(tx, delivery.job, _STATE[ending], now):
            return None
        back = delivery.taken.left(done)
        await people.charge(
            tx,
            owner,
            delivery.day,
            pictures=-back.pictures,
            stealth_jobs=-back.stealth_jobs,
            gpu_milliseconds=-back.gpu_milliseconds,
        )
        chosen = await choices.read(tx, self.memory.keys, owner)
        here = await servers.limits(tx, delivery.guild_id, delivery.channel_id)
        until = self.lifetimes.until(DataClass.RECORD, now, chosen, here, delivery.plan) or now
        await deliveries.close(tx, delivery.job, expires_at=until, ending=ending)
        return await pictures.drop(tx, delivery.job)

    async def settle(self, job: str, ending: Ending, blobs: list[str]) -> None:
        """After the commit: destroy what it was."""
        try:
            await self.memory.keys.destroy(job, RECIPE, PICTURE)
        finally:
            await self.memory.drop_files(blobs)
        log.event(f"job.ended.{ending}")
        self.tidying.ring()

    async def unless(self, deed: Callable[[Delivery], Awaitable[None]], delivery: Delivery) -> None:
        """Do a deed for a job; end the job when trying again could not help.

        That is when Discord refuses for good, or when a seal does not open any more.
        """
        try:
            await deed(delivery)
        except Refused as fault:
            log.event("discord.refused", fault=fault)
            await self(delivery, Ending.PLACE_GONE)
        except (KeyGone, SealBroken) as fault:
            log.event("job.sealed", fault=fault)
            await self(delivery, ending_of(fault))
