"""✉️, ❌ and ⭐: acts of an owner, and of nobody else."""

from dataclasses import replace

import pytest

from bot.domain import OptOut, PersonId, Visibility
from bot.policy.retention import DAY
from bot.services.cancel import Cancelled
from bot.services.react import Emoji, React, Reaction, heeded
from bot.storage import choices, recipes
from tests.asks import CHANNEL, GUILD
from tests.fakes import picture_of
from tests.services.conftest import ANA, MOD, House

STEALTH = Visibility.STEALTH
NOTHING_SAID = "a picture by words"


async def reacts(
    house: House,
    emoji: Emoji,
    message_id: int,
    *,
    by: PersonId = ANA,
    in_dm: bool = False,
    away: bool = False,
) -> None:
    channel = house.messenger.dm(by) if in_dm else CHANNEL
    guild = None if in_dm else GUILD
    await house.react(Reaction(emoji, by, guild, channel, message_id, away))


def message(house: House, in_dm: bool = False) -> int:
    channel = house.messenger.dm(ANA) if in_dm else CHANNEL
    return house.messenger.channels[channel][-1].message_id


async def expires_at(house: House, job: str) -> int:
    async with house.memory.db.read() as tx:
        recipe = await recipes.get(tx, job)
    assert recipe is not None
    return recipe.expires_at - recipe.made_at


@pytest.mark.parametrize(
    ("name", "meant"),
    [("✉️", Emoji.COPY), ("✉", Emoji.COPY), ("❌", Emoji.AWAY), ("⭐", Emoji.KEEP), ("👍", None),
     ("", None), ("❌❌", None)],
)  # fmt: skip
def test_three_emoji_are_heeded_however_they_are_written(name, meant):
    assert meant == heeded(name)


# --- a copy -------------------------------------------------------------------------------------


async def test_anas_letter_brings_a_copy_to_her_dm_and_nowhere_else(house):
    job = await house.delivered("a red fox", count=2)

    await reacts(house, Emoji.COPY, message(house))

    (copy,) = house.messenger.stands(house.messenger.dm(ANA))
    assert [picture_of(7, 64, 64), picture_of(8, 64, 64)] == [one.content for one in copy.files]
    assert "**Prompt** a red fox" in copy.content
    assert "**Seed** 7, 8" in copy.content
    assert job in copy.content
    assert 1 == len(house.messenger.stands(CHANNEL))


async def test_a_closed_dm_gets_no_copy_and_nothing_stands_elsewhere(house):
    await house.delivered()
    house.messenger.closed.add(ANA)

    await reacts(house, Emoji.COPY, message(house))

    assert 1 == len(house.messenger.stands(CHANNEL))
    assert [] == house.messenger.stands(house.messenger.dm(ANA))


async def test_copies_of_one_result_come_at_most_once_a_minute(house):
    await house.delivered()
    for _ in range(5):
        await reacts(house, Emoji.COPY, message(house))
    assert 1 == house.messenger.calls.count("send") - 1  # the place was one

    house.clock.turn(60)
    await reacts(house, Emoji.COPY, message(house))

    assert 2 == house.messenger.calls.count("send") - 1


async def test_a_result_whose_recipe_is_gone_is_copied_without_words(house):
    await house.delivered("a red fox")
    house.clock.turn(31 * DAY)

    await reacts(house, Emoji.COPY, message(house))

    (copy,) = house.messenger.stands(house.messenger.dm(ANA))
    assert copy.files
    assert "fox" not in copy.content


@pytest.mark.parametrize("times", [1, 2])
async def test_who_wants_each_result_in_their_dm_gets_it_once_whatever_is_lost(house, times):
    await house.accepted("another")
    await house.finish()
    await house.choose.change(ANA, lambda old: replace(old, auto_dm=True))
    job = await house.rendered("a red fox")
    house.messenger.lose("send", times)
    for _ in range(times + 1):
        await house.delivers()
        house.clock.turn(700)  # longer than Discord knows a nonce, and than a try rests
    await house.tidies()

    assert "delivered" == await house.state(job)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))
    assert 2 == len(house.messenger.stands(CHANNEL))


async def test_a_crash_between_copy_and_record_makes_no_second_copy(house):
    await house.choose.change(ANA, lambda old: replace(old, auto_dm=True))
    job = await house.rendered("a red fox")

    async def dies() -> None:
        raise RuntimeError("killed")

    house.messenger.meanwhile("find", dies)
    await house.delivers()
    house.start_again()
    house.clock.turn(700)
    await house.delivers()

    assert "delivered" == await house.state(job)
    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_a_stealth_result_is_never_copied(house):
    await house.choose.change(ANA, lambda old: replace(old, auto_dm=True))

    await house.delivered("a red fox", visibility=STEALTH)
    await reacts(house, Emoji.COPY, message(house, in_dm=True), in_dm=True)

    assert 1 == len(house.messenger.stands(house.messenger.dm(ANA)))


async def test_a_closed_dm_does_not_hold_up_the_result(house):
    await house.choose.change(ANA, lambda old: replace(old, auto_dm=True))
    house.messenger.closed.add(ANA)

    job = await house.delivered("a red fox")

    assert "delivered" == await house.state(job)


# --- away ---------------------------------------------------------------------------------------


async def test_anas_cross_cancels_her_place(house):
    job = await house.placed()

    await reacts(house, Emoji.AWAY, message(house))
    await house.tidies()

    assert "cancelled" == await house.state(job)
    assert [] == house.messenger.stands(CHANNEL)


async def test_anas_cross_under_a_place_that_has_just_become_her_result_deletes_it(house):
    job = await house.rendered()
    cancel = house.react.cancel

    async def cancel_just_too_late(job: str, person: PersonId) -> Cancelled:
        await house.delivers()
        return await cancel(job, person)

    react = replace(house.react, cancel=cancel_just_too_late)
    await react(Reaction(Emoji.AWAY, ANA, GUILD, CHANNEL, message(house)))

    assert [] == house.messenger.stands(CHANNEL)
    assert await house.recall(job, ANA) is None


async def test_anas_cross_deletes_her_result_and_its_recipe(house):
    job = await house.delivered()

    await reacts(house, Emoji.AWAY, message(house))

    assert [] == house.messenger.stands(CHANNEL)
    assert await house.recall(job, ANA) is None


async def test_in_the_dm_anas_cross_deletes_a_stealth_result_and_its_recipe(house):
    await house.delivered(visibility=STEALTH)
    ticket = await house.ticket()

    await reacts(house, Emoji.AWAY, message(house, in_dm=True), in_dm=True)

    assert [] == house.messenger.stands(house.messenger.dm(ANA))
    assert await house.recall(ticket, ANA) is None


async def test_in_the_dm_anas_cross_cancels_a_stealth_place(house):
    job = await house.placed(visibility=STEALTH)

    await reacts(house, Emoji.AWAY, message(house, in_dm=True), in_dm=True)

    assert "cancelled" == await house.state(job)


async def test_in_the_dm_anas_cross_deletes_a_copy_and_not_the_result(house):
    await house.delivered()
    await reacts(house, Emoji.COPY, message(house))

    await reacts(house, Emoji.AWAY, message(house, in_dm=True), in_dm=True)

    assert [] == house.messenger.stands(house.messenger.dm(ANA))
    assert 1 == len(house.messenger.stands(CHANNEL))


# --- kept ---------------------------------------------------------------------------------------


async def test_anas_star_keeps_a_recipe_and_taking_it_away_ends_that(house):
    job = await house.delivered()

    await reacts(house, Emoji.KEEP, message(house))
    kept = await expires_at(house, job)
    await reacts(house, Emoji.KEEP, message(house), away=True)

    assert [180 * DAY, 30 * DAY] == [kept, await expires_at(house, job)]


async def test_a_star_under_a_stealth_result_changes_nothing_and_says_so_once(house):
    await house.delivered(visibility=STEALTH)
    before = await house.rows()
    result = message(house, in_dm=True)

    for _ in range(2):
        await reacts(house, Emoji.KEEP, result, in_dm=True)

    assert before == await house.rows()
    _, said = house.messenger.stands(house.messenger.dm(ANA))
    assert said.content.startswith("⭐ keeps recipes of public pictures only")


# --- nobody else --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["placed", "delivered"])
@pytest.mark.parametrize("emoji", Emoji)
@pytest.mark.parametrize("away", [False, True])
async def test_mods_reactions_to_anas_do_nothing_that_anybody_could_tell(
    house, capfd, state, emoji, away
):
    await (house.placed() if state == "placed" else house.delivered())
    before, calls, seen = await house.rows(), [*house.messenger.calls], [*house.messenger.seen]

    await reacts(house, emoji, message(house), by=MOD, away=away)

    assert before == await house.rows()
    assert calls == house.messenger.calls
    assert seen == house.messenger.seen
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize("emoji", Emoji)
async def test_who_asked_not_to_be_processed_is_not_heeded(house, emoji):
    await house.delivered()
    async with house.memory.db.transaction() as tx:
        person = house.memory.keys.person(ANA)
        await choices.set_opt_out(tx, person, OptOut.NO_PROCESSING, day="2026-11-22")
    before, calls = await house.rows(), [*house.messenger.calls]

    await reacts(house, emoji, message(house))

    assert (before, calls) == (await house.rows(), house.messenger.calls)


@pytest.mark.parametrize("emoji", Emoji)
async def test_a_reaction_to_what_is_no_place_and_no_result_does_nothing(house, emoji):
    await house.delivered()
    before = await house.rows()

    await reacts(house, emoji, 1)
    await reacts(house, emoji, 1, in_dm=True)

    assert before == await house.rows()


async def test_of_a_flood_a_few_are_heeded_at_once(house):
    import asyncio

    await house.delivered()
    reaction = Reaction(Emoji.AWAY, ANA, None, house.messenger.dm(ANA), 1)
    react: React = house.react

    await asyncio.gather(*(react(reaction) for _ in range(50)))

    assert 4 == house.messenger.calls.count("read_back")
    assert not react._busy
