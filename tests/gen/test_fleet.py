"""One worker for each GPU: all work at once, and one that dies costs only its own jobs."""

import asyncio
import os
import signal

import pytest

from gen.engine import EngineState, Phase, WorkerLost
from gen.fleet import Fleet
from gen.job import Spec
from gen.messages import Cancelled, Ready, Setup, Started
from gen.profile import Profile, StepTime
from gen.supervisor import Supervisor
from tests.fakes import READY, FakeEngine
from tests.gen import scripted_child as child


def spec(pictures: int = 1) -> Spec:
    seeds = tuple(range(pictures))
    return Spec(prompt="a fox", width=64, height=64, steps=3, guidance=3.0, seeds=seeds)


@pytest.fixture
async def two(tiny_folder):
    """A fleet of two real workers, on GPUs that a script calls its own."""
    fleet = Fleet(
        [
            Supervisor(
                Setup(str(tiny_folder), device=device),
                environ=os.environ,
                command=child.WORKS_UNTIL_CANCELLED,
                restart_delays_seconds=(0.0,),
            )
            for device in ("cuda:0", "cuda:1")
        ]
    )
    await fleet.start()
    await until(fleet, lambda: fleet.room == 4)
    yield fleet
    await fleet.stop(0)


async def until(fleet, is_so):
    while not is_so():
        await fleet.changed()


async def started(events):
    return await anext(events)


async def rest_of(events):
    return [event async for event in events]


# --- as one ---------------------------------------------------------------------------------------


async def test_two_workers_are_one_engine_with_room_for_both(two):
    ready = await two.wait_ready()

    assert ("cuda:0, cuda:1", "a script", 4) == (ready.device, ready.device_name, ready.row_cap)
    assert 4 == two.room == await two.want()
    assert EngineState(Phase.READY) == two.state


async def test_jobs_run_on_both_at_once(two):
    listening = [two.run(job, spec(2)) for job in ("a", "b")]

    assert [Started("a"), Started("b")] == [await started(events) for events in listening]
    assert [True, True] == [
        engine.holds(job) for engine, job in zip(two.engines, "ab", strict=True)
    ]
    assert 0 == two.room


async def test_whoever_waits_for_room_hears_of_it_from_either(two):
    listening = [two.run(job, spec(2)) for job in ("a", "b")]
    for events in listening:
        await started(events)
    waiting = asyncio.create_task(two.want())

    two.cancel("b")

    assert 1 == await waiting
    assert [Cancelled("b", 1)] == await rest_of(listening[1])


async def test_an_id_is_taken_on_every_worker_while_its_job_runs_on_one(two):
    two.run("a", spec())

    with pytest.raises(ValueError, match="a job of this id is running"):
        two.run("a", spec())


# --- apart ----------------------------------------------------------------------------------------


async def test_a_killed_worker_costs_only_its_own_jobs_and_comes_back(two):
    listening = {job: two.run(job, spec(2)) for job in ("a", "b")}
    for events in listening.values():
        await started(events)
    first, second = two.engines

    os.kill(first.pid, signal.SIGKILL)

    assert [WorkerLost("a")] == await rest_of(listening["a"])
    assert second.holds("b")
    assert Phase.READY is two.state.phase
    await until(two, lambda: two.room)
    assert [Started("c")] == [await started(two.run("c", spec()))]
    two.cancel("b")
    assert [Cancelled("b", 1)] == await rest_of(listening["b"])


async def test_while_one_is_away_the_other_gets_the_work(two):
    first, second = two.engines
    await first.stop(0)

    assert ("cuda:1", 1, 2) == (two.ready.device, two.workers, two.room)
    assert EngineState(Phase.READY, "1 of 2 workers") == two.state
    two.run("a", spec())
    assert second.holds("a")


async def test_when_all_are_away_a_job_is_lost_at_once_and_the_reason_is_said(two):
    await two.stop(0)

    assert [WorkerLost("a")] == await rest_of(two.run("a", spec()))
    assert (None, 0, 1) == (two.ready, two.room, two.workers)
    assert EngineState(Phase.DOWN, "stopped") == two.state


# --- what a job costs -----------------------------------------------------------------------------


def card_of(seconds: float, doors: tuple[str, ...]) -> Ready:
    return Ready(
        device="cuda:0",
        device_name=f"a card of {seconds:g} s",
        dtype="none",
        card=READY.card,
        profile=Profile((StepTime(64, 64, 1, seconds),)),
        row_cap=2,
        closed=doors,
    )


async def test_a_job_has_one_price_on_unequal_cards_and_doors_hold_where_all_hold():
    quick = FakeEngine(ready=card_of(0.1, ("calls", "files")))
    slow = FakeEngine(ready=card_of(0.4, ("files", "signals")))
    fleet = Fleet([slow, quick])

    assert 0.1 == fleet.ready.profile.step_seconds(64, 64)
    assert ("files",) == fleet.ready.closed
    assert "a card of 0.4 s, a card of 0.1 s" == fleet.ready.device_name


def test_a_fleet_of_none_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Fleet([])
