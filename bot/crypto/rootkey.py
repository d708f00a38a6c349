"""The root key: 32 bytes in a file of mode 0600, made on the first run and never silently again.

It lies beside the data folder, not in it, so that a copy of the data is no copy of the key.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.crypto import envelope
from bot.errors import StartFault


def load_or_create(path: Path, *, may_create: bool) -> bytes:
    """Read the root key; make one if there is none and no data depends on an older one.

    Raises:
        StartFault: the file is missing though data exists, readable by others, or not a key.
    """
    if not path.exists():
        if not may_create:
            raise StartFault(
                f"the root key {path} is missing, but the data folder was sealed with one: "
                "restore the file, or name it in ROOT_KEY_FILE"
            )
        return _create(path)
    check_private(path)
    try:
        key = path.read_bytes()
    except OSError as fault:
        raise StartFault(
            f"the root key {path} cannot be read ({fault.strerror}): "
            "mend it, or name another file in ROOT_KEY_FILE"
        ) from None
    if len(key) != envelope.KEY_BYTES:
        raise StartFault(f"{path} is not a root key: it must hold exactly 32 bytes; restore it")
    return key


def check_private(path: Path) -> None:
    """Refuse a secret file that others on this machine may read.

    Raises:
        StartFault: with the command that mends it.
    """
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise StartFault(f"{path} can be read by others on this machine: run `chmod 600 {path}`")


def _create(path: Path) -> bytes:
    """Make a key, whole or not at all: a kill in between leaves no half of one."""
    key = envelope.new_key()
    draft = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError as fault:
        raise StartFault(
            f"the root key cannot be written to {path} ({fault.strerror}): "
            "make the folder writable, or name another file in ROOT_KEY_FILE"
        ) from None
    return key
