"""`darkroom backup` and `restore` as an operator meets them: beside a running bot, and killed."""

import asyncio
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot import backing
from bot.crypto.receipts import Scope
from bot.crypto.rootkey import Source
from bot.errors import StartFault
from bot.ports import SystemClock
from bot.storage import backups, ledger
from bot.storage.memory import open_memory
from tests import commands
from tests.fakes import FakeClock
from tests.services.conftest import ANA, MOD
from tests.services.vault import Vault

_KILLED = """
import os, signal, sys
left = LEFT
def hook(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    if writes or event in {"os.rename", "os.mkdir", "os.remove", "shutil.move"}:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
"""
"""Before the command: it is killed with -9 at its n-th change of a file."""

HOUR_SECONDS = 3600
"""The house's clock is ahead of the machine's, by which commands go: what it erases after a copy
was made is later than the copy, on whatever day that is."""

ERASED = {"db.usage", "db.gpu_usage", "db.relax_use", "db.tenants", "db.audit_subjects"}


@pytest.fixture
def vault(quick_disk: Path, in_memory: Path) -> Vault:
    ahead = FakeClock(SystemClock().now() + HOUR_SECONDS)
    vault = Vault(quick_disk, in_memory, clock=ahead)
    (quick_disk / "data").mkdir(mode=0o700)
    return vault


def darkroom(
    vault: Vault, *arguments: str, kill_at: int | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in the operator's folder."""
    kept = {name: value for name, value in os.environ.items() if name != "CREDENTIALS_DIRECTORY"}
    return commands.run(
        (*arguments, "--data", str(vault.data)),
        cwd=vault.folder,
        env=kept | {"ROOT_KEY_FILE": str(vault.root_file)} | environ,
        first="" if kill_at is None else _KILLED.replace("LEFT", str(kill_at)),
    )


async def _lives(vault: Vault) -> None:
    await vault.opens()
    await vault.eraser.delivered("a red fox")
    await vault.eraser.delivered("a blue owl", person=MOD)


async def _erases(vault: Vault) -> None:
    await vault.opens()
    await vault.eraser.erased(Scope.EVERYTHING)
    await vault.closes()


async def _tables(vault: Vault) -> tuple[set[str], set[str]]:
    await vault.opens()
    try:
        return await vault.tables_naming(ANA), await vault.tables_naming(MOD)
    finally:
        await vault.closes()


def lived(vault: Vault) -> None:
    async def life() -> None:
        await _lives(vault)
        await vault.closes()

    asyncio.run(life())


def test_a_backup_beside_a_running_bot_and_a_restore_once_it_stopped(vault):
    async def life() -> list[subprocess.CompletedProcess[str]]:
        await _lives(vault)
        done = await asyncio.to_thread(darkroom, vault, "backup", "--to", str(vault.copies))
        refused = await asyncio.to_thread(darkroom, vault, "restore", str(vault.copies), "--yes")
        await vault.eraser.erased(Scope.EVERYTHING)
        await vault.closes()
        return [done, refused]

    backed_up, while_running = asyncio.run(life())
    over = darkroom(vault, "restore", str(vault.copies), "--yes")
    aside = str(vault.folder / "aside")
    restored = darkroom(vault, "restore", str(vault.copies), "--aside", aside, "--yes")
    anas, mods = asyncio.run(_tables(vault))

    assert (0, "") == (backed_up.returncode, backed_up.stderr)
    assert "the root key is in neither" in backed_up.stdout
    assert (1, True) == (while_running.returncode, "stop it" in while_running.stderr)
    assert (1, True) == (over.returncode, "--aside" in over.stderr)
    assert (0, "") == (restored.returncode, restored.stderr)
    assert anas <= ERASED
    assert {"db.recipes", "db.posts"} <= mods
    assert (vault.folder / "aside" / "darkroom.db").exists()


@pytest.mark.timeout(120)
def test_a_restore_that_is_killed_anywhere_is_finished_by_the_next(vault):
    """Until then no bot starts here, or it starts on what was there before."""
    lived(vault)
    darkroom(vault, "backup", "--to", str(vault.copies))
    asyncio.run(_erases(vault))
    killed, half, kill_at, number = 0, 0, 0, 0
    while True:
        aside = str(vault.folder / f"aside-{number}")
        done = darkroom(
            vault, "restore", str(vault.copies), "--aside", aside, "--yes", kill_at=kill_at
        )
        if done.returncode == 0:
            break
        assert -9 == done.returncode, done.stderr
        killed += 1
        if not (vault.data / "darkroom.db").exists():
            half += 1
            with pytest.raises(StartFault, match="was not finished"):
                asyncio.run(open_memory(vault.data, Source(vault.root_file), {}))
            again = darkroom(vault, "restore", str(vault.copies), "--aside", aside, "--yes")
            assert 0 == again.returncode, again.stderr
        anas, mods = asyncio.run(_tables(vault))
        assert (killed, anas <= ERASED) == (killed, True)
        assert "db.recipes" in mods
        number += 1
        kill_at += 9
    assert 4 <= killed
    assert 1 <= half


@pytest.fixture
def here(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """The operator's folder for commands run in this process; logging as it was, after it."""
    monkeypatch.chdir(vault.folder)
    for name in ("DATA_DIR", "BACKUP_DIR", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ROOT_KEY_FILE", str(vault.root_file))
    handlers, level = logging.root.handlers[:], logging.root.level
    lived(vault)
    yield vault
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.captureWarnings(capture=False)


def run(command: click.Command, *arguments: object, **environ: str) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env=environ)


def refused(done: Result, said: str) -> bool:
    """Whether it was refused in one line that says this."""
    return (1, 1) == (done.exit_code, len(done.stderr.splitlines())) and said in done.stderr


def test_a_folder_that_cannot_take_copies_is_refused(here):
    assert refused(run(backing.backup), "BACKUP_DIR")
    assert refused(run(backing.backup, "--to", here.data / "copies"), "is in the data folder")
    assert refused(run(backing.backup, "--to", here.folder), "holds the root key")
    assert refused(run(backing.backup, "--data", "elsewhere", "--to", "copies"), "no data")
    assert [] == list(here.folder.rglob("keys.db"))[1:]


def test_what_is_no_copy_is_refused(here):
    (here.folder / "full").mkdir()
    (here.folder / "full" / "something").touch()
    nothing = run(backing.restore, here.copies, "--yes")
    run(backing.backup, BACKUP_DIR=str(here.copies))
    [copy] = backups.copies_in(here.copies)

    full = run(backing.restore, here.copies, "--aside", "full", "--yes")
    within = run(backing.restore, here.copies, "--aside", here.data / "x", "--yes")
    said_no = run(backing.restore, here.copies, "--aside", "aside")
    by_name = run(backing.restore, copy.data.parent, "--aside", "aside", "--yes")

    assert refused(nothing, "no copy with both halves")
    assert refused(full, "is not empty")
    assert refused(within, "is in the data folder")
    assert (1, True) == (said_no.exit_code, "Aborted" in said_no.output)
    assert (0, "") == (by_name.exit_code, by_name.stderr)


def test_a_copy_that_is_too_old_is_not_restored_and_the_next_backup_deletes_it(here):
    run(backing.backup, BACKUP_DIR=str(here.copies))
    [copy] = backups.copies_in(here.copies)
    for half in ("data", "keys"):
        (here.copies / half / copy.stamp).rename(here.copies / half / "20261101T000000Z")

    old = run(backing.restore, here.copies, "--aside", "aside", "--yes")
    swept = run(backing.backup, BACKUP_DIR=str(here.copies))

    assert refused(old, "older than 7 days")
    assert "deleted: 1." in swept.stdout
    assert ["20261101T000000Z"] != [each.stamp for each in backups.copies_in(here.copies)]


def test_a_copy_of_another_root_key_is_not_restored(here):
    run(backing.backup, BACKUP_DIR=str(here.copies))
    here.root_file.write_bytes(bytes(32))

    foreign = run(backing.restore, here.copies, "--aside", "aside", "--yes")

    assert refused(foreign, "does not open this copy")
    assert (here.data / "darkroom.db").exists()


def test_a_copy_without_its_ledger_is_not_restored(here):
    run(backing.backup, BACKUP_DIR=str(here.copies))
    for folder in (here.copies, here.data):
        (folder / ledger.FACTS).unlink()

    bare = run(backing.restore, here.copies, "--aside", "aside", "--yes")

    assert refused(bare, "nobody knows what was erased since")
    assert not (here.folder / "aside").exists()


def test_a_copy_from_before_the_ledger_begins_is_not_restored(here):
    """Whoever shortened BACKUP_DAYS and lengthened it again finds no line of then."""
    run(backing.backup, BACKUP_DIR=str(here.copies))
    [copy] = backups.copies_in(here.copies)
    asyncio.run(ledger.Ledger(here.data, here.copies).drop_before(copy.at + 1))

    early = run(backing.restore, here.copies, "--aside", "aside", "--yes")

    assert refused(early, "older than what the ledger still knows")


def test_a_restore_says_how_far_its_ledger_reaches(here):
    run(backing.backup, BACKUP_DIR=str(here.copies))

    done = run(backing.restore, here.copies, "--aside", "aside", "--yes")

    assert 0 == done.exit_code
    assert "The last entry of the ledger is of 20" in done.stdout
