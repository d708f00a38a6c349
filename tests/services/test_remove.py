"""An owner takes a delivered result back: its words are forgotten with its message."""

from dataclasses import replace

import pytest

from bot.domain import Visibility
from bot.errors import KeyGone
from bot.policy.plans import Usage
from bot.services.remove import Removal
from bot.storage.keyring import RECIPE
from tests.asks import CHANNEL
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


async def test_a_public_result_that_is_taken_back_is_forgotten(house: House):
    job = await house.delivered()

    assert Removal.GONE is await house.remove(job, ANA)

    rows = await house.rows()
    assert [] == house.messenger.stands(CHANNEL)
    assert ([], []) == (rows["db.posts"], rows["db.recipes"])
    assert [] == await house.keys_of_jobs()
    with pytest.raises(KeyGone):
        await house.memory.keys.key(job, RECIPE)


async def test_a_stealth_result_that_is_taken_back_is_forgotten(house: House):
    job = await house.delivered(visibility=STEALTH)

    assert Removal.GONE is await house.remove(job, ANA, await house.in_dm())

    assert [] == house.messenger.stands(house.messenger.dm(ANA))
    assert [] == (await house.rows())["db.unlinked_recipes"]
    assert [] == await house.keys_of_jobs()


@pytest.mark.parametrize("seen", Visibility)
async def test_the_bytes_of_a_forgotten_recipe_are_gone_from_the_disk(house: House, on_disk, seen):
    job = await house.delivered(visibility=seen)
    table = "recipes" if seen is PUBLIC else "unlinked_recipes"
    async with house.memory.db.read() as tx:
        cursor = await tx.execute(f"SELECT sealed FROM {table}")
        (sealed,) = await cursor.fetchone()
    assert sealed in on_disk()

    await house.remove(job, ANA, await house.in_dm() if seen is STEALTH else None)
    await house.memory.db.forget_deleted()

    assert sealed not in on_disk()


async def test_taking_back_gives_no_picture_back_to_the_day(house: House):
    job = await house.delivered()

    await house.remove(job, ANA)

    assert Usage(pictures=1) == await house.usage()


@pytest.mark.parametrize("seen", Visibility)
async def test_nobody_takes_back_what_is_not_theirs(house: House, seen):
    job = await house.delivered(visibility=seen)
    before = await house.rows()

    outcomes = [await house.remove(job, MOD), await house.remove("f" * 32, MOD)]
    outcomes.append(await house.remove("", ANA))

    assert [Removal.NOT_YOURS] * 3 == outcomes
    assert before == await house.rows()


async def test_a_stealth_result_is_taken_back_only_where_it_stands(house: House):
    job = await house.delivered(visibility=STEALTH)

    assert Removal.NOT_YOURS is await house.remove(job, ANA)

    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_a_stealth_result_is_taken_back_even_when_its_record_is_gone(house: House):
    job = await house.delivered(visibility=STEALTH)
    async with house.memory.db.transaction() as tx:
        await tx.execute("DELETE FROM jobs")

    assert Removal.GONE is await house.remove(job, ANA, await house.in_dm())

    assert [] == house.messenger.stands(house.messenger.dm(ANA))
    assert [] == (await house.rows())["db.unlinked_recipes"]


async def test_taking_back_twice_is_no_fault(house: House):
    job = await house.delivered()

    assert [Removal.GONE] * 2 == [await house.remove(job, ANA) for _ in range(2)]


@pytest.mark.parametrize("seen", Visibility)
async def test_what_discord_does_not_let_go_yet_is_forgotten_here_at_once(house: House, seen):
    job = await house.delivered(visibility=seen)
    message = await house.in_dm() if seen is STEALTH else None
    house.messenger.fail("delete")

    assert Removal.FORGOTTEN is await house.remove(job, ANA, message)

    rows = await house.rows()
    assert ([], []) == (rows["db.recipes"], rows["db.unlinked_recipes"])
    assert [] == await house.keys_of_jobs()
    due = [row[-1] for row in rows["db.posts"]]
    assert ([house.clock.now()] if seen is PUBLIC else []) == due


async def test_a_stealth_result_in_a_dm_that_discord_closed_is_forgotten_here(house: House):
    job = await house.delivered(visibility=STEALTH)
    message = await house.in_dm()
    house.messenger.fail("open_dm")

    assert Removal.FORGOTTEN is await house.remove(job, ANA, message)

    assert [] == (await house.rows())["db.unlinked_recipes"]


@pytest.mark.parametrize("seen", Visibility)
async def test_a_result_taken_back_before_its_delivery_was_written_down_leaves_nothing(
    house: House, seen
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(61)
    house.messenger.lose("send")
    await house.delivers()

    assert Removal.GONE is await house.remove(job, ANA)
    house.clock.turn(2)
    for _ in range(2):
        await house.delivers()
        await house.tidies()

    assert [] == [post for one in house.messenger.channels for post in house.messenger.stands(one)]
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()


async def test_a_result_taken_back_while_its_delivery_is_written_down_goes(house: House):
    job, conclude = await house.rendered(), house.remove.conclude

    async def conclude_just_too_late(*about, **done) -> bool:
        await house.delivers()
        return await conclude(*about, **done)

    remove = replace(house.remove, conclude=conclude_just_too_late)

    assert Removal.GONE is await remove(job, ANA)

    rows = await house.rows()
    assert [] == house.messenger.stands(CHANNEL)
    assert ([], []) == (rows["db.posts"], rows["db.recipes"])
