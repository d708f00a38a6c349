"""A thousand events at once: each interaction makes one job, and the queue stays bounded."""

import asyncio
from collections import Counter

import pytest

from bot.domain import Cause, PersonId, Receipt, Refusal, Visibility
from bot.services.hands import SIDE_BY_SIDE
from tests.services.conftest import House

EVENTS = 1000


async def asked(house: House, number: int, person: int, seen: Visibility | None) -> object:
    outcome = await house.ask(
        f"a fox, {number}", interaction_id=number, person=PersonId(person), visibility=seen
    )
    return outcome.cause if isinstance(outcome, Refusal) else type(outcome)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_thousand_replayed_interactions_make_one_job_each(house: House, seen):
    house.room.max_open_jobs = house.room.max_open_jobs_per_server = EVENTS
    people = range(100, 150)

    said = Counter(
        await asyncio.gather(
            *(asked(house, person, person, seen) for _ in range(EVENTS // 50) for person in people)
        )
    )
    while "accepted" in await states(house):
        await house.places()
    while "placed" in await states(house):
        await house.work()
    while "rendered" in await states(house):
        await house.delivers()

    assert {Receipt: 50, Cause.REPEATED: EVENTS - 50} == said
    assert ["delivered"] * 50 == await states(house)
    pictures = [post for posts in house.messenger.channels.values() for post in posts]
    assert 50 == len([message for message in pictures if message.post.files])


async def test_a_thousand_asks_at_once_fill_the_queue_and_leave_no_trace_of_the_rest(house: House):
    """Twenty jobs is the most the house of these tests holds open, and three a person's."""
    said = Counter(
        await asyncio.gather(
            *(asked(house, number, 100 + number % 100, None) for number in range(EVENTS))
        )
    )
    rows = await house.rows()

    assert {Receipt: 20, Cause.QUEUE_FULL: EVENTS - 20} == said
    assert {"db.jobs": 20, "db.deliveries": 20, "db.people": 20, "db.usage": 20} == {
        name: len(rows[name]) for name in ("db.jobs", "db.deliveries", "db.people", "db.usage")
    }
    assert 3 * 20 == len(await house.keys_of_jobs())


async def test_one_person_who_floods_holds_up_nobody_else(house: House):
    said = Counter([await asked(house, number, 100, None) for number in range(200)])

    assert {Receipt: 3, Cause.WAITING_FULL: 197} == said
    assert Receipt is await asked(house, 5000, 101, None)


async def states(house: House) -> list[str]:
    async with house.memory.db.read() as tx, tx.execute("SELECT state FROM jobs") as cursor:
        return [row["state"] for row in await cursor.fetchall()]


async def test_a_long_line_of_places_holds_up_no_result(house: House):
    """Discord does not answer for the places of a hundred jobs: a result goes out all the same."""
    house.room.max_open_jobs = house.room.max_open_jobs_per_server = EVENTS
    await asked(house, 1, 100, None)
    await house.places()
    await house.work()
    answers, asking = asyncio.Event(), []
    send, clock = house.messenger.send, house.clock

    async def is_slow(*given, **named):
        asking.append(clock.now())
        await answers.wait()
        return await send(*given, **named)

    house.messenger.send = is_slow
    for number in range(100):
        await asked(house, 100 + number, 200 + number, None)

    await house.place.look()
    await house.place.look()
    await house.deliver.look()
    while "delivered" not in await states(house):
        pass

    assert SIDE_BY_SIDE == len(asking)
    answers.set()
    while "accepted" in await states(house):
        await house.places()
    assert 100 == len(asking)
