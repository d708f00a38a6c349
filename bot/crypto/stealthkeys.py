"""The keys of stealth jobs: in memory, and in a folder that is memory, never on a disk.

A crash of the bot loses nothing, because the folder (tmpfs) survives it; a power-off forgets
everything, because tmpfs is memory. Where no such folder is to be had the keys live in the
process alone, and a crash ends waiting stealth jobs as *lost by design*.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from bot.crypto import envelope

_TMPFS_MAGIC, _RAMFS_MAGIC = 0x01021994, 0x858458F6
"""f_type of statfs(2), from linux/magic.h."""


class StealthKeys:
    """One random key per (job, purpose). `folder` is None when only the process remembers.

    A folder that cannot be written any more is given up: the process then remembers alone, and
    still takes away what it had put there.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = self._held = folder
        self._keys: dict[tuple[str, str], bytes] = {}
        if folder is not None:
            for path in folder.iterdir():
                job, _, purpose = path.name.partition(".")
                key = path.read_bytes()
                if len(key) == envelope.KEY_BYTES:
                    self._keys[job, purpose] = key
                else:
                    path.unlink()

    def new(self, job: str, purpose: str) -> bytes:
        """Make and remember a key."""
        key = envelope.new_key()
        try:
            if self.folder is not None:
                _write_private(self.folder / f"{job}.{purpose}", key)
        except OSError:  # such as a tmpfs that is full, or that a logout emptied
            self.folder = None
        self._keys[job, purpose] = key
        return key

    def get(self, job: str, purpose: str) -> bytes | None:
        """Give a remembered key; None once it was dropped or forgotten."""
        return self._keys.get((job, purpose))

    def drop(self, job: str) -> int:
        """Forget every key of a job; says how many there were."""
        doomed = [held for held in self._keys if held[0] == job]
        for held in doomed:
            del self._keys[held]
            if self._held is not None:
                (self._held / f"{held[0]}.{held[1]}").unlink(missing_ok=True)
        return len(doomed)

    def close(self) -> None:
        """Leave no empty folder behind; one that still holds keys stays for the next start."""
        if self._held is not None:
            with suppress(OSError):
                self._held.rmdir()

    def items(self) -> list[tuple[str, str]]:
        """Name the remembered keys by job and purpose."""
        return list(self._keys)


def name_of(data: Path) -> str:
    """Name the keys' folder of a data folder: by device and inode, so a move keeps the keys."""
    status = data.stat()
    return f"darkroom-{status.st_dev:x}-{status.st_ino:x}"


def folder_in_memory(environ: Mapping[str, str], name: str) -> Path | None:
    """Find, or make, a folder of ours on tmpfs or ramfs; None when there is none.

    Tried in order: RUNTIME_DIRECTORY (systemd), XDG_RUNTIME_DIR, /dev/shm. Taken only when statfs
    says that it is memory and the folder is ours alone (0700).
    """
    return next(filter(None, map(_own_folder, _places(environ, name))), None)


def found_in_memory(environ: Mapping[str, str], data: Path) -> Path | None:
    """Find the folder in memory that holds the stealth keys of a data folder, if there is one."""
    if not data.exists():
        return None
    return next(filter(Path.is_dir, _places(environ, name_of(data))), None)


def forget_all(environ: Mapping[str, str], data: Path) -> None:
    """Forget the stealth keys of a data folder that goes away, once its bot has ended."""
    if folder := found_in_memory(environ, data):
        shutil.rmtree(folder, ignore_errors=True)


def _places(environ: Mapping[str, str], name: str) -> Iterator[Path]:
    roots = (environ.get("RUNTIME_DIRECTORY"), environ.get("XDG_RUNTIME_DIR"), "/dev/shm")  # noqa: S108  # shared memory is the point
    return (Path(root) / name for root in roots if root and is_memory(Path(root)))


def is_memory(path: Path) -> bool:
    """Say whether a folder lies on tmpfs or ramfs. False wherever statfs cannot be asked."""
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = (ctypes.c_long * 32)()  # struct statfs is 120 bytes on Linux; f_type comes first
    if not hasattr(libc, "statfs") or libc.statfs(os.fsencode(path), buffer) != 0:
        return False
    return int(buffer[0]) & 0xFFFFFFFF in {_TMPFS_MAGIC, _RAMFS_MAGIC}


def _own_folder(folder: Path) -> Path | None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return folder if ours and stat.S_IMODE(status.st_mode) == 0o700 else None


def _write_private(path: Path, key: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
