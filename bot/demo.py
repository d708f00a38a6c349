"""`darkroom demo`: sandbox, bot and worker as three processes, with nothing to configure.

The sandbox is one process; the bot is another, and starts its worker as a third. The demo itself
only starts them, waits for them, and ends them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from bot import tour
from bot.errors import StartFault

PLANS = ("Plus", "Pro")
BOT_STOP_SECONDS, SANDBOX_STOP_SECONDS = 3.5, 1.0
"""Ctrl-C ends everything within 5 s: what is not gone by then is killed."""


@dataclass(frozen=True)
class Choices:
    """What the command line said. `data` is None for a folder that goes with the demo."""

    port: int
    data: Path | None
    headless: bool
    tour: bool


class Stopped(Exception):
    """The demo was told to end before it was ready: nothing is wrong."""


async def run(choices: Choices, stopping: asyncio.Event) -> None:
    """Start everything, say where it is, and keep it until told to stop.

    Raises:
        StartFault: a part could not start, or the tour found a promise broken.
    """
    async with AsyncExitStack() as closing:
        data = choices.data or Path(closing.enter_context(tempfile.TemporaryDirectory()), "data")
        with suppress(Stopped):
            await _play(choices, data, _Parts(closing), stopping)


async def _play(choices: Choices, data: Path, parts: _Parts, stopping: asyncio.Event) -> None:
    world = str(_world_of(data))
    sandbox = await parts.start(
        *("sandbox", "--port", str(choices.port), "--world", world),
        patience_seconds=SANDBOX_STOP_SECONDS,
    )
    url = (await _line(sandbox, "sandbox ", stopping)).removeprefix("sandbox ")
    bot = await parts.start(
        *("run", "--sandbox", url, "--data", str(data)),
        patience_seconds=BOT_STOP_SECONDS,
        DISCORD_TOKEN=f"sandbox.{secrets.token_hex(8)}",
        STOP_SECONDS="1.5",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "warning"),  # the scene is what is to be read
        ROLE_PLANS=await _role_plans(url),
    )
    model = (await _line(bot, "ready ", stopping)).removeprefix("ready · ")
    click.echo(f"ready {url} · {model}")
    if choices.tour:
        await _unless_stopped(tour.play(url, Path.cwd() / "tour"), stopping)
        return
    if not choices.headless:
        await asyncio.to_thread(webbrowser.open, url)
    await _until_any_ends(stopping, sandbox, bot)


def _world_of(data: Path) -> Path:
    """Keep the sandbox's world beside the data, never in it: it is the other side of the wire."""
    return data.with_name(f"{data.name}.world") / "world.json"


class _Parts:
    """The child processes, ended in reverse order."""

    def __init__(self, closing: AsyncExitStack) -> None:
        self._closing = closing

    async def start(
        self, *command: str, patience_seconds: float, **environ: str
    ) -> asyncio.subprocess.Process:
        """Start `darkroom …` as a child whose end we see to."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **environ},
            start_new_session=True,  # Ctrl-C reaches the demo alone, which ends its parts in order
        )
        self._closing.push_async_callback(_end, process, patience_seconds)
        return process


async def _end(process: asyncio.subprocess.Process, patience_seconds: float) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), patience_seconds)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process, start: str, stopping: asyncio.Event) -> str:
    """Wait for the line a child says when it is ready.

    Raises:
        StartFault: it ended instead; it has said why itself.
        Stopped: the demo was told to end meanwhile.
    """
    told = asyncio.create_task(stopping.wait())
    try:
        while True:
            reading = asyncio.create_task(_read_line(process))
            await asyncio.wait({told, reading}, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                reading.cancel()
                raise Stopped
            line = reading.result()
            if not line:
                raise StartFault("a part of the demo could not start; see the line above")
            if line.startswith(start):
                return line
    finally:
        told.cancel()


async def _unless_stopped(scene: Coroutine[None, None, None], stopping: asyncio.Event) -> None:
    playing, told = asyncio.create_task(scene), asyncio.create_task(stopping.wait())
    await asyncio.wait({playing, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not playing.done():
        playing.cancel()
        raise Stopped
    playing.result()


async def _read_line(process: asyncio.subprocess.Process) -> str:
    return (await process.stdout.readline()).decode().rstrip() if process.stdout else ""


async def _role_plans(url: str) -> str:
    """Map the roles of the shipped world that are named like plans: `role id=plan, …`."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/people") as answer:
        world = await answer.json()
    roles = (role for guild in world["guilds"] for role in guild["roles"])
    return ",".join(f"{role['id']}={role['name']}" for role in roles if role["name"] in PLANS)


async def _until_any_ends(stopping: asyncio.Event, *processes: asyncio.subprocess.Process) -> None:
    waits = [asyncio.create_task(process.wait()) for process in processes]
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({told, *waits}, return_when=asyncio.FIRST_COMPLETED)
    if not told.done():
        raise StartFault("a part of the demo ended unexpectedly; see the line above")
    for task in (told, *waits):
        task.cancel()
