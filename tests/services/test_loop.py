"""A loop wakes at its bell, and no fault of a step ends it."""

import asyncio

import pytest

from bot.errors import StartFault
from bot.ports import Bell
from bot.services.loop import Loops, Pulse, forever
from tests.fakes import FakeClock


def _pulse(clock=None):
    return Pulse("test", clock or FakeClock())


async def test_a_loop_looks_at_once_and_again_at_every_ring():
    bell, looked = Bell(), asyncio.Queue()

    async def step():
        looked.put_nowait("a look")

    loop = asyncio.create_task(forever(step, bell, _pulse()))
    async with asyncio.timeout(5):
        await looked.get()
        bell.ring()
        await looked.get()
    loop.cancel()

    assert looked.empty()


async def test_a_ring_while_it_works_is_heard_afterwards():
    bell, looked = Bell(), asyncio.Queue()

    async def step():
        if looked.empty():
            bell.ring()
        looked.put_nowait("a look")

    loop = asyncio.create_task(forever(step, bell, _pulse()))
    async with asyncio.timeout(4):
        while looked.qsize() < 2:
            await asyncio.wait([loop], timeout=0.01)
    loop.cancel()

    assert 2 == looked.qsize()


async def test_a_step_that_fails_is_tried_again():
    bell, tries = Bell(), asyncio.Queue()

    async def step():
        tries.put_nowait("a try")
        raise ZeroDivisionError

    loop = asyncio.create_task(forever(step, bell, _pulse()))
    async with asyncio.timeout(5):
        for _ in range(3):
            await tries.get()
            bell.ring()
    loop.cancel()

    assert not loop.done()


async def test_what_a_step_waited_for_may_be_cancelled_and_the_loop_goes_on():
    bell, tries, pulse = Bell(), asyncio.Queue(), _pulse()

    async def step():
        tries.put_nowait("a try")
        if tries.qsize() == 1:
            other = asyncio.create_task(asyncio.Event().wait())
            other.cancel()
            await other

    bell.ring()
    loop = asyncio.create_task(forever(step, bell, pulse))
    async with asyncio.timeout(5):
        while tries.qsize() < 2:
            await asyncio.wait([loop], timeout=0.01)
    loop.cancel()

    assert 1 == pulse.faults


async def test_a_loop_that_somebody_cancelled_is_started_again():
    loops, looked = Loops(FakeClock(), again_seconds=0.0), asyncio.Queue()

    async def step():
        looked.put_nowait("a look")

    loops.repeat("test", step)
    async with asyncio.timeout(5):
        await looked.get()
        next(task for task in asyncio.all_tasks() if task.get_name() == "test").cancel()
        await looked.get()
    deaths = loops.pulses["test"].deaths
    await loops.stop()

    assert 1 == deaths


async def test_what_breaks_or_ends_by_itself_is_started_again():
    loops, lives = Loops(FakeClock(), again_seconds=0.0), asyncio.Queue()

    async def life():
        lives.put_nowait("a life")
        if lives.qsize() == 1:
            raise ZeroDivisionError
        if lives.qsize() == 3:
            await asyncio.Event().wait()

    loops.keep("test", life)
    async with asyncio.timeout(5):
        while lives.qsize() < 3:
            await asyncio.wait([asyncio.current_task()], timeout=0.01)
    deaths = loops.pulses["test"].deaths
    await loops.stop()

    assert 2 == deaths


async def test_a_loop_whose_step_hangs_is_told_of():
    clock = FakeClock()
    loops, began = Loops(clock), asyncio.Event()

    async def hang():
        began.set()
        await asyncio.Event().wait()

    async def work():
        pass

    loops.repeat("hangs", hang)
    await began.wait()
    before = loops.late()
    clock.turn(121)
    loops.repeat("works", work)
    after = loops.late()
    await loops.stop()

    assert ([], ["hangs"]) == (before, after)


async def test_what_waits_for_the_world_is_never_late():
    clock = FakeClock()
    loops = Loops(clock)

    loops.keep("waits", asyncio.Event().wait)
    clock.turn(86_400)
    late = loops.late()
    await loops.stop()

    assert [] == late


async def test_what_the_operator_must_mend_ends_it_all():
    loops = Loops(FakeClock())

    async def life():
        raise StartFault("mend this")

    loops.keep("test", life)
    with pytest.raises(StartFault, match="mend this"):
        async with asyncio.timeout(5):
            await loops.broken()
    await loops.stop()


async def test_a_stopped_loop_stays_stopped():
    loops, looked = Loops(FakeClock(), again_seconds=0.0), asyncio.Queue()

    async def step():
        looked.put_nowait("a look")

    loops.repeat("test", step)
    await looked.get()
    await loops.stop()

    assert "test" not in {task.get_name() for task in asyncio.all_tasks()}
    assert 0 == loops.pulses["test"].deaths


async def test_a_loop_that_is_rung_in_the_moment_it_is_stopped_stops():
    loops, bell, looked = Loops(FakeClock()), Bell(), asyncio.Queue()

    async def step():
        looked.put_nowait("a look")

    loops.repeat("test", step, bell)
    await looked.get()
    await asyncio.wait([asyncio.current_task()], timeout=0.01)  # it listens for the bell by now
    bell.ring()
    async with asyncio.timeout(5):
        await loops.stop()

    assert looked.empty()
