"""Upgrades go forward only, a step at a time, whole or not at all.

What was kept opens and goes on afterwards: `tests/services/test_migration.py`.
"""

import hashlib
import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from bot.errors import StartFault
from bot.storage import database
from bot.storage.database import migrations, open_database
from tests.storage.before import RELEASED

LADDERS = ("darkroom", "keys")
FILES = {
    "darkroom/0001_first.sql": "c9b1c4e3c5c80203810101b070da35e0d8d4989b5956dfd96317adc80e6b9f94",
    "darkroom/0002_privacy.sql": "d12a3e07af7b8abc10bf3422aaf5073ed6a78a4881b32770f969d60a91374a6f",
    "darkroom/0003_servers.sql": "c93689ad2bb784816512ea2299f1a181c12872eb9d4741da3a58d513acecb50d",
    "keys/0001_first.sql": "e41c8d5e514949d441af3e874926105acc6b9785a098aee2ea4f3287b1ec2391",
    "keys/0002_privacy.sql": "2a36f59d429b189cea61b880aa80626ac6b3c8a0770857cfd9728eb7f63ff261",
    "keys/0003_servers.sql": "f981b8ef7bacef0a280516e7439455cdaf4861b04e6c510ea04dec2525729fc0",
}
"""Somebody's file has climbed these: a change to one would give two schemas the same number."""


@pytest.mark.parametrize("name", FILES)
def test_a_released_step_is_never_changed(name):
    folder = resources.files("bot.storage") / "migrations"

    assert FILES[name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("ladder", LADDERS)
def test_every_step_has_the_next_number(ladder):
    folder = resources.files("bot.storage") / "migrations" / ladder
    numbers = sorted(file.name[:4] for file in folder.iterdir() if file.name.endswith(".sql"))

    assert [f"{number:04}" for number in range(1, len(numbers) + 1)] == numbers


def at(path: Path, ladder: str, schema: int) -> None:
    """Write an empty file as an earlier version made it."""
    path.touch(mode=0o600)
    raw = sqlite3.connect(path)
    for step in migrations(ladder)[:schema]:
        raw.executescript(f"BEGIN;{step};COMMIT;")
    raw.execute(f"PRAGMA user_version = {schema}")
    raw.close()


def schema_of(path: Path) -> tuple[int, list[tuple]]:
    """Its number, and every table and index as it was declared."""
    raw = sqlite3.connect(path)
    try:
        (number,) = raw.execute("PRAGMA user_version").fetchone()
        return number, raw.execute(
            "SELECT type, name, sql FROM sqlite_master ORDER BY 2"
        ).fetchall()
    finally:
        raw.close()


@pytest.mark.parametrize("ladder", LADDERS)
@pytest.mark.parametrize("schema", RELEASED)
async def test_from_each_released_schema_todays_is_reached(tmp_path, ladder, schema):
    new, old = tmp_path / "new.db", tmp_path / "old.db"
    at(old, ladder, schema)
    for path in (new, old):
        await (await open_database(path, ladder)).close()

    assert schema_of(new) == schema_of(old)
    assert len(migrations(ladder)) == schema_of(old)[0]


@pytest.mark.parametrize("ladder", LADDERS)
async def test_a_newer_file_is_left_alone_and_the_remedy_is_named(tmp_path, ladder):
    path = tmp_path / f"{ladder}.db"
    newer = len(migrations(ladder)) + 1
    at(path, ladder, newer)

    with pytest.raises(StartFault, match=f"schema {newer}.*install the newer version"):
        await open_database(path, ladder)

    assert newer == schema_of(path)[0]


@pytest.mark.parametrize("ladder", LADDERS)
async def test_an_older_file_is_not_climbed_by_a_command_beside_the_bot(tmp_path, ladder):
    path = tmp_path / f"{ladder}.db"
    schema = len(migrations(ladder)) - 1
    at(path, ladder, schema)

    with pytest.raises(StartFault, match="start the bot once"):
        await open_database(path, ladder, may_climb=False)

    assert schema == schema_of(path)[0]


@pytest.mark.parametrize("ladder", LADDERS)
async def test_a_step_that_fails_in_its_middle_leaves_the_file_as_it_was(
    tmp_path, ladder, monkeypatch
):
    path, steps = tmp_path / f"{ladder}.db", migrations(ladder)
    at(path, ladder, len(steps))
    before = schema_of(path)
    broken = "CREATE TABLE half (one INTEGER); DROP TABLE no_such_table; CREATE TABLE rest (two);"
    monkeypatch.setattr(database, "migrations", lambda _: [*steps, broken])

    with pytest.raises(StartFault, match="it is as it was"):
        await open_database(path, ladder)
    assert before == schema_of(path)

    monkeypatch.undo()
    await (await open_database(path, ladder)).close()


async def test_the_steps_before_a_broken_one_are_kept(tmp_path, monkeypatch):
    path, steps = tmp_path / "keys.db", migrations("keys")
    at(path, "keys", 1)
    monkeypatch.setattr(database, "migrations", lambda _: [*steps, "not SQL"])

    with pytest.raises(StartFault, match=f"schema {len(steps)} to {len(steps) + 1}"):
        await open_database(path, "keys")

    assert len(steps) == schema_of(path)[0]
