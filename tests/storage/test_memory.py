"""A data folder is opened by one process, with its own root key; its rows open only in place."""

import stat

import pytest

from bot.crypto.envelope import new_key
from bot.domain import OptOut, Visibility
from bot.errors import KeyGone, SealBroken, StartFault
from bot.storage import choices
from tests.storage.rows import ANA, MOD, SPEC, add_job, delivery_of


async def test_a_new_folder_is_founded_for_us_alone(memory, tmp_path):
    files = {path.name: path for path in (tmp_path / "data").iterdir()}

    assert {"darkroom.db", "keys.db", "lock", "blobs"} <= set(files)
    assert {0o600} == {
        stat.S_IMODE(path.stat().st_mode) for path in files.values() if path.is_file()
    }
    assert 0o700 == stat.S_IMODE((tmp_path / "data").stat().st_mode)
    assert 0o700 == stat.S_IMODE(files["blobs"].stat().st_mode)


async def test_the_root_key_is_not_in_the_data_folder(memory, tmp_path):
    root = (tmp_path / "root.key").read_bytes()

    held = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]

    assert [] == [path.name for path in held if root in path.read_bytes()]


async def test_a_second_darkroom_over_one_folder_is_refused(memory, open_again):
    with pytest.raises(StartFault, match="another Darkroom"):
        await open_again()


async def test_a_folder_that_was_closed_can_be_opened_again_with_all_it_held(open_again):
    first = await open_again()
    job = (await add_job(first)).job
    await first.close()

    second = await open_again()

    assert SPEC == await second.open_spec(await delivery_of(second, job))
    await second.close()


@pytest.mark.parametrize("broken", ["keys.db", "darkroom.db", "root.key"])
async def test_a_folder_that_cannot_be_opened_is_let_go_and_opens_once_it_is_mended(
    open_again, tmp_path, broken
):
    await (await open_again()).close()
    path = tmp_path / broken if broken == "root.key" else tmp_path / "data" / broken
    whole = path.read_bytes()
    path.write_bytes(new_key() if broken == "root.key" else b"broken" * 1000)

    with pytest.raises(StartFault):
        await open_again()

    path.write_bytes(whole)
    await (await open_again()).close()


async def test_a_lost_root_key_is_not_replaced_while_data_depends_on_it(open_again, tmp_path):
    await (await open_again()).close()
    (tmp_path / "root.key").unlink()

    with pytest.raises(StartFault, match="is missing"):
        await open_again()


async def test_lost_keys_are_not_replaced_while_a_no_depends_on_them(open_again, tmp_path):
    memory = await open_again()
    async with memory.db.transaction() as tx:
        await choices.set_opt_out(tx, memory.keys.person(11), OptOut.NEVER_PUBLIC, day="2026-11-21")
    await memory.close()
    kept = (tmp_path / "data" / "keys.db").read_bytes()
    (tmp_path / "data" / "keys.db").unlink()

    for _ in range(2):
        with pytest.raises(StartFault, match=r"restore keys\.db"):
            await open_again()

    (tmp_path / "data" / "keys.db").write_bytes(kept)
    memory = await open_again()
    async with memory.db.read() as tx:
        said = await choices.opt_out(tx, memory.keys.person(11))
    await memory.close()
    assert OptOut.NEVER_PUBLIC is said


async def test_a_folder_whose_founding_was_killed_is_founded_at_the_next_start(
    open_again, tmp_path
):
    await (await open_again()).close()
    (tmp_path / "data" / "darkroom.db").unlink()

    await (await open_again()).close()

    assert (tmp_path / "data" / "darkroom.db").exists()


@pytest.mark.parametrize("name", ["darkroom.db", "keys.db"])
async def test_databases_that_others_may_read_are_refused(open_again, tmp_path, name):
    await (await open_again()).close()
    (tmp_path / "data" / name).chmod(0o644)

    with pytest.raises(StartFault, match="chmod 600"):
        await open_again()


async def test_a_folder_that_cannot_be_made_is_refused_with_the_setting_to_change(
    open_again, tmp_path
):
    (tmp_path / "data").touch()

    with pytest.raises(StartFault, match="DATA_DIR"):
        await open_again()


async def test_a_moved_folder_keeps_its_stealth_keys(open_again, tmp_path):
    first = await open_again()
    job = (await add_job(first, seen=Visibility.STEALTH)).job
    await first.close()
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")

    second = await open_again()

    assert SPEC == await second.open_spec(await delivery_of(second, job))
    await second.close()


@pytest.mark.parametrize("owners", [(ANA, ANA), (ANA, MOD)])
@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("column", ["payload", "route"])
async def test_a_sealed_field_does_not_open_in_another_row_not_even_with_its_key(
    memory, owners, with_keys, column
):
    first = await add_job(memory, 1, owner=owners[0])
    second = await add_job(memory, 2, owner=owners[1])
    table, key = ("jobs", "id") if column == "payload" else ("deliveries", "job")
    async with memory.db.transaction() as tx:
        await tx.execute(
            f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {key} = ?)"
            f" WHERE {key} = ?",
            (first.job, second.job),
        )
    if with_keys:
        async with memory.keys._database.transaction() as tx:
            await tx.execute("DELETE FROM item_keys WHERE item = ?", (second.job,))
            await tx.execute("UPDATE item_keys SET item = ?", (second.job,))

    swapped = await delivery_of(memory, second.job)

    opens = memory.open_spec if column == "payload" else memory.open_route
    with pytest.raises(SealBroken):
        await opens(swapped)


async def test_a_picture_does_not_open_as_another_or_as_another_jobs(memory):
    first, second = await add_job(memory, 1), await add_job(memory, 2)
    sealed = await memory.seal_picture(first, 0, b"a picture")

    assert b"a picture" == await memory.open_picture(first, 0, sealed)
    with pytest.raises(SealBroken):
        await memory.open_picture(first, 1, sealed)
    with pytest.raises(SealBroken):
        await memory.open_picture(second, 0, sealed)


async def test_a_route_that_changed_opens_as_it_was_sealed(memory):
    delivery = await add_job(memory)
    route = await memory.open_route(delivery)

    async with memory.db.transaction() as tx:
        await tx.execute(
            "UPDATE deliveries SET route = ?", (await memory.seal_route(delivery, route),)
        )

    assert route == await memory.open_route(await delivery_of(memory, delivery.job))


async def test_after_a_power_off_a_stealth_job_cannot_be_read_with_every_key_on_the_disk(
    open_again, tmp_path
):
    first = await open_again()
    job = (await add_job(first, seen=Visibility.STEALTH)).job
    await first.close()

    second = await open_again(runtime=tmp_path / "nothing in memory")

    delivery = await delivery_of(second, job)
    with pytest.raises(KeyGone):
        await second.open_spec(delivery)
    with pytest.raises(KeyGone):
        await second.seal_picture(delivery, 0, b"a picture")
    assert ANA == (await second.open_route(delivery)).owner
    await second.close()


async def test_files_of_pictures_come_and_go(memory):
    names = await memory.keep_files([b"one", b"two"])

    assert [b"one", b"two"] == await memory.read_files(names)
    await memory.drop_files(names)
    with pytest.raises(KeyGone):
        await memory.read_files(names)
