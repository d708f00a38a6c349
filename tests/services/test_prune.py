"""The running bot deletes copies that are too old, and tells their ledger what was erased."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.crypto.receipts import Scope
from bot.services.prune import Prune
from bot.storage import backups, ledger
from bot.storage.backups import DAY_SECONDS, SWEPT_SECONDS
from tests.services.vault import Vault

DAYS = 7


@pytest.fixture
async def vault(quick_disk: Path, in_memory: Path) -> AsyncIterator[Vault]:
    vault = Vault(quick_disk, in_memory)
    await vault.opens()
    yield vault
    await vault.closes()


@pytest.fixture
def prune(vault: Vault) -> Prune:
    return Prune(vault.memory, vault.copies, DAYS, vault.clock)


async def test_a_copy_lives_for_its_days_and_no_longer(vault, prune):
    await vault.backs_up()
    await prune.look()
    vault.turn(DAYS * DAY_SECONDS - SWEPT_SECONDS)
    await prune.look()
    there = backups.copies_in(vault.copies)

    vault.turn(SWEPT_SECONDS + 1)
    await prune.look()

    assert 1 == len(there)
    assert [] == backups.copies_in(vault.copies)
    assert [] == [*vault.copies.rglob("*.db")]


async def test_copies_made_by_hand_are_deleted_too(vault):
    """Nothing is set, but the ledger knows where the last one is."""
    await vault.backs_up()
    vault.turn(8 * DAY_SECONDS)

    await Prune(vault.memory, None, DAYS, vault.clock).look()

    assert [] == backups.copies_in(vault.copies)


async def test_what_was_erased_is_in_both_lists_at_the_next_look(vault, prune):
    await vault.eraser.delivered("a red fox")
    await vault.backs_up()
    await vault.eraser.begin(Scope.EVERYTHING)

    await prune.look()

    said = [(folder / ledger.FACTS).read_text() for folder in (vault.data, vault.copies)]
    assert said[0] == said[1]
    assert f"person {vault.memory.keys.person(11)}" in said[0]
    assert 0 == await vault.count("forgotten")


async def test_a_folder_that_is_away_holds_up_nothing(vault, prune):
    await vault.backs_up()
    vault.copies.rename(vault.folder / "away")
    vault.turn(9 * DAY_SECONDS)

    await prune.look()

    assert (vault.data / ledger.FACTS).exists()
