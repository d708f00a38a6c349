"""The job that is next by fairness goes to the worker; progress comes back; the result is sealed.

The worker asks for work, and only then is a job claimed: a claim is a lease of this process, kept
alive while the worker is seen to work, and every write about the job names the lease.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from bot import log, words
from bot.domain import Ending, PersonHash
from bot.errors import DarkroomFault, KeyGone
from bot.policy.retention import DataClass
from bot.ports import Bell, Clock, Post
from bot.route import Route
from bot.services.conclude import Conclude, ending_of
from bot.services.heed import Heed, still_goes
from bot.services.lifetimes import Lifetimes
from bot.services.loop import Pulse
from bot.services.progress import Board
from bot.services.show import shown_of
from bot.services.vet import Vet
from bot.storage import choices, deliveries, inputs, pictures, servers
from bot.storage.database import Transaction
from bot.storage.deliveries import Delivery
from bot.storage.disk import is_full
from bot.storage.memory import Memory
from gen import queue
from gen.engine import Engine, Event, WorkerLost
from gen.fairness import SHARING, Sharing
from gen.messages import Cancelled, Failed, FailureCode, Finished, Progress, Started
from gen.queue import Lease, Returned

LEASE_SECONDS = 30.0
RENEW_SECONDS = 10.0
ALIVE_SECONDS = 20.0
"""How often a loop that waits for the worker shows that it lives."""
FITS_SECONDS = 5.0
"""How often what did not fit on a full disk is tried again."""
LAST_EDITS_SECONDS = 1.0
"""How long Discord may take, when the program ends, to answer the last edits that show progress."""


_FAILURES = {
    FailureCode.MEMORY: Ending.TOO_LARGE,
    FailureCode.MODEL: Ending.NO_MODEL,
    FailureCode.LOAD: Ending.NO_MODEL,
}
"""How a job ends of which the worker says what kept it from being made."""


@dataclass(frozen=True)
class _Work:
    """One claimed job in the worker's hands."""

    lease: Lease
    delivery: Delivery
    route: Route


@dataclass
class _Run:
    """How far a job is in the worker's hands; its preview stays until there is a newer one."""

    done: float = 0.0
    began_at: float | None = None
    preview: bytes | None = field(default=None, repr=False)


@dataclass
class Dispatch:
    """Keep the worker fed. `owner` names this process in leases."""

    memory: Memory
    engine: Engine
    board: Board
    conclude: Conclude
    heed: Heed
    vet: Vet
    lifetimes: Lifetimes
    clock: Clock
    owner: str
    dispatching: Bell
    delivering: Bell
    ushering: Bell
    sharing: Sharing = SHARING
    _leases: dict[str, Lease] = field(default_factory=dict, repr=False)
    _runs: dict[str, _Run] = field(default_factory=dict, repr=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, repr=False)
    _waiting: set[str] = field(
        default_factory=set, repr=False
    )  #: jobs whose news does not fit on the disk
    _fits: Bell = field(default_factory=Bell, repr=False)
    _stopping: bool = False
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        """Have a pulse from the start."""
        self.pulse = Pulse("dispatch", self.clock)

    async def step(self) -> None:
        """Claim and start jobs as long as the worker has room and somebody waits."""
        while await self._room():
            lease = await self._claim()
            if lease is None:
                return
            try:
                await self._begin(lease)
            except Exception:
                await self._give_back(lease)
                raise

    async def keep_leases(self) -> None:
        """Renew what runs, and give back what is held by nobody alive."""
        until = self.clock.monotonic() + LEASE_SECONDS
        async with self.memory.db.transaction() as tx:
            await queue.renew(tx, list(self._leases.values()), until)
            lapsed = await queue.lapsed(tx, owner=self.owner, monotonic=self.clock.monotonic())
        for lease in lapsed:
            await self._give_back(lease)

    def done(self, job: str) -> float:
        """Say which share of a running job's steps is done, from 0 to 1."""
        run = self._runs.get(job)
        return run.done if run else 0.0

    def stop(self) -> None:
        """Claim nothing more; what the worker drops from now on costs its job no attempt."""
        self._stopping = True
        self._fits.ring()

    async def drain(self) -> None:
        """After the worker has ended: wait until every job is recorded as kept or given back."""
        await self.board.leave(LAST_EDITS_SECONDS)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _room(self) -> int:
        """Wait for room in the worker, and show meanwhile that it is only waiting."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(ALIVE_SECONDS):
                    return await self.engine.want()
            self.pulse.beat()

    async def _claim(self) -> Lease | None:
        """Claim the next job; nothing beside one that may be what ended the worker before."""
        suspect = any(lease.attempt > 1 for lease in self._leases.values())
        if self._stopping or suspect or self._waiting:
            return None
        while True:
            until = self.clock.monotonic() + LEASE_SECONDS
            async with self.memory.db.transaction() as tx:
                lease = await queue.claim(
                    tx,
                    owner=self.owner,
                    until=until,
                    idle=not self._leases,
                    now=self.clock.now(),
                    sharing=self.sharing,
                    residents=self.engine.residents,
                )
                delivery = await deliveries.get(tx, lease.job) if lease else None
                goes = delivery is None or await still_goes(self.memory, tx, delivery)
            if goes or delivery is None or await self.heed(delivery):
                return lease

    async def _begin(self, lease: Lease) -> None:
        """Open a claimed job and hand it over, so that the worker's room is seen taken."""
        async with self.memory.db.read() as tx:
            delivery = await deliveries.get(tx, lease.job)
            brought = await inputs.of(tx, lease.job)
        if delivery is None:
            return
        try:
            spec = await self.memory.open_spec(delivery)
            route = await self.memory.open_route(delivery)
            starts = await self.memory.open_inputs(delivery, brought)
        except DarkroomFault as fault:
            log.event("dispatch.sealed", fault=fault)
            await self.conclude(delivery, ending_of(fault))
            return
        self._runs[lease.job] = _Run()
        events = self.engine.run(lease.job, spec, starts)
        self._leases[lease.job] = lease
        task = asyncio.create_task(self._follow(_Work(lease, delivery, route), events))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, work: _Work, events: AsyncIterator[Event]) -> None:
        """Hear of a job to its end. A fault of ours returns it to the queue: none is stranded."""
        job = work.lease.job
        try:
            async for event in events:
                await self._heed_when_it_fits(work, event)
        except Exception as fault:  # noqa: BLE001  # whatever it was, the job must not hang
            log.event("dispatch.failed", fault=fault)
            self.engine.cancel(job)
            async for _ in events:
                pass  # only when it has left the worker may it be claimed again
            await self._give_back(work.lease)
        finally:  # also when it could not be given back: unrenewed, the lease lapses
            if self._leases.get(job) == work.lease:
                del self._leases[job]
                self._runs.pop(job, None)
            self._waiting.discard(job)
        self.dispatching.ring()

    async def _heed_when_it_fits(self, work: _Work, event: Event) -> None:
        """Heed an event; on a full disk, once there is room: a picture that is made waits in memory
        under its lease, and nothing more is claimed meanwhile.
        """
        while True:
            try:
                await self._heed(work, event)
            except Exception as fault:
                if self._stopping or not is_full(fault):
                    raise
                log.event("dispatch.disk_full", fault=fault)
            else:
                self._waiting.discard(work.lease.job)
                return
            self._waiting.add(work.lease.job)
            await self._fits.heard(FITS_SECONDS)

    async def _heed(self, work: _Work, event: Event) -> None:
        match event:
            case Started():
                self._run_of(work).began_at = self.clock.monotonic()
            case Progress():
                await self._show(work, event)
            case Finished():
                await self.board.settle(work.lease.job)
                await self._keep(work, event)
            case Failed(code=code):
                await self.board.settle(work.lease.job)
                log.event(f"worker.failed.{code}")
                await self.conclude(work.delivery, _FAILURES.get(code, Ending.FAILED))
            case WorkerLost():
                log.event("worker.lost")
                await self._give_back(work.lease)
            case Cancelled():  # whoever cancelled it has concluded it
                await self.board.settle(work.lease.job)

    async def _show(self, work: _Work, news: Progress) -> None:
        """Have progress shown, when its turn has come."""
        job, run = work.lease.job, self._run_of(work)
        run.done, run.preview = news.step / news.steps, news.preview or run.preview
        if self.board.vanished(job):
            self.engine.cancel(job)
            await self.conclude(work.delivery, Ending.PLACE_GONE)
            return
        began_at = run.began_at if run.began_at is not None else self.clock.monotonic()
        seconds = self.clock.monotonic() - began_at
        state = replace(news, preview=run.preview)
        self.board.show(job, work.route, lambda: self._drawn(work, state, seconds))

    async def _drawn(self, work: _Work, news: Progress, seconds: float) -> Post | None:
        """Draw progress, as far as its owner still wants it shown, and with the words they want."""
        async with self.memory.db.read() as tx:
            goes = await still_goes(self.memory, tx, work.delivery)
            hides = await self.vet.hides_previews(tx)
            chosen = await choices.read(tx, self.memory.keys, PersonHash(work.delivery.tenant))
        if not goes:
            self.engine.cancel(work.lease.job)
            await self.heed(work.delivery)
            return None
        try:
            shown = await shown_of(self.memory, work.delivery)
        except KeyGone:  # it has ended just now
            return None
        preview = None if hides else news.preview
        return words.progress(
            shown,
            news.step,
            news.steps,
            preview,
            seconds=seconds,
            shows_stealth=chosen.shows_previews,
        )

    def _run_of(self, work: _Work) -> _Run:
        return self._runs.setdefault(work.lease.job, _Run())

    async def _keep(self, work: _Work, finished: Finished) -> None:
        """Seal pictures that may pass, then record them and the lease's end in one transaction."""
        if not await self.vet(work.delivery, work.route, finished):
            return
        sealed = [
            await self.memory.seal_picture(work.delivery, position, content)
            for position, content in enumerate(finished.pictures)
        ]
        blobs = await self.memory.keep_files(sealed)
        try:
            kept = await self._record(work, blobs)
        except Exception:
            await self.memory.drop_files(blobs)
            raise
        if kept:
            self.delivering.ring()
        else:
            await self.memory.drop_files(blobs)

    async def _record(self, work: _Work, blobs: list[str]) -> bool:
        async with self.memory.db.transaction() as tx:
            kept = await queue.rendered(tx, work.lease)
            if kept:
                now = self.clock.now()
                until = await self._picture_until(tx, work.delivery, now)
                await pictures.add(tx, work.lease.job, blobs, now=now, expires_at=until)
        return kept

    async def _picture_until(self, tx: Transaction, delivery: Delivery, now: int) -> int:
        """Say how long a picture made now waits to be delivered."""
        chosen = await choices.read(tx, self.memory.keys, PersonHash(delivery.tenant))
        here = await servers.limits(tx, delivery.guild_id, delivery.channel_id)
        return self.lifetimes.until(DataClass.PICTURE, now, chosen, here, delivery.plan) or now

    async def _give_back(self, lease: Lease) -> None:
        """Return a job to the queue, once no late progress can land any more."""
        await self.board.settle(lease.job)
        async with self.memory.db.transaction() as tx:
            if self._stopping:
                await queue.return_unused(tx, lease)
                return
            returned = await queue.give_back(tx, lease)
            delivery = await deliveries.get(tx, lease.job)
        if returned is Returned.POISON and delivery is not None:
            await self.conclude(delivery, Ending.POISON)
        self.ushering.ring()
        self.dispatching.ring()
