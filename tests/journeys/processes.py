"""The bot as a real process, with its worker as its child: what can be killed with -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil

from tests.journeys.house import TOKEN

READY_SECONDS = 60.0


class BotProcess:
    """`darkroom run --sandbox …` over one data folder, started as often as a test likes.

    `said` collects everything it ever printed, on both streams, for tests that look for leaks.
    """

    def __init__(self, url: str, data: Path, **environ: str) -> None:
        self._command = (sys.executable, "-m", "bot", "run", "--sandbox", url, "--data", str(data))
        self._environ = {**os.environ, "DISCORD_TOKEN": TOKEN, "WORKER_THREADS": "1", **environ}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.said = b""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environ,
            cwd=Path(__file__).parents[2],
        )
        ready = asyncio.Event()
        self._reading = asyncio.create_task(self._read(ready))
        async with asyncio.timeout(READY_SECONDS):
            await ready.wait()
        assert self._process.returncode is None, self.said.decode()

    async def kill(self) -> None:
        """End it as a power cut would: no handler runs."""
        await self._end(signal.SIGKILL)

    def signal(self) -> None:
        """Tell it to stop, and do not wait."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def stop(self) -> None:
        """End it as an operator does."""
        await self._end(signal.SIGTERM)

    def worker(self) -> psutil.Process:
        """Its worker process."""
        children = psutil.Process(self.pid).children(recursive=True)
        return next(child for child in children if "gen.worker" in " ".join(child.cmdline()))

    async def _read(self, ready: asyncio.Event) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said += line
            if line.startswith(b"ready"):
                ready.set()
        ready.set()

    async def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        await self._process.wait()
        if self._reading is not None:
            await self._reading
