"""P8: a crowd, and a long queue: the bot still answers at once, and its memory stays flat.

The real bot over the sandbox, with a worker that needs no torch and is always busy. Thousands of
jobs wait, accepted by the real `Submit`; then 200 people ask at the same moment, again and again.
The time of an answer is from the interaction's creation to the arrival of its first response at
the sandbox, which runs in this process and keeps Discord's rate limits.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bot import settings, wiring
from bot.client.endpoint import Endpoint
from bot.crypto import rootkey
from bot.domain import Ask, PersonId, Private, Receipt, Refusal, Visibility
from bot.sandbox import acts, happenings, shipped_world
from bot.sandbox.entities import TEXT, Channel, User
from bot.sandbox.server import Sandbox
from bot.sandbox.wire import Record
from bot.services.case import route_of
from bot.shelf import SHIPPED_PLANS, read_shelf
from bot.storage.memory import open_memory
from tests.asks import ask, where
from tests.fakes import FakeEngine
from tests.journeys.house import TOKEN
from tests.prove.judge import quiet
from tests.prove.loaded import OPEN_JOBS
from tests.prove.report import Proof

PEOPLE, BACKLOG, BURSTS, SINGLES = 200, 5_000, 3, 10
FLAWED_BURSTS = 3

ACKNOWLEDGED_MS = 250.0
SINGLE_ANSWER_MS = 1_000.0
GROWTH_MB = 12.0
"""What the bot may grow between its first burst and its last: 200 jobs more each time."""

CHANNELS = 20
START_SECONDS, ANSWER_SECONDS, SETTLE_SECONDS = 60.0, 60.0, 2.0
STEP_MILLISECONDS = "50"

_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback")
_ANSWER = re.compile(r"/webhooks/\d+/([^/]+)/messages/@original")
_LIMITS = re.compile(
    r"^(stealth_per_day|pictures_per_day|gpu_seconds_per_month|waiting_jobs) = \d+", re.MULTILINE
)


@dataclass
class Measured:
    """What one run came to."""

    acknowledged_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)
    single_ms: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)  #: after each burst
    lag_ms: list[float] = field(default_factory=list)
    unanswered: int = 0
    backlog: int = 0
    filled_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def growth_mb(self) -> float:
        """How much more it held after the last burst than after the first."""
        return self.resident_mb[-1] - self.resident_mb[0]

    def failures(self) -> list[str]:
        """Name every limit that was overstepped."""
        p99, single = percentile(self.acknowledged_ms, 0.99), statistics.median(self.single_ms)
        wrong = {
            f"{self.unanswered} asks were never answered": self.unanswered > 0,
            f"acknowledged after {p99:.0f} ms (p99)": p99 >= ACKNOWLEDGED_MS,
            f"one ask is answered after {single:.0f} ms (median)": single >= SINGLE_ANSWER_MS,
            f"grew by {self.growth_mb:.0f} MB": self.growth_mb >= GROWTH_MB,
        }
        return [what for what, is_so in wrong.items() if is_so]


def percentile(values: list[float], share: float) -> float:
    """The value that so great a share of them does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class LoadedBot:
    """The bot as a process of its own, and what it says of itself every second."""

    def __init__(self, url: str, folder: Path, step_ms: str, *sabotages: str) -> None:
        loaded = (sys.executable, "-m", "tests.prove.loaded")
        self._command = (*loaded, url, str(folder), step_ms, *sabotages)
        self.process: asyncio.subprocess.Process | None = None
        self.said: list[dict[str, Any]] = []  #: every second of it
        self._ready = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def resident_mb(self) -> float:
        """Its resident memory, without its worker's."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    def worker(self) -> psutil.Process | None:
        """Its worker process, if there is one now."""
        for child in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "tests.prove.load_worker" in child.cmdline():
                    return child
        return None

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(START_SECONDS):
            await self._ready.wait()
        assert self.process.returncode is None, "the bot did not start"

    async def stop(self) -> None:
        """End it as an operator does, and at last as a power cut would."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self.process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.process.wait(), 20)
        with suppress(ProcessLookupError):
            self.process.kill()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"{"):
                self.said.append(json.loads(line))
            elif line.startswith(b"ready"):
                self._ready.set()
        self._ready.set()


class Crowd:
    """People who ask, and a watch that runs from each ask to its first response and its answer."""

    def __init__(self, sandbox: Sandbox, people: int) -> None:
        self.world = sandbox.world
        cafe = self.world.guilds[shipped_world.CAFE_ID]
        self.people = []
        for number in range(people):
            guest = User(self.world.ids.new(), f"guest{number}", f"Guest {number}")
            self.world.users[guest.id] = guest
            happenings.add_member(self.world, cafe, guest)
            self.people.append(guest)
        self.channels = [
            Channel(self.world.ids.new(), TEXT, f"studio-{number}", cafe.id, 10 + number)
            for number in range(CHANNELS)
        ]
        for channel in self.channels:
            happenings.add_channel(self.world, channel)
        self._asked: dict[int, float] = {}
        self._tokens: dict[str, int] = {}
        self.acknowledged_ms: dict[int, float] = {}
        self.answered_ms: dict[int, float] = {}
        self._more = asyncio.Event()
        sandbox.wire.listeners.append(self._hear)

    def ask(self, number: int) -> int:
        """One of them asks for a picture; gives the interaction's id."""
        guest = self.people[number % len(self.people)]
        channel = self.channels[number % len(self.channels)]
        began = time.monotonic()
        made = acts.slash(self.world, guest, channel, "imagine", {"prompt": "a red star"})
        self._asked[made.id], self._tokens[made.token] = began, made.id
        return made.id

    async def asks_at_once(self) -> list[int]:
        """All of them ask, as fast as this sandbox can tell the bot."""
        asked, turn = [], asyncio.Event()
        for number in range(len(self.people)):
            asked.append(self.ask(number))
            turn.clear()
            asyncio.get_running_loop().call_soon(turn.set)
            await turn.wait()
        return asked

    async def answered(self, asked: list[int]) -> int:
        """Wait until all of these are answered; gives how many never were."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                while not all(one in self.answered_ms for one in asked):
                    self._more.clear()
                    await self._more.wait()
        return sum(one not in self.answered_ms for one in asked)

    def _hear(self, record: Record) -> None:
        now = time.monotonic()
        if found := _CALLBACK.match(record.path):
            made = int(found[1])
            if made in self._asked:
                self.acknowledged_ms.setdefault(made, 1000 * (now - self._asked[made]))
        elif (found := _ANSWER.match(record.path)) and found[1] in self._tokens:
            made = self._tokens[found[1]]
            self.answered_ms.setdefault(made, 1000 * (now - self._asked[made]))
            self._more.set()


def generous_plans(folder: Path) -> None:
    """Write the shipped plans with daily and waiting limits that refuse nobody."""
    text = _LIMITS.sub(lambda found: f"{found[1]} = 100000000", SHIPPED_PLANS.read_text())
    (folder / "plans.toml").write_text(text)


async def fill(folder: Path, jobs: int, people: list[User], channels: list[Channel]) -> None:
    """Accept so many jobs before the bot starts; nobody made their places yet.

    One in ten by the real `Submit`, the others by what it ends with, so that it does not take a
    minute: the same rows, keys and fair tags. The disk is not waited for: that is not measured.
    """
    chosen = settings.load(
        folder / "no.env",
        discord_token=TOKEN,
        data_dir=folder / "data",
        plans_file=folder / "plans.toml",
        max_open_jobs=OPEN_JOBS,
    )
    source = rootkey.find(None, chosen.default_root_key, {})
    memory = await open_memory(chosen.data_dir, source, os.environ)
    try:
        for database in (memory.db, memory.keys._database):
            await database._connection.execute("PRAGMA synchronous = 0")
        shelf = read_shelf(chosen)
        submit = wiring.wire(chosen, memory, shelf, FakeEngine(), Endpoint()).deeds.submit
        asks = [_asked(number, people, channels) for number in range(jobs)]
        for asked in asks[::10]:
            accepted = await submit(asked)
            assert isinstance(accepted, Receipt), accepted
        async with memory.db.transaction() as tx:
            for asked in (one for number, one in enumerate(asks) if number % 10):
                owner = memory.keys.person(asked.person)
                case = await submit.meet(tx, asked, owner, None)
                assert not isinstance(case.pace, Refusal)
                to = route_of(case, Visibility.PUBLIC, (), (), adult_ok=True)
                interaction = memory.keys.interaction(asked.interaction_id)
                job, plan, pace = submit.ids.job(), case.plan, case.pace
                await submit.enqueue(
                    tx, job, case.spec, owner, case.day, to, plan, pace, interaction
                )
    finally:
        await memory.close()


def _asked(number: int, people: list[User], channels: list[Channel]) -> Ask:
    channel = channels[number % len(channels)].id
    return ask(
        interaction_id=number + 1,
        interaction_token=Private(f"token-{number}"),
        person=PersonId(people[number % len(people)].id),
        where=where(guild_id=shipped_world.CAFE_ID, channel_id=channel),
        count=1,
    )


@asynccontextmanager
async def crowded_house(
    backlog: int, people: int, *sabotages: str, step_ms: str = STEP_MILLISECONDS
) -> AsyncIterator[tuple[Crowd, LoadedBot, float]]:
    """A sandbox with a crowd, and a running bot before whom so many jobs wait."""
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.monotonic()
        generous_plans(folder)
        async with Sandbox() as sandbox:
            crowd = Crowd(sandbox, people)
            await fill(folder, backlog, crowd.people, crowd.channels)
            filled = time.monotonic() - began
            bot = LoadedBot(sandbox.url, folder, step_ms, *sabotages)
            try:
                await bot.start()
                yield crowd, bot, filled
            finally:
                await bot.stop()


async def load(
    *sabotages: str,
    backlog: int = BACKLOG,
    people: int = PEOPLE,
    bursts: int = BURSTS,
    singles: int = SINGLES,
    settle_seconds: float = SETTLE_SECONDS,
) -> Measured:
    """Let a crowd ask at once, so many times, before a queue so long; say what it came to."""
    came, began = Measured(backlog=backlog), time.monotonic()
    async with crowded_house(backlog, people, *sabotages) as (crowd, bot, filled):
        came.filled_seconds = filled
        for _ in range(bursts):
            asked = await crowd.asks_at_once()
            came.unanswered += await crowd.answered(asked)
            await _passes(settle_seconds)
            came.resident_mb.append(bot.resident_mb)
        came.acknowledged_ms = list(crowd.acknowledged_ms.values())
        came.answered_ms = list(crowd.answered_ms.values())
        for number in range(singles):
            one = crowd.ask(number)
            came.unanswered += await crowd.answered([one])
            came.single_ms.append(crowd.answered_ms.get(one, 1000 * ANSWER_SECONDS))
        came.lag_ms = [one["lag_ms"] for one in bot.said]
    came.seconds = time.monotonic() - began
    return came


async def _passes(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


def prove(times: int = 1) -> Proof:
    """A crowd before a long queue, so many `times` over; and two broken bots to be noticed."""
    began, bursts = time.monotonic(), BURSTS * times
    with quiet():
        came = asyncio.run(load(bursts=bursts))
        blocks = asyncio.run(load("blocks", backlog=0, bursts=FLAWED_BURSTS, singles=1))
        leaks = asyncio.run(load("memory", backlog=0, bursts=FLAWED_BURSTS, singles=1))
    acknowledged, answered = came.acknowledged_ms, came.answered_ms
    return Proof(
        promise="P8  A crowd before a long queue is answered at once",
        figures=[
            f"{bursts} times {PEOPLE} people at once, {came.backlog} accepted jobs waiting "
            f"(by the real Submit, {came.filled_seconds:.0f} s), the worker busy",
            f"acknowledged: p50 {statistics.median(acknowledged):.0f} ms, "
            f"p99 {percentile(acknowledged, 0.99):.0f} ms, max {max(acknowledged):.0f} ms "
            f"(limit: p99 under {ACKNOWLEDGED_MS:.0f} ms)",
            f"told position and time: in a burst p50 {statistics.median(answered):.0f} ms, "
            f"max {max(answered):.0f} ms; one alone median "
            f"{statistics.median(came.single_ms):.0f} ms, max {max(came.single_ms):.0f} ms "
            f"(limit: median under {SINGLE_ANSWER_MS:.0f} ms)",
            f"resident memory: {came.resident_mb[0]:.0f} MB after the first burst, "
            f"{came.resident_mb[-1]:.0f} MB after the last (limit: {GROWTH_MB:.0f} MB more); "
            f"loop late by at most {max(came.lag_ms):.0f} ms",
        ],
        controls={
            "a bot that blocks its loop for 300 ms now and then": _caught(blocks, "acknowledged"),
            "a bot that leaks 6 MB a second": _caught(leaks, "grew"),
        },
        failures=came.failures(),
        seconds=time.monotonic() - began,
    )


def _caught(came: Measured, how: str) -> str:
    return "; ".join(what for what in came.failures() if what.startswith(how))
