"""How the parts are: a file, an answer on loopback, and `darkroom health`, for whoever restarts.

Nothing of people is in it: parts, ages, counts. The file is written every few seconds, so that its
age is news too: a process that hangs writes none. A healthy report is one in which all parts are.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot import log
from bot.client.connection import Connection, Phase
from bot.client.watchdog import Finding, Watchdog
from bot.errors import StartFault
from bot.ports import Clock
from bot.services.loop import Loops
from bot.services.room import Room
from bot.storage.memory import Memory
from gen import queue
from gen.engine import Engine
from gen.engine import Phase as EnginePhase
from gen.fleet import Fleet

FILE = "health.json"
FORMAT_VERSION = 1

STALE_SECONDS = 60
"""A report so old says that whoever writes it hangs or is gone; it is written every 5 seconds."""

LAG_SECONDS = 1.0
LAGGED_SECONDS = 1.0
"""A loop that was held up for so long misses what it promises: Discord waits 3 seconds in all."""

READ_SECONDS = 5.0
_HOST = "127.0.0.1"
_NAMES = ("127.0.0.1", "localhost", "[::1]")

Facts = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One part: whether it is well, and what is known of it."""

    name: str
    ok: bool
    facts: Facts


@dataclass
class Health:
    """Looks at every part. `data` is the folder of the file."""

    connection: Connection
    watchdog: Watchdog
    engine: Engine
    memory: Memory
    room: Room
    loops: Loops
    data: Path
    clock: Clock
    _report: Facts | None = None
    _lags: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=60))
    _late: frozenset[str] = frozenset()

    async def write(self) -> None:
        """Look at every part and write down how it is."""
        self._report = await self._look()
        keeping = asyncio.create_task(asyncio.to_thread(_keep, self._report, self.data / FILE))
        try:
            await asyncio.shield(keeping)
        finally:  # a thread hears of no cancellation: what it left after us nobody would take down
            await keeping

    async def measure_lag(self) -> None:
        """Measure for a moment how long the process lets its own work wait."""
        began = self.clock.monotonic()
        await asyncio.sleep(LAG_SECONDS)
        lag = self.clock.monotonic() - began - LAG_SECONDS
        self._lags.append(lag)
        if lag > LAGGED_SECONDS:
            log.event("process.lagged", count=int(lag * 1000))

    async def serve(self, port: int) -> None:
        """Answer `GET /health` on this machine: 200 when all is well, else 503.

        Raises:
            StartFault: the port is taken.
        """
        app = web.Application(middlewares=[_only_this_machine(port)])
        app.router.add_get("/health", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, port).start()
            await asyncio.Event().wait()
        except OSError as fault:
            raise StartFault(
                f"port {port} cannot be used ({fault.strerror}): choose another one in "
                "HEALTH_PORT, or 0 for none"
            ) from None
        finally:
            await runner.cleanup()

    def take_down(self) -> None:
        """Leave no report behind: nobody is there to be well."""
        (self.data / FILE).unlink(missing_ok=True)

    async def _answer(self, _: web.Request) -> web.Response:
        report = self._report or {"at": 0, "ok": False, "parts": {}}
        is_well = report["ok"] and self.clock.now() - report["at"] <= STALE_SECONDS
        return web.json_response(report, status=200 if is_well else 503)

    async def _look(self) -> Facts:
        waiting, database = await self._database()
        intake = Part("intake", self.room.shut is None, {"shut": str(self.room.shut or "")})
        parts = (self._gateway(), self._rest(), *self._workers(), database, intake, self._loops())
        return {
            "version": FORMAT_VERSION,
            "at": self.clock.now(),
            "ok": all(part.ok for part in parts),
            "parts": {part.name: {"ok": part.ok, **part.facts} for part in parts}
            | {"queue": {"ok": True, "open_jobs": waiting}},
        }

    def _gateway(self) -> Part:
        now, connection, sockets = self.clock.monotonic(), self.connection, self.watchdog.sockets
        client = connection.client
        heard = client.heard_at if client is not None else None
        latencies = [one.latency_seconds for one in sockets if isfinite(one.latency_seconds)]
        troubled = self.watchdog.finding in {Finding.TROUBLE, Finding.OFFLINE}
        facts: Facts = {
            "phase": connection.phase.value,
            "socket": self.watchdog.finding.value,
            "shards": len(sockets),
            "latency_ms": round(1000 * max(latencies)) if latencies else None,
            "acknowledged_seconds_ago": _most(one.acknowledged_seconds_ago for one in sockets),
            "heard_seconds_ago": None if heard is None else round(now - heard),
            "logins_of_day": connection.budget.logins_of_day,
            "logins_left": connection.budget.left.logins if connection.budget.left else None,
        }
        if connection.phase is Phase.WAITING:
            facts["waits_seconds"] = round(connection.waits_until - now)
        return Part("gateway", connection.phase is Phase.CONNECTED and not troubled, facts)

    def _rest(self) -> Part:
        answered, breaker = self.watchdog.answered_at, self.connection.breaker
        return Part(
            "rest",
            self.watchdog.is_answered and not breaker.is_open,
            {
                "answered_seconds_ago": _since(answered, self.clock.monotonic()),
                "rests_seconds": round(breaker.rest_seconds),
                "invalid_requests": breaker.invalid_requests,
            },
        )

    def _workers(self) -> Iterator[Part]:
        """Look at each worker. One that loads is well: it says so, and jobs wait for it."""
        engines = self.engine.engines if isinstance(self.engine, Fleet) else (self.engine,)
        for number, engine in enumerate(engines):
            name = "worker" if len(engines) == 1 else f"worker-{number}"
            phase = engine.state.phase
            yield Part(name, phase is not EnginePhase.DOWN, {"phase": phase.value})

    async def _database(self) -> tuple[int | None, Part]:
        began, depth = self.clock.monotonic(), None
        try:
            async with asyncio.timeout(READ_SECONDS), self.memory.db.read() as tx:
                depth = await queue.depth(tx)
        except Exception as fault:  # noqa: BLE001  # that is what is to be told
            log.event("health.database", fault=fault)
        facts: Facts = {
            "read_ms": round(1000 * (self.clock.monotonic() - began)),
            "log_bytes": self.memory.db.log_bytes(),
        }
        return depth, Part("database", depth is not None, facts)

    def _loops(self) -> Part:
        late = frozenset(self.loops.late())
        for name in sorted(late - self._late):
            log.event(f"{name}.late")
        self._late = late
        pulses = self.loops.pulses.values()
        facts: Facts = {
            "late": sorted(late),
            "failing": {pulse.name: pulse.fault for pulse in pulses if pulse.fault},
            "ended": {pulse.name: pulse.deaths for pulse in pulses if pulse.deaths},
            "ages_seconds": {pulse.name: round(pulse.age_seconds) for pulse in pulses},
            "lag_ms": round(1000 * max(self._lags)),
        }
        return Part("loops", not late, facts)


def lines(data: Path, now: int) -> tuple[bool, list[str]]:
    """Read the file: whether all is well, and a line for each part."""
    try:
        report = json.loads((data / FILE).read_text("utf-8"))
        age, parts = now - int(report["at"]), dict(report["parts"])
        told = [_line(name, dict(facts)) for name, facts in parts.items()]
        is_well = bool(report["ok"])
    except FileNotFoundError:
        return False, [f"✗ no bot runs over {data}, or it has not come far enough to say"]
    except (OSError, ValueError, TypeError, KeyError):
        return False, [f"✗ {data / FILE} cannot be read"]
    if age > STALE_SECONDS:
        return False, [f"✗ the bot has said nothing for {age} seconds: it hangs, or was killed"]
    return is_well, told


def _line(name: str, facts: Facts) -> str:
    mark = "✓" if facts.pop("ok") else "✗"
    facts.pop("ages_seconds", None)
    return f"{mark} {name}: {', '.join(_fact(key, value) for key, value in facts.items())}"


_UNITS = {"_seconds_ago": "s ago", "_seconds": "s", "_ms": "ms", "_bytes": "bytes"}


def _fact(key: str, value: object) -> str:
    ending = next((each for each in _UNITS if key.endswith(each)), "")
    name = key.removesuffix(ending).replace("_", " ")
    unit = f" {_UNITS[ending]}" if ending and value is not None else ""
    return f"{name} {_said(value)}{unit}"


def _said(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} ({what})" for name, what in value.items()) or "none"
    if isinstance(value, list):
        return " ".join(value) or "none"
    return "unknown" if value is None else str(value) or "no"


def _since(moment: float | None, now: float) -> int | None:
    return None if moment is None else round(now - moment)


def _most(ages: Iterator[float]) -> int | None:
    return max((round(age) for age in ages), default=None)


def _keep(report: Facts, path: Path) -> None:
    """Write a report whole or not at all; who reads it never meets half of one."""
    draft = path.with_suffix(".json.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(report, file)
    draft.rename(path)


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _only_this_machine(port: int) -> Middleware:
    """Refuse names that were bent to point here, and with them pages of others."""

    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.host.lower() not in {f"{name}:{port}" for name in _NAMES}:
            return web.Response(status=403)
        return await handler(request)

    return check
