"""A message stands where the result will be, once; a closed DM ends the job and shows nothing."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain import Ending, Visibility
from bot.errors import Refused
from bot.policy.plans import Usage
from tests.asks import CHANNEL, ask, dm, where
from tests.fakes import FakeEngine
from tests.services.conftest import ANA, MOD, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


@pytest.fixture
def here(house: House):
    """Where a job of this visibility shows itself."""
    return {PUBLIC: CHANNEL, STEALTH: house.messenger.dm(ANA)}


async def test_a_public_place_says_what_is_made_and_for_whom(house: House):
    job = await house.placed("a red fox")

    (post,) = house.messenger.stands(CHANNEL)

    assert f"**a red fox** – <@{ANA}> (Waiting to start) · public" == post.content
    assert [f"v1:cancel:{job}"] == [button.custom_id for button in post.buttons]
    assert post.mention is None
    assert "placed" == await house.state(job)


async def test_a_stealth_place_stands_in_the_owners_dm_and_says_nothing(house: House):
    await house.placed("a red fox", visibility=STEALTH)

    (post,) = house.messenger.stands(house.messenger.dm(ANA))

    assert "Your stealth job (Waiting to start) · stealth" == post.content
    assert {house.messenger.dm(ANA)} == {channel for channel, _ in house.messenger.seen}


async def test_a_closed_dm_ends_a_stealth_job_refunded_and_nothing_is_posted(house: House):
    house.messenger.closed.add(ANA)
    job = await house.accepted(visibility=STEALTH)

    await house.places()
    await house.tidies()

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == house.messenger.seen
    assert "DM is closed" in house.messenger.whispered("token-1")
    assert [] == house.engine.given


async def test_a_dm_that_closes_while_it_is_written_to_ends_the_job_too(house: House):
    async def closes():
        house.messenger.closed.add(ANA)

    house.messenger.meanwhile("send", closes)
    job = await house.placed(visibility=STEALTH)

    assert "refused" == await house.state(job)
    assert [] == house.messenger.seen
    assert Usage() == await house.usage()


@pytest.mark.parametrize("trouble", ["gone", "forbidden"])
async def test_a_channel_that_takes_no_place_ends_the_job_refunded(house: House, trouble):
    getattr(house.messenger, trouble).add(CHANNEL)
    job = await house.placed()

    await house.tidies()

    assert "cancelled" == await house.state(job)
    assert Usage() == await house.usage()
    assert "no longer post there" in house.messenger.whispered("token-1")


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("weather", ["fail", "lose"])
async def test_when_discord_does_not_answer_there_is_exactly_one_place_in_the_end(
    house: House, here, seen, weather
):
    getattr(house.messenger, weather)("send")
    job = await house.placed(visibility=seen)
    first = await house.state(job)

    house.clock.turn(2)
    await house.places()

    assert ("accepted", "placed") == (first, await house.state(job))
    assert 1 == len(house.messenger.stands(here[seen]))


@pytest.mark.parametrize("seen", Visibility)
async def test_a_place_sent_before_a_crash_is_found_and_not_sent_again(house: House, here, seen):
    house.messenger.lose("send")
    job = await house.placed(visibility=seen)
    for message in house.messenger.channels[here[seen]]:
        message.nonce = None  # Discord has forgotten it: only the button tells

    house.start_again()
    await house.places()

    assert "placed" == await house.state(job)
    assert 1 == len(house.messenger.stands(here[seen]))


async def test_two_looks_at_once_make_one_place(house: House):
    job = await house.accepted()

    await asyncio.gather(house.place.look(), house.place.look())
    await house.hands.empty()

    assert "placed" == await house.state(job)
    assert 1 == len(house.messenger.stands(CHANNEL))


@pytest.mark.parametrize("seen", Visibility)
async def test_a_job_cancelled_while_its_place_is_sent_leaves_no_place(house: House, here, seen):
    job = await house.accepted(visibility=seen)
    house.messenger.meanwhile("send", lambda: house.cancel(job, ANA))

    await house.places()
    await house.tidies()

    assert "cancelled" == await house.state(job)
    assert [] == house.messenger.stands(here[seen])
    assert Usage() == await house.usage()


@pytest.mark.parametrize("seen", Visibility)
async def test_a_place_whose_answer_was_lost_is_removed_when_its_job_is_cancelled(
    house: House, here, seen
):
    house.messenger.lose("send")
    job = await house.placed(visibility=seen)

    await house.cancel(job, ANA)
    house.clock.turn(2)
    await house.tidies()

    assert [] == house.messenger.stands(here[seen])


async def test_a_place_that_stands_when_its_job_is_cancelled_by_an_old_look_is_removed(
    house: House,
):
    job = await house.accepted()
    stale = await house.delivery(job)
    await house.places()

    assert await house.conclude(stale, Ending.CANCELLED)
    await house.tidies()

    assert [] == house.messenger.stands(CHANNEL)


async def test_many_jobs_get_their_places_in_one_look(house: House):
    jobs = [await house.accepted(person=number) for number in range(100, 117)]

    await house.places()

    assert ["placed"] * len(jobs) == [await house.state(job) for job in jobs]
    assert len(jobs) == len(house.messenger.stands(CHANNEL))


async def test_a_channel_that_does_not_answer_holds_up_no_other(house: House):
    silence = asyncio.Event()
    house.messenger.meanwhile("send", silence.wait)
    stuck = await house.accepted()
    await house.place.look()
    await house.messenger.until(lambda: "send" in house.messenger.calls)
    other = await house.accepted(person=MOD, where=where(channel_id=1))

    await house.place.look()
    await house.messenger.until(lambda: house.messenger.stands(1))

    assert [] == house.messenger.stands(CHANNEL)
    silence.set()
    await house.hands.empty()
    assert ["placed", "placed"] == [await house.state(job) for job in (stuck, other)]


async def test_a_place_that_failed_rests_before_it_is_tried_again(house: House):
    house.messenger.fail("send", times=2)
    job = await house.placed()

    tries = []
    for seconds in (0, 0.9, 0.2, 0, 4.9, 0.2):
        house.clock.turn(seconds)
        await house.places()
        tries.append(house.messenger.calls.count("send"))

    assert [1, 1, 2, 2, 2, 3] == tries
    assert "placed" == await house.state(job)


async def test_no_place_is_made_before_its_owner_was_told_that_the_job_waits(house: House):
    receipt = await house.submit(ask())
    await house.places()
    before = await house.state(receipt.job)

    house.submit.answered(receipt.job)
    await house.places()

    assert ("accepted", "placed") == (before, await house.state(receipt.job))


async def test_a_row_that_was_tampered_with_ends_its_job_and_no_other(house: House):
    broken, whole = await house.accepted(), await house.accepted()
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET route = x'01' WHERE job = ?", (broken,))

    await house.places()

    assert ("refused", "placed") == (await house.state(broken), await house.state(whole))
    assert Usage(pictures=1, waiting_jobs=1) == await house.usage()


async def test_a_job_asked_for_in_the_dm_stands_in_the_dm(house: House):
    await house.placed(where=dm())

    assert [house.messenger.dm(ANA)] == list(house.messenger.channels)


# --- words that their owner hides ---------------------------------------------------------------


async def hides(house: House) -> None:
    await house.choose.change(ANA, lambda old: replace(old, hides_prompt=True))


async def test_whoever_hides_their_words_shows_none_in_place_progress_or_result(house: House):
    await hides(house)
    house.clock.turn(10)

    await house.delivered("xylophone")

    assert 3 <= len(house.messenger.seen)
    assert [] == [post for _, post in house.messenger.seen if "xylophone" in post.content]
    assert "words hidden" in house.messenger.stands(CHANNEL)[0].content


@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_words_hidden_on_the_way_are_in_nothing_that_is_sent_from_then_on(
    house: House, stage
):
    await getattr(house, stage)("xylophone")
    await hides(house)
    before = len(house.messenger.seen)
    house.clock.turn(10)

    await house.finish()

    later = house.messenger.seen[before:]
    assert later
    assert [] == [post for _, post in later if "xylophone" in post.content]


async def test_words_hidden_while_a_job_runs_are_in_no_later_progress(house: House):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    await house.placed("xylophone")
    await house.dispatch.step()
    house.engine.tick()
    await house.messenger.until(lambda: "edit" in house.messenger.calls)
    await hides(house)
    house.clock.turn(10)

    house.engine.tick()
    await house.messenger.until(lambda: 2 == house.messenger.calls.count("edit"))

    assert "xylophone" not in house.messenger.stands(CHANNEL)[0].content
    assert "step 2 of 4" in house.messenger.stands(CHANNEL)[0].content
    house.engine.crash()
    await house.quiet()


async def test_words_that_were_hidden_when_a_job_was_accepted_stay_hidden_for_it(house: House):
    await hides(house)
    await house.accepted("xylophone")
    await house.choose.change(ANA, lambda old: replace(old, hides_prompt=False))

    await house.finish()

    assert [] == [post for _, post in house.messenger.seen if "xylophone" in post.content]


async def test_somebody_whose_dm_discord_does_not_let_us_open_is_told_in_their_answer(
    house: House,
):
    async def refuses() -> None:
        house.messenger.meanwhile("open_dm", refuses)
        raise Refused("for good")

    house.messenger.meanwhile("open_dm", refuses)
    job = await house.accepted(visibility=Visibility.STEALTH)
    await house.finish()

    assert "cancelled" == await house.state(job)
    assert "cost you nothing" in house.messenger.whispered("token-1")
