"""What outlives a delivery: posts, recipes and acts; each ends when it should, never later."""

import pytest

from bot.domain import ChannelId, JobId
from bot.storage import acts, posts, recipes
from bot.storage.acts import Actor, Deed
from tests.storage.rows import ANA, MOD

FIRST, SECOND = JobId("1" * 32), JobId("2" * 32)


@pytest.fixture
async def tx(memory):
    async with memory.db.transaction() as held:
        yield held


@pytest.fixture
def ana(memory):
    return memory.keys.person(ANA)


def post(job, person, *, posted_at=1000, expires_at=None) -> posts.Standing:
    return posts.Standing(job, person, 100, ChannelId(200), 5000, posted_at, expires_at)


def recipe(job, person, *, made_at=1000, expires_at=9000) -> recipes.Recipe:
    return recipes.Recipe(job, person, 100, b"sealed", made_at, expires_at)


# --- posts --------------------------------------------------------------------------------------


async def test_a_post_is_found_by_its_job_and_by_its_owner(tx, ana, memory):
    mine, theirs = post(FIRST, ana), post(SECOND, memory.keys.person(MOD))
    for one in (mine, theirs):
        await posts.add(tx, one)

    assert mine == await posts.get(tx, FIRST)
    assert [mine] == await posts.of(tx, ana)
    assert await posts.get(tx, "no such job") is None


async def test_a_post_without_an_end_is_never_due_until_it_gets_one(tx, ana):
    await posts.add(tx, post(FIRST, ana))
    before = await posts.due(tx, 2**40, 10)

    await posts.expire(tx, FIRST, 1500)

    assert [] == before
    assert [] == await posts.due(tx, 1499, 10)
    assert [FIRST] == [one.job for one in await posts.due(tx, 1500, 10)]


async def test_posts_are_due_oldest_first_and_so_many_at_a_time(tx, ana):
    for job, until in ((FIRST, 2000), (SECOND, 1500)):
        await posts.add(tx, post(job, ana, expires_at=until))

    assert [SECOND, FIRST] == [one.job for one in await posts.due(tx, 3000, 10)]
    assert [SECOND] == [one.job for one in await posts.due(tx, 3000, 1)]


async def test_a_post_that_is_gone_is_forgotten(tx, ana):
    await posts.add(tx, post(FIRST, ana))

    await posts.forget(tx, FIRST)

    assert await posts.get(tx, FIRST) is None


# --- recipes ------------------------------------------------------------------------------------


async def test_a_recipe_is_found_by_its_job_and_by_its_owner(tx, ana, memory):
    mine, theirs = recipe(FIRST, ana), recipe(SECOND, memory.keys.person(MOD))
    for one in (mine, theirs):
        await recipes.add(tx, one)

    assert mine == await recipes.get(tx, FIRST)
    assert [mine] == await recipes.of(tx, ana)


async def test_a_recipe_can_be_taken_once(tx, ana):
    await recipes.add(tx, recipe(FIRST, ana))

    assert [True, False] == [await recipes.forget(tx, FIRST) for _ in range(2)]


async def test_a_stealth_recipe_is_there_through_its_last_day(tx):
    await recipes.add_unlinked(tx, "row", b"sealed", "2026-11-28")

    assert (b"sealed", "2026-11-28") == await recipes.get_unlinked(tx, "row", "2026-11-28")
    assert await recipes.get_unlinked(tx, "row", "2026-11-29") is None
    assert await recipes.get_unlinked(tx, "another", "2026-11-28") is None


async def test_a_stealth_recipe_that_is_kept_twice_is_kept_as_it_was(tx):
    for day in ("2026-11-28", "2026-12-28"):
        await recipes.add_unlinked(tx, "row", b"sealed", day)

    assert await recipes.get_unlinked(tx, "row", "2026-11-29") is None


async def test_a_stealth_recipe_ends_sooner_and_never_later(tx):
    await recipes.add_unlinked(tx, "row", b"sealed", "2026-11-28")

    for day in ("2026-11-25", "2026-11-30"):
        await recipes.tighten_unlinked(tx, "row", day)

    assert await recipes.get_unlinked(tx, "row", "2026-11-25")
    assert await recipes.get_unlinked(tx, "row", "2026-11-26") is None


async def test_a_stealth_recipe_can_be_taken_once(tx):
    await recipes.add_unlinked(tx, "row", b"sealed", "2026-11-28")

    assert [True, False] == [await recipes.forget_unlinked(tx, "row") for _ in range(2)]


async def test_a_recipe_prints_nothing_of_what_is_sealed(ana):
    assert "sealed" not in repr(recipe(FIRST, ana))


# --- acts ---------------------------------------------------------------------------------------


async def test_acts_are_told_newest_first_to_the_minute_and_to_whom_they_concern(tx, ana, memory):
    for now, deed in ((1019, Deed.EXPORTED), (1081, Deed.ERASED)):
        await acts.add(tx, ana, Actor.SELF, deed, 3, now=now, expires_at=9000)

    assert [(1080, Deed.ERASED), (960, Deed.EXPORTED)] == [
        (act.at, act.act) for act in await acts.of(tx, ana, 10)
    ]
    assert 1 == len(await acts.of(tx, ana, 1))
    assert [] == await acts.of(tx, memory.keys.person(MOD), 10)
