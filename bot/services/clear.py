"""One purge is worked off: keys first, then rows, then our messages, then a signed receipt.

It is a row that is taken look by look, also after a crash: each step may be repeated, and each
number of the receipt is written down in the transaction that made it true. Whether the moderator
who began it is one still is asked of Discord at every look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import log
from bot.crypto.receipts import Scope
from bot.domain import PersonHash
from bot.errors import KeyGone, Refused, SealBroken
from bot.policy import authority
from bot.ports import Clock, Messenger
from bot.services.attest import Attest
from bot.services.conclude import Conclude
from bot.services.hands import REST_SECONDS
from bot.services.unpost import Unpost
from bot.storage import audit, island, people, purges, servers
from bot.storage.audit import Act, Actor, Deed
from bot.storage.database import Transaction
from bot.storage.keyring import PICTURE, PURGE, RECIPE, REPORT
from bot.storage.memory import Memory
from bot.storage.purges import Underway
from gen.engine import Engine

PATIENT_LOOKS = 12
"""Looks in a row that may come no further, about ten minutes in all. Then the receipt says what is
pending; tidy, sweeper and key file go on with it."""

KEPT_SECONDS = 24 * 3600
"""How long an operator's receipt waits to be collected."""

CANCELLED, NO_MODERATOR = "cancelled", "no-longer-moderator"

SCOPES = {
    Scope.MEMBER: "user",
    Scope.CHANNEL: "channel",
    Scope.JOB: "job",
    Scope.RANGE: "range",
    Scope.SERVER: "everything",
}
"""How far a purge reached, as the audit trail says it."""


@dataclass(frozen=True, eq=False)  # `Hands` tells deeds apart by which they are
class Clear:
    """Work off a purge. `engine` is None where another process has it."""

    memory: Memory
    engine: Engine | None
    messenger: Messenger
    conclude: Conclude
    unpost: Unpost
    attest: Attest
    clock: Clock

    async def __call__(self, name: str) -> None:
        """Take one purge as far as it goes now."""
        try:
            async with self.memory.db.read() as tx:
                underway = await purges.get(tx, self.memory.keys, name)
        except (KeyGone, SealBroken) as fault:  # finished but for its row, or tampered with
            log.event("purge.sealed", fault=fault)
            await self.forget(name)
            return
        if underway is None:
            return
        if not underway.line:
            underway = await self._go_on(underway)
        if underway.line:
            await self._finish(underway)

    async def settle(self, underway: Underway) -> None:
        """Destroy what the jobs were that it ended. `tidy` clears up after them at Discord."""
        if not underway.ended:
            return
        if self.engine is not None:
            for job in underway.ended:
                self.engine.cancel(job)
        doomed = [(job, purpose) for job in underway.ended for purpose in (RECIPE, PICTURE)]
        await self.memory.keys.destroy_all(doomed)
        await self.memory.drop_files(list(underway.blobs))
        self.conclude.tidying.ring()

    async def keys_and_rows(self, underway: Underway) -> Underway:
        """Do all of it that needs no Discord."""
        await self.settle(underway)
        underway = await self._destroy(underway)
        await self.memory.keys.forget()
        return await self._drop_rows(underway)

    async def forget(self, name: str) -> None:
        """Finish: destroy the purge's own key, and last its row."""
        await self.memory.keys.destroy(name, PURGE)
        await self.memory.keys.drop_bare_days()
        await self.memory.keys.forget()
        async with self.memory.db.transaction() as tx:
            await purges.drop(tx, name)

    # --- working off

    async def _go_on(self, underway: Underway) -> Underway:
        if await self._is_cancelled(underway):
            await self.settle(underway)
            return await self._stop(underway, CANCELLED)
        if self.clock.now() < underway.resume_at:
            return underway
        if not await self._may_go_on(underway):
            await self.settle(underway)
            return await self._stop(underway, NO_MODERATOR)
        before = underway.deleted + underway.failed
        underway = await self.keys_and_rows(underway)
        underway = await self.unpost(underway, self._may_go_on)
        underway = await self._drop_late(underway)  # of jobs that were cleared up meanwhile
        if await self._is_cancelled(underway):
            return await self._stop(underway, CANCELLED)
        came_further = underway.deleted + underway.failed > before
        return await self._end(underway, came_further=came_further)

    async def _may_go_on(self, underway: Underway) -> bool:
        """Ask Discord whether who began it may still. Raises Unreachable when it does not answer:
        then nothing goes.
        """
        if underway.actor is not Actor.MODERATOR:
            return True
        try:
            member = await self.messenger.membership(underway.guild_id, underway.person)
        except Refused as fault:
            log.event("purge.unauthorised", fault=fault)
            return False
        async with self.memory.db.read() as tx:
            role = (await servers.read(tx, self.memory.keys, underway.guild_id)).moderator_role
        return member is not None and authority.still_moderates(
            member.may,
            member.role_ids,
            moderator_role=role,
            must_manage=underway.must_manage,
        )

    async def _destroy(self, underway: Underway) -> Underway:
        """Destroy keys. A route's key is left to `tidy`, which clears up with it."""
        async with self.memory.db.read() as tx:
            found = await island.within(tx, underway.reach)
        jobs = {piece.name for piece in (*found.ended, *found.recipes)} | set(found.untidied)
        talk = [piece.name for piece in (*found.reports, *found.contests)]
        doomed = {(job, purpose) for job in jobs for purpose in (RECIPE, PICTURE)}
        doomed |= {(name, REPORT) for name in talk}
        if not underway.is_counted:
            held = doomed.intersection(await self.memory.keys.items())
            underway = replace(underway, keys=underway.keys + len(held), is_counted=True)
            await self._keep(underway)
        if doomed:
            await self.memory.keys.destroy_all(sorted(doomed))
        return underway

    async def _drop_rows(self, underway: Underway) -> Underway:
        """Drop rows. A job that `tidy` has not cleared up yet keeps its record until then."""
        async with self.memory.db.transaction() as tx:
            found = await island.within(tx, underway.reach)
            await island.drop(tx, found)
            dropped = {
                "recipes": found.recipes,
                "records": found.ended,
                "reports": found.reports,
                "contests": found.contests,
            }
            underway = underway.counting(
                {kind: len(pieces) for kind, pieces in dropped.items()},
                [piece.person for pieces in dropped.values() for piece in pieces],
            )
            late = tuple(dict.fromkeys((*underway.late, *found.untidied)))
            late = tuple(job for job in late if job not in underway.ended)
            underway = replace(underway, late=late)
            await purges.keep(tx, self.memory.keys, underway)
        return underway

    async def _drop_late(self, underway: Underway) -> Underway:
        if not underway.late:
            return underway
        async with self.memory.db.transaction() as tx:
            dropped = await island.drop_records(tx, underway.late)
            late = tuple(await island.untidied(tx, underway.late))
            underway = replace(underway.counting({"records": dropped}, ()), late=late)
            await purges.keep(tx, self.memory.keys, underway)
        return underway

    # --- the receipt

    async def _stop(self, underway: Underway, why: str) -> Underway:
        """Sign what went before somebody stopped it; the rest stands, as if nobody had asked."""
        return await self._sign(replace(underway, failures=(*underway.failures, why)), [])

    async def _end(self, underway: Underway, *, came_further: bool) -> Underway:
        """Sign what was done; or, while something may still be done, rest until the next look.

        For a moderator `darkroom.db` is not rewritten: the keys are gone, the sweeper does it once
        a day, and while it is rewritten everybody in every server waits.
        """
        is_last = underway.looks >= PATIENT_LOOKS
        pending = await self._pending(underway)
        if (not pending or is_last) and underway.actor is not Actor.MODERATOR:
            underway = replace(underway, is_rewritten=await self.memory.db.forget_deleted())
            if not underway.is_rewritten:
                pending.append("rows-pending")
        if pending and not is_last:
            log.event("purge.waits", count=len(pending))
            rest = REST_SECONDS[min(underway.looks, len(REST_SECONDS) - 1)]
            looks = underway.looks + (not came_further)
            underway = replace(underway, looks=looks, resume_at=self.clock.now() + int(rest))
            await self._keep(underway)
            return underway
        return await self._sign(underway, pending)

    async def _pending(self, underway: Underway) -> list[str]:
        """Name what is left undone."""
        async with self.memory.db.read() as tx:
            places = await island.untidied(tx, (*underway.ended, *underway.late))
            standing = await island.posts(tx, underway.reach)
        await self.memory.keys.drop_bare_days()
        undone = {
            "places-pending": bool(places),
            "messages-pending": bool(standing),
            "keys-pending": not await self.memory.keys.forget(),
        }
        return [code for code, is_undone in undone.items() if is_undone]

    async def _sign(self, underway: Underway, pending: list[str]) -> Underway:
        async with self.memory.db.read() as tx:
            left = await island.posts(tx, underway.reach)
        line = await self.attest.of_purge(underway, len(left), pending)
        underway = replace(underway, line=line, ended_at=self.clock.now())
        async with self.memory.db.transaction() as tx:
            if "messages-pending" in pending:  # the sweeper goes on trying
                await island.expire_posts(tx, [post.job for post in left], underway.ended_at)
            await self._enter(tx, underway, pending)
            await purges.keep(tx, self.memory.keys, underway)
        return underway

    async def _enter(self, tx: Transaction, underway: Underway, pending: list[str]) -> None:
        """Enter it into the audit trail: a moderator's act into their server's."""
        keys, is_moderators = self.memory.keys, underway.actor is Actor.MODERATOR
        stopped = [code for code in underway.failures if code in {CANCELLED, NO_MODERATOR}]
        concerning = {
            person: count
            for person, count in ((PersonHash(each), n) for each, n in underway.whose.items())
            if await people.known(tx, person, underway.ended_at)  # not who erased all meanwhile
        }
        act = Act(
            actor=underway.actor,
            by=keys.person(underway.person) if is_moderators else "",
            act=Deed.PURGED,
            scope=SCOPES[underway.scope],
            objects=sum(underway.counts.values()),
            result=stopped[0] if stopped else "partly" if underway.failures or pending else "done",
        )
        await audit.append(
            tx,
            keys,
            underway.guild_id if is_moderators else audit.HOUSE,
            act,
            now=underway.ended_at,
            concerning=concerning,
        )

    async def _finish(self, underway: Underway) -> None:
        """Tell who began it. The operator collects theirs, and has a day for it."""
        if underway.actor is Actor.OPERATOR:
            if self.clock.now() - underway.ended_at > KEPT_SECONDS:
                await self.forget(underway.id)
            return
        if underway.actor is Actor.MODERATOR:
            await self.attest.tell_moderator(underway)
        await self.forget(underway.id)

    async def _is_cancelled(self, underway: Underway) -> bool:
        async with self.memory.db.read() as tx:
            return await purges.is_cancelled(tx, underway.id)

    async def _keep(self, underway: Underway) -> None:
        async with self.memory.db.transaction() as tx:
            await purges.keep(tx, self.memory.keys, underway)
