"""🔒 Only me: a public job leaves everybody's sight, before it is posted and after."""

import asyncio

import pytest

from bot import words
from bot.domain import Cause, Refusal, Visibility
from bot.policy.plans import Usage
from bot.services.withdraw import Withdrawal
from gen.job import Speed
from tests.asks import CHANNEL
from tests.fakes import picture_of
from tests.services.conftest import ANA, MOD, PLUS_SKU, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
STAGES = ["accepted", "placed", "rendered"]


async def only_me(house: House, job: str, person: int = ANA) -> Withdrawal:
    return await house.withdraw(job, person, "press")


def everywhere(house: House) -> dict[int, int]:
    """How many messages stand in each channel that holds any."""
    return {
        where: len(standing) for where, standing in house.messenger.channels.items() if standing
    }


# --- before it is posted ------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
async def test_an_open_job_goes_on_in_the_dm_and_leaves_nothing_in_the_channel(house: House, stage):
    job = await getattr(house, stage)(count=2, seed=5)

    assert Withdrawal.MOVED is await only_me(house, job)
    await house.finish()

    (result,) = house.messenger.stands(house.messenger.dm(ANA))
    assert [picture_of(5, 64, 64), picture_of(6, 64, 64)] == [one.content for one in result.files]
    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert Usage(pictures=2, stealth_jobs=1) == await house.usage()
    assert [] == await house.keys_of_jobs()
    assert job not in [row[0] for row in (await house.rows())["db.jobs"]]


@pytest.mark.parametrize("stage", STAGES)
async def test_the_keys_of_what_was_public_are_gone_at_once(house: House, stage, on_disk):
    job = await getattr(house, stage)()
    async with house.memory.keys._database.read() as tx:
        cursor = await tx.execute("SELECT wrapped FROM item_keys WHERE item = ?", (job,))
        wrapped = [row[0] for row in await cursor.fetchall()]

    await only_me(house, job)
    await house.tidies()

    assert 3 == len(wrapped)
    assert [] == [key for key in wrapped if key in on_disk()]
    assert [] == [held for held in await house.memory.keys.items() if held[0] == job]
    assert [] == house.files()


@pytest.mark.parametrize(("stage", "seen"), [("accepted", False), ("placed", True)])
async def test_its_owner_is_told_since_when_it_could_be_seen(house: House, stage, seen):
    job = await getattr(house, stage)()
    since = house.clock.now()
    house.clock.turn(5)

    await only_me(house, job)
    await house.tidies()

    said = house.messenger.whispered("token-1")
    assert seen is (f"could be seen in <#{CHANNEL}> since <t:{since}:t>" in said)
    assert seen is ("Nobody had seen it." not in said)
    assert words.two_lines(STEALTH)[0] in said


async def test_a_place_whose_answer_was_lost_may_have_been_seen(house: House):
    house.messenger.lose("send")
    job = await house.placed()

    await only_me(house, job)
    house.clock.turn(2)
    await house.tidies()

    assert {} == everywhere(house)
    assert "could be seen in" in house.messenger.whispered("token-1")


async def test_the_twin_keeps_its_turn(house: House):
    first, job = await house.placed(person=MOD), await house.placed()
    later = await house.placed(person=MOD)
    house.clock.turn(5)

    await only_me(house, job)
    await house.places()
    twin = house.ids.given[-1]
    await house.work()

    assert [first, twin, later] == [given for given, _ in house.engine.given]


async def test_a_twin_that_is_cancelled_gives_everything_back(house: House):
    job = await house.placed(count=3)
    await only_me(house, job)

    await house.cancel(house.ids.given[-1], ANA)
    await house.tidies()

    assert Usage() == await house.usage()
    assert {} == everywhere(house)
    assert [] == await house.keys_of_jobs()


@pytest.mark.parametrize("tidies", [True, False])
async def test_the_command_that_made_it_is_still_made_once(house: House, tidies):
    job = await house.accepted(interaction_id=77)
    await only_me(house, job)
    if tidies:
        await house.finish()

    assert Refusal(Cause.REPEATED) == await house.ask(interaction_id=77)


async def test_a_closed_dm_ends_the_twin_refunded_and_posts_nothing(house: House):
    job = await house.placed()
    house.messenger.closed.add(ANA)

    assert Withdrawal.MOVED is await only_me(house, job)
    await house.finish()

    assert {} == everywhere(house)
    assert Usage() == await house.usage()
    assert "DM is closed" in house.messenger.whispered("token-1")


async def test_a_power_off_after_the_move_forgets_the_twin_by_design(house: House):
    job = await house.placed()
    await only_me(house, job)
    house.memory.keys.stealth.drop(house.ids.given[-1])

    house.start_again()
    await house.recover()
    await house.finish()

    assert {} == everywhere(house)
    assert Usage() == await house.usage()


# --- after it is posted -------------------------------------------------------------------------


@pytest.mark.parametrize("waited", [0, 61])
async def test_a_posted_result_is_taken_back_and_made_again_for_the_dm(house: House, waited):
    job = await house.rendered(seed=5)
    house.clock.turn(waited)
    await house.delivers()
    await house.tidies()

    assert Withdrawal.REMADE is await only_me(house, job)
    left = everywhere(house)
    await house.finish()

    (result,) = house.messenger.stands(house.messenger.dm(ANA))
    rows = await house.rows()
    assert {} == left
    assert [picture_of(5, 64, 64)] == [one.content for one in result.files]
    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert ([], []) == (rows["db.posts"], rows["db.recipes"])
    assert job not in [row[0] for row in rows["db.jobs"]]
    assert [] == await house.keys_of_jobs()
    assert "in your DM" in house.messenger.whispered("press")


async def test_a_result_made_again_costs_a_stealth_job_and_no_picture(house: House):
    job = await house.delivered(count=2)

    await only_me(house, job)
    await house.finish()

    assert Usage(pictures=2, stealth_jobs=1) == await house.usage()


@pytest.mark.parametrize("days", [0, 1])
async def test_a_result_made_again_and_cancelled_gives_no_picture_back(house: House, days):
    job = await house.delivered(count=2)
    house.clock.turn(days * 24 * 3600)
    await house.delivered()
    before = await house.usage()
    await only_me(house, job)

    await house.cancel(house.ids.given[-1], ANA)

    assert before == await house.usage()


async def test_a_result_made_again_is_relaxed_and_kept_as_the_plan_it_was_made_under_says(
    house: House,
):
    job = await house.delivered(sku_ids=frozenset({PLUS_SKU}))

    await only_me(house, job)

    ((again, *_),) = [row for row in (await house.rows())["db.jobs"] if row[0] != job]
    delivery = await house.delivery(again)
    assert ("Plus", 0) == (delivery.plan, delivery.gpu_milliseconds)
    assert {Speed.RELAX: 1, Speed.FAST: 0} == (await house.survey(ANA)).waiting


@pytest.mark.parametrize("tidied", [True, False])
async def test_the_place_that_a_result_replaced_is_removed_too(house: House, tidied):
    job = await house.rendered()
    house.clock.turn(61)
    await house.delivers()
    if tidied:
        await house.tidies()

    await only_me(house, job)
    await house.finish()

    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert job not in [row[0] for row in (await house.rows())["db.jobs"]]


async def test_a_result_whose_recipe_has_expired_is_taken_back_and_not_made_again(house: House):
    job = await house.delivered()
    house.clock.turn(30 * 24 * 3600)

    assert Withdrawal.REMOVED is await only_me(house, job)
    await house.finish()

    assert {} == everywhere(house)
    assert ([], []) == ((await house.rows())["db.posts"], await house.keys_of_jobs())


async def test_a_result_whose_record_has_expired_is_taken_back_all_the_same(house: House):
    job = await house.delivered()
    async with house.memory.db.transaction() as tx:
        await tx.execute("DELETE FROM jobs WHERE id = ?", (job,))

    assert Withdrawal.REMADE is await only_me(house, job)
    await house.finish()

    assert {house.messenger.dm(ANA): 1} == everywhere(house)


async def test_a_message_that_discord_does_not_let_go_is_due_for_the_sweeper(house: House):
    job = await house.delivered()
    house.messenger.fail("delete")

    assert Withdrawal.STANDS is await only_me(house, job)

    rows = await house.rows()
    assert [(job, house.clock.now())] == [(row[0], row[-1]) for row in rows["db.posts"]]
    assert [] == rows["db.recipes"]
    await house.finish()
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_pressing_again_after_discord_refused_removes_it_and_makes_nothing_twice(
    house: House,
):
    job = await house.delivered()
    house.messenger.fail("delete")

    outcomes = [await only_me(house, job) for _ in range(2)]
    await house.finish()

    assert [Withdrawal.STANDS, Withdrawal.REMOVED] == outcomes
    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert Usage(pictures=1, stealth_jobs=1) == await house.usage()


async def test_two_presses_at_once_make_it_again_once(house: House):
    job = await house.delivered()

    await asyncio.gather(*(only_me(house, job) for _ in range(5)))
    await house.finish()

    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert Usage(pictures=1, stealth_jobs=1) == await house.usage()


async def test_a_result_made_again_keeps_its_buttons_and_is_made_again_from_them(house: House):
    await only_me(house, await house.delivered(seed=5))
    await house.finish()

    recalled = await house.recall(await house.ticket(), ANA)

    assert (STEALTH, (5,)) == (recalled.visibility, recalled.spec.seeds)


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [*STAGES, "delivered"])
async def test_somebody_elses_job_and_no_job_look_alike(house: House, stage):
    job = await getattr(house, stage)()
    before = await house.rows()

    outcomes = [await only_me(house, job, MOD), await only_me(house, "f" * 32, MOD)]
    outcomes.append(await only_me(house, "", ANA))

    assert [Withdrawal.NOT_YOURS] * 3 == outcomes
    assert before == await house.rows()


@pytest.mark.parametrize("stage", [*STAGES, "delivered"])
async def test_a_stealth_job_has_nothing_to_be_taken_out_of(house: House, stage):
    job = await getattr(house, stage)(visibility=STEALTH)
    before = await house.rows()

    assert Withdrawal.NOT_YOURS is await only_me(house, job)
    assert before == await house.rows()


@pytest.mark.parametrize("stage", STAGES)
async def test_pressing_twice_moves_once(house: House, stage):
    job = await getattr(house, stage)()

    outcomes = await asyncio.gather(*(only_me(house, job) for _ in range(3)))
    await house.finish()

    assert [Withdrawal.MOVED] == [one for one in outcomes if one is not Withdrawal.NOT_YOURS]
    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert Usage(pictures=1, stealth_jobs=1) == await house.usage()


async def test_a_result_taken_back_while_it_is_posted_is_moved_and_does_not_stay(house: House):
    job = await house.rendered()
    house.messenger.meanwhile("edit", lambda: only_me(house, job))

    await house.delivers()
    await house.tidies()
    await house.finish()

    assert {house.messenger.dm(ANA): 1} == everywhere(house)
    assert Usage(pictures=1, stealth_jobs=1) == await house.usage()


async def test_an_owner_is_told_of_a_place_that_discord_does_not_let_go(house: House):
    job = await house.placed()
    house.messenger.hidden.add(CHANNEL)

    assert Withdrawal.MOVED is await only_me(house, job)
    await house.finish()

    in_dm = [post.content for post in house.messenger.stands(house.messenger.dm(ANA))]
    assert 1 == sum(words.stays(CHANNEL) in said for said in in_dm)


async def test_a_stop_while_discord_removes_the_post_does_not_lose_the_picture(house: House):
    class Stopped(BaseException): ...

    async def stops() -> None:
        raise Stopped

    job = await house.delivered()
    house.messenger.meanwhile("delete", stops)
    with pytest.raises(Stopped):
        await only_me(house, job)

    house.start_again()
    await house.recover()
    await house.finish()

    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))
    assert [(job, house.clock.now())] == [
        (row[0], row[-1]) for row in (await house.rows())["db.posts"]
    ]


async def test_taking_posts_back_is_no_way_around_the_limits(house: House):
    jobs = []
    for _ in range(13):  # the most any plan lets wait is 12
        job = await house.accepted(visibility=PUBLIC)
        await house.finish()
        jobs.append(job)

    outcomes = [await house.withdraw(job, ANA, "token-again") for job in jobs]

    assert [Withdrawal.REMADE] * 12 + [Withdrawal.FULL] == outcomes
    assert [] == house.messenger.stands(200)
