"""P3: a copy of the whole disk, with every key on it, opens no delivered stealth recipe.

Whoever took the copy has the databases, their logs, the root key and the folder of keys in memory,
and knows everybody's id. What they lack is the button in its owner's DM.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.crypto import tickets
from bot.crypto.envelope import KEY_BYTES, Binding, unseal, unwrap
from bot.crypto.tickets import Ticket
from bot.domain import PersonId, Visibility
from bot.errors import SealBroken
from bot.storage.keyring import RECIPE
from bot.storage.memory import bound_to
from tests.prove.canaries import canaries_in
from tests.prove.world import EACH_STEP, PEOPLE, World, a_world

_PUBLIC, _STEALTH = Visibility.PUBLIC, Visibility.STEALTH


@dataclass(frozen=True)
class Tried:
    """What came of it. The three `control_` counts must not be 0, or the attack would be weak."""

    rows: int
    keys: int
    attempts: int
    opened: int
    control_public: int  #: public recipes that the same keys open
    control_waiting: int  #: stealth jobs that wait, opened with their keys in memory
    control_owner: int  #: delivered stealth recipes that their owner's press opens
    foreign_presses: int
    foreign_opened: int


async def attack(jobs_each: int = 3) -> Tried:
    """Deliver jobs of several people, copy everything, and try every key on every row."""
    async with a_world() as world:
        for person in PEOPLE:
            for _ in range(jobs_each):
                await world.asks(person, said=_STEALTH)
        waiting = _Copy(world, "waiting")
        control_waiting = _opened_jobs(waiting)
        await _deliver(world)
        for person in PEOPLE:
            await world.asks(person, said=_PUBLIC)
        await _deliver(world)
        copy = _Copy(world, "delivered")
        attempts, opened = 0, 0
        for row, sealed in copy.rows("SELECT id, sealed FROM unlinked_recipes"):
            for attempt in _attempts(row, sealed, copy.keys):
                attempts += 1
                opened += _opens(attempt)
        owner, foreign, foreign_opened = await _presses(world)
        return Tried(
            rows=len(copy.rows("SELECT id FROM unlinked_recipes")),
            keys=len(copy.keys),
            attempts=attempts,
            opened=opened,
            control_public=_opened_recipes(copy),
            control_waiting=control_waiting,
            control_owner=owner,
            foreign_presses=foreign,
            foreign_opened=foreign_opened,
        )


async def _deliver(world: World) -> None:
    for stage in ("accepted", "running", "rendered", "ended"):
        await world.looks(stage, EACH_STEP + 2)


class _Copy:
    """A copy of every file, and every key that can be had from it."""

    def __init__(self, world: World, name: str) -> None:
        self.folder = world.folder.with_name(f"{world.folder.name}-{name}")
        try:
            shutil.copytree(world.folder, self.folder)
            self.base = _contents(self.folder / "data" / "darkroom.db")
            self.keys = _keys(self.folder)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def rows(self, query: str) -> list[tuple]:
        """What a query finds in the copy."""
        return self.base.execute(query).fetchall()


def _contents(path: Path) -> sqlite3.Connection:
    """The database with its log, in memory."""
    held = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(path)) as copied:
        copied.backup(held)
    return held


def _keys(folder: Path) -> list[bytes]:
    """The root key, all that it unwraps and all that unwraps, and every key in memory."""
    root = (folder / "root.key").read_bytes()
    with closing(_contents(folder / "data" / "keys.db")) as base:
        house = [unwrap(root, row[0]) for row in base.execute("SELECT wrapped FROM house_keys")]
        days = [unwrap(root, row[0]) for row in base.execute("SELECT wrapped FROM day_keys")]
        wrapped = [row[0] for row in base.execute("SELECT wrapped FROM item_keys")]
    items = list[bytes]()
    for item in wrapped:
        for day in days:
            with suppress(SealBroken):
                items.append(unwrap(day, item))
    in_memory = [path.read_bytes() for path in (folder / "runtime").rglob("*") if path.is_file()]
    return [key for key in (root, *house, *days, *items, *in_memory) if len(key) == KEY_BYTES]


def _attempts(row: str, sealed: bytes, keys: list[bytes]) -> Iterator[Callable[[], bytes]]:
    """Every way a key could open a row: as it is, as a ticket's, as what a ticket comes from."""
    binding = Binding("unlinked_recipes", row, "", RECIPE)
    for key in keys:
        yield lambda key=key: unseal(key, sealed, binding)
        for ticket in (Ticket(row, key), Ticket(row, tickets.derive(key).key)):
            for person in (*PEOPLE, 0):
                yield lambda ticket=ticket, person=person: tickets.open_recipe(
                    ticket, person, sealed
                )


def _opens(attempt: Callable[[], bytes]) -> bool:
    try:
        return bool(canaries_in(attempt()))
    except SealBroken:
        return False


def _opened_jobs(copy: _Copy) -> int:
    found = copy.rows("SELECT id, tenant, payload FROM jobs WHERE payload IS NOT NULL")
    return sum(_opened(copy, *row) for row in found)


def _opened_recipes(copy: _Copy) -> int:
    return sum(_opened(copy, *row) for row in copy.rows("SELECT job, person, sealed FROM recipes"))


def _opened(copy: _Copy, job: str, owner: str, sealed: bytes) -> bool:
    binding = bound_to(job, owner, RECIPE)
    return any(_opens(lambda key=key: unseal(key, sealed, binding)) for key in copy.keys)


async def _presses(world: World) -> tuple[int, int, int]:
    """The owner's press; and another's, another row's, a copy that was passed on."""
    names = {
        person: [
            button.custom_id.split(":", 2)[2]
            for one in world.messenger.channels[world.messenger.dm(person)]
            for button in one.post.buttons
            if button.custom_id.startswith("v1:again:")
        ]
        for person in PEOPLE
    }
    recall = world.house.recall
    owner = [await recall(name, person) for person in PEOPLE for name in names[person]]
    foreign = list[object]()
    strangers = [PersonId(1000 + number) for number in range(20)]
    for person in PEOPLE:
        for name in names[person]:
            others = [each for each in (*PEOPLE, *strangers) if each != person]
            foreign += [await recall(name, each) for each in others]
            row = name.partition(":")[0]
            for other in [each for named in names.values() for each in named if each != name]:
                foreign.append(await recall(f"{row}:{other.partition(':')[2]}", person))
    opened = sum(one is not None for one in foreign)
    return sum(one is not None for one in owner), len(foreign), opened
