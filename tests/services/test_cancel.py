"""An owner ends their own job at any moment; for others it is as if it never was."""

import pytest

from bot.domain import Ending, Visibility
from bot.policy.plans import Usage
from bot.services.cancel import Outcome
from tests.asks import CHANNEL
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, MOD, House

STEALTH = Visibility.STEALTH


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_an_owner_cancels_refunded_and_nothing_of_the_job_is_left(house: House, stage, seen):
    job = await getattr(house, stage)(visibility=seen)

    assert Outcome.CANCELLED is await house.cancel(job, ANA)
    await house.tidies()

    assert "cancelled" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == [post for channel in house.messenger.channels.values() for post in channel]
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()


async def test_a_running_job_leaves_the_worker_at_its_next_step(house: House):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    job = await house.placed()
    await house.dispatch.step()
    house.engine.tick()

    assert Outcome.CANCELLED is await house.cancel(job, ANA)
    house.engine.tick()
    await house.quiet()

    assert "cancelled" == await house.state(job)
    assert [] == house.files()
    assert 4 == await house.engine.want()


async def test_a_result_that_arrives_after_the_cancel_is_dropped(house: House):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    job = await house.placed()
    await house.dispatch.step()

    await house.conclude(await house.delivery(job), Ending.CANCELLED)
    for _ in range(5):
        house.engine.tick()
    await house.quiet()

    assert "cancelled" == await house.state(job)
    assert [] == house.files()
    assert Usage() == await house.usage()


async def test_somebody_elses_job_and_no_job_look_alike(house: House):
    job = await house.placed()
    before = await house.rows()

    assert Outcome.NOT_YOURS is await house.cancel(job, MOD)
    assert Outcome.NOT_YOURS is await house.cancel("f" * 32, MOD)
    assert Outcome.NOT_YOURS is await house.cancel("", ANA)

    assert before == await house.rows()
    assert 1 == len(house.messenger.stands(CHANNEL))


@pytest.mark.parametrize("seen", Visibility)
async def test_what_has_ended_stays_ended_and_is_refunded_once(house: House, seen):
    job = await house.placed(visibility=seen)

    outcomes = [await house.cancel(job, ANA) for _ in range(3)]

    assert [Outcome.CANCELLED, Outcome.ENDED, Outcome.ENDED] == outcomes
    assert Usage() == await house.usage()


async def test_a_delivered_job_cannot_be_cancelled_and_keeps_its_picture(house: House):
    job = await house.accepted()
    await house.finish()

    assert Outcome.ENDED is await house.cancel(job, ANA)
    await house.tidies()

    assert "delivered" == await house.state(job)
    assert 1 == len(house.messenger.stands(CHANNEL))
    assert Usage(pictures=1) == await house.usage()


async def test_a_cancelled_job_frees_its_owners_place_in_the_queue(house: House):
    jobs = [await house.accepted() for _ in range(3)]

    await house.cancel(jobs[0], ANA)

    assert await house.accepted()


async def test_who_cancels_is_not_told_again_in_their_dm(house: House):
    house.messenger.expired.add("token-1")
    job = await house.placed()

    await house.cancel(job, ANA)
    await house.tidies()

    assert [] == house.messenger.stands(house.messenger.dm(ANA))
