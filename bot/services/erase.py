"""Somebody erases their work: keys first, then rows, then our messages, then a signed receipt.

Beginning is one transaction: when it commits, whatever of theirs was under way has ended. The rest
is a row that is worked off look by look, also after a crash: each step may be repeated, and each
number of the receipt is written down in the transaction that made it true.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import log
from bot.crypto.receipts import Scope as Scope  # the doors may not ask `bot.crypto`
from bot.domain import Ending, OptOut, PersonId
from bot.errors import KeyGone, SealBroken
from bot.ports import Bell, Clock, day_of
from bot.services.aim import Aim, Aimed
from bot.services.attest import Attest
from bot.services.conclude import Conclude
from bot.services.hands import REST_SECONDS, Hands
from bot.services.lifetimes import Lifetimes
from bot.services.questions import Questions
from bot.services.unsay import Unsay
from bot.storage import choices, deliveries, erasures, posts, recipes
from bot.storage.database import Transaction
from bot.storage.erasures import Underway, Within
from bot.storage.keyring import CHOICES, ERASURE, PICTURE, RECIPE, REPORT, ROUTE
from bot.storage.memory import Memory
from bot.words import Preview
from gen import queue
from gen.engine import Engine

PATIENT_LOOKS = 12
"""Looks that may leave something undone, about ten minutes in all: an interaction's token lives for
fifteen. Then the receipt says what is pending; tidy, sweeper and key file go on with it."""


@dataclass(frozen=True)
class Erase:
    """Erase what is a person's: at their word, or all of it at the operator's.

    `engine` is None where another process has it.
    """

    memory: Memory
    engine: Engine | None
    conclude: Conclude
    aim: Aim
    unsay: Unsay
    attest: Attest
    lifetimes: Lifetimes
    questions: Questions
    clock: Clock
    zone: tzinfo
    hands: Hands
    erasing: Bell

    async def preview(
        self, person: PersonId, scope: Scope, job: str | None = None
    ) -> Preview | None:
        """Say what would go; None when the named job is not theirs. Raises as `Aim`."""
        aimed = await self.aim(person, scope, job, before=1)
        if aimed is None:
            return None
        today = day_of(self.clock.now(), self.zone)
        async with self.memory.db.read() as tx:
            found = await erasures.within(tx, aimed.reach)
            about = await erasures.about(tx, aimed.reach.person, today)
        counts = {
            "open-jobs": len(found.open_jobs),
            "posts": len(found.posts),
            "recipes": len(found.recipes),
            "records": len(found.ended) + len(found.untidied),
        }
        days = [day_of(at, self.zone) for at in found.times]
        return Preview(
            scope=scope,
            counts=counts | (about if scope is Scope.EVERYTHING else {}),
            oldest=min(days, default=None),
            newest=max(days, default=None),
            in_dm=aimed.before is not None,
        )

    async def begin(
        self,
        person: PersonId,
        scope: Scope,
        token: str,
        *,
        interaction_id: int,
        job: str | None = None,
    ) -> bool:
        """Begin an erasure; what is under way in its scope has ended when this returns.

        Args:
            person: Whose.
            scope: How much: one job, today's, everything.
            token: Of the press; its ephemeral answer becomes the receipt.
            interaction_id: Of the press: messages in the DM that are younger stay.
            job: The job, by its id or by the id or link of the message with its result.

        Returns:
            Whether there is anything to erase: False when the named job is not theirs.
        """
        aimed = await self.aim(person, scope, job, before=interaction_id)
        if aimed is None:
            return False
        async with self.memory.db.transaction() as tx:
            underway = await self.open(tx, person, scope, token, aimed)
        self.begun(underway)
        return True

    async def opt_out_all(self, person: PersonId, token: str, *, interaction_id: int) -> None:
        """Remember that nothing of theirs may be processed, and erase everything, in one commit."""
        aimed = await self.aim(person, Scope.EVERYTHING, None, before=interaction_id)
        if aimed is None:
            raise LookupError("everything can always be aimed at")
        today = day_of(self.clock.now(), self.zone)
        async with self.memory.db.transaction() as tx:
            await choices.set_opt_out(tx, aimed.reach.person, OptOut.NO_PROCESSING, day=today)
            underway = await self.open(tx, person, Scope.EVERYTHING, token, aimed)
        self.begun(underway)

    async def look(self) -> None:
        """Take every erasure in hand that is not finished."""
        async with self.memory.db.read() as tx:
            begun = await erasures.begun(tx)
        self.hands.take_all(begun, self._try)

    # --- beginning

    async def open(
        self,
        tx: Transaction,
        person: PersonId,
        scope: Scope,
        token: str,
        aimed: Aimed,
        *,
        is_by_operator: bool = False,
    ) -> Underway:
        """Begin in the caller's transaction; `begun` must follow the commit."""
        now = self.clock.now()
        owner, today = aimed.reach.person, day_of(now, self.zone)
        reach = replace(aimed.reach, until=now)
        found = await erasures.within(tx, reach)
        keys = self.memory.keys
        held = [*await keys.items_of(owner), *keys.stealth.items()]
        doomed = [item for item in held if item[0] in found.jobs]
        ended, blobs = list[str](), list[str]()
        for delivery in found.open_jobs:
            files = await self.conclude.within(tx, delivery, Ending.ERASED)
            if files is not None:
                ended.append(delivery.job)
                blobs += files
        counts = {"open-jobs": len(ended), "pictures": len(blobs)}
        said = [item for item in held if item[1] in (CHOICES, REPORT)]
        if scope is Scope.EVERYTHING:
            doomed += said
            counts |= await erasures.forget_about(tx, owner, today)
        underway = Underway(
            id=secrets.token_hex(16),
            owner=person,
            token=token,
            scope=scope,
            reach=reach,
            begun_at=now,
            before=aimed.before,
            after=aimed.after,
            button=aimed.button,
            ended=tuple(ended),
            blobs=tuple(blobs),
            keys=len(doomed),
            counts=counts,
            is_by_operator=is_by_operator,
        )
        await erasures.add(tx, keys, underway, day=today)
        if scope is Scope.EVERYTHING:  # at once: what they choose or report from now on is kept
            await keys.destroy_all(said)
        return underway

    def begun(self, underway: Underway) -> None:
        """After the commit: stop what is being made, and have the rest worked off."""
        self._stop_at_once(underway)
        log.event(f"erase.begun.{underway.scope}")
        self.erasing.ring()

    def _stop_at_once(self, underway: Underway) -> None:
        if self.engine is not None:
            for job in underway.ended:
                self.engine.cancel(job)
        if underway.scope is Scope.EVERYTHING:
            self.questions.drop_of(underway.owner)

    # --- working off

    async def _try(self, name: str) -> None:
        try:
            async with self.memory.db.read() as tx:
                underway = await erasures.get(tx, self.memory.keys, name)
        except (KeyGone, SealBroken) as fault:  # finished but for its row, or tampered with
            log.event("erase.sealed", fault=fault)
            await self._forget(name)
            return
        if underway is None or self.clock.now() < underway.resume_at:
            return
        if not underway.line:
            underway = await self._work(underway)
        if underway.line:
            await self.attest.tell(underway)
            await self._forget(name)

    async def _work(self, underway: Underway) -> Underway:
        underway = await self.destroy(underway)
        await self.memory.keys.forget()
        underway = await self.drop_rows(underway)
        underway = await self.unsay.in_servers(underway)
        underway = await self.unsay.in_dm(underway)
        underway = await self.drop_rows(underway)  # of jobs that were cleared up meanwhile
        return await self._end(underway)

    async def destroy(self, underway: Underway) -> Underway:
        """Destroy keys, and files. A route's key is left to `tidy`, which clears up with it."""
        if underway.is_by_operator and not underway.looks:  # begun in another process, maybe
            self._stop_at_once(underway)
        for job in underway.ended:
            await self.conclude.settle(job, Ending.ERASED, [])
        await self.memory.drop_files(list(underway.blobs))
        found = await self._within(underway)
        jobs = {*found.ended, *found.untidied, *found.recipes}
        if jobs:
            doomed = [(job, purpose) for job in jobs for purpose in (RECIPE, PICTURE)]
            await self.memory.keys.destroy_all(doomed)
        return await self._keep(replace(underway, ended=(), blobs=()))

    async def drop_rows(self, underway: Underway) -> Underway:
        """Drop recipes and records. A job that `tidy` has not cleared up yet keeps its record."""
        async with self.memory.db.transaction() as tx:
            found = await erasures.within(tx, underway.reach)
            for job in found.recipes:
                await recipes.forget(tx, job)
            for job in found.ended:
                await deliveries.forget(tx, job)
            if underway.scope is Scope.EVERYTHING:
                await queue.forget_idle(tx)
            dropped = {"recipes": len(found.recipes), "records": len(found.ended)}
            counts = underway.counts | {
                kind: underway.counts.get(kind, 0) + count for kind, count in dropped.items()
            }
            underway = replace(underway, counts=counts)
            await erasures.keep(tx, self.memory.keys, underway)
        return underway

    # --- the receipt

    async def _end(self, underway: Underway) -> Underway:
        """Sign what was done; or, while something may still be done, rest until the next look."""
        found = await self._within(underway)
        pending = await self._pending(underway, found)
        if pending and underway.looks < PATIENT_LOOKS:
            log.event("erase.waits", count=len(pending))
            rest = REST_SECONDS[min(underway.looks, len(REST_SECONDS) - 1)]
            resume_at = self.clock.now() + int(rest)
            return await self._keep(
                replace(underway, looks=underway.looks + 1, resume_at=resume_at)
            )
        underway = replace(underway, line=await self.attest(underway, found, pending))
        async with self.memory.db.transaction() as tx:
            await self._leave_to_others(tx, found)
            await self.attest.note(tx, underway, pending)
            await erasures.keep(tx, self.memory.keys, underway)
        return underway

    async def _pending(self, underway: Underway, found: Within) -> list[str]:
        """Name what is left undone.

        `darkroom.db` is rewritten last, and not for a single job: its key is gone, and while 20 MB
        are rewritten everybody waits for 0.2 s.
        """
        undone = {
            "places-pending": bool(found.untidied or found.ended),  # or cleared up just now
            "messages-pending": bool(found.posts),
            "dm-pending": underway.before is not None,
        }
        await self._destroy_idle_keys(underway)
        undone["keys-pending"] = not await self.memory.keys.forget()
        is_last = underway.looks >= PATIENT_LOOKS or not any(undone.values())
        if is_last and underway.scope is not Scope.JOB:
            undone["rows-pending"] = not await self.memory.db.forget_deleted()
        return [code for code, is_undone in undone.items() if is_undone]

    async def _destroy_idle_keys(self, underway: Underway) -> None:
        """Destroy route keys that `tidy` is just done with, and day keys that open nothing more."""
        owner = underway.reach.person
        async with self.memory.db.read() as tx:  # so that no job is just being accepted
            routed = await erasures.routed(tx, owner)
            held = await self.memory.keys.items_of(owner)
        idle = [(job, purpose) for job, purpose in held if purpose == ROUTE and job not in routed]
        if idle:
            await self.memory.keys.destroy_all(idle)
        await self.memory.keys.drop_bare_days()

    async def _leave_to_others(self, tx: Transaction, found: Within) -> None:
        """Let what is left be due now: `tidy` and the sweeper go on trying."""
        now = self.clock.now()
        for post in found.posts:
            await posts.expire(tx, post.job, now)
        for job in found.untidied:
            await deliveries.close(tx, job, expires_at=now)

    async def _forget(self, name: str) -> None:
        """Finish: destroy the erasure's own key, and last its row."""
        await self.memory.keys.destroy(name, ERASURE)
        await self.memory.keys.drop_bare_days()
        await self.memory.keys.forget()
        async with self.memory.db.transaction() as tx:
            await erasures.drop(tx, name)

    async def _within(self, underway: Underway) -> Within:
        async with self.memory.db.read() as tx:
            return await erasures.within(tx, underway.reach)

    async def _keep(self, underway: Underway) -> Underway:
        async with self.memory.db.transaction() as tx:
            await erasures.keep(tx, self.memory.keys, underway)
        return underway
