"""What `darkroom doctor` says of backups: where they go, and how old the last one is."""

import asyncio
from pathlib import Path

import pytest

from bot import settings
from bot.findings import Finding, Mark, backups_of, clock_of
from bot.ports import SystemClock
from bot.storage import house
from bot.storage.backups import DAY_SECONDS
from tests.services.vault import Vault


@pytest.fixture
def vault(quick_disk: Path, in_memory: Path, monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return Vault(quick_disk, in_memory)


def found(vault: Vault, folder: Path | None) -> Finding:
    chosen = settings.load(vault.folder / "no.env", data_dir=vault.data, backup_dir=folder)
    [finding] = backups_of(chosen)
    return finding


async def _made(vault: Vault, days_ago: int) -> None:
    await vault.opens()
    ledger = vault.memory.keys.ledger
    await vault.memory.copy(ledger, vault.copies, SystemClock().now() - days_ago * DAY_SECONDS - 60)
    await vault.closes()


def test_without_a_folder_it_asks_for_one(vault):
    assert (Mark.HINT, True) == (found(vault, None).mark, "BACKUP_DIR" in found(vault, None).text)


def test_a_folder_that_is_not_there_is_bad(vault):
    assert "cannot be written" in found(vault, vault.copies).text
    assert found(vault, vault.copies).is_bad


def test_a_folder_that_holds_the_root_key_is_bad(vault):
    assert "holds the root key" in found(vault, vault.folder).text


@pytest.mark.parametrize(
    ("days_ago", "mark", "said"),
    [
        (0, Mark.GOOD, "made today"),
        (1, Mark.GOOD, "made 1 day ago"),
        (6, Mark.GOOD, "made 6 days ago"),
        (7, Mark.HINT, "run `darkroom backup`"),
    ],
)
async def test_it_says_how_old_the_last_copy_is(vault, days_ago, mark, said):
    await _made(vault, days_ago)

    finding = found(vault, vault.copies)

    assert (mark, True) == (finding.mark, said in finding.text)


async def _reached(vault: Vault, day: str) -> None:
    await vault.opens()
    async with vault.memory.db.transaction() as tx:
        await house.put(tx, house.QUOTA_DAY, day)
    await vault.closes()


@pytest.mark.parametrize(("day", "said"), [("2099-01-01", "have reached 2099-01-01"), ("", None)])
def test_a_clock_that_is_behind_the_day_that_quotas_reached_is_named(vault, day, said):
    asyncio.run(_reached(vault, day))
    chosen = settings.load(
        vault.folder / "no.env", data_dir=vault.data, root_key_file=vault.root_file
    )

    findings = [finding.text for finding in clock_of(chosen)]

    assert (said is not None) == bool(findings)
    assert all(said in text for text in findings)
