"""Opens the data folder for one command of the operator's, whether or not a bot runs over it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from bot import log, settings
from bot.crypto import rootkey
from bot.errors import StartFault
from bot.settings import Settings
from bot.storage.memory import Memory, join_memory, open_memory

ENV_FILE = Path(".env")

in_folder = click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
"""The option by which a command is told where the data is."""


def run(data: Path | None, deed: Callable[[Settings], Awaitable[None]]) -> None:
    """Read the settings and do a deed; a fault the operator can mend is one line, and status 1."""
    try:
        log.set_up("warning")
        rootkey.check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)

        async def do() -> None:
            await deed(chosen)

        asyncio.run(do())
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)


async def join(chosen: Settings) -> Memory:
    """Open the data beside whoever uses it."""
    return await join_memory(chosen.data_dir, _source(chosen))


async def hold_or_join(chosen: Settings) -> tuple[Memory, bool]:
    """Open the data: alone, with the stealth keys, while no bot runs; else beside it.

    Returns:
        The memory, and whether a bot runs.
    """
    if is_running(chosen.data_dir):
        return await join(chosen), True
    await (await join(chosen)).close()  # refuses what is no data of today's schema
    return await open_memory(chosen.data_dir, _source(chosen), os.environ), False


def is_running(data: Path) -> bool:
    """Say whether a bot holds the data folder."""
    try:
        lock = os.open(data / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _source(chosen: Settings) -> rootkey.Source:
    return rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
