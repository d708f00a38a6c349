"""A house whose data folder is copied and restored; Discord and the clock go on meanwhile."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.crypto.envelope import KEY_BYTES, unwrap
from bot.crypto.rootkey import Source
from bot.domain import PersonId
from bot.services.walk import first_id_at
from bot.storage import restoring
from bot.storage.backups import Copy
from bot.storage.memory import Memory, open_memory
from bot.storage.restoring import Restored
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger
from tests.services.conftest import ANA, House
from tests.services.erasing import Eraser

DAY_SECONDS = 24 * 3600


@dataclass
class Vault:
    """One data folder, its root key, and the folder of its copies."""

    folder: Path
    runtime: Path
    messenger: FakeMessenger = field(default_factory=FakeMessenger)
    clock: FakeClock = field(default_factory=FakeClock)
    ids: FakeIds = field(default_factory=FakeIds)
    interactions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    @property
    def root_file(self) -> Path:
        return self.folder / "root.key"

    async def opens(self) -> Eraser:
        """Start the house, as a new process would."""
        environ = {"RUNTIME_DIRECTORY": str(self.runtime)}
        self.memory: Memory = await open_memory(self.data, Source(self.root_file), environ)
        assert self.memory.keys.ledger is not None
        self.memory.keys.ledger.clock = self.clock
        house = House(
            self.memory, self.messenger, FakeEngine(), self.clock, self.ids,
            interactions=self.interactions,
        )  # fmt: skip
        self.eraser = Eraser(house)
        self.house = house
        await self.house.recover()
        return self.eraser

    async def closes(self) -> None:
        await self.memory.close()

    async def backs_up(self) -> Copy:
        """What `darkroom backup` does; a second later life goes on."""
        assert self.memory.keys.ledger is not None
        copy = await self.memory.copy(self.memory.keys.ledger, self.copies, self.clock.now())
        self.turn(1)
        return copy

    async def restores(
        self, copy: Copy, *, lists: list[Path] | None = None, lost: bool = False
    ) -> Restored:
        """Stop, restore, start. `lost`: nothing is left of the data folder."""
        await self.closes()
        if lost:
            self.data.rename(self.folder / f"lost-{self.clock.now()}")
            self.data.mkdir(mode=0o700)
        root, now = self.root_file.read_bytes(), self.clock.now()
        known = [self.copies, self.data] if lists is None else lists
        done = await restoring.build(copy, self.data, root, known, self.clock)
        restoring.take_place(self.data, self.folder / f"aside-{now}-{next(self.interactions)}")
        await self.opens()
        return done

    def turn(self, seconds: int) -> None:
        self.clock.turn(seconds)
        self.messenger._ids = itertools.count(first_id_at(self.clock.now()))

    async def settles(self) -> None:
        """What was lost is cleared up."""
        for _ in range(3):
            await self.house.finish()
            self.turn(61)

    async def tables_naming(self, person: PersonId = ANA) -> set[str]:
        """The tables that hold a row with the hash of a person."""
        return await self.eraser.mentions(person)

    async def count(self, table: str) -> int:
        return len((await self.house.rows())[f"db.{table}"])


def keys_in(copy: Copy, root: bytes) -> list[bytes]:
    """Every key that a copy gives to who has its root key."""
    with closing(sqlite3.connect(copy.keys)) as base:
        days = [unwrap(root, row[0]) for row in base.execute("SELECT wrapped FROM day_keys")]
        houses = [unwrap(root, row[0]) for row in base.execute("SELECT wrapped FROM house_keys")]
        items = base.execute(
            "SELECT day_keys.wrapped, item_keys.wrapped FROM item_keys JOIN day_keys"
            " USING (person, day)"
        ).fetchall()
    opened = [unwrap(unwrap(root, day), item) for day, item in items]
    return [key for key in (*houses, *days, *opened) if len(key) == KEY_BYTES]
