"""An old copy is restored: what was erased since stays erased, and nothing is delivered twice."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.crypto.receipts import Scope
from bot.domain import Ending, Moderator, OptOut, Question, Visibility
from bot.errors import KeyGone, StartFault
from bot.policy.plans import Usage
from bot.policy.server import ServerSettings, StealthHere
from bot.services.depart import Depart
from bot.storage import (
    audit,
    backups,
    choices,
    departures,
    entitlements,
    grants,
    ledger,
    posts,
    restoring,
    rotation,
    servers,
)
from bot.storage.backups import DAY_SECONDS
from bot.storage.database import many, open_database
from tests.asks import GUILD
from tests.services.conftest import ANA, MOD
from tests.services.erasing import PRO
from tests.services.purging import OF_ANA, Purger
from tests.services.vault import Vault, keys_in


@pytest.fixture
async def vault(quick_disk: Path, in_memory: Path) -> AsyncIterator[Vault]:
    vault = Vault(quick_disk, in_memory)
    await vault.opens()
    yield vault
    await vault.closes()


# --- what a copy holds


async def test_a_copy_has_rows_and_keys_apart_for_the_operator_alone(vault):
    await vault.eraser.delivered("a red fox")

    copy = await vault.backs_up()

    assert [vault.copies / "data" / copy.stamp, vault.copies / "keys" / copy.stamp] == [
        copy.data.parent,
        copy.keys.parent,
    ]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in vault.copies.rglob("*.db")}
    assert {0o700} == {
        path.stat().st_mode & 0o777 for path in vault.copies.rglob("*") if path.is_dir()
    }


async def test_the_root_key_is_nowhere_in_a_copy(vault):
    await vault.eraser.delivered("a red fox")
    await vault.backs_up()
    root = vault.root_file.read_bytes()
    content = b"".join(path.read_bytes() for path in vault.copies.rglob("*") if path.is_file())

    found = [
        form
        for form in (root, root.hex().encode(), b64encode(root), urlsafe_b64encode(root))
        if form.rstrip(b"=") in content
    ]

    assert [] == found
    assert b"item_keys" in content


async def test_no_key_of_a_stealth_job_is_in_a_copy(vault):
    job = await vault.house.rendered("a white cat", visibility=Visibility.STEALTH, role_ids=PRO)
    secrets = [await vault.memory.keys.key(job, purpose) for purpose in ("recipe", "picture")]

    copy = await vault.backs_up()

    held = keys_in(copy, vault.root_file.read_bytes())
    assert not set(secrets) & set(held)
    assert held


async def test_a_copy_holds_no_page_of_what_was_erased_before(vault):
    await vault.eraser.delivered("a red fox")
    async with vault.memory.keys._database.read() as tx:
        wrapped = [row["wrapped"] for row in await many(tx, "SELECT wrapped FROM item_keys")]
    await vault.eraser.erased(Scope.EVERYTHING)

    copy = await vault.backs_up()

    assert not [one for one in wrapped if one in copy.keys.read_bytes()]
    assert wrapped


async def gives(vault, *people) -> None:
    """A grant of the operator's, and a word of Discord's just now."""
    now, keys = vault.house.clock.now(), vault.house.memory.keys
    async with vault.house.memory.db.transaction() as tx:
        for number, person in enumerate(map(keys.person, people)):
            await grants.give(tx, person, "Pro", granted_on="2027-01-15", expires_at=now + 9**9)
            await entitlements.tell(tx, person, entitlements.News(str(number), "Plus", None), now)


# --- what was erased stays erased


async def test_ana_erased_everything_and_an_old_copy_does_not_bring_her_back(vault):
    await vault.eraser.delivered("a red fox")
    await vault.eraser.delivered("a hidden fox", "stealth")
    await vault.eraser.delivered("a blue owl", person=MOD)
    await vault.house.choose.change(ANA, lambda old: old)
    await gives(vault, ANA, MOD)
    copy = await vault.backs_up()
    await vault.eraser.erased(Scope.EVERYTHING)

    await vault.restores(copy)

    assert await vault.tables_naming() <= {"db.usage", "db.gpu_usage", "db.relax_use", "db.tenants"}
    assert 1 == await vault.count("recipes")
    assert {"db.recipes", "db.posts", "db.jobs"} <= await vault.tables_naming(MOD)
    assert {"db.grants", "db.entitlements"} <= await vault.tables_naming(MOD)


async def test_a_grant_that_was_taken_back_does_not_come_back_with_an_old_copy(vault):
    await gives(vault, ANA, MOD)
    copy = await vault.backs_up()
    async with vault.house.memory.db.transaction() as tx:
        await grants.revoke(tx, vault.house.memory.keys.person(ANA), vault.house.clock.now())

    await vault.restores(copy)

    assert "db.grants" not in await vault.tables_naming()
    assert "db.grants" in await vault.tables_naming(MOD)


@pytest.mark.parametrize(
    ("plan", "days", "then"), [("Plus", 400, None), ("Pro", 7, None), ("Pro", 4000, "Pro")]
)
async def test_a_grant_that_was_cut_since_does_not_come_back_as_it_was(vault, plan, days, then):
    now, ana = vault.clock.now(), vault.memory.keys.person(ANA)
    async with vault.memory.db.transaction() as tx:
        await grants.give(
            tx, ana, "Pro", granted_on="2027-01-15", expires_at=now + 400 * DAY_SECONDS
        )
    copy = await vault.backs_up()
    async with vault.memory.db.transaction() as tx:
        until = now + days * DAY_SECONDS
        await grants.give(tx, ana, plan, granted_on="2027-01-15", expires_at=until)

    await vault.restores(copy)

    async with vault.memory.db.read() as tx:
        held = await grants.of(tx, ana, now)
    assert then == (held.plan if held else None)


async def test_it_does_not_even_when_the_data_folder_is_lost(vault):
    await vault.eraser.delivered("a red fox")
    copy = await vault.backs_up()
    await vault.eraser.erased(Scope.EVERYTHING)

    await vault.restores(copy, lost=True)

    assert await vault.tables_naming() <= {"db.usage", "db.gpu_usage", "db.relax_use", "db.tenants"}


async def test_without_the_ledger_it_would(vault):
    """The control: what these tests see is the ledger's work."""
    await vault.eraser.delivered("a red fox")
    copy = await vault.backs_up()
    await vault.eraser.erased(Scope.EVERYTHING)

    await vault.restores(copy, lists=[])

    assert {"db.recipes", "db.posts", "db.people"} <= await vault.tables_naming()


async def test_one_job_was_erased_and_the_other_is_back(vault):
    first = await vault.eraser.delivered("a red fox")
    second = await vault.eraser.delivered("a blue owl")
    copy = await vault.backs_up()
    await vault.eraser.erased(Scope.JOB, job=first)

    await vault.restores(copy)

    with pytest.raises(KeyGone):
        await vault.memory.keys.key(first, "recipe")
    assert None is await vault.house.recall(first, ANA)
    spec = await vault.house.recall(second, ANA)
    assert "a blue owl" == spec.spec.prompt
    async with vault.memory.db.read() as tx:
        assert None is await posts.get(tx, first)
        assert second == (await posts.get(tx, second)).job


async def test_a_copy_and_all_its_keys_do_not_open_what_was_erased_once_restored(vault):
    await vault.eraser.delivered("a red fox")
    copy = await vault.backs_up()
    before = keys_in(copy, vault.root_file.read_bytes())
    await vault.eraser.erased(Scope.EVERYTHING)

    await vault.restores(copy)
    again = await vault.backs_up()

    after = keys_in(again, vault.root_file.read_bytes())
    assert 4 <= len(before)
    assert 2 == len(set(after))  # for hashes, and for receipts


async def test_choices_that_were_made_again_after_an_erasure_are_kept(vault):
    """The list names that one key, not the choices of that person for ever."""
    await vault.house.choose.stealth(ANA)
    await vault.backs_up()
    await vault.eraser.erased(Scope.EVERYTHING)
    await vault.house.choose.stealth(ANA)
    newer = await vault.backs_up()

    await vault.restores(newer)

    assert Visibility.STEALTH is (await vault.house.choose.read(ANA)).visibility


async def test_what_a_moderator_purged_is_not_back(vault):
    await vault.eraser.delivered("a red fox")
    await vault.eraser.delivered("a blue owl", person=MOD)
    copy = await vault.backs_up()
    purger = Purger(vault.house)
    await purger.purged(OF_ANA)
    await vault.house.tidies()

    await vault.restores(copy)

    assert not {"db.recipes", "db.posts", "db.jobs"} & await vault.tables_naming(ANA)
    assert {"db.recipes", "db.posts"} <= await vault.tables_naming(MOD)


async def test_a_server_that_was_erased_since_is_not_back(vault):
    await vault.eraser.delivered("a red fox")
    copy = await vault.backs_up()
    purger = Purger(vault.house)
    house = vault.house
    depart = Depart(
        house.memory, house.engine, house.conclude, purger.purge.begin_by_house, house.clock, 0
    )
    await depart.compare(set())
    for _ in range(6):
        await depart.look()
        await purger.purge.look()
        await purger.purge.hands.empty()
        await house.tidies()
        vault.turn(61)

    await vault.restores(copy)

    async with vault.memory.db.read() as tx:
        assert set() == await departures.held(tx)


# --- who said no is still heard


@pytest.mark.parametrize("lost", [False, True])
async def test_who_opted_out_since_is_opted_out(vault, lost):
    copy = await vault.backs_up()
    await vault.house.choose.never_public(ANA)
    await vault.memory.tell_ledger()

    await vault.restores(copy, lost=lost)

    assert OptOut.NEVER_PUBLIC is await vault.house.choose.opt_out_of(ANA)


async def test_who_opted_out_just_before_a_crash_is_opted_out(vault):
    """What was not told to the ledger yet is read from the database that is there."""
    copy = await vault.backs_up()
    await vault.house.choose.never_public(ANA)
    vault.memory.keys.ledger = None  # so that nothing more is told

    await vault.restores(copy)

    assert OptOut.NEVER_PUBLIC is await vault.house.choose.opt_out_of(ANA)


async def test_who_opted_in_again_is_not_opted_out_by_the_copy(vault):
    await vault.house.choose.never_public(ANA)
    copy = await vault.backs_up()
    assert await vault.house.choose.opt_in(ANA)

    await vault.restores(copy)

    assert None is await vault.house.choose.opt_out_of(ANA)


async def test_who_chose_stealth_since_is_asked_before_anything_is_public(vault):
    copy = await vault.backs_up()
    await vault.house.choose.stealth(ANA)

    await vault.restores(copy)

    assert OptOut.ASK_FIRST is await vault.house.choose.opt_out_of(ANA)
    assert isinstance(await vault.house.ask("a red fox"), Question)


async def test_who_erased_everything_after_choosing_stealth_is_not_remembered(vault):
    copy = await vault.backs_up()
    await vault.house.choose.stealth(ANA)
    await vault.eraser.delivered("a hidden fox", "stealth")
    await vault.eraser.erased(Scope.EVERYTHING)

    await vault.restores(copy)

    assert None is await vault.house.choose.opt_out_of(ANA)


async def test_a_server_that_set_a_floor_since_has_it(vault):
    copy = await vault.backs_up()
    async with vault.memory.db.transaction() as tx:
        await servers.write(
            tx, vault.memory.keys, GUILD, ServerSettings(stealth=StealthHere.FLOOR),
            now=1, day="2026-11-21",
        )  # fmt: skip

    await vault.restores(copy)

    async with vault.memory.db.read() as tx:
        assert StealthHere.FLOOR is (await servers.read(tx, vault.memory.keys, GUILD)).stealth


@pytest.mark.parametrize("met", [True, False])
async def test_who_hid_their_words_since_shows_none(vault, met):
    if met:
        await vault.house.choose.change(ANA, lambda old: replace(old, training_wish=True))
    copy = await vault.backs_up()
    await vault.house.choose.change(ANA, lambda old: replace(old, hides_prompt=True))

    await vault.restores(copy)

    chosen = await vault.house.choose.read(ANA)
    assert (True, met) == (chosen.hides_prompt, chosen.training_wish)


@pytest.mark.parametrize(("first", "then"), [(True, False), (False, True)])
async def test_a_servers_last_word_on_words_is_heard(vault, first, then):
    mod = Moderator(person=MOD, guild_id=GUILD)
    copy = await vault.backs_up()
    await vault.house.moderate.echo(mod, shows=first)
    await vault.house.moderate.echo(mod, shows=then)

    await vault.restores(copy)

    assert then == (await vault.house.moderate.show(mod)).settings.shows_prompts


# --- jobs under way


async def test_what_was_delivered_since_is_delivered_once_and_stays(vault):
    job = await vault.eraser.waiting("a red fox")
    copy = await vault.backs_up()
    await vault.house.finish()
    standing = vault.messenger.stands(200)

    await vault.restores(copy)
    await vault.settles()

    assert standing == vault.messenger.stands(200)
    async with vault.memory.db.read() as tx:
        assert (await posts.get(tx, job)).channel_id == 200
    assert 1 == len(standing)
    assert 0 == await vault.count("jobs")


async def test_a_post_made_since_can_still_be_erased_by_its_owner(vault):
    copy = await vault.backs_up()
    await vault.eraser.delivered("a red fox")

    await vault.restores(copy, lost=False)
    receipt = await vault.eraser.erased(Scope.EVERYTHING)

    assert 1 == receipt.messages_deleted
    assert [] == vault.messenger.stands(200)


async def test_what_was_under_way_when_the_disk_was_lost_ends_refunded_and_is_cleared_up(vault):
    job = await vault.eraser.waiting("a red fox")
    copy = await vault.backs_up()

    await vault.restores(copy, lost=True)
    await vault.settles()

    assert Ending.LOST is (await vault.house.delivery(job)).ending
    assert 0 == (await vault.house.usage()).pictures
    assert [] == vault.messenger.stands(200)


async def test_a_stealth_job_that_was_under_way_leaves_what_stands_in_the_dm(vault):
    await vault.house.placed("a white cat", visibility=Visibility.STEALTH, role_ids=PRO)
    copy = await vault.backs_up()
    await vault.house.finish()
    dm = vault.messenger.dm(ANA)
    standing = vault.messenger.stands(dm)

    await vault.restores(copy)
    await vault.settles()

    assert standing == vault.messenger.stands(dm)
    assert 0 == await vault.count("jobs")
    assert [] == await vault.house.keys_of_jobs()


@pytest.mark.parametrize("end", ["delivered", "cancelled"])
async def test_a_copy_gives_back_nothing_for_a_stealth_job_that_had_ended(vault, end):
    house = vault.house
    await house.delivered("a red fox", role_ids=PRO)
    job = await house.rendered("a white cat", visibility=Visibility.STEALTH, role_ids=PRO)
    await (house.delivers() if end == "delivered" else house.remove(job, ANA))
    taken = await house.usage()
    copy = await vault.backs_up()

    await vault.restores(copy)

    assert 2 == taken.pictures
    assert taken == await vault.house.usage()


async def test_a_copy_gives_back_nothing_for_a_picture_that_is_made_again(vault):
    job = await vault.house.delivered("a red fox")
    await vault.house.withdraw(job, ANA, "token")
    copy = await vault.backs_up()

    await vault.restores(copy)

    assert Usage(pictures=1) == await vault.house.usage()


# --- what is refused, and what is entered


async def test_a_copy_from_before_the_root_key_was_rotated_is_refused(vault):
    copy = await vault.backs_up()
    await vault.closes()
    keys_db = await open_database(vault.data / "keys.db", "keys")
    await rotation.rotate(keys_db, vault.root_file)
    await keys_db.close()

    with pytest.raises(StartFault, match="rotated since"):
        await restoring.build(copy, vault.data, vault.root_file.read_bytes(), [], vault.clock)

    await vault.opens()


async def test_a_restore_is_entered_in_the_audit_of_the_house(vault):
    copy = await vault.backs_up()

    await vault.restores(copy)

    async with vault.memory.db.read() as tx:
        rows = await many(tx, "SELECT chain, actor, act, result FROM audit")
    assert [(audit.HOUSE, "operator", "restored", "done")] == [tuple(row) for row in rows]


@pytest.mark.parametrize("root", ["data", "copies"])
def test_a_folder_that_holds_data_or_the_root_key_is_refused(tmp_path, root):
    data = tmp_path / "data"
    with pytest.raises(StartFault, match="--to"):
        backups.refuse_target(
            {"data": data / "copies", "copies": tmp_path}[root], data, tmp_path / "data.key"
        )
    backups.refuse_target(tmp_path / "copies", data, tmp_path / "data.key")


async def test_old_copies_are_deleted_and_younger_ones_stay(vault):
    old = await vault.backs_up()
    vault.turn(8 * DAY_SECONDS)
    young = await vault.backs_up()

    gone = backups.sweep(vault.copies, vault.clock.now() - 7 * DAY_SECONDS)

    assert 1 == gone
    assert [young] == backups.copies_in(vault.copies)
    assert not old.data.exists()


# --- the ledger


async def test_no_key_is_destroyed_that_cannot_be_written_down_before(vault):
    await vault.eraser.delivered("a red fox")
    await vault.backs_up()
    held = await vault.memory.keys.items()
    (vault.data / ledger.KEYS).unlink()
    (vault.data / ledger.KEYS).mkdir()

    with pytest.raises(IsADirectoryError):
        await vault.memory.keys.destroy_all(held)

    assert held == await vault.memory.keys.items()
    (vault.data / ledger.KEYS).rmdir()
    assert len(held) == await vault.memory.keys.destroy_all(held)


async def test_nothing_is_written_while_no_copy_was_made(vault):
    await vault.eraser.delivered("a red fox")
    await vault.eraser.erased(Scope.EVERYTHING)

    assert 0 == await vault.count("forgotten")
    assert [] == list(vault.data.glob("forgotten.log"))


async def test_a_folder_of_copies_that_is_away_gets_its_lines_when_it_is_back(vault):
    await vault.eraser.delivered("a red fox")
    copy = await vault.backs_up()
    away = vault.copies.rename(vault.folder / "away")
    await vault.eraser.erased(Scope.EVERYTHING)
    away.rename(vault.copies)
    await vault.house.choose.never_public(MOD)
    await vault.memory.tell_ledger()

    await vault.restores(copy, lost=True)

    assert await vault.tables_naming() <= {"db.usage", "db.gpu_usage", "db.relax_use", "db.tenants"}
    assert OptOut.NEVER_PUBLIC is await vault.house.choose.opt_out_of(MOD)


async def test_lines_that_no_copy_needs_are_dropped(vault):
    await vault.backs_up()
    await vault.house.choose.never_public(ANA)
    await vault.memory.tell_ledger()
    vault.turn(9 * DAY_SECONDS)
    await vault.house.choose.never_public(MOD)
    await vault.memory.tell_ledger()

    await vault.memory.keys.ledger.drop_before(vault.clock.now() - 8 * DAY_SECONDS)

    for folder in (vault.data, vault.copies):
        said = (folder / ledger.FACTS).read_text()
        assert vault.memory.keys.person(ANA) not in said
        assert vault.memory.keys.person(MOD) in said


async def test_the_ledger_says_no_time_of_a_stealth_job_and_no_content(vault):
    await vault.backs_up()
    job = await vault.eraser.delivered("xylophone", "stealth")
    await vault.memory.tell_ledger()

    said = "".join((vault.data / name).read_text() for name in (ledger.FACTS, ledger.KEYS))

    assert job not in said
    assert "xylophone" not in said
    assert all(len(line.split()[0]) == len("2026-11-21") for line in
               (vault.data / ledger.KEYS).read_text().splitlines())  # fmt: skip
    assert (vault.data / ledger.KEYS).read_text()


# --- receipts


async def test_a_receipt_says_until_when_copies_may_hold_the_keys(vault):
    await vault.eraser.delivered("a red fox")
    none = await vault.eraser.erased(Scope.JOB, job=await vault.eraser.delivered("a hen"))
    await vault.backs_up()

    some = await vault.eraser.erased(Scope.EVERYTHING)
    vault.turn(8 * DAY_SECONDS)
    await vault.eraser.delivered("a red fox")
    later = await vault.eraser.erased(Scope.EVERYTHING)

    assert "none-made" == none.backups
    assert "keys-gone-by:2027-01-22" == some.backups
    assert "none-made" == later.backups


async def test_what_is_chosen_after_a_restore_is_chosen_by_its_owner(vault):
    """Whoever is asked first and presses is public again, and the mark is gone."""
    copy = await vault.backs_up()
    await vault.house.choose.stealth(ANA)
    await vault.restores(copy)

    await vault.house.choose.public(ANA)

    async with vault.memory.db.read() as tx:
        assert None is await choices.opt_out(tx, vault.memory.keys.person(ANA))
