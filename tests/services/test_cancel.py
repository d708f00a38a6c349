"""An owner ends their own job at any moment; for others it is as if it never was."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain import Ending, Visibility
from bot.policy.plans import Usage
from bot.policy.refund import Taken
from bot.services.cancel import Cancelled, Outcome
from tests.asks import CHANNEL
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, MOD, PLUS_SKU, House

STEALTH = Visibility.STEALTH
PLUS = {"sku_ids": frozenset({PLUS_SKU})}
COST = 40  #: fast milliseconds of a picture here: 4 steps, guided, at 5 ms


@pytest.fixture
def slow(house: House) -> House:
    """A house whose engine does a step only when the test says so."""
    house.engine = FakeEngine(auto=False)
    house.start_again()
    return house


async def runs(house: House, steps: int, **changed) -> str:
    """A job that runs, and has done and told so many of its steps."""
    job = await house.placed(**changed)
    await house.dispatch.step()
    for _ in range(steps):
        house.engine.tick()
    while steps and house.dispatch.done(job) < steps / 4:
        await asyncio.wait(house.dispatch._tasks, timeout=0.01)
    return job


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_an_owner_cancels_and_nothing_of_the_job_is_left(house: House, stage, seen):
    job = await getattr(house, stage)(visibility=seen)

    assert Outcome.CANCELLED is (await house.cancel(job, ANA)).outcome
    await house.tidies()

    assert "cancelled" == await house.state(job)
    assert [] == [post for channel in house.messenger.channels.values() for post in channel]
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()


async def test_a_running_job_leaves_the_worker_at_its_next_step(house: House):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    job = await house.placed()
    await house.dispatch.step()
    house.engine.tick()

    assert Outcome.CANCELLED is (await house.cancel(job, ANA)).outcome
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

    pressed = [await house.cancel(job, MOD), await house.cancel("f" * 32, MOD)]
    pressed.append(await house.cancel("", ANA))

    assert [Cancelled(Outcome.NOT_YOURS)] * 3 == pressed

    assert before == await house.rows()
    assert 1 == len(house.messenger.stands(CHANNEL))


@pytest.mark.parametrize("seen", Visibility)
async def test_what_has_ended_stays_ended_and_is_refunded_once(house: House, seen):
    job = await house.placed(visibility=seen)

    outcomes = [(await house.cancel(job, ANA)).outcome for _ in range(3)]

    assert [Outcome.CANCELLED, Outcome.ENDED, Outcome.ENDED] == outcomes
    assert Usage() == await house.usage()


async def test_a_delivered_job_cannot_be_cancelled_and_keeps_its_picture(house: House):
    job = await house.accepted()
    await house.finish()

    assert Outcome.ENDED is (await house.cancel(job, ANA)).outcome
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


@pytest.mark.parametrize("stage", ["accepted", "placed"])
async def test_who_cancels_before_the_first_step_gets_all_of_it_back(house: House, stage):
    job = await getattr(house, stage)(visibility=STEALTH, count=3, **PLUS)
    took = await house.usage()

    cancelled = await house.cancel(job, ANA)

    assert Usage(pictures=3, stealth_jobs=1, waiting_jobs=1, gpu_milliseconds=3 * COST) == took
    assert Cancelled(Outcome.CANCELLED, 1, back=Taken(3, 1, 3 * COST)) == cancelled
    assert Usage() == await house.usage()


@pytest.mark.parametrize(
    ("steps", "back"), [(1, Taken(2, 1, 60)), (2, Taken(1, 1, 40)), (3, Taken(1, 0, 20))]
)
async def test_who_cancels_while_it_runs_gets_back_what_its_steps_left(slow: House, steps, back):
    job = await runs(slow, steps, visibility=STEALTH, count=2, **PLUS)

    cancelled = await slow.cancel(job, ANA)

    assert back == cancelled.back
    assert Taken(2, 1, 2 * COST) == cancelled.back + cancelled.spent
    used = await slow.usage()
    assert cancelled.spent == Taken(used.pictures, used.stealth_jobs, used.gpu_milliseconds)


@pytest.mark.parametrize("seen", Visibility)
async def test_a_picture_that_was_made_is_paid_though_nobody_saw_it(house: House, seen):
    job = await house.rendered(visibility=seen, **PLUS)
    took = await house.usage()

    cancelled = await house.cancel(job, ANA)

    assert Taken() == cancelled.back
    assert replace(took, waiting_jobs=0) == await house.usage()


async def test_an_attempt_that_the_worker_did_not_survive_costs_nothing(slow: House):
    job = await runs(slow, 3, **PLUS)
    slow.engine.crash()
    await slow.quiet()
    waiting = await slow.cancel(job, ANA)

    assert Taken() == waiting.spent
    assert Usage() == await slow.usage()


async def test_who_cancels_all_ends_theirs_wherever_they_are_and_nobody_elses(slow: House):
    running = await runs(slow, 2, count=2, **PLUS)
    placed = await slow.placed(visibility=STEALTH, **PLUS)
    accepted = await slow.accepted(**PLUS)
    mods = await slow.accepted(person=MOD)

    cancelled = await slow.cancel.all(ANA)
    slow.engine.tick()
    await slow.quiet()

    assert (3, Taken(1, 0, COST)) == (cancelled.jobs, cancelled.spent)
    assert {"cancelled"} == {await slow.state(job) for job in (running, placed, accepted)}
    assert "accepted" == await slow.state(mods)
    assert Cancelled(Outcome.ENDED) == await slow.cancel.all(ANA)
