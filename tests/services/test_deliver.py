"""Accepted is delivered, once: by an edit, or by a new message that takes the place's stead."""

from dataclasses import replace

import pytest

from bot.domain import Visibility
from bot.policy.plans import Usage
from bot.storage.keyring import PICTURE, RECIPE, ROUTE
from tests.asks import CHANNEL, where
from tests.fakes import picture_of
from tests.services.conftest import ANA, PLUS_SKU, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
LATER = 61


@pytest.fixture
def here(house: House):
    return {PUBLIC: CHANNEL, STEALTH: house.messenger.dm(ANA)}


async def deliver(house: House) -> None:
    await house.delivers()
    await house.tidies()


async def keys_of(house: House, job: str) -> set[str]:
    async with house.memory.keys._database.read() as tx:
        cursor = await tx.execute("SELECT purpose FROM item_keys WHERE item = ?", (job,))
        return {row[0] for row in await cursor.fetchall()}


@pytest.mark.parametrize("seen", Visibility)
async def test_soon_the_place_itself_becomes_the_result(house: House, here, seen):
    job = await house.rendered("a red fox", visibility=seen, count=2)
    (place,) = house.messenger.channels[here[seen]]

    await deliver(house)

    (result,) = house.messenger.channels[here[seen]]
    assert place.message_id == result.message_id
    assert [picture_of(7, 64, 64), picture_of(8, 64, 64)] == [
        picture.content for picture in result.post.files
    ]
    assert ["image-1.webp", "image-2.webp"] == [one.filename for one in result.post.files]
    assert result.post.mention is None
    star, report = ([], []) if seen is STEALTH else (["star"], ["report"])
    rows = [["u1", "u2"], ["v1", "v2"], ["again", "remix", "recipe", *star], [*report, "delete"]]
    assert [(row, verb) for row, verbs in enumerate(rows) for verb in verbs] == [
        (button.row, button.custom_id.split(":")[1]) for button in result.post.buttons
    ]
    assert f"v1:delete:{job}" == result.post.buttons[-1].custom_id
    assert "delivered" == await house.state(job)
    assert Usage(pictures=2, stealth_jobs=int(seen is STEALTH)) == await house.usage()


@pytest.mark.parametrize("seen", Visibility)
async def test_after_a_minute_a_new_message_takes_its_stead_and_pings_its_owner(
    house: House, here, seen
):
    await house.rendered(visibility=seen)
    (place,) = house.messenger.channels[here[seen]]
    house.clock.turn(LATER)

    await deliver(house)

    (result,) = house.messenger.channels[here[seen]]
    assert place.message_id != result.message_id
    assert ANA == result.post.mention
    assert result.post.files


@pytest.mark.parametrize("seen", Visibility)
async def test_nobody_but_its_owner_ever_sees_a_stealth_result(house: House, here, seen):
    await house.rendered(visibility=seen)

    await deliver(house)

    assert {here[seen]} == set(house.messenger.channels)


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("waited", [0, LATER])
@pytest.mark.parametrize("weather", ["fail", "lose"])
async def test_when_the_answer_is_lost_there_is_exactly_one_result_in_the_end(
    house: House, here, seen, waited, weather
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(waited)
    getattr(house.messenger, weather)("send" if waited else "edit")
    await deliver(house)
    first = await house.state(job)

    house.clock.turn(2)
    await deliver(house)

    (result,) = house.messenger.stands(here[seen])
    assert ("rendered", "delivered") == (first, await house.state(job))
    assert 1 == len(result.files)


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("waited", [0, LATER])
async def test_a_crash_before_the_answer_was_written_down_sends_nothing_twice(
    house: House, here, seen, waited
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(waited)
    house.messenger.lose("send" if waited else "edit")
    await house.delivers()
    for message in house.messenger.channels[here[seen]]:
        message.nonce = None  # Discord has forgotten it: only the button tells

    house.clock.turn(10 * 60)
    house.start_again()
    await house.recover()
    await deliver(house)

    (result,) = house.messenger.stands(here[seen])
    assert "delivered" == await house.state(job)
    assert 1 == len(result.files)


@pytest.mark.parametrize("waited", [0, LATER])
async def test_a_result_that_discord_finds_too_large_is_made_smaller_and_says_so(
    house: House, waited
):
    tried = []

    async def shrink(_, limit_bytes):
        tried.append(limit_bytes)
        return b"\xff\xd8" + bytes(limit_bytes - 2)

    house.deliver = replace(house.deliver, shrink=shrink)
    whole = len(picture_of(7, 64, 64))
    house.messenger.limit_bytes = whole // 4
    job = await house.rendered()
    house.clock.turn(waited)

    await deliver(house)

    (result,) = house.messenger.stands(CHANNEL)
    assert [whole // 2, whole // 8] == tried
    assert [whole // 8] == [len(picture.content) for picture in result.files]
    assert "Encoded smaller" in result.content
    assert "delivered" == await house.state(job)


async def test_a_result_that_fits_says_nothing_of_its_size(house: House):
    await house.rendered()

    await deliver(house)

    assert "smaller" not in house.messenger.stands(CHANNEL)[0].content


async def test_a_result_that_is_too_large_however_small_ends_refunded(house: House):
    house.messenger.limit_bytes = 1
    job = await house.rendered()

    await deliver(house)

    assert "refused" == await house.state(job)
    assert Usage() == await house.usage()
    assert "could not be made" in house.messenger.whispered("token-1")


async def test_a_picture_that_cannot_be_made_smaller_now_holds_up_no_other(house: House):
    async def breaks(*_):
        raise OSError("no process left")

    large = await house.rendered(where=where(upload_limit_bytes=101))
    other = await house.rendered()
    house.deliver = replace(house.deliver, shrink=breaks)
    await deliver(house)
    after = (await house.state(large), await house.state(other))

    house.start_again()
    await deliver(house)

    assert ("rendered", "delivered") == after
    assert "delivered" == await house.state(large)


async def test_a_picture_over_the_channels_limit_is_made_smaller_before_it_is_sent(house: House):
    job = await house.rendered(where=where(upload_limit_bytes=101))

    await deliver(house)

    (result,) = house.messenger.stands(CHANNEL)
    assert [101] == house.shrunk
    assert ["image-1.jpg"] == [picture.filename for picture in result.files]
    assert "delivered" == await house.state(job)


@pytest.mark.parametrize("seen", Visibility)
@pytest.mark.parametrize("waited", [0, LATER])
async def test_a_job_cancelled_while_discord_answers_leaves_no_result(
    house: House, here, seen, waited
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(waited)
    house.messenger.meanwhile("send" if waited else "edit", lambda: house.cancel(job, ANA))

    await deliver(house)
    await deliver(house)

    assert "cancelled" == await house.state(job)
    assert [] == house.messenger.stands(here[seen])
    was_made = Usage(pictures=1, stealth_jobs=int(seen is STEALTH))
    assert was_made == await house.usage()
    assert [] == house.files()


@pytest.mark.parametrize("seen", Visibility)
async def test_a_result_whose_answer_was_lost_goes_when_its_job_is_cancelled(
    house: House, here, seen
):
    job = await house.rendered(visibility=seen)
    house.clock.turn(LATER)
    house.messenger.lose("send")
    await deliver(house)

    await house.cancel(job, ANA)
    house.clock.turn(2)
    await deliver(house)

    assert "cancelled" == await house.state(job)
    assert [] == house.messenger.stands(here[seen])


@pytest.mark.parametrize(
    ("seen", "kept"), [(PUBLIC, {RECIPE}), (STEALTH, set())], ids=["public", "stealth"]
)
async def test_what_is_delivered_is_forgotten_but_a_public_recipe(house: House, seen, kept):
    job = await house.rendered(visibility=seen)
    before = await keys_of(house, job)

    await deliver(house)

    delivery, rows = await house.delivery(job), await house.rows()
    assert ({ROUTE} | ({RECIPE, PICTURE} if seen is PUBLIC else set())) == before
    assert kept == await keys_of(house, job)
    assert [] == house.memory.keys.stealth.items()
    assert [] == house.files()
    assert (None, None) == (delivery.route, delivery.payload)
    assert bool(kept) is (job in [row[0] for row in rows["db.recipes"]])
    assert bool(kept) is (rows["db.unlinked_recipes"] == [])


async def test_a_destroyed_key_is_nowhere_in_the_data_folder(house: House, on_disk):
    job = await house.rendered(visibility=STEALTH)
    async with house.memory.keys._database.read() as tx:
        cursor = await tx.execute("SELECT wrapped FROM item_keys WHERE item = ?", (job,))
        wrapped = [row[0] for row in await cursor.fetchall()]
    assert all(key in on_disk() for key in wrapped)

    await deliver(house)

    assert [] == [key for key in wrapped if key in on_disk()]


async def test_where_a_public_result_stands_is_kept_and_where_a_stealth_one_stands_is_not(
    house: House, here
):
    await house.rendered()
    await house.rendered(visibility=STEALTH)
    await deliver(house)

    rows = await house.rows()
    stored = {value for table in rows.values() for row in table for value in row}
    ((*_, channel, message, _, _),) = rows["db.posts"]

    assert (CHANNEL, house.messenger.channels[CHANNEL][0].message_id) == (channel, message)
    assert house.messenger.channels[here[STEALTH]][0].message_id not in stored
    assert here[STEALTH] not in stored


async def test_a_stealth_record_does_not_say_how_much_gpu_time_its_parameters_took(house: House):
    plus = {"visibility": STEALTH, "sku_ids": frozenset({PLUS_SKU})}
    jobs = [await house.delivered(steps=steps, **plus) for steps in (2, 40)]

    assert [0, 0] == [(await house.delivery(job)).gpu_milliseconds for job in jobs]
    assert (await house.usage()).gpu_milliseconds > 0


@pytest.mark.parametrize("seen", Visibility)
async def test_the_ephemeral_answer_says_where_the_result_stands(house: House, here, seen):
    await house.rendered(visibility=seen)

    await deliver(house)

    said = house.messenger.whispered("token-1")
    (message,) = house.messenger.channels[here[seen]]
    place = "@me" if seen is STEALTH else "100"
    assert f"https://discord.com/channels/{place}/{here[seen]}/{message.message_id}" in said
    assert "**Who can see it:**" in said


async def test_an_expired_answer_keeps_nothing_waiting(house: House):
    house.messenger.expired.add("token-1")
    job = await house.rendered()

    await deliver(house)

    assert (await house.delivery(job)).route is None


@pytest.mark.parametrize("trouble", ["gone", "forbidden"])
@pytest.mark.parametrize("waited", [0, LATER])
async def test_a_channel_that_takes_no_result_ends_the_job_refunded(house: House, trouble, waited):
    job = await house.rendered()
    getattr(house.messenger, trouble).add(CHANNEL)
    house.clock.turn(waited)

    await deliver(house)

    assert "cancelled" == await house.state(job)
    assert Usage() == await house.usage()
    assert [] == house.files()


async def test_a_dm_that_closed_meanwhile_ends_the_job_and_nothing_goes_to_a_channel(house: House):
    job = await house.rendered(visibility=STEALTH)
    house.messenger.closed.add(ANA)
    house.clock.turn(LATER)

    await deliver(house)

    assert "refused" == await house.state(job)
    assert CHANNEL not in house.messenger.channels
    assert Usage() == await house.usage()


async def test_one_result_that_cannot_be_opened_holds_up_no_other(house: House):
    broken, whole = await house.rendered(), await house.rendered()
    async with house.memory.db.transaction() as tx:
        await tx.execute("UPDATE pictures SET blob = 'not there' WHERE job = ?", (broken,))

    await deliver(house)

    assert "delivered" == await house.state(whole)
    assert "lost" == await house.state(broken)


async def test_tidying_that_discord_did_not_answer_is_done_at_the_next_look(house: House):
    job = await house.rendered()
    house.clock.turn(LATER)
    await house.delivers()
    house.messenger.fail("delete")
    await house.tidies()
    before = len(house.messenger.stands(CHANNEL))

    house.clock.turn(2)
    await house.tidies()

    assert (2, 1) == (before, len(house.messenger.stands(CHANNEL)))
    assert "delivered" == await house.state(job)
    assert "Done" in house.messenger.whispered("token-1")
