"""Parts of the product as child processes, over a sandbox: started, waited for, ended in order.

For `darkroom demo` and `darkroom selfcheck`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import IO

import aiohttp

from bot.errors import StartFault

PLANS = ("Plus", "Pro")


class Stopped(Exception):
    """We were told to end before it was done: nothing is wrong."""


class Children:
    """The child processes, ended in reverse order when `closing` closes."""

    def __init__(self, closing: AsyncExitStack) -> None:
        self._closing = closing

    async def start(
        self,
        *module: str,
        patience_seconds: float,
        environ: Mapping[str, str],
        folder: Path | None = None,
        stdout: IO[bytes] | int = subprocess.PIPE,
        stderr: IO[bytes] | int | None = None,
    ) -> asyncio.subprocess.Process:
        """Start `python -m MODULE …` as a child whose end we see to."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *module),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environ,
            cwd=folder,
            start_new_session=True,  # Ctrl-C reaches us alone, and we end the parts in order
        )
        self._closing.push_async_callback(end_child, process, patience_seconds)
        return process


async def end_child(process: asyncio.subprocess.Process, patience_seconds: float) -> None:
    """End a part as an operator does; kill it when its time is up."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), patience_seconds)
    except TimeoutError:
        with suppress(ProcessLookupError):  # it may end in the moment its time is up
            process.kill()
        await process.wait()


async def ready_line(
    process: asyncio.subprocess.Process, start: str, stopping: asyncio.Event
) -> str:
    """Wait for the line a part says when it is ready.

    Raises:
        StartFault: it ended instead; it has said why itself.
        Stopped: we were told to end meanwhile.
    """
    told = asyncio.create_task(stopping.wait())
    try:
        while True:
            reading = asyncio.create_task(_read_line(process))
            await asyncio.wait({told, reading}, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                reading.cancel()
                raise Stopped
            said = reading.result()
            if not said:
                raise StartFault("a part could not start; see the line above")
            if said.startswith(start):
                return said
    finally:
        told.cancel()


async def unless_stopped(scene: Coroutine[None, None, None], stopping: asyncio.Event) -> None:
    """Play a scene to its end.

    Raises:
        Stopped: we were told to end meanwhile.
    """
    playing, told = asyncio.create_task(scene), asyncio.create_task(stopping.wait())
    await asyncio.wait({playing, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not playing.done():
        playing.cancel()
        raise Stopped
    playing.result()


async def role_plans(url: str) -> str:
    """Map the roles of the shipped world that are named like plans: `role id=plan, …`."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/people") as answer:
        world = await answer.json()
    roles = (role for guild in world["guilds"] for role in guild["roles"])
    return ",".join(f"{role['id']}={role['name']}" for role in roles if role["name"] in PLANS)


async def _read_line(process: asyncio.subprocess.Process) -> str:
    return (await process.stdout.readline()).decode().rstrip() if process.stdout else ""
