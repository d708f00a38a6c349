"""The worker gets the fair next job; what it says comes back, and its death costs an attempt."""

import asyncio
from contextlib import suppress

import pytest

from bot import words
from bot.domain import Ending, OptOut, PersonId, Visibility
from bot.policy.plans import Usage
from bot.services.dispatch import LEASE_SECONDS
from bot.services.progress import Board
from bot.storage import choices
from bot.storage.database import many
from bot.storage.deliveries import Delivery
from bot.words import PublicShown
from gen.messages import FailureCode, Finished
from tests.asks import CHANNEL, where
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, MOD, House

STEALTH = Visibility.STEALTH


@pytest.fixture
def slow(house: House) -> House:
    """A house whose engine moves only when somebody ticks."""
    house.engine = FakeEngine(auto=False)
    house.start_again()
    return house


async def test_a_placed_job_is_made_and_waits_sealed_for_its_delivery(house: House, on_disk):
    job = await house.rendered(count=2)

    assert "rendered" == await house.state(job)
    assert 2 == len(house.files())
    assert b"RIFF" not in b"".join(house.memory.blobs.get(name) for name in house.files())


async def test_the_worker_learns_what_to_make_and_nothing_of_its_owner(house: House):
    job = await house.rendered("a red fox", where=where(channel_id=987654321))

    ((given, spec),) = house.engine.given

    assert job == given
    assert "a red fox" == spec.prompt
    told = f"{given} {spec.to_json()}"
    assert not [number for number in (ANA, 100, 987654321) if f'"{number}"' in told]
    assert "987654321" not in told


async def test_no_more_is_claimed_than_the_worker_has_room_for(slow: House):
    jobs = [await slow.placed(person=PersonId(50 + number), count=2) for number in range(3)]
    looking = asyncio.create_task(slow.dispatch.step())
    while len(slow.engine.given) < 2:
        await asyncio.wait([looking], timeout=0.01)

    assert ["running", "running", "placed"] == [await slow.state(job) for job in jobs]
    for _ in range(5):
        slow.engine.tick()
    await looking
    assert "running" == await slow.state(jobs[2])
    for _ in range(5):
        slow.engine.tick()
    await slow.quiet()
    assert ["rendered"] * 3 == [await slow.state(job) for job in jobs]


async def test_people_take_turns_at_the_worker(slow: House):
    ana = [await slow.placed() for _ in range(2)]
    mod = await slow.placed(person=MOD)

    await slow.dispatch.step()

    assert [ana[0], mod, ana[1]] == [job for job, _ in slow.engine.given]
    slow.engine.crash()
    await slow.quiet()


async def test_progress_is_shown_while_a_job_is_made(slow: House):
    await slow.placed("a red fox")
    await slow.dispatch.step()
    slow.engine.tick()
    await slow.messenger.until(lambda: "edit" in slow.messenger.calls)

    (post,) = slow.messenger.stands(CHANNEL)

    assert post.content.endswith("25% · step 1 of 4 · public")
    assert [b"\xff\xd8a preview\xff\xd9"] == [picture.content for picture in post.files]
    slow.engine.crash()
    await slow.quiet()


async def test_nothing_that_is_shown_of_a_stealth_job_is_a_preview_or_a_word(slow: House):
    await slow.placed("xylophone", visibility=STEALTH)
    await slow.dispatch.step()
    for number in range(1, 5):
        slow.clock.turn(2)
        slow.engine.tick()
        await slow.messenger.until(lambda: slow.messenger.calls.count("edit") >= number)  # noqa: B023
    slow.engine.tick()
    await slow.quiet()

    assert {slow.messenger.dm(ANA)} == {channel for channel, _ in slow.messenger.seen}
    assert not [post for _, post in slow.messenger.seen if post.files]
    assert not [post for _, post in slow.messenger.seen if "xylophone" in post.content]


async def test_a_worker_that_dies_costs_one_attempt_and_the_job_is_made_at_the_next(slow: House):
    job = await slow.placed()
    await slow.dispatch.step()
    slow.engine.crash()
    await slow.quiet()
    after_the_crash = await slow.state(job)

    await slow.dispatch.step()
    for _ in range(5):
        slow.engine.tick()
    await slow.quiet()

    assert ("placed", "rendered") == (after_the_crash, await slow.state(job))
    assert Usage(pictures=1, waiting_jobs=1) == await slow.usage()


@pytest.mark.parametrize("seen", Visibility)
async def test_a_job_that_kills_three_workers_is_poison_refunded_and_told(slow: House, seen):
    job = await slow.placed(visibility=seen)
    for _ in range(3):
        await slow.dispatch.step()
        slow.engine.crash()
        await slow.quiet()

    await slow.tidies()

    assert "dead" == await slow.state(job)
    assert Usage() == await slow.usage()
    assert "stopped the painter three times" in slow.messenger.whispered("token-1")
    assert [] == [
        post for channel in slow.messenger.channels for post in slow.messenger.stands(channel)
    ]
    await slow.dispatch.step()
    assert 3 == len(slow.engine.given)


async def test_poison_whose_end_a_crash_cut_short_is_refunded_and_told_at_the_next_start(
    slow: House, monkeypatch
):
    job = await slow.placed()

    async def dies(*_):
        raise asyncio.CancelledError

    for _ in range(2):
        await slow.dispatch.step()
        slow.engine.crash()
        await slow.quiet()
    await slow.dispatch.step()
    with monkeypatch.context() as patch:
        patch.setattr(type(slow.conclude), "__call__", dies)
        slow.engine.crash()
        await asyncio.gather(*slow.dispatch._tasks, return_exceptions=True)

    slow.start_again()
    await slow.recover()
    await slow.dispatch.keep_leases()
    await slow.tidies()

    assert "dead" == await slow.state(job)
    assert Usage() == await slow.usage()
    assert "stopped the painter three times" in slow.messenger.whispered("token-1")
    assert [] == slow.messenger.stands(CHANNEL)
    assert [] == await slow.keys_of_jobs()


@pytest.mark.parametrize("seen", Visibility)
async def test_a_job_the_model_cannot_make_is_refunded_and_told(house: House, seen):
    house.engine.break_next()
    job = await house.rendered(visibility=seen)

    await house.tidies()

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert "could not be made or kept" in house.messenger.whispered("token-1")


async def test_a_job_too_large_for_the_painters_memory_is_refunded_and_told_so(house: House):
    house.engine.break_next(FailureCode.MEMORY)
    job = await house.rendered()

    await house.tidies()

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert "ask for a smaller size" in house.messenger.whispered("token-1")


async def test_a_job_whose_pictures_are_missing_is_refunded_and_holds_up_nobody(
    house: House, monkeypatch
):
    async def says_nothing():
        yield Finished("", (), "image/webp")

    with monkeypatch.context() as patch:
        patch.setattr(house.engine, "run", lambda *_: says_nothing())
        empty = await house.rendered()
    whole = await house.rendered(person=MOD)
    await house.delivers()

    assert ("refused", "delivered") == (await house.state(empty), await house.state(whole))
    assert Usage() == await house.usage()


async def test_a_place_that_vanished_cancels_its_job_at_the_next_step(slow: House):
    job = await slow.placed()
    await slow.dispatch.step()
    slow.messenger.wipe(CHANNEL)
    slow.engine.tick()
    await slow.messenger.until(lambda: "edit" in slow.messenger.calls)
    slow.clock.turn(2)
    slow.engine.tick()
    while await slow.state(job) != "cancelled":
        await asyncio.wait(slow.dispatch._tasks, timeout=0.01)
    slow.engine.tick()
    await slow.quiet()
    await slow.tidies()

    assert "cancelled" == await slow.state(job)
    assert Usage() == await slow.usage()
    assert "is gone" in slow.messenger.whispered("token-1")
    assert [] == slow.files()


async def test_a_disk_that_fails_returns_the_job_to_the_queue(house: House, monkeypatch):
    job = await house.placed()

    async def full(*_):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.memory), "keep_files", full)
        await house.work()
    after = await house.state(job)
    await house.work()

    assert ("placed", "rendered") == (after, await house.state(job))


async def test_a_disk_that_fails_at_everything_strands_no_job(house: House, monkeypatch):
    job = await house.placed()

    def full(*_, **__):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.memory), "keep_files", full)
        patch.setattr("gen.queue.give_back", full)
        with suppress(OSError):
            await house.work()
    for _ in range(4):
        house.clock.turn(LEASE_SECONDS / 2)
        await house.dispatch.keep_leases()
    await house.work()

    assert "rendered" == await house.state(job)


async def test_what_may_have_ended_a_worker_runs_alone_at_its_next_attempts(slow: House):
    first, second = await slow.placed(), await slow.placed(person=MOD)
    await slow.dispatch.step()
    slow.engine.crash()
    await slow.quiet()
    third = await slow.placed(person=PersonId(13))

    await slow.dispatch.step()

    assert ["running", "placed", "placed"] == [
        await slow.state(job) for job in (first, second, third)
    ]
    slow.engine.crash()
    await slow.quiet()


async def test_a_job_that_lost_its_keys_ends_as_lost_and_its_neighbour_is_made(house: House):
    lost, kept = await house.placed(visibility=STEALTH), await house.placed()
    house.memory.keys.stealth.drop(lost)

    await house.work()
    await house.tidies()

    assert ("lost", "rendered") == (await house.state(lost), await house.state(kept))
    assert Usage(pictures=1, waiting_jobs=1) == await house.usage()
    assert "key of this job is gone" in house.messenger.whispered("token-1")


# --- leases -------------------------------------------------------------------------------------


async def test_a_claimed_job_is_made_whose_owner_forbids_it_and_lifts_that_again(slow: House):
    job, heed = await slow.placed(), slow.heed
    async with slow.memory.db.transaction() as tx:
        ana = slow.memory.keys.person(ANA)
        await choices.set_opt_out(tx, ana, OptOut.NEVER_PUBLIC, day="2027-01-15")

    async def too_late(delivery: Delivery) -> bool:
        await slow.choose.opt_in(ANA)
        return await heed(delivery)

    slow.dispatch.heed = too_late
    await slow.dispatch.step()

    assert [job] == [given for given, _ in slow.engine.given]
    slow.engine.crash()
    await slow.quiet()


async def test_a_lease_is_kept_alive_while_its_job_runs(slow: House):
    job = await slow.placed()
    await slow.dispatch.step()

    for _ in range(5):
        slow.clock.turn(LEASE_SECONDS - 1)
        await slow.dispatch.keep_leases()

    assert "running" == await slow.state(job)
    assert 1 == len(slow.engine.given)
    slow.engine.crash()
    await slow.quiet()


async def test_what_a_dead_process_held_is_given_back_at_the_next_start(slow: House):
    job = await slow.placed()
    await slow.dispatch.step()
    held = slow.dispatch

    slow.engine = FakeEngine()
    slow.start_again()
    await slow.dispatch.keep_leases()
    given_back = await slow.state(job)
    await slow.work()

    assert ("placed", "rendered") == (given_back, await slow.state(job))
    for task in held._tasks:
        task.cancel()
    await asyncio.gather(*held._tasks, return_exceptions=True)
    assert "rendered" == await slow.state(job)


async def test_stopping_returns_what_runs_and_costs_no_attempt(slow: House):
    job = await slow.placed()

    for _ in range(5):
        await slow.dispatch.step()
        running = await slow.state(job)
        slow.dispatch.stop()
        await slow.engine.stop(0)
        await slow.dispatch.drain()
        assert ("running", "placed") == (running, await slow.state(job))
        slow.engine = FakeEngine(auto=False)
        slow.start_again()

    assert Usage(pictures=1, waiting_jobs=1) == await slow.usage()


async def test_what_the_worker_finishes_while_stopping_is_kept(slow: House):
    job = await slow.placed()
    await slow.dispatch.step()

    slow.dispatch.stop()
    await slow.engine.stop(10)
    await slow.dispatch.drain()

    assert "rendered" == await slow.state(job)


async def test_stopping_waits_only_a_moment_for_progress_that_discord_does_not_answer(slow: House):
    job = await slow.placed()
    slow.messenger.meanwhile("edit", asyncio.Event().wait)
    await slow.dispatch.step()
    slow.engine.tick()
    await slow.messenger.until(lambda: "edit" in slow.messenger.calls)
    slow.clock.turn(60)
    slow.engine.tick()  # unheard yet, and due to be shown: nothing new is begun

    slow.dispatch.stop()
    await slow.engine.stop(0)
    async with asyncio.timeout(5):
        await slow.dispatch.drain()

    assert "placed" == await slow.state(job)
    slow.engine = FakeEngine()
    slow.start_again()
    await slow.work()
    async with slow.memory.db.read() as tx:
        (row,) = await many(tx, "SELECT attempts FROM jobs")
    assert 1 == row["attempts"]


# --- pacing -------------------------------------------------------------------------------------


def drawn(job: str, step: int, steps: int):
    async def draw():
        return words.progress(PublicShown(job, ANA, "a fox"), step, steps, None)

    return draw


async def test_one_message_is_edited_no_faster_than_the_pace(house: House, messenger, clock):
    job = await house.placed()
    route = await house.memory.open_route(await house.delivery(job))
    board = Board(messenger, clock)

    for step in range(20):
        board.show(job, route, drawn(job, step, 20))
        await messenger.until(lambda: True)
        clock.turn(0.5)
        if board._edits:
            await board._edits[job]

    assert [0, 3, 6, 9, 12, 15, 18] == [
        int(post.content.split("step ")[1].split(" ")[0])
        for _, post in messenger.seen
        if "step" in post.content
    ]


async def test_a_state_that_came_too_soon_is_shown_when_its_time_has_come(
    house: House, messenger, clock
):
    job = await house.placed()
    route = await house.memory.open_route(await house.delivery(job))
    board = Board(messenger, clock)
    for step in (1, 2, 3):
        board.show(job, route, drawn(job, step, 4))
        await board._edits[job]
    assert "step 1 of 4" in messenger.stands(CHANNEL)[0].content

    clock.turn(1.5)
    await board.look()
    await board._edits[job]

    assert "step 3 of 4" in messenger.stands(CHANNEL)[0].content


async def test_what_was_held_back_is_forgotten_once_its_job_has_settled(
    house: House, messenger, clock
):
    job = await house.placed()
    route = await house.memory.open_route(await house.delivery(job))
    board = Board(messenger, clock)
    board.show(job, route, drawn(job, 1, 4))
    board.show(job, route, drawn(job, 2, 4))

    await board.settle(job)
    clock.turn(60)
    await board.look()

    assert not board._edits
    assert "step 1 of 4" in messenger.stands(CHANNEL)[0].content


async def test_a_running_job_tells_how_long_it_has_taken_and_how_long_it_will(slow: House):
    await slow.placed()
    await slow.dispatch.step()
    await slow.messenger.until(lambda: any(each.began_at for each in slow.dispatch._runs.values()))
    slow.clock.turn(6)
    slow.engine.tick()
    await slow.messenger.until(lambda: "edit" in slow.messenger.calls)

    (post,) = slow.messenger.stands(CHANNEL)
    slow.engine.crash()
    await slow.quiet()
    assert "25% · step 1 of 4 · 6 s so far, about 18 s left" in post.content


async def test_no_progress_lands_after_a_job_has_settled(house: House, messenger, clock):
    job = await house.placed()
    route = await house.memory.open_route(await house.delivery(job))
    board = Board(messenger, clock)
    may_answer = asyncio.Event()
    messenger.meanwhile("edit", may_answer.wait)
    board.show(job, route, drawn(job, 1, 4))
    settling = asyncio.create_task(board.settle(job))
    await messenger.until(lambda: "edit" in messenger.calls or not settling.done())

    assert not settling.done()
    may_answer.set()
    await settling
    assert "step 1 of 4" in messenger.stands(CHANNEL)[0].content


async def test_progress_that_discord_does_not_take_is_skipped_and_breaks_nothing(house: House):
    house.messenger.fail("edit")

    job = await house.rendered()

    assert "rendered" == await house.state(job)


async def test_ending_a_job_twice_refunds_once(house: House):
    first, _ = await house.placed(count=2), await house.placed(count=2)
    delivery = await house.delivery(first)

    ended = [await house.conclude(delivery, ending) for ending in [*Ending, *Ending]]

    assert 1 == ended.count(True)
    assert Usage(pictures=2, waiting_jobs=1) == await house.usage()
