"""A root key is replaced whole: whenever it is stopped, the next start opens everything."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.crypto import envelope, rootkey
from bot.crypto.envelope import new_key
from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import StealthKeys
from bot.domain import PersonHash, Visibility
from bot.errors import SealBroken, StartFault
from bot.storage import rotation
from bot.storage.database import Database, many, migrations, open_database
from bot.storage.keyring import PICTURE, RECIPE, ROUTE, Keyring, open_keyring

ROOT = Path(__file__).parents[2]
ANA, MOD = PersonHash("ana"), PersonHash("mod")
DAYS = ("2026-11-20", "2026-11-21")
ALL = (RECIPE, PICTURE, ROUTE)


class House:
    """A key file, its root key, and starts over them."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "root.key"
        self.data = folder / "data"
        self.stealth = StealthKeys(None)

    @asynccontextmanager
    async def database(self):
        opened = await open_database(self.data / "keys.db", "keys")
        try:
            yield opened
        finally:
            await opened.close()

    @asynccontextmanager
    async def start(self, *, is_first: bool = False):
        """Open the keyring as every start does; the folder is let go at the end."""
        async with self.database() as keys:
            root = await rotation.settle(keys, Source(self.key), may_create=is_first)
            yield await open_keyring(keys, root, self.stealth)

    async def everything(self) -> list[object]:
        """Start, and give all that the keys open."""
        async with self.start() as ring:
            items = sorted(await ring.items())
            keys = [await ring.key(*item) for item in items]
            return [ring.person(1), *items, *keys]

    def bytes_on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.data.iterdir())

    def beside_the_key(self) -> list[str]:
        return sorted(path.name for path in self.key.parent.iterdir() if path.is_file())


async def fill(ring: Keyring) -> None:
    """Two people on two days, one job of them stealth."""
    for person in (ANA, MOD):
        for day in DAYS:
            await ring.new_job(f"{person} {day}", person, day, Visibility.PUBLIC)
    await ring.new_job("secret", ANA, DAYS[0], Visibility.STEALTH)


@pytest.fixture
async def house(tmp_path) -> House:
    founded = House(tmp_path)
    async with founded.start(is_first=True) as ring:
        await fill(ring)
    return founded


async def wrapped_by_root(keys: Database) -> list[bytes]:
    async with keys.read() as tx:
        rows = [
            *await many(tx, "SELECT wrapped FROM house_keys"),
            *await many(tx, "SELECT wrapped FROM day_keys"),
        ]
    return [row["wrapped"] for row in rows]


async def test_after_a_rotation_everything_opens_and_the_old_key_opens_nothing(house):
    before, old = await house.everything(), house.key.read_bytes()

    async with house.database() as keys:
        done = await rotation.rotate(keys, house.key)

    assert rotation.Rewrapped(keys=5, damaged=0) == done
    assert before == await house.everything()
    assert old != house.key.read_bytes()
    async with house.database() as keys:
        for wrapped in await wrapped_by_root(keys):
            with pytest.raises(SealBroken):
                envelope.unwrap(old, wrapped)
            assert 32 == len(envelope.unwrap(house.key.read_bytes(), wrapped))
    assert ["root.key"] == house.beside_the_key()


async def test_a_rotation_can_be_repeated(house):
    before, used = await house.everything(), {house.key.read_bytes()}

    for _ in range(3):
        async with house.database() as keys:
            await rotation.rotate(keys, house.key)
        used.add(house.key.read_bytes())

    assert 4 == len(used)
    assert before == await house.everything()


async def test_a_start_with_the_old_key_put_back_is_refused(house):
    old = house.key.read_bytes()
    async with house.database() as keys:
        await rotation.rotate(keys, house.key)
    house.key.write_bytes(old)

    with pytest.raises(StartFault, match="the root key does not open"):
        await house.everything()


async def test_an_older_copy_of_the_keys_is_worth_nothing_to_who_has_the_new_key(house, tmp_path):
    shutil.copytree(house.data, tmp_path / "backup")
    async with house.database() as keys:
        await rotation.rotate(keys, house.key)
    house.data = tmp_path / "backup"

    with pytest.raises(StartFault, match="the root key does not open"):
        await house.everything()


async def test_stealth_keys_are_left_alone(house):
    held = {item: house.stealth.get(*item) for item in house.stealth.items()}

    async with house.database() as keys:
        await rotation.rotate(keys, house.key)

    assert held == {item: house.stealth.get(*item) for item in house.stealth.items()}
    assert 2 == len(held)


def test_every_key_in_the_file_is_wrapped_by_the_root_or_by_a_key_that_is():
    schema = sqlite3.connect(":memory:")
    for script in migrations("keys"):
        schema.executescript(script)
    tables = [
        name
        for (name,) in schema.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if "wrapped" in [row[1] for row in schema.execute(f"PRAGMA table_info({name})")]
    ]
    schema.close()

    rewrapped = [update.split()[1] for _, update in rotation._WRAPPED_BY_ROOT]
    wrapped_by_a_day = ["item_keys"]

    assert sorted(tables) == sorted(rewrapped + wrapped_by_a_day)


# Stopped at each step. A kill leaves exactly what the steps before it did.


async def test_stopped_after_the_next_key_was_written_the_old_one_goes_on(house):
    before, old = await house.everything(), house.key.read_bytes()

    rootkey.draw_next(house.key)

    assert ["root.key", "root.key.next"] == house.beside_the_key()
    assert before == await house.everything()
    assert old == house.key.read_bytes()
    assert ["root.key"] == house.beside_the_key()


async def test_stopped_in_the_transaction_the_old_key_goes_on(house):
    before, old = await house.everything(), house.key.read_bytes()
    new = rootkey.draw_next(house.key)

    async with house.database() as keys:
        with suppress(asyncio.CancelledError):
            async with keys.transaction() as tx:
                await tx.execute(
                    "UPDATE house_keys SET wrapped = ?", (envelope.wrap(new, new_key()),)
                )
                raise asyncio.CancelledError

    assert before == await house.everything()
    assert old == house.key.read_bytes()
    assert ["root.key"] == house.beside_the_key()


async def committed(house: House) -> bytes:
    old, new = house.key.read_bytes(), rootkey.draw_next(house.key)
    async with house.database() as keys:
        await rotation.rewrap(keys, old, new)
    return new


async def test_stopped_after_the_commit_the_start_puts_the_new_key_in_its_place(house):
    before = await house.everything()

    new = await committed(house)

    assert before == await house.everything()
    assert new == house.key.read_bytes()
    assert ["root.key"] == house.beside_the_key()


@pytest.mark.parametrize("left", [bytes(32), b"half", b"", None])
async def test_stopped_while_the_old_key_was_overwritten_the_start_finishes(house, left):
    before, new = await house.everything(), await committed(house)
    if left is None:
        house.key.unlink()
    else:
        house.key.write_bytes(left)

    assert before == await house.everything()
    assert new == house.key.read_bytes()
    assert ["root.key"] == house.beside_the_key()


async def test_stopped_before_the_file_was_cleaned_the_first_forgetting_cleans_it(house):
    async with house.database() as keys:
        old_wraps = await wrapped_by_root(keys)
        await rotation.rotate(keys, house.key)

    async with house.start() as ring:
        await ring.forget()
        disk = house.bytes_on_disk()

    assert [] == [wrapped for wrapped in old_wraps if wrapped in disk]


async def test_a_rotation_that_was_stopped_is_ended_before_the_next_one_begins(house):
    before = await house.everything()
    stopped = await committed(house)

    async with house.database() as keys:
        await rotation.settle(keys, Source(house.key), may_create=False)
        await rotation.rotate(keys, house.key)

    assert stopped != house.key.read_bytes()
    assert before == await house.everything()


_KILLED_AT_EVERY_LINE = """
import asyncio, json, os, shutil, signal, sys
from pathlib import Path
from bot.crypto import rootkey
from bot.crypto.stealthkeys import StealthKeys
from bot.storage import rotation
from bot.storage.database import open_database
from bot.storage.keyring import open_keyring

folder = Path(sys.argv[1])
WATCHED = {rotation.__file__, rootkey.__file__}

def in_child(deed):
    child = os.fork()
    if child == 0:
        try:
            os._exit(deed())
        except BaseException:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def rotate_until(line):
    left = line
    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename not in WATCHED:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    async def rotate():
        keys = await open_database(folder / "try" / "data" / "keys.db", "keys")
        await rotation.rotate(keys, folder / "try" / "root.key")
        await rotation.forget_old(keys)
        await keys.close()
    sys.settrace(trace)
    asyncio.run(rotate())
    return 0

async def start():
    keys = await open_database(folder / "try" / "data" / "keys.db", "keys")
    source = rootkey.Source(folder / "try" / "root.key")
    root = await rotation.settle(keys, source, may_create=False)
    ring = await open_keyring(keys, root, StealthKeys(None))
    opened = [(await ring.key(*item)).hex() for item in sorted(await ring.items())]
    await ring.close()
    return ring.person(1), opened

def opens_the_same(expected):
    return 0 if asyncio.run(start()) == expected else 1

shutil.copytree(folder / "founded", folder / "try")
expected = None
def remember():
    (folder / "expected").write_text(json.dumps(asyncio.run(start())))
    return 0
assert in_child(remember) == 0
person, keys = json.loads((folder / "expected").read_text())
old = (folder / "founded" / "root.key").read_bytes()
line, ended = 0, -1
while ended != 0:
    line += 1
    shutil.rmtree(folder / "try")
    shutil.copytree(folder / "founded", folder / "try")
    ended = in_child(lambda: rotate_until(line))
    started = in_child(lambda: opens_the_same((person, keys)))
    kept = (folder / "try" / "root.key").read_bytes() == old
    beside = sorted(path.name for path in (folder / "try").iterdir())
    print(json.dumps([ended, started, kept, beside]), flush=True)
"""


async def test_killed_after_any_line_the_next_start_opens_everything(tmp_path):
    """A real process, really killed, once per line that a rotation runs."""
    founded = House(tmp_path / "founded")
    async with founded.start(is_first=True) as ring:
        await ring.new_job("job", ANA, DAYS[0], Visibility.PUBLIC)
        await ring.new_job("other", MOD, DAYS[1], Visibility.PUBLIC)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _KILLED_AT_EVERY_LINE, str(tmp_path)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, errors = await process.communicate()

    assert 0 == process.returncode, errors.decode()
    *kills, whole = [json.loads(line) for line in out.decode().splitlines()]
    assert [0, 0, False, ["data", "root.key"]] == whole
    assert {-9} == {ended for ended, *_ in kills}
    assert [] == [number for number, kill in enumerate(kills, start=1) if kill[1] != 0]
    assert {True, False} == {kept for _, _, kept, _ in kills}
    assert [] == [kill for kill in kills if "root.key.next" in kill[3]]
    assert 60 < len(kills)


async def test_ten_thousand_dead_and_living_keys_leave_nothing_of_their_old_wraps(house):
    old = house.key.read_bytes()
    async with house.database() as keys:
        wraps = [envelope.wrap(old, new_key()) for _ in range(10_000)]
        for begin in range(0, len(wraps), 500):
            batch = enumerate(wraps[begin : begin + 500], start=begin)
            async with keys.transaction() as tx:
                await tx.executemany(
                    "INSERT INTO day_keys VALUES (?, ?, ?)",
                    [(f"person {number % 97}", f"day {number}", wrap) for number, wrap in batch],
                )
            async with keys.transaction() as tx:
                await tx.execute(
                    "DELETE FROM day_keys WHERE person IN"
                    " (SELECT DISTINCT person FROM day_keys ORDER BY random() LIMIT 20)"
                    " AND NOT EXISTS (SELECT 1 FROM item_keys"
                    " WHERE item_keys.person = day_keys.person)"
                )
        wraps += await wrapped_by_root(keys)
        assert 1_000 < residue(house, wraps)

        done = await rotation.rotate(keys, house.key)
        emptied = await rotation.forget_old(keys)

        assert emptied
        assert 0 == residue(house, wraps)
        assert 100 < done.keys == len(await wrapped_by_root(keys))


def residue(house: House, wraps: list[bytes]) -> int:
    """Count the wrapped keys of which half or more can be found in any file of the folder."""
    halves = {half: wrap for wrap in wraps for half in (wrap[:20], wrap[20:])}
    disk = house.bytes_on_disk()
    found = (halves.get(disk[place : place + 20]) for place in range(len(disk)))
    return len({wrap for wrap in found if wrap is not None})


# What stands in the way.


async def test_a_root_key_that_opens_nothing_rotates_nothing(house):
    whole, right = house.bytes_on_disk(), house.key.read_bytes()
    house.key.write_bytes(new_key())

    async with house.database() as keys:
        with pytest.raises(StartFault, match="nothing was changed"):
            await rotation.rotate(keys, house.key)

    assert whole == house.bytes_on_disk()
    house.key.write_bytes(right)
    await house.everything()
    assert ["root.key"] == house.beside_the_key()


async def test_a_key_file_without_keys_has_nothing_to_rotate(tmp_path):
    rootkey.load_or_create(tmp_path / "root.key", may_create=True)

    async with House(tmp_path).database() as keys:
        with pytest.raises(StartFault, match="nothing to rotate"):
            await rotation.rotate(keys, tmp_path / "root.key")


async def test_a_damaged_key_is_left_as_it_was_and_stands_in_nobodys_way(house):
    async with house.database() as keys:
        async with keys.transaction() as tx:
            await tx.execute(
                "UPDATE day_keys SET wrapped = zeroblob(40) WHERE person = 'mod' AND day = ?",
                (DAYS[0],),
            )

        done = await rotation.rotate(keys, house.key)

        assert rotation.Rewrapped(keys=4, damaged=1) == done
        assert bytes(40) in await wrapped_by_root(keys)
    async with house.start() as ring:
        assert 32 == len(await ring.key(f"mod {DAYS[1]}", RECIPE))


async def test_a_database_that_cannot_be_written_is_named_and_the_old_key_goes_on(house):
    before, old = await house.everything(), house.key.read_bytes()
    async with house.database() as keys:
        await keys._connection.execute("PRAGMA query_only = 1")
        with pytest.raises(StartFault, match="cannot be written"):
            await rotation.rotate(keys, house.key)
        assert not await rotation.forget_old(keys)

    assert before == await house.everything()
    assert old == house.key.read_bytes()


async def test_when_no_key_opens_the_file_nothing_is_dropped_and_nothing_made(house):
    rootkey.draw_next(house.key)
    house.key.write_bytes(new_key())
    files = {path: path.read_bytes() for path in house.key.parent.iterdir() if path.is_file()}

    with pytest.raises(StartFault, match="the root key does not open"):
        await house.everything()

    assert files == {
        path: path.read_bytes() for path in house.key.parent.iterdir() if path.is_file()
    }


# The start.


async def test_a_first_key_is_made_only_where_no_key_depends_on_another(house):
    house.key.unlink()

    async with house.database() as keys:
        with pytest.raises(StartFault, match="is missing"):
            await rotation.settle(keys, Source(house.key), may_create=True)

    assert not house.key.exists()


async def test_where_other_data_is_left_no_first_key_is_made(tmp_path):
    house = House(tmp_path)

    async with house.database() as keys:
        with pytest.raises(StartFault, match="is missing"):
            await rotation.settle(keys, Source(house.key), may_create=False)
        assert 32 == len(await rotation.settle(keys, Source(house.key), may_create=True))


async def test_a_credential_opens_the_house_and_is_never_written_to(house, tmp_path):
    handed = tmp_path / "credentials" / rootkey.CREDENTIAL
    handed.parent.mkdir()
    house.key.rename(handed)
    handed.chmod(0o400)

    async with house.database() as keys:
        root = await rotation.settle(keys, Source(handed, is_credential=True), may_create=True)
        assert root == handed.read_bytes()
        await open_keyring(keys, root, StealthKeys(None))

    assert [handed] == list(handed.parent.iterdir())
