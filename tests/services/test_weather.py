"""Weather that takes more than one fault: bans, long outages, threads that sleep, shut doors."""

from collections.abc import AsyncIterator

import pytest

from bot.client import breaker, doors
from bot.domain import Ending, Visibility
from bot.policy.delivery import TOKEN_SECONDS
from bot.policy.plans import Usage
from bot.sandbox.entities import PUBLIC_THREAD, Channel
from bot.words import ended
from tests.services.outside import ANA, CAFE, GENERAL, Outside, outdoors

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
BAN = {"rate_limit": {"scope": "global", "retry_after": 0.01}, "page": True}


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    async with outdoors() as outside:
        yield outside


def asked(outside: Outside, method: str = "", path: str = "") -> int:
    """How often Discord was asked."""
    records = outside.sandbox.wire.records
    return len([one for one in records if method in one.method and path in one.path])


# --- bans


async def test_while_discord_shuts_us_out_nothing_is_asked_and_afterwards_nothing_is_missing(
    outside: Outside,
):
    jobs = [await outside.asks(seen) for seen in (PUBLIC, STEALTH, PUBLIC)]
    outside.sandbox.weather.add(BAN)
    await outside.house.finish()
    before = asked(outside)
    outside.sandbox.weather.clear()

    for _ in range(5):
        outside.turn(20)
        await outside.house.finish()
    during = asked(outside) - before
    outside.turn(breaker.FIRST_REST_SECONDS)
    await outside.goes_on()

    assert before <= 2 + len(jobs)  # the login's two, and those that were on their way
    assert 0 == during
    assert ["delivered"] * 3 == [await outside.house.state(job) for job in jobs]
    assert (2, 1) == (len(outside.in_channels()), len(outside.in_dm()))


async def test_a_paused_house_takes_nothing_in_hand_so_that_nothing_rests_longer(
    outside: Outside,
):
    paused = [True]
    outside.house.hands.paused = lambda: paused[0]
    job = await outside.asks(PUBLIC)
    await outside.house.places()
    before = await outside.house.state(job)
    paused[0] = False
    await outside.house.places()

    assert ("accepted", "placed") == (before, await outside.house.state(job))


# --- long outages


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("moment", ["placing", "sending"])
async def test_what_landed_before_a_long_outage_is_found_after_it(outside: Outside, moment, seen):
    """Longer than Discord remembers nonces: only our own message there can tell."""
    job = await outside.until(moment, seen)
    outside.weather(moment, times=1, lost_answer=True)
    await outside.house.finish()
    outside.sandbox.weather.add({"status": 503})
    for _ in range(10):
        outside.turn(120)
        await outside.house.finish()
    outside.sandbox.weather.clear()

    await outside.goes_on()

    assert "delivered" == await outside.house.state(job)
    assert [1] == [len(one.attachments) for one in [*outside.in_dm(), *outside.in_channels()]]


async def test_an_answer_that_cannot_be_written_any_more_is_not_tried(outside: Outside):
    """Discord counts each try against us, and in a long queue every job would make one."""
    await outside.until("editing", PUBLIC)
    outside.turn(TOKEN_SECONDS)

    await outside.goes_on()

    assert 1 == len(outside.results())
    assert 0 == asked(outside, "PATCH", "/webhooks/")
    assert 0 == outside.breaker.invalid_requests


# --- threads


@pytest.fixture
def thread(outside: Outside) -> Channel:
    world = outside.sandbox.world
    made = Channel(world.ids.new(), PUBLIC_THREAD, "stars", CAFE, parent_id=GENERAL)
    world.channels[made.id] = made
    return made


async def test_a_result_wakes_the_thread_that_fell_asleep_meanwhile(
    outside: Outside, thread: Channel
):
    job = await outside.until("editing", PUBLIC, thread.id)
    thread.archived = True

    await outside.goes_on()

    assert "delivered" == await outside.house.state(job)
    assert outside.results(thread) == outside.in_channels()
    assert 1 == len(outside.results())


@pytest.mark.parametrize("moment", ["placing", "editing", "sending"])
async def test_in_a_thread_that_was_locked_a_job_ends_refunded_and_told(
    outside: Outside, thread: Channel, moment
):
    await outside.until(moment, PUBLIC, thread.id)
    thread.archived = thread.locked = True

    await outside.goes_on()

    assert [] == outside.results()
    assert Usage() == await outside.house.usage(ANA)
    assert ended(Ending.PLACE_GONE) in outside.told()[0]


# --- doors that stay shut


async def test_a_dm_that_keeps_refusing_is_not_knocked_at_again_for_a_while(outside: Outside):
    world = outside.sandbox.world
    world.users[ANA].dms = "closed"
    for _ in range(doors.TRIES + 2):
        await outside.asks(STEALTH)
        await outside.house.finish()
    knocked = asked(outside, "POST", "/messages")
    world.users[ANA].dms = "open"
    outside.turn(doors.COOL_DOWN_SECONDS)
    job = await outside.asks(STEALTH)
    await outside.house.finish()

    assert doors.TRIES == knocked
    assert "delivered" == await outside.house.state(job)


async def test_who_opens_their_dm_and_asks_again_is_heard_at_once(outside: Outside):
    world = outside.sandbox.world
    world.users[ANA].dms = "closed"
    await outside.asks(STEALTH)
    await outside.house.finish()
    world.users[ANA].dms = "open"

    job = await outside.asks(STEALTH)
    await outside.house.finish()

    assert "delivered" == await outside.house.state(job)


# --- poison


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("late", [False, True])
async def test_what_kills_the_painter_three_times_is_refunded_and_its_owner_told(
    outside: Outside, seen, late
):
    outside.house.engine.auto = False
    job = await outside.until("showing", seen)
    for _ in range(3):
        await outside.house.dispatch.step()
        outside.house.engine.crash()
        await outside.house.quiet()
    if late:
        outside.turn(TOKEN_SECONDS)

    await outside.house.tidies()

    assert "dead" == await outside.house.state(job)
    assert Usage() == await outside.house.usage(ANA)
    assert late == any(ended(Ending.POISON) in one.content for one in outside.in_dm())
    assert 1 == len([said for said in outside.told() if ended(Ending.POISON) in said])
    assert [] == outside.in_channels()
