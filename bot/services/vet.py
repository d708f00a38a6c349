"""A result is judged by its measures before anything of it is kept: what may not pass ends here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot import log
from bot.domain import Choices, Ending, PersonHash
from bot.policy import gate
from bot.policy.gate import Verdict
from bot.policy.retention import DataClass
from bot.policy.server import AdultHere
from bot.ports import Clock
from bot.route import Route
from bot.services.conclude import Conclude
from bot.services.lifetimes import Lifetimes
from bot.storage import counters, fingerprints, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen.messages import Finished


@dataclass(frozen=True)
class Vet:
    """Judge results. `limits` are the classifier's; without a classifier there are none."""

    memory: Memory
    conclude: Conclude
    lifetimes: Lifetimes
    clock: Clock
    limits: Mapping[str, float]

    async def __call__(self, delivery: Delivery, route: Route, finished: Finished) -> bool:
        """Say whether a result may be kept; where not, its job has ended.

        The operator's list is read each time: what was put on it a moment ago counts.
        """
        if not len(finished.pictures) == len(finished.measures) == delivery.rows:
            log.event("worker.short", count=len(finished.pictures))
            await self.conclude(delivery, Ending.FAILED)
            return False
        async with self.memory.db.read() as tx:
            blocked = await fingerprints.known(tx)
            adult_ok = route.adult_ok and await self._still_wants_adult(tx, delivery)
        verdict = gate.decide(
            finished.measures, limits=self.limits, blocked=blocked, adult_ok=adult_ok
        )
        match verdict:
            case Verdict.PASS:
                return True
            case Verdict.UNMEASURED:
                log.event("worker.unmeasured")
                await self.conclude(delivery, Ending.FAILED)
            case Verdict.ADULT | Verdict.BLOCKED:
                await self._stop(delivery)
        return False

    async def hides_previews(self, tx: Transaction) -> bool:
        """Say whether a picture may be shown only once it is done: nothing measures previews."""
        return bool(self.limits) or await fingerprints.count(tx) > 0

    async def _still_wants_adult(self, tx: Transaction, delivery: Delivery) -> bool:
        """Say whether a public job's server has not closed its door to such pictures since."""
        if delivery.guild_id is None:
            return True
        here = await servers.read(tx, self.memory.keys, delivery.guild_id)
        return here.adult is not AdultHere.NEVER

    async def _stop(self, delivery: Delivery) -> None:
        """End the job and count it for its owner, in one transaction. Nobody else is told."""
        now, owner = self.clock.now(), PersonHash(delivery.tenant)
        until = self.lifetimes.until(DataClass.COUNTER, now, Choices())
        async with self.memory.db.transaction() as tx:
            blobs = await self.conclude.within(tx, delivery, Ending.STOPPED)
            if blobs is None:
                return
            await counters.add(
                tx,
                owner,
                what="picture",
                visibility=delivery.visibility,
                day=delivery.day,
                now=now,
                expires_at=until or now,
            )
        await self.conclude.settle(delivery.job, Ending.STOPPED, blobs)
