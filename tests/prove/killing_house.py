"""One run of the kill harness: the bot that lives again and again, the weather, and the rest after.

The bot is a real process forked by `tests.prove.killed`; the sandbox lives in ours and outlives it.
What the bot tells of its jobs, line by line, says in which states they were when it was killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox import messages
from bot.sandbox.server import Sandbox
from bot.sandbox.weather import Rule
from tests.prove.killing_books import Verdict, judge
from tests.prove.killing_crowd import Crowd
from tests.prove.mutants import patched

STATES = ("accepted", "placed", "claimed", "running", "rendered", "sending", "delivered")
KINDS = {"bot": "bot, -9", "worker": "worker, -9", "term": "bot, SIGTERM"}
MOMENTS = {
    "accepted": "accepted",
    "placing": "accepted",
    "stood": "accepted",
    "placed": "placed",
    "returned": "placed",
    "claimed": "claimed",
    "running": "running",
    "rendered": "rendered",
    "sending": "sending",
    "sent": "sending",
    "delivered": "delivered",
    "ended": "",
    "tidied": "",
}
"""What is told of a job, and in which state it is from then on."""

FAULTS = 0.05
_TROUBLES: tuple[dict[str, object], ...] = (
    {"status": 503},
    {"drop": True},
    {"lost_answer": True},
    {"lost_answer": True},
    {"delay_ms": 100},
    {"delay_answer_ms": 100},
    {"rate_limit": {"scope": "user", "retry_after": 0.1}},
    {"rate_limit": {"scope": "shared", "retry_after": 0.1}},
)
_TROUBLED = ("/messages", "/webhooks", "/interactions", "/users/@me/channels")
NONCE_WINDOW_SECONDS = 0.3
GATEWAY_EVERY_SECONDS = 4.0

ASK_EVERY_SECONDS = 0.03
LIFE_SECONDS = 45.0
REST_SECONDS = 60.0

PLANS = "\n".join(
    f'[[plan]]\nname = "{name}"\nstealth = "optional"\npictures_per_day = 100000\n'
    f"running_jobs = 4\nwaiting_jobs = 8\nmax_steps = 100\nmax_count = 4\nmax_repeat = 1\n"
    f"max_permutations = 1\nweight = {weight}\nspeeds = {speeds}\n"
    for name, weight, speeds in (
        ("Free", 1, '["relax"]'),
        ("Plus", 2, '["fast", "relax"]'),
        ("Pro", 4, '["fast"]'),
    )
)

Life = list[dict[str, object]]
"""The aims of one bot, in their order. The last one ends it."""


@dataclass(frozen=True)
class Plot:
    """What one run is to be."""

    lives: Sequence[Life]
    variant: str = ""
    worker: str = "paper"
    noticed_seconds: float = 1.0
    most_open: int = 24
    steps: tuple[int, int] = (3, 12)
    life_seconds: float = LIFE_SECONDS


@dataclass
class Came:
    """What one run came to."""

    verdict: Verdict
    kills: Counter[str]
    hits: Counter[tuple[str, str]]
    asks: int
    replaced: int
    faults: int
    requests: int
    missed: int  #: lives whose aims were never met
    seconds: float

    def failures(self) -> list[str]:
        """All that is wrong with it."""
        return self.verdict.failures() + ["a bot outlived its aim"] * self.missed


# --- the bot


@dataclass
class Bot:
    """One house that lives again and again, and what it tells of its jobs."""

    command: tuple[str, ...]
    environ: dict[str, str]
    state: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    took: dict[str, int] = field(default_factory=dict)
    done: dict[str, float] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)  #: whose result came in a new message
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    pid: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None
    _gone: int = 0
    _ready: int = 0

    async def open(self) -> None:
        """Start what forks it."""
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if os.environ.get("KILLING_SHOWS") else asyncio.subprocess.DEVNULL,
            env=self.environ,
            cwd=Path(__file__).parents[2],
        )
        self._reading = asyncio.create_task(self._read())

    async def live(self, life: Life, *, until: str = "gone", limit_seconds: float) -> bool:
        """Live once; False when that took too long."""
        assert self._process is not None
        assert self._process.stdin is not None
        before = self._count(until)
        self._process.stdin.write((json.dumps(life) + "\n").encode())
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_seconds):
                while self._count(until) == before:
                    await self._hears()
        return self._count(until) != before

    async def end(self, number: int) -> None:
        """End it with a signal."""
        before = self._gone
        if self.pid:
            os.kill(self.pid, number)
        async with asyncio.timeout(LIFE_SECONDS):
            while self.pid and self._gone == before:
                await self._hears()

    async def close(self) -> None:
        """End it and what forks it."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._reading is not None:
            await self._reading

    @property
    def open_jobs(self) -> dict[str, int]:
        """Those that are under way, with their interaction."""
        return {job: self.accepted[job] for job in self.state if job in self.accepted}

    def _count(self, what: str) -> int:
        return self._gone if what == "gone" else self._ready

    async def _hears(self) -> None:
        assert self._reading is not None
        assert not self._reading.done(), "what forks the bot has ended"
        self.heard.clear()
        await self.heard.wait()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._heed(*line.decode().split())
            self.heard.set()
        asyncio.get_running_loop().call_soon(self.heard.set)

    def _heed(self, what: str, about: str = "", *more: str) -> None:
        match what:
            case "alive":
                self.pid = int(about)
            case "ready":
                self._ready += 1
            case "gone":
                self.pid, self._gone = 0, self._gone + 1
            case "aimed":
                self.kills[about] += 1
                self.hits.update((KINDS[about], state) for state in set(self.state.values()))
            case "accepted":
                self.accepted[about] = int(more[0])
                self.state[about] = what
            case "took":
                self.took[about] = int(more[0])
            case "ended":
                self.done[about] = float(more[1])
                self.state.pop(about, None)
            case "tidied":
                self.state.pop(about, None)
            case _ if about in self.state and MOMENTS.get(what):
                self.state[about] = MOMENTS[what]
                self.replaced |= {about} if (what, more) == ("sending", ("new",)) else set()


# --- the weather


@dataclass
class Sky:
    """Discord's troubles, at random; `faults` counts them."""

    sandbox: Sandbox
    dice: random.Random
    often: float
    faults: int = 0

    def cloud(self) -> None:
        """From now on Discord fails now and then."""
        self.sandbox.weather.strike = self.strike  # type: ignore[method-assign]

    def clear(self) -> None:
        """Fair weather again."""
        self.often = 0.0

    def strike(self, method: str, names: tuple[str, ...], _: int = 0) -> Rule | None:
        """Choose what goes wrong with a request, if anything does."""
        if not any(part in names[-1] for part in _TROUBLED) or self.dice.random() >= self.often:
            return None
        self.faults += 1
        return Rule(**self.dice.choice(_TROUBLES))  # type: ignore[arg-type]

    async def blow(self) -> None:
        """Break the gateway's connection now and then, in every way."""
        gateway = self.sandbox.gateway
        while True:
            await _passes(self.dice.uniform(0.5, 1.5) * GATEWAY_EVERY_SECONDS)
            self.faults += 1
            match self.dice.randrange(5):
                case 0:
                    gateway.drop()
                case 1:
                    await gateway.close(self.dice.choice((1001, 4000)))
                case 2:
                    gateway.ask_to_reconnect()
                case number:
                    gateway.invalidate(resumable=number == 3)


# --- one run


async def run(seed: int, plot: Plot) -> Came:
    """Let people ask while the bot lives its lives; then let it finish, and judge."""
    began, dice = time.monotonic(), random.Random(seed)
    with _folders() as (data, memory), _short_nonce_window():
        environ = {**os.environ, "RUNTIME_DIRECTORY": str(memory)}
        plans = data.with_name("plans.toml")
        plans.write_text(PLANS)
        async with Sandbox(rate_limits=False) as sandbox:
            crowd = Crowd(sandbox, dice, plot.steps, reads_pictures=plot.worker == "paper")
            sky = Sky(sandbox, dice, FAULTS)
            told = (sandbox.url, str(data), plot.worker, plot.variant, str(plot.noticed_seconds))
            command = (sys.executable, "-m", "tests.prove.killed", *told)
            roles = ",".join(f"{role}={name}" for role, name in _roles(sandbox))
            chosen = {"PLANS_FILE": str(plans), "ROLE_PLANS": roles, "TIME_ZONE": _zone()}
            bot = Bot(command, environ | chosen)
            await bot.open()
            try:
                missed = await _be_killed(bot, crowd, sky, plot)
                await _come_to_rest(bot, data)
            finally:
                await bot.close()
            verdict = await judge(data, environ, crowd, bot.accepted, bot.took, bot.done)
            verdict.unsound += [f"the sandbox does not speak: {gap}" for gap in set(sandbox.gaps)]
            requests = len(sandbox.wire.records)
    return Came(
        verdict=verdict,
        kills=bot.kills,
        hits=bot.hits,
        asks=len(crowd.asked),
        replaced=len(bot.replaced),
        faults=sky.faults,
        requests=requests,
        missed=missed,
        seconds=time.monotonic() - began,
    )


async def _be_killed(bot: Bot, crowd: Crowd, sky: Sky, plot: Plot) -> int:
    """Live every life under load; the first start, which everybody needs, is in fair weather."""
    missed = 0
    async with _life_goes_on(bot, crowd, sky, plot):
        for number, life in enumerate(plot.lives):
            lived = await bot.live(life, limit_seconds=plot.life_seconds)
            if not lived:
                missed += 1
                await bot.end(9)
            if number == 0:
                sky.cloud()
    sky.clear()
    return missed


@asynccontextmanager
async def _life_goes_on(bot: Bot, crowd: Crowd, sky: Sky, plot: Plot) -> AsyncIterator[None]:
    async def ask() -> None:
        while True:
            await _passes(ASK_EVERY_SECONDS)
            if len(bot.open_jobs) < plot.most_open:
                crowd.ask()
            crowd.meddle(bot.open_jobs)

    doing = [asyncio.create_task(ask()), asyncio.create_task(sky.blow())]
    try:
        yield
    finally:
        for task in doing:
            task.cancel()
        await asyncio.gather(*doing, return_exceptions=True)
    for task in doing:
        if not task.cancelled():
            task.result()


async def _come_to_rest(bot: Bot, data: Path) -> None:
    """Live once more, until nothing is under way, and stop in peace."""
    assert await bot.live([], until="ready", limit_seconds=REST_SECONDS), "it does not start"
    with suppress(TimeoutError):
        async with asyncio.timeout(REST_SECONDS):
            while _under_way(data):
                await _passes(0.2)
    await bot.end(15)


def _under_way(data: Path) -> int:
    query = (
        "SELECT count(*) FROM jobs JOIN deliveries ON job = id"
        " WHERE ended_at IS NULL OR route IS NOT NULL"
    )
    with closing(sqlite3.connect(data / "darkroom.db", timeout=10)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _roles(sandbox: Sandbox) -> Iterator[tuple[int, str]]:
    for guild in sandbox.world.guilds.values():
        for role in guild.roles.values():
            if role.name in ("Plus", "Pro"):
                yield role.id, role.name


def _zone() -> str:
    """Name a zone where it is about noon: no day turns while we count."""
    hour = int(time.time() // 3600) % 24  # noqa: TID251  # the bot's clock is real
    behind = hour - 12
    return f"Etc/GMT{behind:+d}" if behind else "Etc/GMT"


@contextmanager
def _folders() -> Iterator[tuple[Path, Path]]:
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory() as disk, tempfile.TemporaryDirectory(dir=shared) as memory:
        yield Path(disk) / "data", Path(memory)


@contextmanager
def _short_nonce_window() -> Iterator[None]:
    with patched(messages, NONCE_WINDOW_SECONDS=NONCE_WINDOW_SECONDS):
        yield


async def _passes(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
