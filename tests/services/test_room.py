"""How many jobs fit, and when the house takes none: each refusal leaves nothing behind."""

import sqlite3

import pytest

from bot.domain import Cause, PersonId, Receipt, Refusal, Shut, Visibility
from bot.services.withdraw import Withdrawal
from bot.storage.disk import EMPTY_SECONDS, LOOK_SECONDS
from tests.asks import where
from tests.services.conftest import ANA, MOD, House

HERE, ELSEWHERE = where(guild_id=100), where(guild_id=101)
IN_DM = where(guild_id=None)
STEALTH = Visibility.STEALTH
ZOE = PersonId(13)


def shut(why: Shut) -> Refusal:
    return Refusal(Cause.HOUSE_CLOSED, {"why": why})


async def refused(house: House, **changed) -> Refusal:
    """A refusal that left every row of both databases as it was."""
    before = await house.rows()
    said = await house.ask(**changed)
    assert isinstance(said, Refusal)
    assert before == await house.rows()
    return said


# --- how many


async def test_a_server_that_is_full_hears_so_and_its_neighbour_does_not(house: House):
    house.room.max_open_jobs_per_server = 2
    for _ in range(2):
        await house.accepted(where=HERE)

    assert Refusal(Cause.SERVER_FULL, {"limit": 2}) == await refused(house, person=MOD, where=HERE)
    assert isinstance(await house.ask(person=MOD, where=ELSEWHERE), Receipt)


async def test_a_job_that_has_ended_makes_room_in_its_server(house: House):
    house.room.max_open_jobs_per_server = 1
    job = await house.accepted(where=HERE)
    await house.cancel(job, ANA)

    assert isinstance(await house.ask(where=HERE), Receipt)


async def test_stealth_neither_fills_a_server_nor_is_stopped_by_a_full_one(house: House):
    house.room.max_open_jobs_per_server = 1
    await house.accepted(where=HERE, visibility=STEALTH)
    await house.accepted(where=IN_DM)

    assert isinstance(await house.ask(person=MOD, where=HERE), Receipt)
    assert isinstance(await house.ask(person=ZOE, where=HERE, visibility=STEALTH), Receipt)


async def test_a_full_queue_says_how_long_it_is(house: House):
    house.room.max_open_jobs = 1
    await house.accepted()

    said = await refused(house, person=MOD)

    assert Refusal(Cause.QUEUE_FULL, {"limit": 1, "line": "1 s"}) == said


# --- the disk


async def test_while_the_disk_is_low_nothing_new_is_taken_and_what_was_goes_on(house: House):
    job = await house.placed()
    house.room.disk.least_free_bytes = 500 << 20
    house.clock.turn(LOOK_SECONDS)
    house.free = (500 << 20) - 1

    assert shut(Shut.DISK) == await refused(house)
    assert Shut.DISK is house.room.shut
    await house.finish()
    assert "delivered" == await house.state(job)


async def test_the_disk_is_looked_at_every_few_seconds_only(house: House):
    house.room.disk.least_free_bytes = 1
    await house.accepted()
    house.free = 0
    await house.accepted()

    house.clock.turn(LOOK_SECONDS)
    assert shut(Shut.DISK) == await refused(house)
    house.free = 1
    assert shut(Shut.DISK) == await refused(house)
    house.clock.turn(LOOK_SECONDS)
    assert isinstance(await house.ask(), Receipt)
    assert house.room.shut is None


async def test_a_public_result_can_be_taken_back_while_the_disk_is_low(house: House):
    job = await house.delivered()
    house.room.disk.least_free_bytes, house.free = 1, 0
    house.clock.turn(LOOK_SECONDS)

    assert Withdrawal.REMADE is await house.withdraw(job, ANA, "press")


@pytest.fixture
async def reader(house: House):
    """Somebody who reads an old state for long, so that the log cannot be emptied."""
    for database in house.memory.databases:  # or each try would wait for them
        await database._connection.execute("PRAGMA busy_timeout = 0")
    raw = sqlite3.connect(house.memory.blobs.folder.parent / "darkroom.db")
    raw.execute("BEGIN")
    raw.execute("SELECT count(*) FROM jobs").fetchone()
    yield raw
    raw.close()


async def test_a_log_that_cannot_be_emptied_stops_new_jobs_until_it_can(house: House, reader):
    await house.accepted()
    house.room.disk.most_log_bytes = 4096
    house.clock.turn(LOOK_SECONDS)

    assert shut(Shut.LOG) == await refused(house)
    reader.close()
    house.clock.turn(LOOK_SECONDS)
    assert shut(Shut.LOG) == await refused(house)
    house.clock.turn(EMPTY_SECONDS)
    assert isinstance(await house.ask(), Receipt)


async def test_a_long_log_that_can_be_emptied_stops_nobody(house: House):
    await house.accepted()
    house.room.disk.most_log_bytes = 4096
    house.clock.turn(LOOK_SECONDS)
    assert house.memory.db.log_bytes() > 4096

    assert isinstance(await house.ask(), Receipt)


# --- stopping


async def test_while_it_stops_it_takes_nothing(house: House):
    house.room.close()

    assert shut(Shut.RESTARTING) == await refused(house)
    assert shut(Shut.RESTARTING) == await refused(house, where=IN_DM)
