"""The declaration of rights and consent: asked once, dated, taken back, forgotten."""

from datetime import UTC

import pytest

from bot.domain import OptOut
from bot.policy.declaration import VERSION
from bot.ports import day_of
from bot.services.declare import Declare
from bot.storage import choices, declarations
from bot.storage.declarations import Declaration
from tests.services.conftest import ANA, MOD, House


@pytest.fixture
def declare(house: House) -> Declare:
    return Declare(house.memory, house.clock, UTC)


async def test_it_is_asked_once(house, declare):
    assert await declare.needs(ANA)

    today = await declare.give(ANA)

    assert day_of(house.clock.now(), UTC) == today
    assert today == await declare.given_on(ANA)
    assert not await declare.needs(ANA)
    assert await declare.needs(MOD)


async def test_it_can_be_taken_back(house, declare):
    await declare.give(ANA)

    assert await declare.take_back(ANA)
    assert not await declare.take_back(ANA)

    assert await declare.needs(ANA)
    assert [] == (await house.rows())["db.declarations"]


async def test_another_wording_is_asked_again(house, declare):
    async with house.memory.db.transaction() as tx:
        person = house.memory.keys.person(ANA)
        await declarations.give(tx, person, Declaration("2026-01-01", VERSION + 1))

    assert await declare.needs(ANA)
    await declare.give(ANA)
    assert not await declare.needs(ANA)


async def test_of_who_asked_not_to_be_processed_nothing_is_kept(house, declare):
    async with house.memory.db.transaction() as tx:
        person = house.memory.keys.person(ANA)
        await choices.set_opt_out(tx, person, OptOut.NO_PROCESSING, day="2026-11-21")

    await declare.give(ANA)

    assert [] == (await house.rows())["db.declarations"]
