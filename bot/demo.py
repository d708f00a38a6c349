"""`darkroom demo`: sandbox, bot and worker as three processes, with nothing to configure.

The sandbox is one process; the bot is another, and starts its worker as a third. The demo itself
only starts them, waits for them, and ends them. On request of a person in the sandbox it kills the
worker, so that they can watch the bot cope.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
import webbrowser
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import click
import psutil

from bot import tour
from bot.children import Children, Stopped, ready_line, role_plans, unless_stopped
from bot.crypto import stealthkeys
from bot.errors import StartFault
from gen import launch

BOT_STOP_SECONDS, SANDBOX_STOP_SECONDS = 3.5, 1.0
"""Ctrl-C ends everything within 5 s: what is not gone by then is killed."""

KILL_WORKER = "kill-worker"


@dataclass(frozen=True)
class Choices:
    """What the command line said. `data` is None for a folder that goes with the demo."""

    port: int
    data: Path | None
    headless: bool
    tour: bool


async def run(choices: Choices, stopping: asyncio.Event) -> None:
    """Start everything, say where it is, and keep it until told to stop.

    Raises:
        StartFault: a part could not start, or the tour found a promise broken.
    """
    async with AsyncExitStack() as closing:
        data = choices.data or _thrown_away(closing)
        with suppress(Stopped):
            await _play(choices, data, Children(closing), stopping)


def _thrown_away(closing: AsyncExitStack) -> Path:
    """Give a data folder that goes with the demo, as do the keys of what was never delivered."""
    data = Path(closing.enter_context(tempfile.TemporaryDirectory()), "data")
    closing.callback(stealthkeys.forget_all, os.environ, data)
    return data


async def _play(choices: Choices, data: Path, children: Children, stopping: asyncio.Event) -> None:
    world = str(_world_of(data))
    sandbox = await children.start(
        *("bot", "sandbox", "--port", str(choices.port), "--world", world, "--hand", KILL_WORKER),
        patience_seconds=SANDBOX_STOP_SECONDS,
        environ=os.environ,
    )
    url = (await ready_line(sandbox, "sandbox ", stopping)).removeprefix("sandbox ")
    ours = {
        "DISCORD_TOKEN": f"sandbox.{secrets.token_hex(8)}",
        "STOP_SECONDS": "1.5",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "warning"),  # the scene is what is to be read
        "ROLE_PLANS": await role_plans(url),
    }
    bot = await children.start(
        *("bot", "run", "--sandbox", url, "--data", str(data)),
        patience_seconds=BOT_STOP_SECONDS,
        environ={**os.environ, **ours},
    )
    model = (await ready_line(bot, "ready ", stopping)).removeprefix("ready · ")
    click.echo(f"ready {url} · {model}")
    if choices.tour:
        await unless_stopped(tour.play(url, Path.cwd() / "tour"), stopping)
        return
    hands = asyncio.create_task(_lend_hands(sandbox, bot.pid))
    try:
        if not choices.headless:
            await asyncio.to_thread(webbrowser.open, url)  # in a terminal it may stay open
        await _until_any_ends(stopping, sandbox, bot)
    finally:
        hands.cancel()


def _world_of(data: Path) -> Path:
    """Keep the sandbox's world beside the data, never in it: it is the other side of the wire."""
    return data.with_name(f"{data.name}.world") / "world.json"


async def _lend_hands(sandbox: asyncio.subprocess.Process, bot_pid: int) -> None:
    """Do what people ask for in the sandbox: it says each on a line of its own."""
    if sandbox.stdout is None:
        return
    while line := await sandbox.stdout.readline():
        if line.decode().strip() == f"hand {KILL_WORKER}":
            _kill_workers(bot_pid)


def _kill_workers(bot_pid: int) -> None:
    """Kill the bot's workers as the system does when memory runs out; the bot starts new ones."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(bot_pid).children():
            with suppress(psutil.NoSuchProcess):
                if launch.command() == child.cmdline():
                    child.kill()


async def _until_any_ends(stopping: asyncio.Event, *processes: asyncio.subprocess.Process) -> None:
    waits = [asyncio.create_task(process.wait()) for process in processes]
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({told, *waits}, return_when=asyncio.FIRST_COMPLETED)
    if not told.done():
        raise StartFault("the bot or the sandbox ended, and the demo with it; start it again")
    for task in (told, *waits):
        task.cancel()
