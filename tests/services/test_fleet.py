"""Two workers and one queue: both are fed, and one that dies costs only its own jobs."""

import asyncio

import pytest

from gen.fleet import Fleet
from tests.fakes import FakeEngine
from tests.services.conftest import House


@pytest.fixture
async def two(house: House):
    """A house with two engines of one row each, which move only when somebody ticks."""
    house.engine = Fleet([FakeEngine(rows=1, auto=False) for _ in range(2)])
    await house.engine.start()
    house.start_again()
    yield house
    await house.engine.stop(0)


async def runs(house: House, jobs: int) -> None:
    """Hand over what waits until so many jobs were ever handed over."""
    task = asyncio.create_task(house.dispatch.step())
    while sum(len(engine.given) for engine in house.engine.engines) < jobs:
        await asyncio.wait([task], timeout=0.01)
    task.cancel()
    await asyncio.wait([task])


async def states(house: House, *jobs: str) -> list[str]:
    return [await house.state(job) for job in jobs]


async def test_both_work_at_once_on_different_jobs(two: House):
    jobs = [await two.placed() for _ in range(3)]

    await runs(two, 2)

    assert ["running", "running", "placed"] == await states(two, *jobs)
    assert [1, 1] == [len(engine.given) for engine in two.engine.engines]


async def test_one_that_dies_costs_only_its_own_job_an_attempt(two: House):
    one, other = await two.placed(), await two.placed()
    await runs(two, 2)
    first, second = two.engine.engines
    lost = first.given[0][0]

    first.crash()
    while await two.state(lost) == "running":
        await two.dispatch.dispatching.heard(0.01)

    assert ["placed", "running"] == await states(two, lost, ({one, other} - {lost}).pop())
    assert 1 == len(second._running)


async def test_what_may_have_ended_a_worker_runs_alone_in_the_whole_fleet(two: House):
    suspect, other = await two.placed(), await two.placed()
    await runs(two, 2)
    first, second = two.engine.engines
    for engine in (first, second):
        engine.crash()
    await two.quiet()

    await runs(two, 3)
    await two.dispatch.step()

    assert sorted(["running", "placed"]) == sorted(await states(two, suspect, other))
