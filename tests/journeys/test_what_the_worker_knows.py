"""The two processes of a running bot, from outside: no core of either, and what the worker knows.

Whoever may look into a process that keeps to itself (root may) looks through all of the worker's
memory after it painted a stealth picture: no token, no key, nobody's id. The bot's memory, where
these must be, shows that the same look would find them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psutil

from bot.sandbox.server import Sandbox
from bot.sandbox.shipped_world import PIA_ID
from tests.journeys.house import has_picture
from tests.journeys.processes import BotProcess
from tests.people import People

TOKEN = "sandbox.zeppelinmarmalade"
CHUNK_BYTES = 1 << 24


async def test_the_worker_knows_neither_token_nor_key_nor_person(
    tmp_path: Path, in_memory: Path
) -> None:
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        bot = BotProcess(
            sandbox.url,
            tmp_path / "data",
            DISCORD_TOKEN=TOKEN,
            RUNTIME_DIRECTORY=str(in_memory),
            STOP_SECONDS="0",
        )
        await bot.start()
        try:
            await people["pia"].slash(
                "general", "imagine", prompt="a red star", visibility="stealth"
            )
            await people["pia"].sees_until("dm", has_picture, limit_seconds=40)
            family = {"bot": psutil.Process(bot.pid), "worker": bot.worker()}
            cores = [process.rlimit(psutil.RLIMIT_CORE) for process in family.values()]
            secrets = {
                "token": TOKEN.removeprefix("sandbox.").encode(),
                "root key": (tmp_path / "data.key").read_bytes(),
                "person": str(PIA_ID).encode(),
            }
            known = {name: _known(process.pid, secrets) for name, process in family.items()}
        finally:
            await bot.stop()

    assert [(0, 0), (0, 0)] == cores
    if known["bot"] is None:  # not even its own user may look
        assert known["worker"] is None
        return
    assert {"token", "root key", "person"} == known["bot"]
    assert set() == known["worker"]


def _known(pid: int, secrets: dict[str, bytes]) -> set[str] | None:
    """Which of these are in what a process has written to its memory; None: nobody may look."""
    found = set[str]()
    try:
        for piece in _memory(pid):
            found |= {name for name, secret in secrets.items() if secret in piece}
    except PermissionError:
        return None
    return found


def _memory(pid: int) -> Iterator[bytes]:
    regions = re.findall(r"^(\w+)-(\w+) rw.*$", Path(f"/proc/{pid}/maps").read_text(), re.MULTILINE)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for first, last in regions:
            at, end, before = int(first, 16), int(last, 16), b""
            while at < end:
                try:
                    memory.seek(at)
                    piece = memory.read(min(CHUNK_BYTES, end - at))
                except (OSError, OverflowError):
                    break  # a device's, or gone meanwhile
                if not piece:
                    break
                yield before + piece
                at, before = at + len(piece), piece[-64:]
