"""⭐ keeps a public recipe for as long as everybody who has a word allows, and no longer."""

from datetime import UTC

import pytest

from bot.domain import Visibility
from bot.policy.retention import DAY, DataClass
from bot.ports import Bell
from bot.services.calendar import Calendar
from bot.services.hands import Hands
from bot.services.retain import Retain
from bot.services.star import Star
from bot.services.sweep import Sweep
from bot.services.walk import Walk
from bot.storage import recipes, servers
from bot.storage.tightening import tighten
from tests.asks import GUILD
from tests.services.conftest import ANA, MOD, House

SHIPPED, CEILING = 30 * DAY, 180 * DAY


async def kept(house: House, job: str) -> recipes.Recipe | None:
    async with house.memory.db.read() as tx:
        return await recipes.get(tx, job)


async def days(house: House, job: str) -> float:
    recipe = await kept(house, job)
    assert recipe is not None
    return (recipe.expires_at - recipe.made_at) / DAY


def sweeper(house: House) -> Sweep:
    calendar = Calendar(house.clock, UTC)
    hands = Hands(house.clock, freed=Bell())
    memory, messenger = house.memory, house.messenger
    return Sweep(memory, messenger, house.conclude, house.lifetimes, house.clock, calendar, hands)


async def test_ana_stars_a_result_and_it_is_kept_up_to_the_ceiling(house):
    job = await house.delivered()

    starred = await house.star(job, ANA)

    assert starred is not None
    assert starred.is_starred
    assert 180 == await days(house, job)


async def test_pressed_again_it_is_kept_as_long_as_others(house):
    job = await house.delivered()
    await house.star(job, ANA)

    starred = await house.star(job, ANA)

    assert starred is not None
    assert not starred.is_starred
    assert 30 == await days(house, job)


async def test_a_star_taken_away_after_the_normal_time_ends_it(house):
    job = await house.delivered()
    await house.star(job, ANA)
    house.clock.turn(31 * DAY)
    assert await house.recall(job, ANA)

    await house.star(job, ANA, starred=False)
    assert await house.recall(job, ANA) is None
    await sweeper(house)()

    assert await kept(house, job) is None
    assert [] == [held for held in await house.keys_of_jobs() if held[0] == job]


async def test_a_starred_recipe_opens_its_buttons_until_the_ceiling_and_not_a_second_longer(house):
    job = await house.delivered()
    await house.star(job, ANA)

    house.clock.turn(CEILING - 1)
    assert await house.recall(job, ANA)
    house.clock.turn(1)
    assert await house.recall(job, ANA) is None
    await sweeper(house)()

    assert await kept(house, job) is None


async def test_mod_can_star_nothing_of_anas(house):
    job = await house.delivered()

    assert [None, None] == [await house.star(job, MOD), await house.star("0" * 32, MOD)]
    assert 30 == await days(house, job)


async def test_a_stealth_recipe_has_no_star(house):
    job = await house.delivered(visibility=Visibility.STEALTH)

    assert [None, None] == [await house.star(job, ANA), await house.star(await house.ticket(), ANA)]


async def test_an_expired_recipe_cannot_be_starred_back_to_life(house):
    job = await house.delivered()
    house.clock.turn(SHIPPED)

    assert await house.star(job, ANA) is None


async def test_what_the_operator_set_holds_for_stars_too(house):
    house.limits = {DataClass.RECIPE: 7 * DAY}
    house.start_again()
    job = await house.delivered()
    await house.star(job, ANA)

    assert 7 == await days(house, job)


@pytest.mark.parametrize("starred_first", [True, False])
async def test_anas_own_shorter_retention_wins_over_her_star(house, starred_first):
    job = await house.delivered()
    walk = Walk(house.memory, house.messenger)
    retain = Retain(house.memory, house.lifetimes, walk, house.clock, UTC, house.holdings)
    if starred_first:
        await house.star(job, ANA)
    await retain(ANA, DataClass.RECIPE, "3d")
    if not starred_first:
        await house.star(job, ANA)

    assert 3 == await days(house, job)


@pytest.mark.parametrize("starred_first", [True, False])
async def test_a_servers_shorter_retention_wins_over_a_star(house, starred_first):
    job = await house.delivered()
    if starred_first:
        await house.star(job, ANA)
    async with house.memory.db.transaction() as tx:
        await servers.set_limit(tx, GUILD, 0, DataClass.RECIPE, 5 * DAY)
        await tighten(tx, DataClass.RECIPE, 5 * DAY, guild_id=GUILD)
    if not starred_first:
        await house.star(job, ANA)

    assert 5 == await days(house, job)


async def test_a_restart_leaves_stars_as_they_are_and_others_as_the_operator_says(house):
    kept_longer, plain = await house.delivered(), await house.delivered()
    await house.star(kept_longer, ANA)
    await sweeper(house).tighten_all()
    assert [180, 30] == [await days(house, kept_longer), await days(house, plain)]

    house.limits = {DataClass.RECIPE: 7 * DAY}
    house.start_again()
    await sweeper(house).tighten_all()

    assert [7, 7] == [await days(house, kept_longer), await days(house, plain)]


async def test_without_its_record_the_strictest_plan_speaks(house):
    from dataclasses import replace

    from bot.services.lifetimes import Lifetimes

    job = await house.delivered()
    async with house.memory.db.transaction() as tx:
        await tx.execute("DELETE FROM jobs WHERE id = ?", (job,))
    free, *others = house.lifetimes.plans
    strict = replace(free, retention={DataClass.RECIPE: 40 * DAY})
    star = Star(house.memory, Lifetimes({}, (strict, *others)), house.clock)

    await star(job, ANA)

    assert 40 == await days(house, job)
