"""What deeds remember with: two databases and the folder of sealed pictures, opened together."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import rootkey
from bot.crypto.envelope import Binding, seal, unseal
from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import StealthKeys, folder_in_memory
from bot.domain import Route, route_from_json
from bot.errors import StartFault
from bot.storage import rotation
from bot.storage.database import Database, open_database
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE, ROUTE, Keyring, open_keyring
from bot.storage.pictures import Blobs
from gen.job import Spec


@dataclass(frozen=True)
class Memory:
    """The open databases, keys and files of one data folder."""

    db: Database
    keys: Keyring
    blobs: Blobs
    lock: int

    async def open_route(self, delivery: Delivery) -> Route:
        """Open where a job's result goes.

        Raises:
            KeyGone: the job has ended, or its key was destroyed.
            SealBroken: the row was tampered with.
        """
        key = await self.keys.key(delivery.job, ROUTE)
        return route_from_json(unseal(key, delivery.route or b"", _binding(delivery, ROUTE)))

    async def seal_route(self, delivery: Delivery, route: Route) -> bytes:
        """Seal a route that changed: its place stands now."""
        key = await self.keys.key(delivery.job, ROUTE)
        return seal(key, route.to_json(), _binding(delivery, ROUTE))

    async def open_spec(self, delivery: Delivery) -> Spec:
        """Open what is to be made. Raises as `open_route`."""
        key = await self.keys.key(delivery.job, RECIPE)
        plain = unseal(key, delivery.payload or b"", _binding(delivery, RECIPE))
        return Spec.from_json(plain.decode())

    async def seal_picture(self, delivery: Delivery, position: int, content: bytes) -> bytes:
        """Seal one picture of a job."""
        key = await self.keys.key(delivery.job, PICTURE)
        return seal(key, content, _binding(delivery, f"{PICTURE}-{position}"))

    async def open_picture(self, delivery: Delivery, position: int, sealed: bytes) -> bytes:
        """Open one picture of a job. Raises as `open_route`."""
        key = await self.keys.key(delivery.job, PICTURE)
        return unseal(key, sealed, _binding(delivery, f"{PICTURE}-{position}"))

    async def keep_files(self, sealed: list[bytes]) -> list[str]:
        """Write sealed pictures to files and give their names."""
        return await asyncio.to_thread(lambda: [self.blobs.put(content) for content in sealed])

    async def read_files(self, names: list[str]) -> list[bytes]:
        """Read sealed pictures. Raises KeyGone when one is not there any more."""
        return await asyncio.to_thread(lambda: [self.blobs.get(name) for name in names])

    async def drop_files(self, names: list[str]) -> None:
        """Delete files of sealed pictures."""
        await asyncio.to_thread(self.blobs.drop, names)

    async def close(self) -> None:
        """Close everything, in reverse order."""
        await self.keys.close()
        await self.db.close()
        os.close(self.lock)


def bound_to(job: str, owner: str, purpose: str) -> Binding:
    """Name what a sealed part of a job belongs to."""
    return Binding("jobs", job, owner, purpose)


def _binding(delivery: Delivery, purpose: str) -> Binding:
    return bound_to(delivery.job, delivery.tenant, purpose)


async def open_memory(data: Path, source: Source, runtime: Mapping[str, str]) -> Memory:
    """Open a data folder, or found a new one.

    Args:
        data: The folder of databases and sealed pictures.
        source: Where the root key comes from (`rootkey.find`).
        runtime: The environment, for the folder in memory that holds stealth keys.

    Raises:
        StartFault: anything the operator must mend first, in one line.
    """
    async with AsyncExitStack() as opened:  # whatever fails, what was opened is closed again
        lock = hold(data)
        opened.callback(os.close, lock)
        for name in ("darkroom.db", "keys.db"):
            rootkey.check_private(data / name)
        founds = not (data / "darkroom.db").exists()
        keys_db = await open_database(data / "keys.db", "keys")  # first: see `rotation.settle`
        opened.push_async_callback(keys_db.close)
        root = await rotation.settle(keys_db, source, may_create=founds)
        stealth = StealthKeys(folder_in_memory(runtime, f"darkroom-{_folder_id(data)}"))
        keys = await open_keyring(keys_db, root, stealth, may_found=founds)
        db = await open_database(data / "darkroom.db", "darkroom")
        opened.push_async_callback(db.close)
        memory = Memory(db, keys, Blobs(data / "blobs"), lock)
        opened.pop_all()
    return memory


def hold(data: Path) -> int:
    """Hold the data folder: two bots over one folder would deliver everything twice."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise StartFault(
            f"the data folder {data} cannot be written ({fault.strerror}): "
            "make it writable, or name another one in DATA_DIR"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise StartFault(
            f"another Darkroom uses the data folder {data}: "
            "stop it, or name another one in DATA_DIR"
        ) from None
    return lock


def _folder_id(data: Path) -> str:
    """Tell data folders apart in shared memory: by device and inode, so a move keeps the keys."""
    status = data.stat()
    return f"{status.st_dev:x}-{status.st_ino:x}"
