"""What an erasure did is stated, signed, told to its owner, and checked for whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bot import log, words
from bot.crypto import receipts
from bot.crypto.receipts import Erasure, Flaw, Scope
from bot.domain import Choices
from bot.errors import SealBroken
from bot.policy.retention import DataClass
from bot.ports import Clock, Closed, Messenger, Post, Standing, day_of
from bot.services.lifetimes import Lifetimes
from bot.services.walk import Walk
from bot.storage import expiry
from bot.storage.erasures import Underway, Within
from bot.storage.keyring import ROUTE
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Attest:
    """Make the receipt of an erasure, and give it to its owner.

    `software` is the running version, `policy_version` that of the privacy policy now.
    """

    memory: Memory
    messenger: Messenger
    walk: Walk
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo
    software: str
    policy_version: Callable[[], int]

    async def __call__(self, underway: Underway, found: Within, pending: list[str]) -> str:
        """Sign what was done; `found` is still there, and `pending` are the codes of why."""
        held = await self.memory.keys.items_of(underway.reach.person)
        left = sum((job, ROUTE) in held for job in found.untidied)
        done = {
            "keys-destroyed-first": True,
            "key-file-rewritten": "keys-pending" not in pending,
            "rows-deleted": True,
            "database-rewritten": underway.scope is not Scope.JOB and "rows-pending" not in pending,
            "messages-deleted": underway.deleted > 0,
            "dm-read-back": underway.walked,
        }
        erasure = Erasure(
            id=underway.id,
            scope=underway.scope,
            begun_at=underway.begun_at,
            ended_at=self.clock.now(),
            counts={kind: count for kind, count in underway.counts.items() if count},
            keys_destroyed=underway.keys - left,
            methods=tuple(method for method, is_done in done.items() if is_done),
            messages_deleted=underway.deleted,
            messages_found=underway.deleted + underway.failed + len(found.posts),
            failures=(*underway.failures, *pending),
            recipes_erased=underway.recipes,
            unreached_expire_on=self._unreached_until(underway, pending),
            backups="none-made",
            remnants="sealed",
            software=self.software,
            policy=str(self.policy_version()),
        )
        return receipts.sign(await self.memory.keys.receipt_seed(), erasure)

    def _unreached_until(self, underway: Underway, pending: list[str]) -> str | None:
        """Give the last day of a stealth recipe no walk found: no DM proves that it shows all."""
        only_rows = underway.scope is Scope.JOB and not underway.after
        reached = underway.scope is Scope.JOB and underway.deleted > 0
        if only_rows or (reached and "dm-pending" not in pending):
            return None
        now = underway.begun_at
        until = self.lifetimes.until(DataClass.STEALTH_RECIPE, now, Choices()) or now
        last = expiry.last_day(until, self.zone)
        return last if last >= day_of(now, self.zone) else None

    async def tell(self, underway: Underway) -> None:
        """Give the receipt to its owner: in the answer to their press, else by DM."""
        public = receipts.public_key(await self.memory.keys.receipt_seed())
        done = receipts.verify(public, underway.line)
        if isinstance(done, Flaw):
            raise SealBroken("a receipt of our own does not verify")
        said = Post(words.erased(done, underway.line, underway.standing))
        if await self.messenger.whisper(underway.token, said):
            return
        dm = await self.walk.open(underway.owner)
        answer = (
            dm
            if isinstance(dm, Closed)
            else await self.messenger.send(dm, said, nonce=f"x{underway.id[:24]}")
        )
        if not isinstance(answer, Standing):
            log.event("erase.receipt_lost", count=1)


@dataclass(frozen=True)
class Verify:
    """Check a receipt that somebody pasted."""

    memory: Memory

    async def __call__(self, line: str) -> Erasure | Flaw:
        """Give what the receipt states, or what is wrong with it."""
        seed = await self.memory.keys.receipt_seed()
        return receipts.verify(receipts.public_key(seed), line)
