"""Whose key opens what; and that a destroyed key is nowhere any more."""

import pytest

from bot.crypto.envelope import new_key
from bot.crypto.stealthkeys import StealthKeys
from bot.domain import PersonHash, Visibility
from bot.errors import KeyGone, StartFault
from bot.storage.database import many, open_database
from bot.storage.keyring import PICTURE, RECIPE, ROUTE, open_keyring

ROOT = bytes(range(32))
ANA, MOD = PersonHash("ana"), PersonHash("mod")
ALL = (RECIPE, PICTURE, ROUTE)
DAY = "2026-11-21"


@pytest.fixture
def opens(tmp_path):
    """Open the keyring of this test, again and again."""

    async def open_it(root: bytes = ROOT, stealth: StealthKeys | None = None):
        database = await open_database(tmp_path / "keys.db", "keys")
        try:
            return await open_keyring(database, root, stealth or StealthKeys(None))
        except StartFault:
            await database.close()
            raise

    return open_it


@pytest.fixture
async def ring(opens):
    opened = await opens()
    yield opened
    await opened.close()


async def wrapped(ring, table: str = "item_keys") -> list[bytes]:
    async with ring._database.read() as tx:
        return [row["wrapped"] for row in await many(tx, f"SELECT wrapped FROM {table}")]


def on_disk(tmp_path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


async def test_a_jobs_keys_are_three_and_open_again_after_a_restart(opens):
    ring = await opens()
    made = await ring.new_job("job", ANA, DAY, Visibility.PUBLIC)
    await ring.close()

    again = await opens()
    opened = [await again.key("job", purpose) for purpose in ALL]
    await again.close()

    assert [made.recipe, made.picture, made.route] == opened
    assert 3 == len(set(opened))


async def test_another_root_key_does_not_open_the_keyring(opens):
    await (await opens()).close()

    with pytest.raises(StartFault, match="ROOT_KEY_FILE"):
        await opens(root=new_key())


async def test_hashes_of_people_are_the_same_after_a_restart_and_other_in_another_house(
    opens, tmp_path
):
    ring = await opens()
    before = (ring.person(11), ring.interaction(11))
    await ring.close()
    again = await opens()
    after = (again.person(11), again.interaction(11))
    await again.close()
    (tmp_path / "keys.db").unlink()
    elsewhere = await opens()

    assert before == after
    assert before[0] != before[1]
    assert before[0] != elsewhere.person(11)
    await elsewhere.close()


@pytest.mark.parametrize("purpose", ALL)
async def test_a_destroyed_key_is_gone_and_the_others_open(ring, purpose):
    await ring.new_job("job", ANA, DAY, Visibility.PUBLIC)

    await ring.destroy("job", purpose)

    with pytest.raises(KeyGone):
        await ring.key("job", purpose)
    for other in set(ALL) - {purpose}:
        assert await ring.key("job", other)


async def test_a_key_that_never_was_is_gone_too(ring):
    with pytest.raises(KeyGone):
        await ring.key("nobody's job", RECIPE)


async def test_a_destroyed_and_forgotten_key_is_nowhere_in_the_file_or_its_log(ring, tmp_path):
    for number in range(20):
        await ring.new_job(f"job {number}", ANA, DAY, Visibility.PUBLIC)
    destroyed = await wrapped(ring)
    assert all(key in on_disk(tmp_path) for key in destroyed)
    await ring.new_job("stays", MOD, DAY, Visibility.PUBLIC)

    for number in range(20):
        await ring.destroy(f"job {number}", *ALL)
    await ring.forget()

    assert [] == [key for key in destroyed if key in on_disk(tmp_path)]
    assert await ring.key("stays", RECIPE)
    assert {"stays"} == {job for job, _ in await ring.items()}


async def test_no_key_lies_open_on_the_disk(ring, tmp_path):
    made = await ring.new_job("job", ANA, DAY, Visibility.PUBLIC)

    disk = on_disk(tmp_path)

    assert [] == [key for key in (made.recipe, made.picture, made.route, ROOT) if key in disk]


async def test_a_person_has_one_key_a_day_and_every_day_another(ring):
    await ring.new_job("one", ANA, DAY, Visibility.PUBLIC)
    await ring.new_job("two", ANA, DAY, Visibility.PUBLIC)
    await ring.new_job("tomorrow", ANA, "2026-11-22", Visibility.PUBLIC)
    await ring.new_job("mod's", MOD, DAY, Visibility.PUBLIC)

    assert 3 == len(set(await wrapped(ring, "day_keys")))


async def test_stealth_keys_are_not_in_the_key_file_nor_anywhere_on_the_disk(
    opens, tmp_path, in_memory
):
    ring = await opens(stealth=StealthKeys(in_memory))

    made = await ring.new_job("job", ANA, DAY, Visibility.STEALTH)
    await ring.new_job("other", ANA, DAY, Visibility.PUBLIC)

    disk = on_disk(tmp_path)
    assert (made.recipe, made.picture) == (
        await ring.key("job", RECIPE),
        await ring.key("job", PICTURE),
    )
    assert [] == [key for key in (made.recipe, made.picture) if key in disk]
    async with ring._database.read() as tx:
        rows = await many(tx, "SELECT purpose FROM item_keys WHERE item = 'job'")
    assert [ROUTE] == [row["purpose"] for row in rows]
    await ring.close()


async def test_stealth_keys_survive_a_crash_and_not_a_power_off(opens, in_memory):
    ring = await opens(stealth=StealthKeys(in_memory))
    made = await ring.new_job("job", ANA, DAY, Visibility.STEALTH)
    await ring.close()

    crashed = await opens(stealth=StealthKeys(in_memory))
    recipe = await crashed.key("job", RECIPE)
    await crashed.close()
    powered_off = await opens(stealth=StealthKeys(None))

    assert made.recipe == recipe
    with pytest.raises(KeyGone):
        await powered_off.key("job", RECIPE)
    assert made.route == await powered_off.key("job", ROUTE)
    await powered_off.close()


async def test_when_a_stealth_picture_goes_its_recipe_goes_from_memory_too(opens, in_memory):
    ring = await opens(stealth=StealthKeys(in_memory))
    await ring.new_job("job", ANA, DAY, Visibility.STEALTH)

    await ring.destroy("job", *ALL)

    for purpose in ALL:
        with pytest.raises(KeyGone):
            await ring.key("job", purpose)
    assert [] == list(in_memory.iterdir())
    await ring.close()
