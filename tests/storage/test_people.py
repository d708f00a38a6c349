"""What the house remembers of a person, and that a day's use is charged and given back."""

import pytest

from bot.domain import PersonHash
from bot.policy.plans import Usage
from bot.storage import people
from bot.storage.database import many
from tests.storage.rows import ANA, DAY, add_job

NOBODY = PersonHash("nobody")
DAY_SECONDS = 24 * 3600


@pytest.fixture
async def tx(memory):
    async with memory.db.transaction() as opened:
        yield opened


async def test_somebody_new_has_been_told_nothing_and_has_used_nothing(tx):
    assert people.Person(told_ai=False, role_plan=None) == await people.meet(tx, NOBODY, 1000)
    assert Usage() == await people.usage(tx, NOBODY, DAY)


async def test_who_was_told_once_is_not_told_again(tx):
    await people.meet(tx, NOBODY, 1000)
    await people.told_ai(tx, NOBODY, 1000)
    await people.told_ai(tx, NOBODY, 2000)

    assert (await people.meet(tx, NOBODY, 3000)).told_ai
    (row,) = await many(tx, "SELECT first_seen_at, told_ai_at FROM people")
    assert (1000, 1000) == tuple(row)


@pytest.mark.parametrize(
    ("later", "plan"), [(0, "Pro"), (DAY_SECONDS, "Pro"), (DAY_SECONDS + 1, None)]
)
async def test_a_plan_seen_through_a_role_counts_for_a_day(tx, later, plan):
    await people.meet(tx, NOBODY, 1000)
    await people.saw_role_plan(tx, NOBODY, "Pro", 1000)

    assert plan == (await people.meet(tx, NOBODY, 1000 + later)).role_plan


async def test_use_is_charged_by_day_and_person(tx):
    await people.charge(tx, NOBODY, DAY, pictures=4, stealth_jobs=1)
    await people.charge(tx, NOBODY, DAY, pictures=2, stealth_jobs=0)

    assert Usage(6, 1, 0) == await people.usage(tx, NOBODY, DAY)
    assert Usage() == await people.usage(tx, NOBODY, "2026-11-22")
    assert Usage() == await people.usage(tx, PersonHash("mod"), DAY)


async def test_a_refund_gives_back_what_was_charged(tx):
    await people.charge(tx, NOBODY, DAY, pictures=4, stealth_jobs=1)
    await people.charge(tx, NOBODY, DAY, pictures=-4, stealth_jobs=-1)

    assert Usage() == await people.usage(tx, NOBODY, DAY)


@pytest.mark.parametrize("charged", [0, 2])
async def test_a_refund_never_goes_below_nothing(tx, charged):
    if charged:
        await people.charge(tx, NOBODY, DAY, pictures=charged, stealth_jobs=0)

    await people.charge(tx, NOBODY, DAY, pictures=-9, stealth_jobs=-9)

    assert Usage() == await people.usage(tx, NOBODY, DAY)


async def test_jobs_that_have_not_ended_count_as_waiting(memory):
    await add_job(memory, 1)
    await add_job(memory, 2)

    async with memory.db.transaction() as tx:
        await tx.execute("UPDATE jobs SET state = 'cancelled', ended_at = 1 WHERE rowid = 1")
        usage = await people.usage(tx, memory.keys.person(ANA), DAY)

    assert Usage(waiting_jobs=1) == usage


async def test_whose_first_ask_was_refused_leaves_no_trace(tx):
    await people.meet(tx, NOBODY, 1000)
    await people.unmeet(tx, NOBODY, 1000)

    assert [] == await many(tx, "SELECT * FROM people")


async def test_who_was_known_before_is_not_forgotten_by_a_refusal(tx):
    await people.meet(tx, NOBODY, 1000)
    await people.told_ai(tx, NOBODY, 1000)

    for now in (1000, 2000):
        await people.meet(tx, NOBODY, now)
        await people.unmeet(tx, NOBODY, now)

    assert 1 == len(await many(tx, "SELECT * FROM people"))
