"""The root key: 32 bytes for us alone, made on the first run and never silently again.

It is looked for in this order: the file that ROOT_KEY_FILE names; the systemd credential
`darkroom-root-key` (https://systemd.io/CREDENTIALS); a file beside the data folder, not in it, so
that a copy of the data is no copy of the key. `bot.storage.rotation` replaces a key by its next.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import envelope
from bot.errors import StartFault

CREDENTIAL = "darkroom-root-key"


@dataclass(frozen=True)
class Source:
    """Where the root key lies. A credential is handed out by systemd: we can only read it."""

    path: Path
    is_credential: bool = False


def find(root_key_file: Path | None, default: Path, environ: Mapping[str, str]) -> Source:
    """Say where the root key lies, or is to be made.

    Args:
        root_key_file: What the operator set; it goes before everything else.
        default: The file beside the data folder.
        environ: The environment: inside its unit systemd names the folder of credentials there.
    """
    if root_key_file is not None:
        return Source(root_key_file)
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and os.path.lexists(Path(folder, CREDENTIAL)):
        return Source(Path(folder, CREDENTIAL), is_credential=True)
    return Source(default)


def load_or_create(path: Path, *, may_create: bool) -> bytes:
    """Read the root key from its file; make one if there is none and no data depends on an older.

    Raises:
        StartFault: the file is missing though data exists, readable by others, somebody else's,
            or not a key.
    """
    key = _read(path, is_credential=False)
    if key is None and not may_create:
        raise StartFault(
            f"the root key {path} is missing, but the data folder was sealed with one: restore "
            f"the file, name it in ROOT_KEY_FILE, or pass it as the systemd credential {CREDENTIAL}"
        )
    return key or _create(path)


def load_credential(path: Path) -> bytes:
    """Read the root key from a systemd credential.

    Raises:
        StartFault: as `load_or_create`; nothing is ever made here.
    """
    key = _read(path, is_credential=True)
    if key is None:
        raise StartFault(f"the systemd credential {path} is missing: check the unit")
    return key


def check_private(path: Path) -> None:
    """Refuse a secret file that others on this machine may read.

    Raises:
        StartFault: with the command that mends it.
    """
    if path.exists():
        _check_mode(path, path.stat(), forbidden=0o077)


def check_replaceable(path: Path) -> None:
    """Refuse to begin a rotation that could not put the new key in the place of the old.

    Renaming over a file that is a mount of its own (as containers mount secrets) fails. So does
    linking it (link(2), EXDEV), which changes nothing.

    Raises:
        StartFault: with another way.
    """
    present = path.resolve()
    probe = present.with_name(f"{present.name}.probe")
    try:
        probe.unlink(missing_ok=True)
        probe.hardlink_to(present)
        probe.unlink()
    except OSError as fault:
        raise StartFault(
            f"the root key {path} cannot be replaced where it lies ({fault.strerror}): "
            "make a new one yourself and name it with --to"
        ) from None


def next_of(path: Path) -> Path:
    """Name the file of the key that follows: it exists only while a rotation is under way."""
    present = path.resolve()  # where a link leads to, the next one belongs too
    return present.with_name(f"{present.name}.next")


def draw_next(path: Path) -> bytes:
    """Make the key that follows. It is durable before this returns.

    Raises:
        StartFault: it cannot be written.
    """
    return _create(next_of(path))


def take_next(path: Path) -> None:
    """Put the next key in the place of the present one, whose bytes are overwritten before.

    Overwriting is a best effort: on SSDs and copy-on-write file systems, and in snapshots and
    backups, remnants of the old key may stay. Of a credential sealed by a TPM there are none.
    """
    present = path.resolve()
    _overwrite(present)
    next_of(path).replace(present)
    _sync(present.parent)


def drop_next(path: Path) -> None:
    """Forget a next key that nothing was wrapped by."""
    _overwrite(next_of(path))
    next_of(path).unlink()
    _sync(next_of(path).parent)


def _read(path: Path, *, is_credential: bool) -> bytes | None:
    """Read a key; None when there is no file. What is checked is the file that was opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status, key = os.fstat(handle), os.read(handle, envelope.KEY_BYTES + 1)
        finally:
            os.close(handle)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise StartFault(
                f"the root key {path} links to a file that is not there: "
                "mount or restore it, or name another file in ROOT_KEY_FILE"
            ) from None
        return None
    except OSError as fault:
        raise StartFault(
            f"the root key {path} cannot be read ({fault.strerror}): "
            "mend it, or name another file in ROOT_KEY_FILE"
        ) from None
    _check_owner(path, status, is_credential=is_credential)
    if len(key) != envelope.KEY_BYTES:
        raise StartFault(f"{path} is not a root key: it must hold exactly 32 bytes; restore it")
    return key


def _check_owner(path: Path, status: os.stat_result, *, is_credential: bool) -> None:
    """Accept a key of our own, and what systemd hands to a unit.

    A credential is root's or ours. For a unit with `User=` systemd grants that user its reading by
    an access list, which shows as a readable group (mode 0440); the folder lets nobody else in
    (https://github.com/systemd/systemd/issues/29435).
    """
    owners = {os.geteuid(), 0} if is_credential else {os.geteuid()}
    if status.st_uid not in owners:
        raise StartFault(
            f"the root key {path} belongs to another user of this machine: "
            "make it your own, or name another file in ROOT_KEY_FILE"
        )
    _check_mode(path, status, forbidden=0o037 if is_credential else 0o077)


def _check_mode(path: Path, status: os.stat_result, *, forbidden: int) -> None:
    if stat.S_IMODE(status.st_mode) & forbidden:
        raise StartFault(f"{path} can be read by others on this machine: run `chmod 600 {path}`")


def _create(path: Path) -> bytes:
    """Make a key, whole and durable or not at all: a kill in between leaves no half of one."""
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
        _sync(path.parent)
    except OSError as fault:
        raise StartFault(
            f"the root key cannot be written to {path} ({fault.strerror}): "
            "make the folder writable, or name another file in ROOT_KEY_FILE"
        ) from None
    return key


def _overwrite(path: Path) -> None:
    """Write other bytes over a key where it lies, as far as this disk lets us."""
    with suppress(OSError):
        path.chmod(0o600)  # a key of mode 0400 is one too
        with path.open("r+b") as file:
            file.write(envelope.new_key())
            file.flush()
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make names in a folder durable: a file that was renamed is not, until its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
