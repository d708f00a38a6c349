"""A data folder as an earlier version of the schema left it, with jobs at any turn of their life.

Written as the first version wrote it, and climbed by the ladder's own files to the one that is
wanted; what came with a later schema is written in that.
"""

import json
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite

from bot.crypto.envelope import Binding, keyed_hash, new_key, seal, wrap
from bot.crypto.stealthkeys import StealthKeys
from bot.storage.database import Database, Row, Transaction, migrations
from bot.storage.keyring import Keyring, open_keyring
from bot.storage.turn import Turn
from gen.job import Spec

ANA = 11
DAY = "2027-01-15"
NOW = 1_800_000_000
GUILD, CHANNEL, DM = 100, 200, (1 << 62) + ANA
PICTURE = b"RIFF a picture"
SPEC = Spec(prompt="xylophone", width=64, height=64, steps=4, guidance=3.0, seeds=(7,))


RELEASED = (1, 2, 3)
"""The schemas that people may have, of both files."""


@dataclass
class Before:
    """The folder of somebody who ran an earlier version. `write` closes it, as a stop does."""

    data: Path
    runtime: Path
    root: bytes = field(default_factory=new_key)
    schema: int = 1

    def __post_init__(self) -> None:
        self.data.mkdir(mode=0o700)
        (self.data / "blobs").mkdir(mode=0o700)
        status = self.data.stat()
        self.stealth = self.runtime / f"darkroom-{status.st_dev:x}-{status.st_ino:x}"
        self.stealth.mkdir(mode=0o700)
        self.db, self.keys = self._open("darkroom"), self._open("keys")
        self.hash_key, self.day_key = new_key(), new_key()
        self.ana = keyed_hash(self.hash_key, "person", str(ANA))
        self.keys.execute("INSERT INTO house_keys VALUES ('hash', ?)", (self._wrapped(),))
        day = (self.ana, DAY, wrap(self.root, self.day_key))
        self.keys.execute("INSERT INTO day_keys VALUES (?, ?, ?)", day)
        self.db.execute(
            "INSERT INTO people VALUES (?, ?, ?, NULL, NULL)", (self.ana, NOW - 9, NOW - 9)
        )
        self.db.execute("INSERT INTO usage VALUES (?, ?, 9, 3)", (self.ana, DAY))

    def job(
        self,
        number: int,
        state: str,
        *,
        stealth: bool = False,
        keys: tuple[str, ...] = ("recipe", "picture", "route"),
        place: int | None = None,
        route: bool = True,
        payload: bool = True,
        ended: bool = False,
        ending: str | None = None,
    ) -> str:
        """Write one job, sealed as the first version sealed it."""
        job = f"{number:032x}"
        made = {purpose: self._key(job, purpose, stealth=stealth) for purpose in keys}
        sealed = self._seal(made, job, "recipe", SPEC.to_json().encode()) if payload else None
        to = self._seal(made, job, "route", self._route(number, stealth, place)) if route else None
        ended_at = NOW - 5 if ended else None
        lease = (1, "a process that is gone", 1.0) if state == "running" else (0, None, None)
        self.db.execute(
            "INSERT INTO jobs VALUES (?, ?, ?, 1, 0.1, 0, 0.1, ?, ?, ?, ?, ?, ?)",
            (job, self.ana, state, *lease, NOW - 9, ended_at, sealed),
        )
        self.db.execute(
            "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                job,
                keyed_hash(self.hash_key, "interaction", str(number)),
                "stealth" if stealth else "public",
                DAY,
                to,
                ending,
                None if stealth else GUILD,
                None if stealth else CHANNEL,
                NOW - 8 if place else None,
                None if stealth else place,
                NOW - 7 if place else None,
            ),
        )
        if state == "rendered":
            blob = f"{number:032x}"
            content = self._seal(made, job, "picture", PICTURE, "picture-0")
            (self.data / "blobs" / blob).write_bytes(content)
            self.db.execute("INSERT INTO pictures VALUES (?, 0, ?)", (job, blob))
        return job

    def climb(self, schema: int) -> None:
        """Bring both files up to a schema, as the versions in between did."""
        for raw, ladder in ((self.db, "darkroom"), (self.keys, "keys")):
            raw.commit()
            for step in migrations(ladder)[self.schema : schema]:
                raw.executescript(f"BEGIN;{step};COMMIT;")
            raw.execute(f"PRAGMA user_version = {schema}")
        self.schema = schema

    def chose(self, choices: dict[str, object]) -> None:
        """Let Ana have chosen, from the second schema on."""
        key = new_key()
        row = (self.ana, "choices", self.ana, DAY, wrap(self.day_key, key))
        self.keys.execute("INSERT INTO item_keys VALUES (?, ?, ?, ?, ?)", row)
        binding = Binding("choices", self.ana, self.ana, "choices")
        sealed = seal(key, json.dumps(choices).encode(), binding)
        self.db.execute("INSERT INTO choices VALUES (?, ?, ?)", (self.ana, sealed, NOW - 9))

    def serves(self, settings: bytes) -> None:
        """Let a server have decided, from the third schema on."""
        key, day_key = new_key(), new_key()
        server = keyed_hash(self.hash_key, "server", str(GUILD))
        day = (server, DAY, wrap(self.root, day_key))
        self.keys.execute("INSERT INTO day_keys VALUES (?, ?, ?)", day)
        row = (server, "server", server, DAY, wrap(day_key, key))
        self.keys.execute("INSERT INTO item_keys VALUES (?, ?, ?, ?, ?)", row)
        sealed = seal(key, settings, Binding("servers", server, server, "server"))
        self.db.execute("INSERT INTO servers VALUES (?, ?, ?, ?)", (GUILD, server, sealed, NOW - 9))

    def write(self, root_key_file: Path) -> None:
        """Commit and close everything, and leave the root key where a start looks for it."""
        self.climb(self.schema)
        for raw in (self.db, self.keys):
            raw.commit()
            raw.close()
        root_key_file.touch(mode=0o600)
        root_key_file.write_bytes(self.root)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[tuple[Transaction, Keyring]]:
        """Write in the schema it has, with what has written it since."""
        files = []
        for ladder in ("darkroom", "keys"):
            path = self.data / f"{ladder}.db"
            raw = await aiosqlite.connect(path, isolation_level=None)
            raw.row_factory = Row
            files.append(Database(raw, Turn(None), path))
        db, keys = files
        keyring = await open_keyring(keys, self.root, StealthKeys(None), may_found=False)
        async with db.transaction() as tx:
            yield tx, keyring
        for database in files:
            await database.close()

    def _open(self, ladder: str) -> sqlite3.Connection:
        path = self.data / f"{ladder}.db"
        path.touch(mode=0o600)
        raw = sqlite3.connect(path)
        raw.executescript(migrations(ladder)[0])
        return raw

    def _wrapped(self) -> bytes:
        return wrap(self.root, self.hash_key)

    def _key(self, job: str, purpose: str, *, stealth: bool) -> bytes:
        key = new_key()
        if stealth and purpose != "route":
            handle = os.open(self.stealth / f"{job}.{purpose}", os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(key)
            return key
        row = (job, purpose, self.ana, DAY, wrap(self.day_key, key))
        self.keys.execute("INSERT INTO item_keys VALUES (?, ?, ?, ?, ?)", row)
        return key

    def _seal(
        self, made: dict[str, bytes], job: str, purpose: str, plain: bytes, bound: str = ""
    ) -> bytes:
        return seal(made[purpose], plain, Binding("jobs", job, self.ana, bound or purpose))

    def _route(self, number: int, stealth: bool, place: int | None) -> bytes:
        dm = DM if place else None
        return json.dumps(
            {
                "owner": ANA,
                "visibility": "stealth" if stealth else "public",
                "guild_id": None if stealth else GUILD,
                "channel_id": dm if stealth else CHANNEL,
                "interaction_token": f"token-{number}",
                "upload_limit_bytes": 10 << 20,
                "notes": ["a note"],
                "message_id": place,
                "result_id": None,
            }
        ).encode()
