"""Rows of two people, swapped by whoever can write to the disk: nobody gets what is another's.

What is sealed is bound to its job, its owner and its purpose: a swapped row opens for nobody,
and its job ends at no cost.
"""

import pytest

from bot.domain import Visibility
from bot.policy.plans import Usage
from tests.fakes import picture_of
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
THEIRS = {ANA: ("xylophone", 5), MOD: ("marmalade", 9)}
"""The word and the seed of each."""

SWAPS = {
    "owners": ("jobs", "id", "tenant"),
    "routes": ("deliveries", "job", "route"),
    "words": ("jobs", "id", "payload"),
}


async def two_jobs(house: House, stage: str, seen: Visibility) -> list[str]:
    return [
        await getattr(house, stage)(word, person=person, seed=seed, visibility=seen)
        for person, (word, seed) in THEIRS.items()
    ]


async def swap(house: House, jobs: list[str], what: str) -> None:
    table, key, column = SWAPS[what]
    async with house.memory.db.transaction() as tx:
        cursor = await tx.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}")
        (one, first), (two, second) = await cursor.fetchall()
        await tx.executemany(
            f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [(second, one), (first, two)]
        )
    assert sorted(jobs) == [one, two]


def reached(house: House, person: int) -> str:
    """Every word, and every picture by its seed, that this person's DM ever showed."""
    shown = [
        post for channel, post in house.messenger.seen if channel == house.messenger.dm(person)
    ]
    said = [post.content for post in shown]
    for word, seed in THEIRS.values():
        made = picture_of(seed, 64, 64)
        said += [
            f"picture of {word}" for post in shown for one in post.files if one.content == made
        ]
    return " ".join(said)


def in_channels(house: House) -> list[int]:
    return [channel for channel in house.messenger.channels if channel < house.messenger.DM]


async def finish(house: House) -> None:
    for _ in range(2):
        await house.finish()
        house.clock.turn(6)


@pytest.mark.parametrize("what", SWAPS)
@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_a_swapped_stealth_row_reaches_nobody(house: House, stage, what):
    jobs = await two_jobs(house, stage, STEALTH)

    await swap(house, jobs, what)
    await finish(house)

    assert "marmalade" not in reached(house, ANA)
    assert "xylophone" not in reached(house, MOD)
    assert [] == in_channels(house)
    assert ["refused", "refused"] == [await house.state(job) for job in jobs]
    assert [Usage(), Usage()] == [await house.usage(ANA), await house.usage(MOD)]


@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_rows_that_nobody_touched_reach_their_owners(house: House, stage):
    """What the tests above look for is found when nothing was swapped."""
    await two_jobs(house, stage, STEALTH)

    await finish(house)

    assert "picture of xylophone" in reached(house, ANA)
    assert "picture of marmalade" in reached(house, MOD)


async def test_a_stealth_row_that_was_turned_public_still_goes_to_its_owner_alone(house: House):
    """Where a result goes is sealed; the column is only what the house counts by."""
    job = await house.rendered("xylophone", visibility=STEALTH, seed=5)
    async with house.memory.db.transaction() as tx:
        await tx.execute(
            "UPDATE deliveries SET visibility = 'public', guild_id = 100, channel_id = 200"
        )

    await finish(house)

    assert [] == in_channels(house)
    assert "delivered" == await house.state(job)
