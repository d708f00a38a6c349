"""What deeds remember with: two databases and the folder of sealed pictures, opened together."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.crypto import rootkey
from bot.crypto.envelope import Binding, seal, unseal
from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import StealthKeys, folder_in_memory, name_of
from bot.errors import StartFault
from bot.route import Route, route_from_json
from bot.storage import backups, ledger, rotation
from bot.storage.database import Database, open_database
from bot.storage.deliveries import Delivery
from bot.storage.keyring import PICTURE, RECIPE, ROUTE, Keyring, open_keyring
from bot.storage.pictures import Blobs
from gen.job import Spec

INPUT = "input"
"""What the seal of a job's input says beside its position; its key is the pictures' own."""


@dataclass(frozen=True)
class Memory:
    """The open databases, keys and files of one data folder."""

    db: Database
    keys: Keyring
    blobs: Blobs
    lock: int

    @property
    def databases(self) -> tuple[Database, ...]:
        """Both databases."""
        return self.db, self.keys._database

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

    async def keep_inputs(
        self, job: str, owner: str, key: bytes, contents: Sequence[bytes]
    ) -> list[str]:
        """Seal pictures that a job starts from under its key, and write them to files."""
        return await self.keep_files(
            [
                seal(key, content, bound_to(job, owner, f"{INPUT}-{position}"))
                for position, content in enumerate(contents)
            ]
        )

    async def open_inputs(self, delivery: Delivery, names: list[str]) -> tuple[bytes, ...]:
        """Open the files of a job's inputs, in their order. Raises as `open_route`."""
        if not names:
            return ()
        key = await self.keys.key(delivery.job, PICTURE)
        return tuple(
            unseal(key, sealed, _binding(delivery, f"{INPUT}-{position}"))
            for position, sealed in enumerate(await self.read_files(names))
        )

    async def keep_files(self, sealed: list[bytes]) -> list[str]:
        """Write sealed pictures to files and give their names."""
        return await asyncio.to_thread(self.blobs.put_all, sealed)

    async def read_files(self, names: list[str]) -> list[bytes]:
        """Read sealed pictures. Raises KeyGone when one is not there any more."""
        return await asyncio.to_thread(lambda: [self.blobs.get(name) for name in names])

    async def drop_files(self, names: list[str]) -> None:
        """Delete files of sealed pictures."""
        await asyncio.to_thread(self.blobs.drop, names)

    async def tell_ledger(self) -> None:
        """Write down durably what was dropped since the last time, if copies are made."""
        if self.keys.ledger is not None:
            await ledger.flush(self.db, self.keys.ledger)

    async def copy(self, kept: ledger.Ledger, folder: Path, now: int) -> backups.Copy:
        """Copy both databases to a backup folder; `kept` is the ledger from then on."""
        self.keys.ledger = kept
        return await backups.make(self.db, self.keys._database, kept, folder, now)

    async def close(self) -> None:
        """Close everything, in reverse order."""
        try:
            await self.tell_ledger()
        except OSError as fault:  # the facts stay in darkroom.db, for the next start
            log.event("ledger.unwritten", fault=fault)
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
        if founds and backups.half_restored(data).exists():
            raise StartFault(
                f"a restore into {data} was not finished: run `darkroom restore` again, as before"
            )
        keys_db = await _open(data, "keys")  # first: see `rotation.settle`
        opened.push_async_callback(keys_db.close)
        root = await rotation.settle(keys_db, source, may_create=founds)
        stealth = StealthKeys(folder_in_memory(runtime, name_of(data)))
        keys = await open_keyring(keys_db, root, stealth, may_found=founds)
        db = await _open(data, "darkroom")
        opened.push_async_callback(db.close)
        keys.ledger = await ledger.opened(db, data)
        memory = Memory(db, keys, Blobs(data / "blobs"), lock)
        opened.pop_all()
    return memory


async def join_memory(data: Path, source: Source) -> Memory:
    """Open a data folder beside the bot that may be running over it, for a command of the operator.

    Both see the same rows, and each commit of one is what the other reads next: the bot keeps no
    row in its memory. They write in turns (`bot.storage.turn`), so neither meets a busy file. What
    the command destroys it has to `forget` itself; if it dies before, the bot's own loop sees that
    the file was changed elsewhere and rewrites it. The command must not stay: a long read holds up
    the emptying of the log. Stealth keys are the bot's alone: there are none here.

    Raises:
        StartFault: there is no data, its schema is not today's, or its root key is being replaced.
    """
    for name in ("darkroom.db", "keys.db"):
        if not (data / name).exists():
            raise StartFault(f"there is no data in {data}: name its folder with --data")
        rootkey.check_private(data / name)
    async with AsyncExitStack() as opened:
        guest = visit(data)
        opened.callback(os.close, guest)
        if not source.is_credential and rootkey.next_of(source.path).exists():
            raise StartFault(
                "a rotation of the root key is half done: start the bot once, which ends it, "
                "then run this again"
            )
        keys_db = await _open(data, "keys", may_climb=False)
        opened.push_async_callback(keys_db.close)
        root = (
            rootkey.load_credential(source.path)
            if source.is_credential
            else rootkey.load_or_create(source.path, may_create=False)
        )
        keys = await open_keyring(keys_db, root, StealthKeys(None), may_found=False)
        db = await _open(data, "darkroom", may_climb=False)
        opened.push_async_callback(db.close)
        keys.ledger = await ledger.opened(db, data)
        memory = Memory(db, keys, Blobs(data / "blobs"), guest)
        opened.pop_all()
    return memory


def visit(data: Path, *, alone: bool = False) -> int:
    """Be a guest of the data folder, or keep guests out: whoever replaces keys is `alone`."""
    handle = os.open(data / "guests", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StartFault(
            f"another command of yours is at work on the data folder {data}: "
            "wait until it is done, then run this again"
        ) from None
    return handle


async def _open(data: Path, name: str, *, may_climb: bool = True) -> Database:
    return await open_database(
        data / f"{name}.db", name, turn=data / f"{name}.turn", may_climb=may_climb
    )


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
