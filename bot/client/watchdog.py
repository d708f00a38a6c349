"""Is the socket alive? discord.py asks only whether anything comes; this asks whether we are heard.

A socket that talks and acknowledges nothing, a wedged one, a shard that nobody reads: none of
them ends by itself. Each look ends in a finding, and findings climb a ladder: cut the socket with
a code that keeps the session, then a fresh client, then a fresh process. A look in trouble asks
REST first: while Discord is out of reach altogether, there is nothing to mend here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from discord.gateway import KeepAliveHandler

from bot import log
from bot.client.client import DarkroomClient
from bot.client.connection import Connection, Phase
from bot.ports import Clock

RESUMABLE = 4000
"""A close code of ours after which Discord keeps the session for some minutes."""


@dataclass(frozen=True)
class Patience:
    """How long is waited for what. The shipped figures notice a dead socket within two minutes."""

    look_seconds: float = 15.0
    launch_seconds: float = 180.0  #: for a client to have all its sockets
    acknowledge_seconds: float = 10.0  #: beyond two heartbeats
    slow_seconds: float = 30.0
    strikes: int = 2  #: looks in trouble before something is done
    offline_looks: int = 40  #: looks without Discord before a fresh client is tried
    fresh_clients: int = 3  #: to try before the process ends
    stuck_seconds: float = 900.0  #: trouble that must have lasted before the process ends
    steady_seconds: float = 300.0  #: of health that forgive it all
    probe_seconds: float = 300.0  #: between two questions to REST in fair weather
    answer_seconds: float = 10.0  #: for REST to answer
    report_seconds: float = 5.0  #: between two reports of how the parts are


class Finding(StrEnum):
    """What a look found."""

    ALIVE = "alive"  #: every socket is open and was acknowledged lately
    UNPROVEN = "unproven"  #: too young to tell
    TROUBLE = "trouble"
    OFFLINE = "offline"  #: trouble, and REST does not answer either


class Remedy(StrEnum):
    """What is done about it."""

    NOTHING = "nothing"
    CUT = "cut"
    FRESH_CLIENT = "fresh client"
    FRESH_PROCESS = "fresh process"


@dataclass(frozen=True)
class Socket:
    """One shard's connection as it is now."""

    is_open: bool
    is_read: bool
    acknowledged_seconds_ago: float
    beat_seconds: float
    latency_seconds: float


def judge(socket: Socket, patience: Patience) -> Finding:
    """Say whether a socket lives."""
    due = 2 * socket.beat_seconds + patience.acknowledge_seconds
    is_slow = isfinite(socket.latency_seconds) and socket.latency_seconds > patience.slow_seconds
    if not (socket.is_open and socket.is_read) or is_slow or socket.acknowledged_seconds_ago > due:
        return Finding.TROUBLE
    return Finding.ALIVE if isfinite(socket.latency_seconds) else Finding.UNPROVEN


@dataclass
class Ladder:
    """From findings to remedies, each harder than the one before."""

    patience: Patience
    strikes: int = 0
    cuts: int = 0
    fresh_clients: int = 0
    _offline: int = 0
    _troubled_since: float | None = None
    _alive_since: float | None = None

    def climb(self, finding: Finding, now: float) -> Remedy:
        """Take one look's finding, and say what to do."""
        if finding is Finding.ALIVE:
            self._forgive(now)
            return Remedy.NOTHING
        self._alive_since = None
        if finding is Finding.UNPROVEN:
            return Remedy.NOTHING
        if finding is Finding.OFFLINE:
            self._offline += 1
            is_long = self._offline % self.patience.offline_looks == 0
            return Remedy.FRESH_CLIENT if is_long else Remedy.NOTHING
        if self._troubled_since is None:
            self._troubled_since = now
        self.strikes += 1
        if self.strikes < self.patience.strikes:
            return Remedy.NOTHING
        self.strikes = 0
        return self._next(now - self._troubled_since)

    def _next(self, troubled_seconds: float) -> Remedy:
        if self.cuts == 0:
            self.cuts = 1
            return Remedy.CUT
        tried = self.fresh_clients >= self.patience.fresh_clients
        if tried and troubled_seconds >= self.patience.stuck_seconds:
            return Remedy.FRESH_PROCESS
        self.fresh_clients += 1
        return Remedy.FRESH_CLIENT

    def _forgive(self, now: float) -> None:
        self.strikes = self._offline = 0
        if self._alive_since is None:
            self._alive_since = now
        if now - self._alive_since >= self.patience.steady_seconds:
            self.cuts = self.fresh_clients = 0
            self._troubled_since = None


def sockets_of(client: DarkroomClient) -> list[Socket]:
    """Look at every shard. Every private touch of discord.py's sockets is in this module.

    discord.py 2.7.1 shows latency and whether a socket is closed, not when it was acknowledged.
    """
    now, found = time.perf_counter(), []
    for info in client.shards.values():
        shard = info._parent
        heart, reader = shard.ws._keep_alive, shard._task
        found.append(
            Socket(
                is_open=not info.is_closed(),
                is_read=reader is not None and not reader.done(),
                acknowledged_seconds_ago=now - heart._last_ack if heart else 0.0,
                beat_seconds=(heart.interval if heart else None) or 0.0,
                latency_seconds=latency_of(heart) if heart else info.latency,
            )
        )
    return found


def latency_of(heart: KeepAliveHandler) -> float:
    """Say how long the last acknowledged beat took.

    discord.py notes a beat as sent after sending it, in another thread. Where the acknowledgement
    was quicker than that, it takes the time since the beat before, a whole interval, for latency.
    """
    early = heart._last_send - heart._last_ack
    is_early = heart.interval is not None and 0 < early < heart.interval / 10
    return 0.0 if is_early and isfinite(heart.latency) else heart.latency


@dataclass
class Watchdog:
    """Looks at the connection now and then. `give_up` ends the process, so that another begins."""

    connection: Connection
    clock: Clock
    give_up: Callable[[], None]
    patience: Patience = field(default_factory=Patience)
    sockets: Sequence[Socket] = ()  #: as they were at the last look
    finding: Finding = Finding.UNPROVEN
    answered_at: float | None = None  #: when REST answered last
    is_answered: bool = True  #: whether it did when last asked
    _asked_at: float = float("-inf")
    _ladder: Ladder = field(init=False)
    _cutting: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Stand at the foot of the ladder."""
        self._ladder = Ladder(self.patience)

    async def look(self) -> None:
        """Look once, and do what the finding asks for."""
        client = self.connection.client
        if client is None or self.connection.phase is Phase.WAITING:
            self.sockets, self.finding = (), Finding.UNPROVEN
            return
        self.sockets = sockets_of(client)
        found = self._find(client)
        is_due = self.clock.monotonic() - self._asked_at >= self.patience.probe_seconds
        if found is Finding.TROUBLE or (found is Finding.ALIVE and is_due):
            await self._probe(client)
        if found is Finding.TROUBLE and not self.is_answered:
            found = Finding.OFFLINE
        if found is not Finding.ALIVE and found is not self.finding:
            log.event(f"gateway.{found}")
        self.finding = found
        self._do(self._ladder.climb(found, self.clock.monotonic()), client)

    def _find(self, client: DarkroomClient) -> Finding:
        findings = {judge(socket, self.patience) for socket in self.sockets}
        if len(self.sockets) < (client.shard_count or 1):
            is_young = self.connection.age_seconds < self.patience.launch_seconds
            findings.add(Finding.UNPROVEN if is_young else Finding.TROUBLE)
        for worst in (Finding.TROUBLE, Finding.UNPROVEN):
            if worst in findings:
                return worst
        return Finding.ALIVE

    async def _probe(self, client: DarkroomClient) -> None:
        """Ask REST what it must know, and note whether it answered."""
        self._asked_at = self.clock.monotonic()
        try:
            async with asyncio.timeout(self.patience.answer_seconds):
                self.is_answered = await self.connection.budget.ask(client)
        except TimeoutError:
            self.is_answered = False
        if self.is_answered:
            self.answered_at = self.clock.monotonic()

    def _do(self, remedy: Remedy, client: DarkroomClient) -> None:
        match remedy:
            case Remedy.NOTHING:
                return
            case Remedy.CUT:
                task = asyncio.create_task(self._cut(client))
                self._cutting.add(task)  # else it could be collected while it waits
                task.add_done_callback(self._cutting.discard)
            case Remedy.FRESH_CLIENT:
                self.connection.replace()
            case Remedy.FRESH_PROCESS:
                self.give_up()
        log.event(f"gateway.remedy.{remedy.replace(' ', '-')}")

    async def _cut(self, client: DarkroomClient) -> None:
        """Close what is in trouble, so that discord.py resumes it. A wedged one takes its time."""
        for info in client.shards.values():
            shard = info._parent
            try:
                await shard.ws.close(RESUMABLE)
            except Exception as fault:  # noqa: BLE001  # the ladder goes on; the task must not end unheard
                log.event("gateway.uncut", fault=fault)
