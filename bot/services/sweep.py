"""The retention sweeper: what has had its time is forgotten, its key before its row.

Every step is idempotent and takes a bounded batch, so a crash between two loses nothing and nobody
waits long for the one writer; what is left is done at the next look. What ends here is written
nowhere: a note of each end would keep more about people than it removes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from bot import log
from bot.domain import Choices, Ending, OptOut, PersonHash, Visibility
from bot.errors import KeyGone, Refused
from bot.policy.retention import DataClass
from bot.ports import Clock, Messenger, day_of
from bot.services.calendar import Calendar
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.lifetimes import Lifetimes
from bot.storage import choices, deliveries, expiry, house, pictures, posts, recipes, soundness
from bot.storage.database import Transaction
from bot.storage.expiry import BATCH, Kind, Moment
from bot.storage.keyring import CHOICES, RECIPE, REPORT
from bot.storage.memory import Memory
from bot.storage.tightening import tighten, tighten_unlinked
from gen import queue
from gen.fairness import SHARING, Sharing

EVERY_SECONDS = 60.0
"""How often a look does its work; at once again while a batch was full."""

POSTS_A_LOOK = 100
"""Messages that are taken in hand at a time, once in `EVERY_SECONDS`: at most 1,000 in 10 minutes,
so that even if Discord forbade each one, we stay far from the 10,000 refusals for which it bans
(https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
"""

ORPHANED_SECONDS = 3600.0
"""How long a key or file may be without its row: an ask under way commits its key first."""

REWRITTEN = "rewritten_on"
"""The fact of the house that says on which day `darkroom.db` was last rewritten. 268 MB take 3.6 s,
and what is deleted there was sealed: once a day is enough."""

CLASSES: dict[Kind, DataClass] = {
    Kind.UNDELIVERED: DataClass.PICTURE,
    Kind.RECIPE: DataClass.RECIPE,
    Kind.UNLINKED_RECIPE: DataClass.STEALTH_RECIPE,
    Kind.POST: DataClass.POST,
    Kind.RECORD: DataClass.RECORD,
    Kind.USAGE: DataClass.QUOTA,
    Kind.GPU_USAGE: DataClass.QUOTA,
    Kind.GRANT: DataClass.SETTINGS,
    Kind.ENTITLEMENT: DataClass.SETTINGS,
    Kind.EXPORT: DataClass.QUOTA,
    Kind.CHOICES: DataClass.SETTINGS,
    Kind.PERSON: DataClass.SETTINGS,
    Kind.ACT: DataClass.AUDIT,
    Kind.BLOCK: DataClass.COUNTER,
    Kind.STRIKE: DataClass.COUNTER,
    Kind.COUNTER: DataClass.COUNTER,
    Kind.REPORT: DataClass.RECORD,
    Kind.CONTEST: DataClass.RECORD,
}
"""What class each kind of row is of."""

_KEYED = {
    Kind.RECIPE: RECIPE,
    Kind.CHOICES: CHOICES,
    Kind.REPORT: REPORT,
    Kind.CONTEST: REPORT,
}
_KEYLESS = (
    Kind.UNLINKED_RECIPE,
    Kind.RECORD,
    Kind.USAGE,
    Kind.GPU_USAGE,
    Kind.GRANT,
    Kind.ENTITLEMENT,
    Kind.EXPORT,
    Kind.ACT,
    Kind.BLOCK,
    Kind.STRIKE,
    Kind.COUNTER,
    Kind.PERSON,
)


@dataclass(frozen=True)
class Due:
    """How many of a class are due, and the day the oldest is of; None when there is none."""

    count: int
    oldest_day: str | None


@dataclass
class Sweep:
    """Keep the lifetimes. `hands` are its own: removing old posts must not hold up deliveries."""

    memory: Memory
    messenger: Messenger
    conclude: Conclude
    lifetimes: Lifetimes
    clock: Clock
    calendar: Calendar
    hands: Hands
    sharing: Sharing = SHARING
    _rests_until: float = 0.0
    _posts_rest_until: float = 0.0
    _is_tightened: bool = False
    _looked_for_orphans_at: float | None = None
    _orphans: set[tuple[str, str] | str] = field(default_factory=set, repr=False)

    async def look(self) -> None:
        """Sweep, if the last time is long enough ago."""
        if self.clock.monotonic() < self._rests_until:
            return
        if not self._is_tightened:
            await self.tighten_all()
            self._is_tightened = True
        is_full = await self()
        if self.clock.monotonic() >= self._posts_rest_until:  # also where this looks again at once
            await self.unpost()
            self._posts_rest_until = self.clock.monotonic() + EVERY_SECONDS
        self._rests_until = self.clock.monotonic() + (0.0 if is_full else EVERY_SECONDS)

    async def __call__(self) -> bool:
        """Forget what is due of every class but posts; says whether a batch was full."""
        async with self.memory.db.transaction() as tx:
            moment = self._moment(await self.calendar.turn(tx))
        steps: list[tuple[str, Callable[[], Awaitable[bool]]]] = [
            (Kind.UNDELIVERED, partial(self._end_undelivered, moment)),
            *((kind, partial(self._forget_keyed, kind, moment)) for kind in _KEYED),
            *((kind, partial(self._drop, kind, moment)) for kind in _KEYLESS),
            ("audit", partial(self._prune_audit, moment)),
            ("tenants", self._forget_tenants),
            ("orphans", self._destroy_orphans),
            ("keys", self._forget_keys),
            ("rewrite", partial(self._rewrite, moment)),
            ("log", self._empty_log),
        ]
        is_full = False
        for name, step in steps:
            try:
                is_full |= await step()
            except Exception as fault:  # noqa: BLE001  # one class must not hold up the others
                log.event(f"sweep.{name}.failed", fault=fault)
        return is_full

    async def unpost(self) -> None:
        """Take the posts in hand that are due: their messages go, and all that hung on them.

        Each channel's go one after the other, and no more of them once Discord refused one: that
        channel is tried again at the next look.
        """
        async with self.memory.db.read() as tx:
            due = await posts.due(tx, self.clock.now(), deliveries.LOOKED_AT)
        free = [post for post in due if self.hands.is_free(str(post.channel_id))]
        by_channel: dict[str, list[posts.Standing]] = {}
        for post in free[:POSTS_A_LOOK]:
            by_channel.setdefault(str(post.channel_id), []).append(post)
        room = self.hands.room(self._unpost_channel)
        for channel, theirs in islice(by_channel.items(), room):
            self.hands.take(channel, partial(self._unpost_channel, theirs))

    async def tighten_all(self) -> None:
        """Let what was made before end no later than the operator's limits say now."""
        async with self.memory.db.transaction() as tx:
            await self._tighten(tx)

    async def due(self) -> dict[DataClass, Due]:
        """Count what is due by the limits of now, and change nothing."""
        async with self.memory.db.read() as tx:
            moment = self._moment(await self.calendar.today(tx))
        async with self.memory.db.read() as tx:  # rolled back: that it tightens leaves no trace
            await self._tighten(tx)
            counted = {kind: await expiry.count(tx, kind, moment) for kind in Kind}
        found: dict[DataClass, Due] = {}
        for kind, rows in counted.items():
            before = found.get(CLASSES[kind], Due(0, None))
            days = [day for day in (before.oldest_day, self._day(rows.oldest)) if day is not None]
            found[CLASSES[kind]] = Due(before.count + rows.count, min(days, default=None))
        return found

    def _day(self, oldest: str | int | None) -> str | None:
        return day_of(oldest, self.calendar.zone) if isinstance(oldest, int) else oldest

    def _moment(self, quota_day: str) -> Moment:
        now = self.clock.now()
        unused = self.lifetimes.of(DataClass.SETTINGS, Choices()).seconds or 0
        return Moment(
            now=now,
            today=day_of(now, self.calendar.zone),
            quota_day=quota_day,
            unused_since=now - unused,
        )

    async def _tighten(self, tx: Transaction) -> None:
        now = self.clock.now()
        for kind in DataClass:
            seconds = self.lifetimes.of(kind, Choices()).seconds
            if seconds is not None:
                await tighten(tx, kind, seconds, but_starred=kind is DataClass.RECIPE)
        starred = self.lifetimes.of(DataClass.RECIPE, Choices(), starred=True).seconds
        await tighten(tx, DataClass.RECIPE, starred or 0)
        until = self.lifetimes.until(DataClass.STEALTH_RECIPE, now, Choices())
        await tighten_unlinked(tx, day_of(until or now, self.calendar.zone))

    async def _end_undelivered(self, moment: Moment) -> bool:
        async with self.memory.db.read() as tx:
            jobs = await expiry.names(tx, Kind.UNDELIVERED, moment)
        for job in jobs:
            async with self.memory.db.read() as tx:
                delivery = await deliveries.get(tx, job)
            if delivery is not None:
                await self.conclude(delivery, Ending.EXPIRED)
        return len(jobs) == BATCH

    async def _forget_keyed(self, kind: Kind, moment: Moment) -> bool:
        """Destroy keys while the rows are held, so that nobody writes one anew in between."""
        marked = await self._remember_to_ask(moment) if kind is Kind.CHOICES else None
        async with self.memory.db.transaction() as tx:
            doomed = await expiry.names(tx, kind, moment)
            if marked is not None:
                doomed = [person for person in doomed if person in marked]
            await self.memory.keys.destroy_all((name, _KEYED[kind]) for name in doomed)
            await expiry.forget(tx, kind, doomed)
        return _told(kind, len(doomed))

    async def _remember_to_ask(self, moment: Moment) -> set[str]:
        """Leave a mark where stealth by choice or plan is forgotten: nobody is public unasked.

        It is committed before the key goes: after a stop between the two, nothing else would know.
        """
        async with self.memory.db.transaction() as tx:
            people = await expiry.names(tx, Kind.CHOICES, moment)
            for person in map(PersonHash, people):
                chosen = await choices.read(tx, self.memory.keys, person)
                was_stealth = Visibility.STEALTH in (chosen.visibility, chosen.last_default)
                if was_stealth and not await choices.opt_out(tx, person):
                    await choices.set_opt_out(tx, person, OptOut.ASK_FIRST, day=moment.today)
        return set(people)

    async def _drop(self, kind: Kind, moment: Moment) -> bool:
        async with self.memory.db.transaction() as tx:
            return _told(kind, await expiry.drop(tx, kind, moment))

    async def _unpost_channel(self, theirs: Sequence[posts.Standing], _: str) -> None:
        for post in theirs:
            if not await self._unpost(post):
                return

    async def _unpost(self, post: posts.Standing) -> bool:
        """Remove a message; without its buttons nothing can ask for the recipe.

        Returns:
            Whether Discord let us; if not, it never will, so the message is forgotten too.
        """
        is_removed = True
        try:
            await self.messenger.delete(post.channel_id, post.message_id)
        except Refused as fault:
            log.event("sweep.post_stays", fault=fault)
            is_removed = False
        async with self.memory.db.transaction() as tx:
            await self.memory.keys.destroy(post.job, RECIPE)
            await recipes.forget(tx, post.job)
            await posts.forget(tx, post.job)
        return is_removed

    async def _prune_audit(self, moment: Moment) -> bool:
        """Let a signed floor take the place of the oldest entries of each chain."""
        seconds = self.lifetimes.of(DataClass.AUDIT, Choices()).seconds
        if seconds is None:
            return False
        async with self.memory.db.transaction() as tx:
            pruned = await soundness.prune(tx, self.memory.keys, moment.now - seconds + 1)
        if pruned:
            log.event("sweep.audit", count=pruned)
        return False

    async def _forget_tenants(self) -> bool:
        async with self.memory.db.transaction() as tx:
            await queue.forget_idle(tx)
            await queue.relax_forgotten(tx, self.clock.now(), self.sharing)
        return False

    async def _destroy_orphans(self) -> bool:
        """Destroy keys and files that had no row an hour ago and have none now.

        A key is committed before its row, so keys are read before the rows they are judged by, and
        rows that may lack their key before the keys.
        """
        now = self.clock.monotonic()
        looked_at = self._looked_for_orphans_at
        if looked_at is not None and now - looked_at < ORPHANED_SECONDS:
            return False
        async with self.memory.db.read() as tx:
            keyed = await deliveries.needed_keys(tx)
        keys, files = await self.memory.keys.items(), self.memory.blobs.names()
        await self._drop_keyless(keyed.difference(keys))
        async with self.memory.db.read() as tx:
            needed, known = await deliveries.needed_keys(tx), await pictures.known(tx)
        orphans = {key for key in keys if key not in needed}
        lost = {name for name in files if name not in known}
        await self.memory.keys.destroy_all(orphans & self._orphans)
        await self.memory.drop_files(sorted(lost & self._orphans))
        self._orphans, self._looked_for_orphans_at = orphans | lost, now
        return False

    async def _drop_keyless(self, keyed: set[tuple[str, str]]) -> None:
        """Drop recipes and choices whose key was destroyed just before a stop."""
        for kind, purpose in _KEYED.items():
            for name in (name for name, wanted in keyed if wanted == purpose):
                async with self.memory.db.transaction() as tx:
                    try:
                        await self.memory.keys.key(name, purpose)
                    except KeyGone:
                        await expiry.forget(tx, kind, [name])

    async def _forget_keys(self) -> bool:
        await self.memory.keys.drop_bare_days()
        await self.memory.keys.forget()
        return False

    async def _rewrite(self, moment: Moment) -> bool:
        """Once a day, rewrite `darkroom.db` without what was deleted; a busy log is tried again."""
        async with self.memory.db.read() as tx:
            rewritten_on = await house.get(tx, REWRITTEN)
        if rewritten_on != moment.today and await self.memory.db.forget_deleted():
            async with self.memory.db.transaction() as tx:
                await house.put(tx, REWRITTEN, moment.today)
        return False

    async def _empty_log(self) -> bool:
        """Leave no log of what was written together: a stealth job's end, and its unlinked row."""
        await self.memory.db.empty_log()
        return False


def _told(kind: Kind, count: int) -> bool:
    """Log how many were forgotten; says whether that was a full batch."""
    if count:
        log.event(f"sweep.{kind}", count=count)
    return count == BATCH
