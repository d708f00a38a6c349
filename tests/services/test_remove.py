"""An owner takes a delivered result back: its words are forgotten with its message."""

import pytest

from bot.domain import Visibility
from bot.errors import KeyGone
from bot.policy.plans import Usage
from bot.storage.keyring import RECIPE
from tests.services.conftest import ANA, MOD, House


async def delivered(house: House, **asked) -> str:
    job = await house.accepted(**asked)
    await house.finish()
    return job


@pytest.mark.parametrize("seen", Visibility)
async def test_what_is_taken_back_is_forgotten(house: House, seen):
    job = await delivered(house, visibility=seen)

    assert await house.remove(job, ANA)

    delivery = await house.delivery(job)
    assert delivery.payload is None
    assert [] == await house.memory.keys.items()
    with pytest.raises(KeyGone):
        await house.memory.keys.key(job, RECIPE)
    assert not [row for row in (await house.rows())["db.deliveries"] if 5000 in row]


async def test_the_bytes_of_a_forgotten_recipe_are_gone_from_the_disk(house: House, on_disk):
    job = await delivered(house)
    payload = (await house.delivery(job)).payload

    await house.remove(job, ANA)
    await house.memory.db.forget_deleted()

    assert payload not in on_disk()


async def test_taking_back_gives_no_picture_back_to_the_day(house: House):
    job = await delivered(house)

    await house.remove(job, ANA)

    assert Usage(pictures=1) == await house.usage()


async def test_nobody_takes_back_what_is_not_theirs(house: House):
    job = await delivered(house)
    before = await house.rows()

    assert not await house.remove(job, MOD)
    assert not await house.remove("f" * 32, MOD)
    assert not await house.remove("", ANA)

    assert before == await house.rows()


async def test_taking_back_twice_is_no_fault(house: House):
    job = await delivered(house)

    assert [True, True] == [await house.remove(job, ANA) for _ in range(2)]


@pytest.mark.parametrize("seen", Visibility)
async def test_a_result_taken_back_before_its_delivery_was_written_down_leaves_nothing(
    house: House, seen
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(61)
    house.messenger.lose("send")
    await house.delivers()

    assert await house.remove(job, ANA)
    house.clock.turn(2)
    for _ in range(2):
        await house.delivers()
        await house.tidies()

    assert [] == [post for one in house.messenger.channels for post in house.messenger.stands(one)]
    assert [] == house.files()
    assert [] == await house.memory.keys.items()
