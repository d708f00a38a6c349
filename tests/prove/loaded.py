"""`python -m tests.prove.loaded URL FOLDER STEP_MS [SABOTAGE …]`: the bot under load, as a process.

The whole bot with a worker that needs no torch. It says `ready`, then every second, as a line of
JSON, what only it can know of itself: its tasks, and how late its loop was at worst. Sabotaged on
purpose it `blocks` its loop now and then, or lets `memory`, `tasks`, `files`, `sockets` or
`threads` grow: a harness that does not see that has proved nothing.

Unlike the real bot it lets others look into its memory, or nobody could count its files.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bot import app, log, settings, workers
from gen import hush
from gen.supervisor import Supervisor
from tests.journeys.house import TOKEN

TICK_SECONDS, SAY_SECONDS = 0.02, 1.0
BLOCK_SECONDS, GROW_EVERY_SECONDS = 0.3, 0.25
OPEN_JOBS = 20_000
_GROWN: list[object] = []


class Gauge:
    """What the process says of itself."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.worst, self.said_at = 0.0, self.loop.time()

    def tick(self, due: float) -> None:
        """Look how late this is, and look again."""
        now = self.loop.time()
        self.worst = max(self.worst, now - due)
        if now - self.said_at >= SAY_SECONDS:
            tasks = Counter(_name(task) for task in asyncio.all_tasks())
            said = {
                "tasks": tasks.total(),
                "most": tasks.most_common(4),
                "lag_ms": round(1000 * self.worst, 1),
            }
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
            self.worst, self.said_at = 0.0, now
        self.loop.call_at(now + TICK_SECONDS, self.tick, now + TICK_SECONDS)


def _name(task: asyncio.Task[object]) -> str:
    """What a task runs; never its own name, which discord.py makes of a button's id."""
    return getattr(task.get_coro(), "__qualname__", "?")


def _blocks() -> None:
    until = time.monotonic() + BLOCK_SECONDS
    while time.monotonic() < until:
        pass


def _tasks() -> None:
    _GROWN.append(asyncio.ensure_future(asyncio.Event().wait()))


def _threads() -> None:
    thread = threading.Thread(target=threading.Event().wait, daemon=True)
    thread.start()


SABOTAGES: dict[str, tuple[float, Callable[[], None]]] = {
    "blocks": (1.0, _blocks),
    "memory": (GROW_EVERY_SECONDS, lambda: _GROWN.append(os.urandom(1_500_000))),
    "tasks": (GROW_EVERY_SECONDS, _tasks),
    "files": (GROW_EVERY_SECONDS, lambda: _GROWN.append(os.open(os.devnull, os.O_RDONLY))),
    "sockets": (GROW_EVERY_SECONDS, lambda: _GROWN.append(socket.socketpair())),
    "threads": (GROW_EVERY_SECONDS, _threads),
}


def _sabotage(every_seconds: float, deed: Callable[[], None]) -> None:
    deed()
    asyncio.get_running_loop().call_later(every_seconds, _sabotage, every_seconds, deed)


async def main(url: str, folder: Path, step_milliseconds: str, sabotages: list[str]) -> None:
    """Run until told to stop."""
    chosen = settings.load(
        folder / "no.env",
        discord_token=TOKEN,
        data_dir=folder / "data",
        plans_file=folder / "plans.toml",
        max_open_jobs=OPEN_JOBS,
        log_level="error",
    )
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)

    def announce(_: object) -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        Gauge().tick(asyncio.get_running_loop().time())
        for name in sabotages:
            _sabotage(*SABOTAGES[name])

    await app.run(
        chosen,
        url,
        announce,
        stopping,
        make_engine=lambda _: Supervisor(
            workers.setup(chosen),
            environ=os.environ,
            command=[sys.executable, "-m", "tests.prove.load_worker", step_milliseconds],
        ),
    )


if __name__ == "__main__":
    hush.die_with_parent()
    log.set_up("error")
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
