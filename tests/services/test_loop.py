"""A loop wakes at its bell, and no fault of a step ends it."""

import asyncio

from bot.ports import Bell
from bot.services.loop import forever


async def test_a_loop_looks_at_once_and_again_at_every_ring():
    bell, looked = Bell(), asyncio.Queue()

    async def step():
        looked.put_nowait("a look")

    loop = asyncio.create_task(forever("test", step, bell))
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

    loop = asyncio.create_task(forever("test", step, bell))
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

    loop = asyncio.create_task(forever("test", step, bell))
    async with asyncio.timeout(5):
        for _ in range(3):
            await tries.get()
            bell.ring()
    loop.cancel()

    assert not loop.done()
