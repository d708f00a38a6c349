"""What a crash left behind is finished at the next start, and finishing twice changes nothing."""

import asyncio

import pytest

from bot.domain import Ending, Visibility
from bot.errors import KeyGone
from bot.policy.plans import Usage
from bot.services.conclude import _STATE
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from tests.asks import CHANNEL
from tests.services.conftest import ANA, MOD, PRO_ROLE, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH


async def start(house: House) -> None:
    house.start_again()
    await house.recover()
    await house.tidies()


@pytest.mark.parametrize("stage", ["accepted", "placed", "rendered"])
async def test_a_stealth_job_whose_keys_were_forgotten_is_lost_refunded_and_told(
    house: House, stage
):
    job = await getattr(house, stage)(visibility=STEALTH)
    house.memory.keys.stealth.drop(job)

    await start(house)

    assert "lost" == await house.state(job)
    assert Usage() == await house.usage()
    assert "by design" in house.messenger.whispered("token-1")
    assert [] == house.messenger.stands(house.messenger.dm(ANA))
    assert [] == house.files()


async def test_its_owner_is_told_in_the_dm_when_the_answer_has_expired(house: House):
    house.messenger.expired.add("token-1")
    job = await house.placed(visibility=STEALTH)
    house.memory.keys.stealth.drop(job)

    await start(house)

    (told,) = house.messenger.stands(house.messenger.dm(ANA))
    assert "by design" in told.content


@pytest.mark.parametrize("purpose", [RECIPE, PICTURE, ROUTE])
async def test_a_row_without_any_one_of_its_keys_is_lost_and_refunded(house: House, purpose):
    job = await house.placed()
    await house.memory.keys.destroy(job, purpose)

    await start(house)

    assert "lost" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == await house.keys_of_jobs()


@pytest.mark.parametrize("seen", Visibility)
async def test_keys_without_a_row_are_destroyed(house: House, seen):
    await house.memory.keys.new_job("no row", house.memory.keys.person(ANA), "2026-11-21", seen)

    await start(house)

    assert [] == await house.memory.keys.items()


@pytest.mark.parametrize("purpose", [RECIPE, PICTURE])
async def test_half_of_a_stealth_jobs_keys_is_destroyed_too(house: House, purpose):
    """A kill can come between the two."""
    house.memory.keys.stealth.new("no row", purpose)

    await start(house)

    assert [] == await house.memory.keys.items()


async def test_files_without_a_row_are_dropped_and_those_that_wait_are_kept(house: House):
    await house.rendered()
    waiting = house.files()
    await house.memory.keep_files([b"orphan"])

    await start(house)

    assert waiting == house.files()


@pytest.mark.parametrize("seen", Visibility)
async def test_open_jobs_with_their_keys_go_on_to_their_result(house: House, seen):
    jobs = [
        await house.rendered(visibility=seen),
        await house.placed(visibility=seen),
        await house.accepted(visibility=seen),
    ]

    await start(house)
    await house.finish()

    assert ["delivered"] * 3 == [await house.state(job) for job in jobs]


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("step", ["keys.destroy", "drop_files"])
async def test_a_crash_between_the_end_and_the_keys_leaves_no_key_and_no_file(
    house: House, monkeypatch, seen, step
):
    job = await house.rendered(visibility=seen)

    async def dies(*_):
        raise asyncio.CancelledError

    owner = house.memory.keys if step == "keys.destroy" else house.memory
    with monkeypatch.context() as patch:
        patch.setattr(type(owner), step.split(".")[-1], dies)
        with pytest.raises(asyncio.CancelledError):
            await house.conclude(await house.delivery(job), Ending.FAILED)

    await start(house)

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == house.files()
    assert [] == await house.keys_of_jobs()
    assert "could not be made" in house.messenger.whispered("token-1")


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("step", ["keys.destroy", "drop_files"])
async def test_a_crash_right_after_delivery_leaves_no_picture_and_one_message(
    house: House, monkeypatch, seen, step
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(61)

    async def dies(*_):
        raise asyncio.CancelledError

    owner = house.memory.keys if step == "keys.destroy" else house.memory
    with monkeypatch.context() as patch:
        patch.setattr(type(owner), step.split(".")[-1], dies)
        with pytest.raises(asyncio.CancelledError):
            await house.delivers()

    await start(house)

    channel = CHANNEL if seen is PUBLIC else house.messenger.dm(ANA)
    assert "delivered" == await house.state(job)
    assert 1 == len(house.messenger.stands(channel))
    assert [] == house.files()
    assert [] == house.memory.keys.stealth.items()
    with pytest.raises(KeyGone):
        await house.memory.keys.key(job, PICTURE)
    if seen is PUBLIC:
        assert await house.recall(job, ANA)
    else:
        (buttons,) = [post.buttons for post in house.messenger.stands(channel)]
        again = next(one.custom_id for one in buttons if one.label == "Again")
        assert await house.recall(again.removeprefix("v1:again:"), ANA)


async def test_recovering_twice_changes_nothing(house: House):
    await house.rendered()
    await house.placed(person=MOD)
    lost = await house.accepted(visibility=STEALTH)
    house.memory.keys.stealth.drop(lost)
    await house.memory.keep_files([b"orphan"])
    await start(house)
    before = (await house.rows(), house.files(), dict(house.messenger.whispers))

    await start(house)

    assert before == (await house.rows(), house.files(), dict(house.messenger.whispers))


async def test_an_empty_house_has_nothing_to_recover(house: House):
    before = await house.rows()

    await start(house)

    assert before == await house.rows()


def test_every_ending_has_its_state():
    assert set(Ending) == set(_STATE)


async def test_an_ask_that_arrives_while_the_house_recovers_is_left_alone(
    house: House, monkeypatch
):
    listed = house.memory.keys.items
    jobs = []

    async def listed_amid_asks():
        jobs.append(await house.accepted(role_ids=frozenset({PRO_ROLE}), visibility=PUBLIC))
        items = await listed()
        jobs.append(await house.accepted(role_ids=frozenset({PRO_ROLE}), visibility=PUBLIC))
        return items

    monkeypatch.setattr(house.memory.keys, "items", listed_amid_asks)

    await house.recover()

    monkeypatch.undo()
    assert ["accepted"] * 4 == [await house.state(job) for job in jobs]
    held = set(await house.memory.keys.items())
    assert {(job, "recipe") for job in jobs} <= held
