"""What somebody could open who took the whole disk and the root key with it.

A copy of the data folder is opened as the bot opens it, but with an empty memory: keys on tmpfs
and keys in buttons are not on the disk.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.crypto.rootkey import Source
from bot.selfcheck.stage import Stage
from bot.storage.keyring import CHOICES
from bot.storage.memory import Memory, open_memory


async def keys_within_reach(stage: Stage) -> list[bytes]:
    """Give every key that the disk leads to now."""
    async with _opened(stage) as memory:
        return [await memory.keys.key(*item) for item in await memory.keys.items()]


async def receipt_key(stage: Stage) -> bytes:
    """Give the seed of the key that signs receipts."""
    async with _opened(stage) as memory:
        return await memory.keys.receipt_seed()


async def parts_within_reach(stage: Stage, person: int, *, choices: bool) -> int:
    """Count what of a person's the disk can still open: parts of jobs, and perhaps choices."""
    async with _opened(stage) as memory:
        items = await memory.keys.items_of(memory.keys.person(person))
    return sum(choices or purpose != CHOICES for _, purpose in items)


@asynccontextmanager
async def _opened(stage: Stage) -> AsyncIterator[Memory]:
    folder = stage.folder
    with tempfile.TemporaryDirectory(dir=folder.path, prefix="opened-") as name:
        copy = Path(name)
        stage.hold()
        try:
            await asyncio.to_thread(shutil.copytree, folder.data, copy / "data")
            shutil.copy(folder.root_key, copy / "data.key")
        finally:
            stage.go_on()
        memory = await open_memory(copy / "data", Source(copy / "data.key"), {})
        try:
            yield memory
        finally:
            await memory.close()
