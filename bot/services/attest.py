"""What an erasure did is stated, signed, told to its owner, and checked for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from bot import log, words
from bot.crypto import receipts
from bot.crypto.receipts import Erasure, Flaw, Scope
from bot.domain import Choices, PersonId
from bot.errors import SealBroken
from bot.policy.retention import DataClass
from bot.ports import Clock, Closed, Messenger, Post, Standing, day_of
from bot.services.lifetimes import Lifetimes
from bot.services.walk import Walk
from bot.storage import acts, audit, backups, expiry, purges
from bot.storage.database import Transaction
from bot.storage.erasures import Underway, Within
from bot.storage.keyring import ROUTE
from bot.storage.memory import Memory


@dataclass(frozen=True)
class Attest:
    """Make the receipt of an erasure or a purge, and give it to who asked for it.

    `software` is the running version, `policy_version` that of the privacy policy now;
    `backup_days` is how long copies of the key file are kept.
    """

    memory: Memory
    messenger: Messenger
    walk: Walk
    lifetimes: Lifetimes
    clock: Clock
    zone: tzinfo
    software: str
    policy_version: Callable[[], int]
    backup_days: int = 7

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
            backups=await self._backups(),
            remnants="sealed",
            software=self.software,
            policy=str(self.policy_version()),
        )
        return receipts.sign(await self.memory.keys.receipt_seed(), erasure)

    async def of_purge(self, purge: purges.Underway, left: int, pending: Sequence[str]) -> str:
        """Sign what a purge did; `left` messages still stand, and `pending` are the codes of why.

        A purge that was stopped has no pending code: its own failures say so.
        """
        done = {
            "keys-destroyed-first": True,
            "key-file-rewritten": "keys-pending" not in pending,
            "rows-deleted": purge.is_counted,
            "database-rewritten": purge.is_rewritten,
            "messages-deleted": purge.deleted > 0,
        }
        erasure = Erasure(
            id=purge.id,
            scope=purge.scope,
            begun_at=purge.begun_at,
            ended_at=self.clock.now(),
            counts={kind: count for kind, count in purge.counts.items() if count},
            keys_destroyed=purge.keys,
            methods=tuple(method for method, is_done in done.items() if is_done),
            messages_deleted=purge.deleted,
            messages_found=purge.deleted + purge.failed + left,
            failures=(*purge.failures, *pending),
            backups=await self._backups(),
            remnants="sealed",
            software=self.software,
            policy=str(self.policy_version()),
        )
        return receipts.sign(await self.memory.keys.receipt_seed(), erasure)

    async def note(self, tx: Transaction, underway: Underway, pending: list[str]) -> None:
        """Enter it into the person's history, unless that is erased too.

        An erasure at the operator's word stays known, to the person as well; how many stealth
        recipes their DM held stays between them and the receipt.
        """
        now, counted = self.clock.now(), sum(underway.counts.values())
        if underway.is_by_operator:
            act = audit.Act(
                actor=audit.Actor.OPERATOR,
                by="",
                act=audit.Deed.PURGED,
                scope="person",
                objects=counted,
                result="partly" if underway.failures or pending else "done",
            )
            about = {underway.reach.person: counted}
            await audit.append(tx, self.memory.keys, audit.HOUSE, act, now=now, concerning=about)
        if underway.scope is Scope.EVERYTHING:
            return
        await acts.add(
            tx,
            underway.reach.person,
            acts.Actor.SELF,
            acts.Deed.ERASED,
            counted + underway.recipes,
            now=now,
            expires_at=self.lifetimes.until(DataClass.AUDIT, now, Choices()) or now,
        )

    async def _backups(self) -> str:
        """Say until when copies of the key file may hold the keys that were destroyed."""
        async with self.memory.db.read() as tx:
            return await backups.horizon(tx, self.backup_days, self.clock.now(), self.zone)

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
        said = words.erased(
            await self._read(underway.line),
            underway.line,
            underway.standing,
            by_operator=underway.is_by_operator,
        )
        await self._give(underway.owner, underway.token, Post(said), underway.id)

    async def tell_moderator(self, purge: purges.Underway) -> None:
        """Give the receipt of a purge to who began it, in the same way."""
        said = words.purged(await self._read(purge.line), purge.line, purge.closed)
        await self._give(purge.person, purge.token, Post(said), purge.id)

    async def _read(self, line: str) -> Erasure:
        public = receipts.public_key(await self.memory.keys.receipt_seed())
        done = receipts.verify(public, line)
        if isinstance(done, Flaw):
            raise SealBroken("a receipt of our own does not verify")
        return done

    async def _give(self, person: PersonId, token: str, said: Post, name: str) -> None:
        await self.memory.tell_ledger()  # first: no restored copy may know better than a receipt
        if token and await self.messenger.whisper(token, said):
            return
        dm = await self.walk.open(person)
        answer = (
            dm
            if isinstance(dm, Closed)
            else await self.messenger.send(dm, said, nonce=f"x{name[:24]}")
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
