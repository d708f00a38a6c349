"""Whose key opens what. Every key is wrapped by another; the root key wraps the outermost.

    root key ─┬─ house keys (the key of all keyed hashes)
              └─ one key per person per day ── one key per item: (item, purpose)

An item is a job's part, what a person chose, a server's settings, a report, or an erasure or a
purge under way.

Destroying an item is deleting its key here; the row and the file it opened follow as second layer.
A key is committed before its row. SQLite does not make a transaction atomic across two files: what
a crash leaves between the two, a key without its row or a row that has ended, `recover` destroys.
Where copies are made, their ledger knows of a key before it is destroyed (`bot.storage.ledger`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import log
from bot.crypto import envelope
from bot.crypto.stealthkeys import StealthKeys
from bot.domain import PersonHash, Visibility
from bot.errors import KeyGone, SealBroken, StartFault
from bot.storage.database import Database, Transaction, many, one
from bot.storage.ledger import Ledger

RECIPE, PICTURE, ROUTE = "recipe", "picture", "route"
CHOICES, ERASURE = "choices", "erasure"
SERVER, PURGE, REPORT = "server", "purge", "report"


@dataclass(frozen=True)
class JobKeys:
    """The keys of one job. Those of a stealth job's recipe and pictures never touched a disk."""

    recipe: bytes
    picture: bytes
    route: bytes


class Keyring:
    """Makes, opens and destroys keys. Open one with `open_keyring`."""

    def __init__(
        self, database: Database, root: bytes, hash_key: bytes, stealth: StealthKeys
    ) -> None:
        self._database = database
        self._root = root
        self._hash_key = hash_key
        self.stealth = stealth
        self._remnants = True  # of a run that was killed, maybe
        self._owed: set[tuple[str, str]] = set()  #: keys that a full disk did not let us destroy
        self.ledger: Ledger | None = None

    def person(self, person_id: int) -> PersonHash:
        """Give the keyed hash a person is stored under."""
        return PersonHash(envelope.keyed_hash(self._hash_key, "person", str(person_id)))

    def server(self, guild_id: int) -> PersonHash:
        """Give the keyed hash under which a server owns keys, as a person does."""
        return PersonHash(envelope.keyed_hash(self._hash_key, "server", str(guild_id)))

    def proof(self, what: str) -> str:
        """Give a keyed hash over a row that only we can have written."""
        return envelope.keyed_hash(self._hash_key, "proof", what)

    def interaction(self, interaction_id: int, number: int = 0) -> str:
        """Give the keyed hash an interaction is remembered by; of its further jobs, by number."""
        which = f"{interaction_id}/{number}" if number else str(interaction_id)
        return envelope.keyed_hash(self._hash_key, "interaction", which)

    def entitlement(self, entitlement_id: int) -> str:
        """Give the keyed hash an entitlement is remembered by."""
        return envelope.keyed_hash(self._hash_key, "entitlement", str(entitlement_id))

    async def new_job(
        self, job: str, person: PersonHash, day: str, visibility: Visibility
    ) -> JobKeys:
        """Make and commit the keys of a job, before its row exists."""
        if visibility is Visibility.STEALTH:
            had_folder = self.stealth.folder is not None
            recipe = self.stealth.new(job, RECIPE)
            picture = self.stealth.new(job, PICTURE)
            if had_folder and self.stealth.folder is None:
                log.event("stealth_keys.folder_gone")
            route = (await self._new_items(job, person, day, (ROUTE,)))[0]
        else:
            recipe, picture, route = await self._new_items(
                job, person, day, (RECIPE, PICTURE, ROUTE)
            )
        return JobKeys(recipe, picture, route)

    async def receipt_seed(self) -> bytes:
        """Give the seed of the key that signs receipts; made when it is first needed."""
        async with self._database.transaction() as tx:
            row = await one(tx, "SELECT wrapped FROM house_keys WHERE name = 'receipts'")
            if row is not None:
                return envelope.unwrap(self._root, row["wrapped"])
            seed = envelope.new_key()
            await tx.execute(
                "INSERT INTO house_keys VALUES ('receipts', ?)", (envelope.wrap(self._root, seed),)
            )
        return seed

    async def new_item(self, item: str, purpose: str, person: PersonHash, day: str) -> bytes:
        """Make and commit the key of one item, before its row exists."""
        return (await self._new_items(item, person, day, (purpose,)))[0]

    async def key(self, item: str, purpose: str) -> bytes:
        """Open one key of an item.

        Raises:
            KeyGone: it was destroyed, or forgotten at a power-off.
        """
        held = self.stealth.get(item, purpose)
        if held is not None:
            return held
        async with self._database.read() as tx:
            row = await one(
                tx,
                "SELECT item_keys.wrapped AS item, day_keys.wrapped AS day FROM item_keys"
                " JOIN day_keys USING (person, day) WHERE item = ? AND purpose = ?",
                (item, purpose),
            )
        if row is None:
            raise KeyGone("the key of this item was destroyed")
        return envelope.unwrap(envelope.unwrap(self._root, row["day"]), row["item"])

    async def destroy(self, item: str, *purposes: str) -> int:
        """Destroy keys of an item; of a stealth job recipe and picture always go together.

        The bytes leave the file at the next `forget`. Says how many keys there were.
        """
        return await self.destroy_all([(item, purpose) for purpose in purposes])

    async def destroy_all(self, items: Iterable[tuple[str, str]]) -> int:
        """Destroy many keys, each named by item and purpose, in one transaction.

        While copies are made, the ledger knows of each before it is gone. What could not be
        destroyed now, `forget` tries again.
        """
        doomed = list(items)
        try:
            return await self._destroy_all(doomed)
        except (OSError, sqlite3.Error):
            self._owed.update(doomed)
            raise

    async def _destroy_all(self, doomed: list[tuple[str, str]]) -> int:
        parts = {item for item, purpose in doomed if purpose in (RECIPE, PICTURE)}
        dropped = sum(map(self.stealth.drop, parts))
        async with self._database.transaction() as tx:
            if self.ledger is not None and self.ledger.is_kept:
                await self.ledger.destroying(await _wrapped(tx, doomed))
            cursor = await tx.executemany(
                "DELETE FROM item_keys WHERE item = ? AND purpose = ?", doomed
            )
        self._remnants = True
        return dropped + max(0, cursor.rowcount)

    async def items(self) -> list[tuple[str, str]]:
        """Name every key there is, on disk or in memory, by item and purpose."""
        async with self._database.read() as tx:
            rows = await many(tx, "SELECT item, purpose FROM item_keys")
        return [(row["item"], row["purpose"]) for row in rows] + self.stealth.items()

    async def items_of(self, person: PersonHash) -> list[tuple[str, str]]:
        """Name every key on disk that is a person's."""
        async with self._database.read() as tx:
            rows = await many(tx, "SELECT item, purpose FROM item_keys WHERE person = ?", (person,))
        return [(row["item"], row["purpose"]) for row in rows]

    async def drop_bare_days(self) -> int:
        """Destroy the day keys that no item needs any more; says how many."""
        async with self._database.transaction() as tx:
            cursor = await tx.execute(
                "DELETE FROM day_keys WHERE NOT EXISTS (SELECT 1 FROM item_keys"
                " WHERE item_keys.person = day_keys.person AND item_keys.day = day_keys.day)"
            )
        self._remnants = self._remnants or cursor.rowcount > 0
        return cursor.rowcount

    async def forget(self) -> bool:
        """Rewrite the key file without what was destroyed since the last time, by anybody.

        Returns:
            Whether nothing of it is left in the file and its log; if not, the next call tries on.
        """
        if owed := list(self._owed):
            self._owed.clear()
            await self.destroy_all(owed)
        if await self._database.was_changed_elsewhere():  # by a command that died before its own
            self._remnants = True
        if self._remnants:
            self._remnants = not await self._database.forget_deleted()
        return not self._remnants

    async def close(self) -> None:
        """Close the key file."""
        await self._database.close()
        self.stealth.close()

    async def _new_items(
        self, item: str, person: PersonHash, day: str, purposes: Sequence[str]
    ) -> list[bytes]:
        keys = [envelope.new_key() for _ in purposes]
        async with self._database.transaction() as tx:
            row = await one(
                tx, "SELECT wrapped FROM day_keys WHERE person = ? AND day = ?", (person, day)
            )
            if row is None:
                day_key = envelope.new_key()
                await tx.execute(
                    "INSERT INTO day_keys VALUES (?, ?, ?)",
                    (person, day, envelope.wrap(self._root, day_key)),
                )
            else:
                day_key = envelope.unwrap(self._root, row["wrapped"])
            await tx.executemany(
                "INSERT INTO item_keys VALUES (?, ?, ?, ?, ?)",
                [
                    (item, purpose, person, day, envelope.wrap(day_key, key))
                    for purpose, key in zip(purposes, keys, strict=True)
                ],
            )
        return keys


async def _wrapped(tx: Transaction, items: Iterable[tuple[str, str]]) -> list[bytes]:
    rows = await many(
        tx,
        "SELECT wrapped FROM item_keys WHERE (item, purpose) IN"
        " (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
        (json.dumps([list(item) for item in items]),),
    )
    return [row["wrapped"] for row in rows]


async def open_keyring(
    database: Database, root: bytes, stealth: StealthKeys, *, may_found: bool = True
) -> Keyring:
    """Open the keyring, or found it on an empty key file.

    `may_found`: no data of an earlier run is there. Over such data new keys would know nobody: an
    opt-out would be forgotten, and somebody would be public who had said no.

    Raises:
        StartFault: the root key is not the one this key file was made with, or the keys are lost.
    """
    async with database.transaction() as tx:
        row = await one(tx, "SELECT wrapped FROM house_keys WHERE name = 'hash'")
        if row is None and not may_found:
            raise StartFault(
                "keys.db is new or empty, but darkroom.db was sealed with keys: restore keys.db, "
                "or move darkroom.db away to begin anew"
            )
        if row is None:
            hash_key = envelope.new_key()
            await tx.execute(
                "INSERT INTO house_keys VALUES ('hash', ?)", (envelope.wrap(root, hash_key),)
            )
        else:
            try:
                hash_key = envelope.unwrap(root, row["wrapped"])
            except SealBroken:
                raise StartFault(
                    "the root key does not open keys.db: it belongs to other data; "
                    "restore the right one, or name it in ROOT_KEY_FILE"
                ) from None
    return Keyring(database, root, hash_key, stealth)
