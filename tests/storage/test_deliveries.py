"""Where results stand; and that a stealth row has no column to betray it with."""

import sqlite3

import pytest

from bot.domain import Choices, Ending, Visibility
from bot.storage import choices, deliveries, recipes
from bot.storage.database import many, one
from bot.storage.keyring import CHOICES, PICTURE, RECIPE, ROUTE
from gen import queue
from gen.job import JobState
from tests.storage.rows import ANA, DAY, add_job, delivery_of

STEALTH = Visibility.STEALTH
NOON = 1_800_000_000 - 1_800_000_000 % 86400 + 43_200


async def row_of(memory, job: str) -> dict[str, object]:
    async with memory.db.read() as tx:
        return dict(await one(tx, "SELECT * FROM deliveries WHERE job = ?", (job,)))


COLUMNS = ("guild_id", "channel_id", "place_id", "shared_at")


@pytest.mark.parametrize("column", COLUMNS)
async def test_a_stealth_row_cannot_hold_a_server_a_channel_a_message_or_its_hour(memory, column):
    stealth = await add_job(memory, seen=STEALTH)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await tx.execute(f"UPDATE deliveries SET {column} = 1 WHERE job = ?", (stealth.job,))

    assert (await row_of(memory, stealth.job))[column] is None


@pytest.mark.parametrize("ending", Ending)
async def test_every_way_a_job_can_end_has_its_place_in_the_file(memory, ending):
    job = (await add_job(memory)).job

    async with memory.db.transaction() as tx:
        await deliveries.close(tx, job, expires_at=NOON, ending=ending)

    assert ending == (await row_of(memory, job))["ending"]


async def test_a_public_row_cannot_be_turned_to_stealth_while_it_names_a_channel(memory):
    public = await add_job(memory)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await tx.execute(
                "UPDATE deliveries SET visibility = 'stealth' WHERE job = ?", (public.job,)
            )


async def test_a_stealth_job_asked_for_in_a_channel_is_stored_without_it(memory):
    stealth = await add_job(memory, seen=STEALTH)

    row = await row_of(memory, stealth.job)

    assert [None] * 4 == [row[name] for name in COLUMNS]


async def test_the_message_of_a_stealth_job_is_never_recorded_in_clear(memory):
    stealth = await add_job(memory, seen=STEALTH)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await deliveries.stands(tx, stealth.job, route=b"", public_message_id=5, now=1)


async def test_a_public_place_is_recorded_then_its_result_then_where_it_stood_is_forgotten(memory):
    public = await add_job(memory)

    async with memory.db.transaction() as tx:
        await deliveries.stands(tx, public.job, route=b"r", public_message_id=5, now=1001)
    placed = await row_of(memory, public.job)
    async with memory.db.transaction() as tx:
        await deliveries.result_stands(tx, public.job, b"s")
    delivered = await row_of(memory, public.job)
    async with memory.db.transaction() as tx:
        await deliveries.tidied(tx, public.job)
    tidied = await row_of(memory, public.job)

    names = ("guild_id", "channel_id", "place_id", "placed_at", "shared_at", "route")
    assert (100, 200, 5, 1001, 1001, b"r") == tuple(placed[name] for name in names)
    assert b"s" == delivered["route"]
    assert (None, None, None, None) == tuple(
        tidied[name] for name in ("guild_id", "channel_id", "place_id", "route")
    )


async def test_a_place_that_stands_anew_was_seen_since_the_first_time(memory):
    public = await add_job(memory)

    for now in (1001, 1002):
        async with memory.db.transaction() as tx:
            await deliveries.stands(tx, public.job, route=b"r", public_message_id=5, now=now)

    assert 1001 == (await delivery_of(memory, public.job)).seen_since


async def test_a_place_whose_answer_was_lost_may_have_been_seen_since_it_was_meant(memory):
    public, stealth = await add_job(memory, 1), await add_job(memory, 2, seen=STEALTH)
    async with memory.db.transaction() as tx:
        await deliveries.intend_place(tx, public.job, 1001)
        await deliveries.intend_place(tx, stealth.job, 1001)

    assert 1001 == (await delivery_of(memory, public.job)).seen_since
    assert (await delivery_of(memory, stealth.job)).seen_since is None


async def test_a_stealth_record_keeps_its_day_and_no_time(memory):
    stealth = await add_job(memory, seen=STEALTH)
    async with memory.db.transaction() as tx:
        await deliveries.intend_place(tx, stealth.job, NOON)
        await deliveries.stands(tx, stealth.job, route=b"r", public_message_id=None, now=NOON)
        await deliveries.intend_result(tx, stealth.job, NOON)
        await tx.execute("UPDATE jobs SET accepted_at = ?", (NOON,))
        await queue.end(tx, stealth.job, JobState.CANCELLED, NOON)
        await deliveries.close(tx, stealth.job, expires_at=NOON + 30 * 86400)
        await deliveries.tidied(tx, stealth.job)
        jobs = dict(await one(tx, "SELECT * FROM jobs"))

    row = await row_of(memory, stealth.job)
    moments = [value for found in (row, jobs) for value in found.values() if _is_late(value)]
    assert 3 == len(moments)
    assert {0} == {moment % 86400 for moment in moments}


def _is_late(value: object) -> bool:
    return isinstance(value, int) and value > 86400


async def test_where_a_stealth_record_lies_does_not_tell_when_it_was_made(memory):
    """Public rows around it know their second; nothing may put it between two of them."""
    jobs = [
        (await add_job(memory, number, seen=seen)).job
        for number, seen in enumerate((Visibility.PUBLIC, STEALTH, Visibility.PUBLIC), start=1)
    ]
    async with memory.db.transaction() as tx:
        for job in jobs:
            await queue.end(tx, job, JobState.CANCELLED, 2000)
            await deliveries.tidied(tx, job)

    async with memory.db.read() as tx:
        rows = await many(
            tx,
            "SELECT id, start_tag, span, jobs.rowid AS a, deliveries.rowid AS b"
            " FROM jobs JOIN deliveries ON job = id ORDER BY id",
        )

    assert [jobs[0], jobs[2]] == [row["id"] for row in rows if row["a"] > 0 and row["b"] > 0]
    assert (0, 0) == (rows[1]["start_tag"], rows[1]["span"])
    assert rows[1]["a"] != rows[1]["b"]


async def test_the_first_intent_is_kept(memory):
    job = (await add_job(memory)).job

    for now in (1001, 1002):
        async with memory.db.transaction() as tx:
            await deliveries.intend_place(tx, job, now)
            await deliveries.intend_result(tx, job, now + 100)

    found = await delivery_of(memory, job)
    assert (1001, 1101) == (found.place_intended_at, found.result_intended_at)


async def test_an_interaction_is_remembered_by_its_hash_alone(memory):
    await add_job(memory, 1)

    async with memory.db.read() as tx:
        assert await deliveries.is_repeated(tx, memory.keys.interaction(1))
        assert not await deliveries.is_repeated(tx, memory.keys.interaction(2))
        assert not await deliveries.is_repeated(tx, "1")


async def test_the_same_interaction_cannot_be_stored_twice(memory):
    first = await add_job(memory, 1)
    second = await add_job(memory, 2)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await tx.execute(
                "UPDATE deliveries SET interaction = (SELECT interaction FROM deliveries"
                " WHERE job = ?) WHERE job = ?",
                (first.job, second.job),
            )


async def test_open_jobs_are_listed_oldest_first_by_state(memory):
    jobs = [(await add_job(memory, number)).job for number in (3, 1, 2)]

    async with memory.db.read() as tx:
        assert jobs == await deliveries.jobs_in(tx, JobState.ACCEPTED)
        assert [] == await deliveries.jobs_in(tx, JobState.PLACED)
        assert set(jobs) == {delivery.job for delivery in await deliveries.open_jobs(tx)}


async def test_an_open_job_needs_its_keys_and_an_ended_one_those_of_what_is_kept(memory):
    ended, kept = await add_job(memory, 1), await add_job(memory, 2)
    still_open = (await add_job(memory, 3)).job
    async with memory.db.transaction() as tx:
        for job in (ended.job, kept.job):
            await queue.end(tx, job, JobState.CANCELLED, 1001)
            await deliveries.close(tx, job, expires_at=2000)
            await deliveries.tidied(tx, job)
        await recipes.add(tx, recipes.Recipe(kept.job, kept.tenant, 100, b"sealed", 1001, 2000))
        needed = await deliveries.needed_keys(tx)

    assert {(kept.job, RECIPE), *((still_open, one) for one in (RECIPE, PICTURE, ROUTE))} == needed


async def test_what_somebody_chose_needs_its_key(memory):
    ana = memory.keys.person(ANA)
    async with memory.db.transaction() as tx:
        await choices.write(tx, memory.keys, ana, Choices(), now=1000, day=DAY)
        needed = await deliveries.needed_keys(tx)

    assert {(ana, CHOICES)} == needed == set(await memory.keys.items())


async def test_closing_drops_the_words_and_says_until_when_the_record_is_kept(memory):
    job = (await add_job(memory)).job

    async with memory.db.transaction() as tx:
        await deliveries.close(tx, job, expires_at=2000)

    assert 2000 == (await row_of(memory, job))["expires_at"]
    found = await delivery_of(memory, job)
    assert (None, None) == (found.payload, found.ending)


@pytest.mark.parametrize("is_cleared_up", [True, False])
async def test_a_withdrawn_record_goes_but_not_before_its_messages(memory, is_cleared_up):
    job = (await add_job(memory)).job
    async with memory.db.transaction() as tx:
        await queue.end(tx, job, JobState.CANCELLED, 1001)
        if is_cleared_up:
            await deliveries.tidied(tx, job)

        await deliveries.withdraw(tx, job, 1002)

        left = await deliveries.get(tx, job)
        untidied = await deliveries.untidied(tx)

    assert is_cleared_up is (left is None)
    assert [] == untidied if is_cleared_up else [job] == untidied
    assert left is None or Ending.MOVED is left.ending


async def test_a_job_that_waits_is_not_withdrawn_as_a_record(memory):
    job = (await add_job(memory)).job
    async with memory.db.transaction() as tx:
        await deliveries.forget(tx, job)

    assert await delivery_of(memory, job)


async def test_a_twin_takes_the_interaction_over_and_a_repeat_is_still_one(memory):
    first, twin = await add_job(memory, 1), await add_job(memory, 2)
    async with memory.db.transaction() as tx:
        handed = await deliveries.hand_over(tx, first.job)
        await tx.execute("UPDATE deliveries SET interaction = ? WHERE job = ?", (handed, twin.job))

        assert memory.keys.interaction(1) == handed
        assert await deliveries.is_repeated(tx, memory.keys.interaction(1))
    assert (await delivery_of(memory, twin.job)).charged


async def test_the_first_ending_is_kept(memory):
    job = (await add_job(memory)).job

    for ending in (Ending.CANCELLED, Ending.LOST):
        async with memory.db.transaction() as tx:
            await deliveries.close(tx, job, expires_at=2000, ending=ending)

    assert Ending.CANCELLED is (await delivery_of(memory, job)).ending


async def test_an_ended_job_is_untidied_until_its_route_is_forgotten(memory):
    ended, _ = await add_job(memory, 1), await add_job(memory, 2)
    async with memory.db.transaction() as tx:
        await queue.end(tx, ended.job, JobState.CANCELLED, 1001)
        await deliveries.close(tx, ended.job, expires_at=2000, ending=Ending.CANCELLED)
        before = await deliveries.untidied(tx)
        await deliveries.tidied(tx, ended.job)
        after = await deliveries.untidied(tx)

    assert [ended.job] == before
    assert [] == after
    assert (await delivery_of(memory, ended.job)).route is None


async def test_no_such_job_has_no_delivery(memory):
    async with memory.db.read() as tx:
        assert await deliveries.get(tx, "no such job") is None


async def test_a_delivery_prints_neither_its_route_nor_its_words(memory):
    delivery = await add_job(memory)

    assert "payload" not in repr(delivery)
    assert "route" not in repr(delivery)
