"""A thousand events at once: each interaction makes one job, and the queue stays bounded."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.domain import Cause, PersonId, Receipt, Refusal, Visibility
from tests.services.conftest import House

EVENTS = 1000


async def asked(house: House, number: int, person: int, seen: Visibility | None) -> object:
    outcome = await house.ask(
        f"a fox, {number}", interaction_id=number, person=PersonId(person), visibility=seen
    )
    return outcome.cause if isinstance(outcome, Refusal) else type(outcome)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_thousand_replayed_interactions_make_one_job_each(house: House, seen):
    house.submit = replace(house.submit, max_open_jobs=EVENTS)
    people = range(100, 150)

    said = Counter(
        await asyncio.gather(
            *(asked(house, person, person, seen) for _ in range(EVENTS // 50) for person in people)
        )
    )
    await house.places()
    while [state for state in await states(house) if state == "placed"]:
        await house.work()
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
