"""A moderator purges: a preview first, then, at their press, a job that is finished whatever comes.

Beginning is one transaction: when it commits, the public jobs in reach have ended, also where the
rest has to wait for another purge of the same server. `clear` works it off.

Two others may begin one, without preview or press: `begin_by_house` erases a server that the bot
was removed from; `begin_by_operator` and `preview_by_operator` serve the operator's own commands,
with `guild_id=0` for every server. An operator's receipt waits a day to be `collect`ed; `progress`
says how far any purge is, and gives its receipt once it is there. A process that has no connection
to Discord may `work_offline`: keys and rows go, messages wait for the bot.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import tzinfo

from bot import log, words
from bot.crypto.receipts import Scope
from bot.domain import Cause, Ending, Moderator, PersonId, Refusal
from bot.errors import DiscordTrouble, KeyGone, SealBroken
from bot.policy import span
from bot.policy.span import Span
from bot.ports import Bell, Clock, Messenger, day_of
from bot.services.clear import Clear
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.previews import Previews, Target
from bot.storage import island, purges
from bot.storage.audit import Actor
from bot.storage.database import Transaction
from bot.storage.island import Reach, Within
from bot.storage.keyring import PICTURE, RECIPE
from bot.storage.memory import Memory
from bot.storage.purges import EVERYWHERE, Queued, Underway
from bot.words import Preview, PurgeShown


@dataclass(frozen=True)
class Purge:
    """Purge what is public in one server, at the word of its moderators."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    clear: Clear
    previews: Previews
    clock: Clock
    zone: tzinfo
    hands: Hands
    purging: Bell

    def span(self, since: str, until: str) -> Span | Refusal:
        """Read a span of time as a moderator says it."""
        return span.read(since, until, now=self.clock.now(), zone=self.zone)

    async def preview(self, moderator: Moderator, target: Target) -> tuple[Preview, str] | Refusal:
        """Count what would go, and hold it: gives the name that its button carries.

        What is another server's, or nobody's, is refused in the same words.
        """
        if target.scope is Scope.SERVER and not moderator.manages:
            return Refusal(Cause.NEEDS_MANAGE_SERVER)
        shown = await self._preview(moderator.guild_id, target)
        if shown is None:
            return Refusal(Cause.NOTHING_HERE)
        return shown, self.previews.hold(moderator, target)

    async def begin(self, moderator: Moderator, name: str, token: str) -> Refusal | None:
        """Begin what was previewed under this name; the answer to the press becomes the receipt."""
        target = self.previews.take(moderator, name)
        if target is None:
            return Refusal(Cause.PREVIEW_OVER)
        if target.scope is Scope.SERVER and not moderator.manages:
            return Refusal(Cause.NEEDS_MANAGE_SERVER)
        reach = await self._aim(moderator.guild_id, target)
        if reach is None:
            return Refusal(Cause.NOTHING_HERE)
        asked = self._new(Actor.MODERATOR, target.scope, reach)
        must_manage = target.scope is Scope.SERVER
        asked = replace(asked, person=moderator.person, token=token, must_manage=must_manage)
        return None if await self._begin(asked) else Refusal(Cause.NOTHING_HERE)

    def drop(self, moderator: Moderator, name: str) -> None:
        """Forget a preview that its moderator does not want."""
        self.previews.take(moderator, name)

    async def cancel(self, moderator: Moderator, name: str) -> bool:
        """Let no more of a purge go; only whoever began it may, or who holds Manage Server.

        Returns:
            Whether it was one of this server's that is not finished.
        """
        async with self.memory.db.transaction() as tx:
            underway = await self._open(tx, name)
            if underway is None or not _may_cancel(moderator, underway):
                return False
            await purges.cancel(tx, name, self.clock.now())
        self.purging.ring()
        return True

    async def status(self, moderator: Moderator) -> list[PurgeShown]:
        """List what is being purged in the moderator's server, and what waits its turn."""
        async with self.memory.db.read() as tx:
            rows = await purges.queued(tx)
            ready = _whose_turn(rows)
            found = [
                (row, await self._open(tx, row.id))
                for row in rows
                if row.guild_id == moderator.guild_id
            ]
            return [
                replace(
                    await self._shown(tx, underway),
                    is_waiting=row.id not in ready,
                    may_cancel=_may_cancel(moderator, underway) and not row.is_cancelled,
                )
                for row, underway in found
                if underway is not None and not underway.line
            ]

    async def look(self) -> None:
        """Take every purge in hand whose turn it is."""
        async with self.memory.db.read() as tx:
            rows = await purges.queued(tx)
        self.hands.take_all(_whose_turn(rows), self.clear)

    # --- of the house and its operator

    async def begin_by_house(self, guild_id: int) -> str:
        """Begin to erase all that is public of a server; gives the purge's id. Nobody is told."""
        reach = Reach(guild_id=guild_id, until=self.clock.now(), is_whole=True)
        asked = self._new(Actor.HOUSE, Scope.SERVER, reach)
        await self._begin(asked, even_if_empty=True)
        return asked.id

    async def preview_by_operator(
        self, target: Target, guild_id: int = EVERYWHERE
    ) -> Preview | None:
        """Count what would go; None when there is nothing. Nothing is held."""
        return await self._preview(guild_id, target)

    async def begin_by_operator(self, target: Target, guild_id: int = EVERYWHERE) -> str | None:
        """Begin a purge; gives its id, None when there is nothing to purge."""
        reach = await self._aim(guild_id, target)
        if reach is None:
            return None
        asked = self._new(Actor.OPERATOR, target.scope, reach)
        return asked.id if await self._begin(asked) else None

    async def progress(self, name: str) -> tuple[PurgeShown, str] | None:
        """Say how far a purge is, and give its receipt's line once there is one."""
        async with self.memory.db.read() as tx:
            underway = await self._open(tx, name)
            if underway is None:
                return None
            return await self._shown(tx, underway), underway.line

    async def collect(self, name: str) -> None:
        """Let a finished purge be forgotten: its receipt was given to the operator."""
        await self.clear.forget(name)

    async def work_offline(self, name: str) -> None:
        """Do of a purge what needs no Discord."""
        async with self.memory.db.read() as tx:
            underway = await self._open(tx, name)
        if underway is not None and not underway.line:
            await self.clear.keys_and_rows(underway)

    # --- aiming

    async def _aim(self, guild_id: int, target: Target) -> Reach | None:
        """Say what is meant; None when the named job is none of this server's."""
        now = self.clock.now()
        reach = Reach(
            guild_id=guild_id,
            until=target.span.until if target.span else now,
            since=target.span.since if target.span else 0,
            person=self.memory.keys.person(target.person) if target.person else "",
            channel_id=target.channel_id,
            is_whole=target.scope is Scope.SERVER,
        )
        if target.scope is not Scope.JOB:
            return reach
        async with self.memory.db.read() as tx:
            job = await island.named(tx, guild_id, target.named)
        return replace(reach, job=job) if job else None

    async def _preview(self, guild_id: int, target: Target) -> Preview | None:
        reach = await self._aim(guild_id, target)
        if reach is None:
            return None
        async with self.memory.db.read() as tx:
            found = await island.within(tx, reach)
        if found.is_empty:
            return None
        days = [day_of(at, self.zone) for at in found.times]
        return Preview(
            scope=target.scope,
            counts=_counted(found),
            oldest=min(days, default=None),
            newest=max(days, default=None),
        )

    # --- beginning

    def _new(self, actor: Actor, scope: Scope, reach: Reach) -> Underway:
        return Underway(
            id=secrets.token_hex(16),
            actor=actor,
            person=PersonId(0),
            token="",
            scope=scope,
            reach=reach,
            begun_at=self.clock.now(),
        )

    async def _begin(self, asked: Underway, *, even_if_empty: bool = False) -> bool:
        """Begin a purge, and say so before anybody works on it; False when there is nothing."""
        self.hands.hold(asked.id)
        try:
            async with self.memory.db.transaction() as tx:
                found = await island.within(tx, asked.reach)
                if found.is_empty and not even_if_empty:
                    return False
                rows = await purges.queued(tx)
                underway = await self._end_jobs(tx, asked, found)
                today = day_of(asked.begun_at, self.zone)
                await purges.add(tx, self.memory.keys, underway, day=today)
            await self.clear.settle(underway)
            log.event("purge.begun", count=len(underway.ended))
            new = Queued(underway.id, underway.guild_id, is_cancelled=False)
            await self._say_begun(underway, is_waiting=new.id not in _whose_turn([*rows, new]))
        finally:
            self.hands.release(asked.id)
        self.purging.ring()
        return True

    async def _end_jobs(self, tx: Transaction, asked: Underway, found: Within) -> Underway:
        ended, blobs, whose = list[str](), list[str](), list[str]()
        for delivery in found.open_jobs:
            files = await self.conclude.within(tx, delivery, Ending.PURGED)
            if files is not None:
                ended.append(delivery.job)
                whose.append(delivery.tenant)
                blobs += files
        doomed = {(job, purpose) for job in ended for purpose in (RECIPE, PICTURE)}
        held = doomed.intersection(await self.memory.keys.items()) if doomed else doomed
        asked = asked.counting({"open-jobs": len(ended), "pictures": len(blobs)}, whose)
        return replace(asked, ended=tuple(ended), blobs=tuple(blobs), keys=len(held))

    async def _say_begun(self, underway: Underway, *, is_waiting: bool) -> None:
        if not underway.token:
            return
        try:
            said = words.purge_begun(underway.id, is_waiting=is_waiting)
            await self.messenger.whisper(underway.token, said)
        except DiscordTrouble as fault:  # the receipt is what counts
            log.event("purge.unsaid", fault=fault)

    # --- what is going on

    async def _open(self, tx: Transaction, name: str) -> Underway | None:
        try:
            return await purges.get(tx, self.memory.keys, name)
        except (KeyGone, SealBroken) as fault:
            log.event("purge.sealed", fault=fault)
            return None

    async def _shown(self, tx: Transaction, underway: Underway) -> PurgeShown:
        done = underway.deleted + underway.failed
        return PurgeShown(
            id=underway.id,
            scope=underway.scope,
            done=done,
            found=done + len(await island.posts(tx, underway.reach)),
        )


def _whose_turn(rows: list[Queued]) -> list[str]:
    """Name the purges that may go on: one at a time in a server. One of all servers waits for each
    before it, and holds up each after it; one that was cancelled only says so.
    """
    ready, busy = list[str](), set[int]()
    for row in rows:
        is_held_up = row.guild_id in busy or EVERYWHERE in busy
        is_held_up = is_held_up or (row.guild_id == EVERYWHERE and bool(busy))
        if row.is_ended or row.is_cancelled or not is_held_up:
            ready.append(row.id)
        if not row.is_ended:
            busy.add(row.guild_id)
    return ready


def _may_cancel(moderator: Moderator, underway: Underway) -> bool:
    is_here = underway.guild_id == moderator.guild_id and underway.actor is Actor.MODERATOR
    is_theirs = underway.person == moderator.person or moderator.manages
    return is_here and is_theirs and not underway.line


def _counted(found: Within) -> dict[str, int]:
    return {
        "open-jobs": len(found.open_jobs),
        "pictures": found.pictures,
        "posts": len(found.posts),
        "recipes": len(found.recipes),
        "records": len(found.ended),
        "reports": len(found.reports),
        "contests": len(found.contests),
    }
