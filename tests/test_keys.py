"""`darkroom keys rotate` as an operator meets it: it says what it did, or what to do."""

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import keys
from bot.crypto import rootkey
from bot.crypto.rootkey import CREDENTIAL, Source
from bot.crypto.stealthkeys import StealthKeys
from bot.domain import PersonHash, Visibility
from bot.errors import StartFault
from bot.storage import rotation
from bot.storage.database import open_database
from bot.storage.keyring import RECIPE, open_keyring

SETTINGS = ("DATA_DIR", "ROOT_KEY_FILE", "CREDENTIALS_DIRECTORY")


@pytest.fixture(autouse=True)
def tmp_path(quick_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An operator's folder, with nothing set but what a test sets; logging as it was, after it."""
    monkeypatch.chdir(quick_disk)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    handlers, level = logging.root.handlers[:], logging.root.level
    yield quick_disk
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)


def rotate(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(keys.keys, ["rotate", *arguments], env=environ)


async def _open(source: Source, *, is_first: bool) -> bytes:
    database = await open_database(Path("data/keys.db"), "keys")
    try:
        root = await rotation.settle(database, source, may_create=is_first)
        ring = await open_keyring(database, root, StealthKeys(None))
        if is_first:
            await ring.new_job("job", PersonHash("ana"), "2026-11-21", Visibility.PUBLIC)
        return await ring.key("job", RECIPE)
    finally:
        await database.close()


def opens(key: Path = Path("data.key"), *, is_first: bool = False) -> bytes:
    """Start over the data folder with a root key file, and open a job's key."""
    return asyncio.run(_open(Source(key), is_first=is_first))


@pytest.fixture
def recipe() -> bytes:
    """A key of the job that a first run has left in the data folder."""
    return opens(is_first=True)


def refused(done: Result) -> str:
    assert 1 == done.exit_code
    assert "" == done.stdout
    assert done.stderr.startswith("darkroom: ")
    return done.stderr


def a_key(path: str) -> Path:
    made = Path(path)
    rootkey.load_or_create(made, may_create=True)
    return made


def test_it_says_how_many_keys_and_what_older_copies_are_worth(recipe):
    old = Path("data.key").read_bytes()

    done = rotate()

    assert 0 == done.exit_code, done.stderr
    assert "Keys that the new root key wraps now: 2." in done.stdout
    assert "worth nothing without the old root key" in done.stdout
    assert "SSDs" in done.stdout
    assert old != Path("data.key").read_bytes()
    assert recipe == opens()


def test_it_shows_no_key(recipe):
    secrets = [recipe, Path("data.key").read_bytes()]

    done = rotate()

    secrets.append(Path("data.key").read_bytes())
    shown = [form(secret) for secret in secrets for form in (bytes.hex, repr)]
    assert [] == [secret for secret in shown if secret in done.output]


def test_the_key_file_that_was_set_is_the_one_that_is_replaced(recipe):
    Path("data.key").rename("mine.key")
    old = Path("mine.key").read_bytes()

    assert 0 == rotate(ROOT_KEY_FILE="mine.key").exit_code

    assert old != Path("mine.key").read_bytes()
    assert recipe == opens(Path("mine.key"))
    assert not Path("data.key").exists()


async def test_beside_a_running_bot_it_says_to_stop_the_bot_first(memory, tmp_path):
    old = (tmp_path / "root.key").read_bytes()

    done = await asyncio.to_thread(
        lambda: rotate("--data", str(tmp_path / "data"), ROOT_KEY_FILE=str(tmp_path / "root.key"))
    )

    assert "stop the bot first" in refused(done)
    assert 1 == len(done.stderr.splitlines())
    assert old == (tmp_path / "root.key").read_bytes()


def test_a_rotation_that_was_killed_is_ended_and_then_another_is_made(recipe):
    old = Path("data.key").read_bytes()

    async def killed() -> bytes:
        new = rootkey.draw_next(Path("data.key"))
        database = await open_database(Path("data/keys.db"), "keys")
        await rotation.rewrap(database, old, new)
        await database.close()
        return new

    left_behind = asyncio.run(killed())

    assert 0 == rotate().exit_code
    assert Path("data.key").read_bytes() not in {old, left_behind}
    assert recipe == opens()


def test_a_folder_without_data_is_named(tmp_path):
    assert "--data" in refused(rotate("--data", "nowhere"))
    assert not Path("nowhere").exists()
    assert [] == list(tmp_path.iterdir())


def test_a_lost_key_is_named_and_none_is_made(recipe):
    Path("data.key").unlink()

    said = refused(rotate())

    assert "is missing" in said
    assert "ROOT_KEY_FILE" in said
    assert CREDENTIAL in said
    assert ["data"] == os.listdir()


def test_a_wrong_key_changes_nothing(recipe):
    Path("data.key").rename("right.key")
    a_key("data.key")

    assert "nothing was changed" in refused(rotate())
    assert recipe == opens(Path("right.key"))


@pytest.mark.parametrize("path", ["data.key", "data/keys.db"])
def test_files_that_others_may_read_stop_it(recipe, path):
    Path(path).chmod(0o644)

    assert f"chmod 600 {path}" in refused(rotate())


def test_settings_that_cannot_be_used_stop_it(recipe):
    assert "TIME_ZONE" in refused(rotate(TIME_ZONE="Mars"))


def test_a_damaged_key_is_told(recipe):
    async def damage() -> None:
        database = await open_database(Path("data/keys.db"), "keys")
        async with database.transaction() as tx:
            await tx.execute("UPDATE day_keys SET wrapped = zeroblob(40)")
        await database.close()

    asyncio.run(damage())

    told = rotate().stdout

    assert "wraps now: 1." in told
    assert "did not open before either, left as they were: 1." in told


# --- a key of the operator's own ------------------------------------------------------------------


def test_to_a_key_of_the_operators_own_both_files_stay_as_they_are(recipe):
    mine = a_key("mine.key")
    files = {path: Path(path).read_bytes() for path in ("data.key", "mine.key")}

    done = rotate("--to", "mine.key")

    assert 0 == done.exit_code, done.stderr
    assert "the bot needs the key in mine.key" in done.stdout
    assert files == {path: Path(path).read_bytes() for path in files}
    assert recipe == opens(mine)
    with pytest.raises(StartFault):
        opens(Path("data.key"))


@pytest.mark.parametrize("key", ["data.key", "mine.key"])
def test_to_the_key_in_use_there_is_nothing_to_rotate(recipe, key):
    a_key("mine.key")
    if key == "mine.key":
        rotate("--to", key)

    assert "nothing to rotate" in refused(rotate("--to", key))
    assert recipe == opens(Path(key))


def test_to_a_key_that_is_not_there_it_says_how_to_make_one(recipe):
    assert "head -c 32 /dev/urandom" in refused(rotate("--to", "mine.key"))
    assert not Path("mine.key").exists()
    assert recipe == opens()


@pytest.mark.parametrize(("content", "mode"), [(b"short", 0o600), (bytes(32), 0o644)])
def test_to_what_is_no_private_key_nothing_is_changed(recipe, content, mode):
    Path("mine.key").write_bytes(content)
    Path("mine.key").chmod(mode)

    assert "mine.key" in refused(rotate("--to", "mine.key"))
    assert recipe == opens()


# --- a systemd credential -------------------------------------------------------------------------


@pytest.fixture
def unit(recipe) -> dict[str, str]:
    """The environment of a unit whose credential is the root key."""
    handed = Path("credentials", CREDENTIAL)
    handed.parent.mkdir()
    Path("data.key").rename(handed)
    handed.chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": "credentials"}


def test_a_credential_is_the_operators_to_replace_with_these_steps(unit, recipe):
    said = refused(rotate(**unit))

    assert "systemd-creds encrypt --name=darkroom-root-key" in said
    assert "keys rotate --to" in said
    assert recipe == opens(Path("credentials", CREDENTIAL))


def test_the_steps_are_in_the_help_too():
    said = CliRunner().invoke(keys.keys, ["rotate", "--help"]).output

    for line in keys.CREDENTIAL_STEPS.splitlines():
        assert line.strip() in said


def test_from_a_credential_to_a_key_of_the_operators_own(unit, recipe):
    mine = a_key("mine.key")

    assert 0 == rotate("--to", "mine.key", **unit).exit_code

    assert recipe == opens(mine)
    with pytest.raises(StartFault):
        opens(Path("credentials", CREDENTIAL))
