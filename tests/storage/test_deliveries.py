"""Where results stand; and that a stealth row has no column to betray it with."""

import sqlite3

import pytest

from bot.domain import Ending, Visibility
from bot.storage import deliveries
from bot.storage.database import one
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from gen import queue
from gen.job import JobState
from tests.storage.rows import add_job, delivery_of

STEALTH = Visibility.STEALTH


async def row_of(memory, job: str) -> dict[str, object]:
    async with memory.db.read() as tx:
        return dict(await one(tx, "SELECT * FROM deliveries WHERE job = ?", (job,)))


@pytest.mark.parametrize("column", ["guild_id", "channel_id", "place_id"])
async def test_a_stealth_row_cannot_hold_a_server_a_channel_or_a_message(memory, column):
    stealth = await add_job(memory, seen=STEALTH)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await tx.execute(f"UPDATE deliveries SET {column} = 1 WHERE job = ?", (stealth.job,))

    assert (await row_of(memory, stealth.job))[column] is None


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

    assert [None] * 3 == [row[name] for name in ("guild_id", "channel_id", "place_id")]


async def test_the_message_of_a_stealth_job_is_never_recorded_in_clear(memory):
    stealth = await add_job(memory, seen=STEALTH)

    async with memory.db.transaction() as tx:
        with pytest.raises(sqlite3.IntegrityError):
            await deliveries.stands(tx, stealth.job, route=b"", public_message_id=5, now=1)
        with pytest.raises(sqlite3.IntegrityError):
            await deliveries.posted(tx, stealth.job, route=b"", public_message_id=5)


async def test_a_public_place_is_recorded_then_its_result_then_nothing(memory):
    public = await add_job(memory)

    async with memory.db.transaction() as tx:
        await deliveries.stands(tx, public.job, route=b"r", public_message_id=5, now=1001)
    placed = await row_of(memory, public.job)
    async with memory.db.transaction() as tx:
        await deliveries.posted(tx, public.job, route=b"s", public_message_id=6)
    posted = await row_of(memory, public.job)
    async with memory.db.transaction() as tx:
        await deliveries.forget_post(tx, public.job)

    assert (100, 200, 5, 1001, b"r") == tuple(
        placed[name] for name in ("guild_id", "channel_id", "place_id", "placed_at", "route")
    )
    assert (6, b"s") == (posted["place_id"], posted["route"])
    assert (await row_of(memory, public.job))["place_id"] is None


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
        for job, keep in ((ended.job, False), (kept.job, True)):
            await queue.end(tx, job, JobState.CANCELLED, 1001)
            await deliveries.close(tx, job, keep_recipe=keep)
            await deliveries.tidied(tx, job)
        needed = await deliveries.needed_keys(tx)

    assert {(kept.job, RECIPE), *((still_open, one) for one in (RECIPE, PICTURE, ROUTE))} == needed


@pytest.mark.parametrize("keep_recipe", [True, False])
async def test_closing_drops_the_words_unless_buttons_need_them(memory, keep_recipe):
    job = (await add_job(memory)).job

    async with memory.db.transaction() as tx:
        await deliveries.close(tx, job, keep_recipe=keep_recipe)

    found = await delivery_of(memory, job)
    assert keep_recipe is (found.payload is not None)
    assert found.ending is None


async def test_the_first_ending_is_kept(memory):
    job = (await add_job(memory)).job

    for ending in (Ending.CANCELLED, Ending.LOST):
        async with memory.db.transaction() as tx:
            await deliveries.close(tx, job, keep_recipe=False, ending=ending)

    assert Ending.CANCELLED is (await delivery_of(memory, job)).ending


async def test_an_ended_job_is_untidied_until_its_route_is_forgotten(memory):
    ended, _ = await add_job(memory, 1), await add_job(memory, 2)
    async with memory.db.transaction() as tx:
        await queue.end(tx, ended.job, JobState.CANCELLED, 1001)
        await deliveries.close(tx, ended.job, keep_recipe=False, ending=Ending.CANCELLED)
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
