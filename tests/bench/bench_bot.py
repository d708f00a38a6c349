"""The bot as people feel it: how soon it answers, how soon it is there, what memory it takes.

Sandbox, bot and worker are the real processes. The time of an answer is taken by the sandbox: from
the moment an interaction is created to the arrival of its first response.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import psutil

from bot.crypto import envelope
from tests.asks import plans_text

DISCORD_EPOCH_MS = 1420070400000
CROWDS = (50, 200)
PROMPT = "a large red star in the centre, night background"


@dataclass
class Demo:
    """A running `darkroom demo`, and when it said it was ready."""

    process: asyncio.subprocess.Process
    url: str
    seconds_until_ready: float
    started_at: float


@asynccontextmanager
async def a_demo() -> AsyncIterator[Demo]:
    """Start a demo of its own, and end it by SIGTERM."""
    with TemporaryDirectory() as folder:
        started_at = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--headless", "--port", "0"),
            *("--data", str(Path(folder) / "data")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PLANS_FILE": str(_generous_plans(Path(folder)))},
        )
        line = (await process.stdout.readline()).decode() if process.stdout else ""
        found = re.match(r"ready (\S+)", line)
        if found is None:
            raise RuntimeError("the demo did not start")
        yield Demo(process, found[1], time.monotonic() - started_at, started_at)
        process.send_signal(signal.SIGTERM)
        await process.wait()


def _generous_plans(folder: Path) -> Path:
    """Plans that refuse nobody, so that every ask is one more job in the queue."""
    names = ("Free", "Plus", "Pro")
    path = folder / "plans.toml"
    path.write_text(
        plans_text(*names, pictures_per_day=100_000, waiting_jobs=10_000, max_steps=100)
    )
    return path


async def _people(session: aiohttp.ClientSession, count: int) -> list[str]:
    """Bring so many people into the first server."""
    names = [f"guest{number}" for number in range(count)]
    world = await _get(session, "/people")
    guild = world["guilds"][0]["name"]
    body = {"person": [{"name": name, "guilds": [guild]} for name in names]}
    async with session.post("/world", json=body) as answer:
        answer.raise_for_status()
    return names


async def _get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        return await answer.json()


async def _ask(session: aiohttp.ClientSession, who: str, channel: str = "general") -> None:
    body = {
        "channel": channel,
        "command": "imagine",
        "options": {"prompt": PROMPT, "steps": 30, "count": 4},
    }
    async with session.post(f"/people/{who}/slash", json=body) as answer:
        answer.raise_for_status()


async def _acknowledgements_ms(session: aiohttp.ClientSession, after: int) -> list[float]:
    """Read from the wire how long each first response took."""
    wire = await _get(session, "/wire")
    found = []
    for request in wire["requests"][after:]:
        if match := re.match(r"/interactions/(\d+)/.*/callback", request["path"]):
            created_ms = (int(match[1]) >> 22) + DISCORD_EPOCH_MS
            found.append(request["at"] * 1000 - created_ms)
    return found


async def _first_picture(session: aiohttp.ClientSession, who: str) -> None:
    async with session.ws_connect(f"/people/{who}/stream") as stream:
        while True:
            seen = await _get(session, f"/people/{who}/sees?channel=general")
            if any(
                file["filename"].startswith("image-") for one in seen for file in one["attachments"]
            ):
                return
            await stream.receive(timeout=120)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _resident_mb(process: asyncio.subprocess.Process) -> dict[str, float]:
    """Resident memory of the demo's parts, by what they are."""
    found = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        line = " ".join(child.cmdline())
        part = next((name for name, mark in _PARTS.items() if mark in line), None)
        if part is not None:
            found[part] = child.memory_info().rss / 2**20
    return found


_PARTS = {"sandbox": "bot sandbox", "bot": "bot run", "worker": "gen.worker"}


def _sealing() -> str:
    """Time sealing a small picture and one of 1024 px, medians in milliseconds."""
    key, binding = envelope.new_key(), envelope.Binding("jobs", "a" * 32, "b" * 32, "picture-0")
    found = []
    for size_bytes in (8 * 1024, 1536 * 1024):
        content = os.urandom(size_bytes)
        times = []
        for _ in range(21):
            began = time.perf_counter()
            envelope.seal(key, content, binding)
            times.append((time.perf_counter() - began) * 1000)
        found.append(f"{statistics.median(times):.2f} ms for {size_bytes // 1024} KiB")
    return "sealing a picture: " + ", ".join(found)


async def main() -> None:
    """Print the table."""
    print(_sealing())
    starts, firsts = [], []
    for _ in range(3):
        async with a_demo() as demo, aiohttp.ClientSession(demo.url) as session:
            starts.append(demo.seconds_until_ready)
            await _ask(session, "ana")
            await _first_picture(session, "ana")
            firsts.append(time.monotonic() - demo.started_at)
    print(f"demo, installed: ready after {statistics.median(starts):.1f} s, first picture (4 at 30")
    print(f"steps) after {statistics.median(firsts):.1f} s (medians of 3)")

    for crowd in CROWDS:
        async with (
            a_demo() as demo,
            aiohttp.ClientSession(demo.url, connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            names = await _people(session, crowd)
            for _ in range(4):
                await _ask(session, "boss")  # the worker is busy before anybody is timed
            before = len((await _get(session, "/wire"))["requests"])
            await asyncio.gather(*(_ask(session, name) for name in names))
            times = await _acknowledgements_ms(session, before)
            print(
                f"{crowd:4d} people at once, worker busy: acknowledged after "
                f"p50 {statistics.median(times):.0f} ms, p99 {_percentile(times, 0.99):.0f} ms, "
                f"max {max(times):.0f} ms ({len(times)} answers)"
            )
            memory = _resident_mb(demo.process)
    parts = ", ".join(f"{name} {size:.0f} MB" for name, size in sorted(memory.items()))
    print(f"resident memory then: {parts}")


if __name__ == "__main__":
    asyncio.run(main())
