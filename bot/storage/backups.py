"""Copies of both databases, in folders apart, each named by its moment: what a restore begins with.

    BACKUP_DIR/data/20261121T233000Z/darkroom.db    sealed rows: worth nothing without the other
    BACKUP_DIR/keys/20261121T233000Z/keys.db        wrapped keys: worth nothing without the root key
    BACKUP_DIR/forgotten.*                          what was destroyed since (`bot.storage.ledger`)

Pictures that wait to be delivered are not copied: a job that was under way ends when a copy of it
is restored, so that nothing is delivered twice, and nothing would ever open them. Keys of stealth
jobs are on no disk, and the root key is in no copy.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from bot import log
from bot.errors import StartFault
from bot.ports import day_of
from bot.storage import house
from bot.storage.database import Database, Transaction
from bot.storage.ledger import KEPT, Ledger, flush, sync

DATA, KEYS = "data", "keys"
_STAMP = "%Y%m%dT%H%M%SZ"

COPIED_AT = "copied_at"
"""The fact of the house that says when the newest copy was made (seconds since 1970)."""

DAY_SECONDS = 24 * 3600

SWEPT_SECONDS = 3600
"""How often a running bot deletes copies that are too old."""

NONE_MADE, KEYS_GONE_BY = "none-made", "keys-gone-by:"
"""What a receipt says of copies: that there are none with these keys, or by which day there are."""


@dataclass(frozen=True)
class Copy:
    """One copy. `at` is seconds since 1970: what was destroyed later is in the ledger."""

    folder: Path
    stamp: str

    @property
    def at(self) -> int:
        """When it was made."""
        return int(datetime.strptime(self.stamp, _STAMP).replace(tzinfo=UTC).timestamp())

    @property
    def data(self) -> Path:
        """Its darkroom.db."""
        return self.folder / DATA / self.stamp / "darkroom.db"

    @property
    def keys(self) -> Path:
        """Its keys.db."""
        return self.folder / KEYS / self.stamp / "keys.db"


def half_restored(data: Path) -> Path:
    """Name the folder in which a restore is built, beside the data folder."""
    return data.with_name(f"{data.name}.restoring")


def copies_in(folder: Path) -> list[Copy]:
    """List the copies of a backup folder that have both halves, oldest first."""
    stamps = sorted(_stamps(folder / DATA) & _stamps(folder / KEYS))
    copies = [Copy(folder, stamp) for stamp in stamps]
    return [copy for copy in copies if copy.data.is_file() and copy.keys.is_file()]


def refuse_target(folder: Path, data: Path, root_key: Path) -> None:
    """Refuse a backup folder that would lie in the data, or hold the root key.

    Raises:
        StartFault: with what to do instead.
    """
    target = folder.resolve()
    if target == data.resolve() or target.is_relative_to(data.resolve()):
        raise StartFault(
            f"{folder} is in the data folder, and would be lost with it: name another one with "
            "--to, or in BACKUP_DIR"
        )
    if root_key.resolve().is_relative_to(target):
        raise StartFault(
            f"{folder} holds the root key {root_key}: a copy together with its root key is open "
            "to whoever finds it; name another folder with --to, or in BACKUP_DIR"
        )


async def make(db: Database, keys: Database, ledger: Ledger, folder: Path, now: int) -> Copy:
    """Copy both databases, and keep the ledger from now on. Works beside a running bot.

    Rows are copied before keys: a key that is destroyed in between is in neither.

    Raises:
        OSError: the folder cannot be written.
    """
    kept_at = ledger.copies or folder
    copy = Copy(folder, datetime.fromtimestamp(now, UTC).strftime(_STAMP))
    for part in (folder, folder / DATA, folder / KEYS):
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with db.transaction() as tx:
        await house.put(tx, KEPT, str(kept_at))
        await house.put(tx, COPIED_AT, str(now))
    await ledger.begin(kept_at)
    await flush(db, ledger)
    for database, path in ((db, copy.data), (keys, copy.keys)):
        await _copy(database, path)
    return copy


async def _copy(database: Database, path: Path) -> None:
    """Write one half: under another name first, so that half a copy is none."""
    stamp = path.parent
    draft = stamp.with_name(f".{stamp.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    (draft / path.name).touch(mode=0o600)
    await database.copy_to(draft / path.name)
    with (draft / path.name).open("rb") as file:
        os.fsync(file.fileno())
    sync(draft)
    draft.rename(stamp)
    sync(stamp.parent)


def sweep(folder: Path, before: int) -> int:
    """Delete the copies that were made before a moment, of keys and of data; says how many."""
    gone = 0
    for half in (KEYS, DATA):
        for stamp in _stamps(folder / half):
            if Copy(folder, stamp).at < before:
                shutil.rmtree(folder / half / stamp)
                gone += half == KEYS
    if gone:
        log.event("backup.swept", count=gone)
    return gone


def _stamps(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if _is_stamp(path.name)}


def _is_stamp(name: str) -> bool:
    try:
        datetime.strptime(name, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


async def horizon(tx: Transaction, days: int, now: int, zone: tzinfo) -> str:
    """Say for a receipt until when copies may hold keys that are destroyed now, as a code."""
    copied_at = await house.get(tx, COPIED_AT)
    gone_at = int(copied_at) + days * DAY_SECONDS if copied_at else 0  # when the newest is deleted
    if gone_at <= now:
        return NONE_MADE
    return f"{KEYS_GONE_BY}{day_of(gone_at + SWEPT_SECONDS, zone)}"
