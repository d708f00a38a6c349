"""A new root key for all there is: what the old one wrapped is wrapped by the new one instead.

    1  the next key is written, durably, beside the present one
    2  every key that the root key wraps is wrapped by the next, in one transaction
    3  the present key is overwritten, and the next takes its place
    4  keys.db is rewritten, so that nothing in it was wrapped by the old key

A kill before the commit of 2 leaves a next key that opens nothing; one after it leaves a present
key that opens nothing. `settle` tells them apart at the start. Stealth keys are wrapped by nothing.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.crypto import envelope, rootkey
from bot.errors import SealBroken, StartFault
from bot.storage.database import Database, Row, many, one

_WRAPPED_BY_ROOT = (
    (
        "SELECT wrapped, name FROM house_keys",
        "UPDATE house_keys SET wrapped = ? WHERE name = ?",
    ),
    (
        "SELECT wrapped, person, day FROM day_keys",
        "UPDATE day_keys SET wrapped = ? WHERE person = ? AND day = ?",
    ),
)
"""Per table: its wrapped keys with what names them, and how one is replaced."""


@dataclass(frozen=True)
class Rewrapped:
    """How many keys were wrapped anew, and how many were damaged and stayed as they were."""

    keys: int
    damaged: int


async def settle(keys: Database, source: rootkey.Source, *, may_create: bool) -> bytes:
    """Give the root key, after ending a rotation that was killed. Call it before `open_keyring`.

    Args:
        keys: The open keys.db, under the lock of its data folder.
        source: Where `rootkey.find` says that the root key lies.
        may_create: Whether a first key may be made, because no data of an earlier run is there.
            Where keys.db holds a key it never may.

    Raises:
        StartFault: there is no root key to be had.
    """
    proof = await _proof(keys)
    if source.is_credential:
        return rootkey.load_credential(source.path)
    if proof is not None and rootkey.next_of(source.path).exists():
        await _end_rotation(keys, source.path, proof)
    return rootkey.load_or_create(source.path, may_create=may_create and proof is None)


async def rotate(keys: Database, path: Path) -> Rewrapped:
    """Replace the root key in its file: steps 1 to 3; `forget_old` is the fourth.

    Raises:
        StartFault: the key cannot be replaced. The start, and the next try, finish or undo it.
    """
    old = rootkey.load_or_create(path, may_create=False)
    rootkey.check_replaceable(path)
    new = rootkey.draw_next(path)
    done = await rewrap(keys, old, new)
    rootkey.take_next(path)
    return done


async def rewrap(keys: Database, old: bytes, new: bytes) -> Rewrapped:
    """Wrap every key that the root key wraps by another one, in one transaction.

    A key that neither opens was damaged before and stays as it was: nobody can open it.

    Raises:
        StartFault: the old key does not open keys.db, or keys.db cannot be written.
    """
    proof = await _proof(keys)
    if proof is None:
        raise StartFault("keys.db holds no key yet: there is nothing to rotate")
    if _unwraps(new, proof):
        raise StartFault("keys.db is wrapped by that root key already: there is nothing to rotate")
    if not _unwraps(old, proof):
        raise StartFault(
            "the root key does not open keys.db, and nothing was changed: "
            "restore the right one, or name it in ROOT_KEY_FILE"
        )
    rewrapped = damaged = 0
    try:
        async with keys.transaction() as tx:
            for select, update in _WRAPPED_BY_ROOT:
                rows = await many(tx, select)
                changes = [change for row in rows if (change := _change(row, old, new))]
                await tx.executemany(update, changes)
                rewrapped += len(changes)
                damaged += len(rows) - len(changes)
    except sqlite3.OperationalError:
        raise StartFault(
            "keys.db cannot be written: close what else has it open, make room, and run this again"
        ) from None
    return Rewrapped(rewrapped, damaged)


async def forget_old(keys: Database) -> bool:
    """Rewrite keys.db without what the old root key wrapped. Says whether nothing of it is left."""
    try:
        return await keys.forget_deleted()
    except sqlite3.OperationalError:  # the disk is full, or something else reads the file
        return False


async def _end_rotation(keys: Database, path: Path, proof: bytes) -> None:
    """Finish a rotation that was killed after its commit; undo one that was killed before."""
    if _file_unwraps(path, proof):
        rootkey.drop_next(path)
        log.event("root_key.rotation_undone")
    elif _file_unwraps(rootkey.next_of(path), proof):
        rootkey.take_next(path)
        await forget_old(keys)
        log.event("root_key.rotation_finished")


async def _proof(keys: Database) -> bytes | None:
    """Give a key that the right root key unwraps; None as long as there is none."""
    async with keys.read() as tx:
        row = await one(tx, "SELECT wrapped FROM house_keys WHERE name = 'hash'")
    return row["wrapped"] if row else None


def _file_unwraps(path: Path, wrapped: bytes) -> bool:
    try:
        return _unwraps(rootkey.load_or_create(path, may_create=False), wrapped)
    except StartFault:
        return False


def _unwraps(root: bytes, wrapped: bytes) -> bool:
    try:
        envelope.unwrap(root, wrapped)
    except SealBroken:
        return False
    return True


def _change(row: Row, old: bytes, new: bytes) -> tuple[object, ...] | None:
    """Wrap one key anew; None when it was damaged."""
    wrapped, *name = row
    try:
        return (envelope.wrap(new, envelope.unwrap(old, wrapped)), *name)
    except SealBroken:
        return None
