"""Opting out has three meanings; the last one shuts every door until the person opens it again."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.wire import Record
from tests.journeys.hearing import (
    MODERATORS,
    NEEDS_A_ROLE,
    asks,
    every_command,
    heard,
    presses,
    reads,
    sample,
    seen_since,
    ticks,
)
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses, Seen

REFUSED = "You asked me not to process anything of yours."
OPEN = {"help", "privacy opt-in", "privacy show", "privacy verify"}
PLACES = pytest.mark.parametrize("place", ["general", "dm"])


async def _leaves(house: House, name: str, place: str = "general") -> Seen:
    """Opt out of any processing, in two steps; the answer that became the receipt."""
    which = await asks(house[name], place, "privacy opt-out")
    sure = await presses(house[name], which, "No processing")
    answer = await house[name].press(sure, label="Erase everything and process nothing")
    return await reads(house[name], answer.message, "darkroom-receipt.")


async def test_it_asks_which_is_meant_and_no_training_changes_nothing(house: House) -> None:
    which = await asks(house["ana"], "general", "privacy opt-out")
    said = await presses(house["ana"], which, "No training")
    back = await asks(house["ana"], "dm", "privacy opt-in")

    assert ["No training", "Never public", "No processing"] == which.buttons
    assert "It is so already" in said.content
    assert "You have not opted out of anything" in back.content


@PLACES
async def test_never_public_makes_every_job_stealth_and_refuses_public(
    house: House, place: str
) -> None:
    which = await asks(house["ana"], place, "privacy opt-out")
    said = await presses(house["ana"], which, "Never public")
    await house["ana"].slash("general", "imagine", prompt="a hidden star")
    await house["ana"].sees_until("dm", has_picture)
    refused = await asks(house["ana"], "general", "imagine", prompt="a star --public")
    sticky = await asks(house["ana"], "general", "public")
    info = await asks(house["ana"], "general", "info")

    assert "nothing of yours is ever public" in said.content
    assert "You chose that nothing of yours is ever public." in refused.content
    assert "`/privacy opt-in` undoes that." in sticky.content
    assert "you opted out of ever being public" in info.content
    assert 1 == len(house.engine.given)
    assert [] == await house.everything_seen_by("mod")


async def test_never_public_moves_what_is_open(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    place = await slow_house["mod"].sees_until("general", is_place)
    which = await asks(slow_house["ana"], "general", "privacy opt-out")

    said = await presses(slow_house["ana"], which, "Never public")

    await slow_house["mod"].sees_gone(place)
    assert "1 open public job moved to your DM" in said.content
    await ticks(slow_house, given=1)
    await slow_house["ana"].sees_until("dm", is_place)


async def test_after_opt_in_the_next_job_asks_before_it_is_public_again(house: House) -> None:
    which = await asks(house["ana"], "general", "privacy opt-out")
    await presses(house["ana"], which, "Never public")
    await house["ana"].slash("general", "imagine", prompt="a hidden star")
    await house["ana"].sees_until("dm", has_picture)

    back = await asks(house["ana"], "general", "privacy opt-in")
    asked = await asks(house["ana"], "general", "imagine", prompt="a red star")

    assert "Welcome back" in back.content
    assert ["Post it", "Only to me", "Cancel"] == asked.buttons
    assert [] == await house.everything_seen_by("mod")


@PLACES
async def test_no_processing_erases_everything_in_two_steps(house: House, place: str) -> None:
    said = await asks(house["ana"], "general", "imagine", prompt="a red star")
    await reads(house["ana"], said, "Done")
    post = await house["mod"].sees_until("general", has_picture)
    which = await asks(house["ana"], place, "privacy opt-out")
    sure = await presses(house["ana"], which, "No processing")
    assert has_picture(await house["mod"].again(post))

    answer = await house["ana"].press(sure, label="Erase everything and process nothing")

    receipt = await reads(house["ana"], answer.message, "darkroom-receipt.")
    await house["mod"].sees_gone(post)
    assert "process nothing any more?" in sure.content
    assert "Messages deleted: 1 of 1." in receipt.content


async def test_who_keeps_everything_at_the_second_step_has_not_opted_out(house: House) -> None:
    which = await asks(house["ana"], "general", "privacy opt-out")
    sure = await presses(house["ana"], which, "No processing")
    kept = await presses(house["ana"], sure, "Keep everything")
    said = await asks(house["ana"], "general", "imagine", prompt="a red star")

    assert "Nothing was erased." in kept.content
    assert REFUSED not in said.content


@PLACES
async def test_every_command_but_four_is_refused_then(house: House, place: str) -> None:
    await _leaves(house, "boss", place)
    everything = await house.people.everything()
    refused, open_still, unseen = set(), set(), set()
    for name, options in every_command(everything):
        if name == "privacy opt-in":
            continue  # the last step of this story
        try:
            said = await asks(house["boss"], place, name, **sample(options))
        except ClientRefuses:  # a moderator's, in the DM
            unseen.add(name)
            continue
        (refused if said.content.startswith(REFUSED) else open_still).add(name)
        assert "`/privacy opt-in`" in said.content or name in OPEN
    said = await asks(house["boss"], place, "privacy opt-in")
    back = await asks(house["boss"], place, "info")

    names = {name for name, _ in every_command(everything)}
    assert OPEN | refused == names - unseen
    unseen -= NEEDS_A_ROLE if place == "dm" else set()
    assert {name.split()[0] for name in unseen} <= (MODERATORS if place == "dm" else set())
    assert OPEN - {"privacy opt-in"} == open_still
    assert {"imagine", "stealth", "privacy data", "privacy export", "privacy delete"} <= refused
    assert "Welcome back" in said.content
    assert "**Visibility Mode**" in back.content
    assert [] == house.engine.given


async def test_every_button_and_form_is_refused_then(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star")
    done = await house["ana"].sees_until("general", lambda one: "Done" in one.content)
    question = await asks(house["ana"], "general", "imagine", prompt="for ana@example.com")
    erase = await asks(house["ana"], "general", "privacy delete", what="today")
    which = await asks(house["ana"], "general", "privacy opt-out")
    form = (await house["ana"].slash("general", "imagine")).modal
    given = len(house.engine.given)
    await _leaves(house, "ana")

    pressed = [
        await presses(house["ana"], message, label)
        for message in (done, question, erase, which)
        for label in message.buttons
    ]
    pressed.append(await heard(house["ana"], await house["ana"].fill(form, prompt="a star")))

    assert {REFUSED + " `/privacy opt-in` undoes that."} == {one.content for one in pressed}
    assert 10 <= len(pressed)
    assert given == len(house.engine.given)


async def test_autocomplete_offers_nothing_then_and_at_once(house: House) -> None:
    await _leaves(house, "ana")

    offered = await house["ana"].autocomplete("general", "imagine", focused="aspect_ratio")

    assert [] == offered
    callbacks = [one for one in house.sandbox.wire.records if one.path.endswith("/callback")]
    assert 8 == callbacks[-1].body["type"]  # a list, the only answer an autocomplete may have


async def test_others_are_served_as_before(house: House) -> None:
    await _leaves(house, "ana")
    await house["plum"].slash("general", "imagine", prompt="a picture of ana")

    await house["mod"].sees_until("general", has_picture)


async def test_an_opt_out_outlives_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        await _leaves(closed_house, "ana")

    async with closed_house.bot():
        said = await asks(closed_house["ana"], "general", "imagine", prompt="a red star")
        await asks(closed_house["ana"], "general", "privacy opt-in")
        await closed_house["ana"].slash("general", "imagine", prompt="a blue star")
        await closed_house["mod"].sees_until("general", has_picture)

    assert REFUSED in said.content


@pytest.mark.parametrize(("name", "where"), [("ana", "general"), ("pia", "dm")])
async def test_it_wins_against_a_running_job(slow_house: House, name: str, where: str) -> None:
    await slow_house[name].slash("general", "imagine", prompt="a red star", steps=30)
    place = await slow_house[name].sees_until(where, is_place)
    await slow_house.engine.was_given(1)
    slow_house.engine.tick()

    receipt = await _leaves(slow_house, name)
    async with slow_house["mod"].stream() as frames:
        await slow_house[name].sees_gone(place)
        await ticks(slow_house, given=1)
        seen = await seen_since(slow_house["mod"], frames, "staff")

    assert "1 job under way" in receipt.content
    assert [] == seen
    assert not any(has_picture(one) for one in await slow_house.everything_seen_by(name))


@pytest.mark.parametrize(("name", "where"), [("ana", "general"), ("pia", "dm")])
async def test_it_wins_against_a_job_that_is_being_sent(
    slow_house: House, name: str, where: str
) -> None:
    """Discord has the picture and thinks about it while the person opts out."""
    await slow_house[name].slash("general", "imagine", prompt="a red star")
    place = await slow_house[name].sees_until(where, is_place)
    which = await asks(slow_house[name], "general", "privacy opt-out")
    sure = await presses(slow_house[name], which, "No processing")
    slow = {"method": "PATCH", "route": f"/channels/{place.channel}/messages/{place.id}"}
    await slow_house.people.weather(**slow, delay_answer_ms=400)
    sending = asyncio.Event()

    def is_sent(record: Record) -> None:
        if record.method == "PATCH" and record.path.endswith(f"/messages/{place.id}"):
            sending.set()

    slow_house.sandbox.wire.listeners.append(is_sent)
    await ticks(slow_house, given=1)
    await slow_house[name].sees_until(where, lambda one: one.id == place.id and has_picture(one))
    assert sending.is_set()
    answer = await slow_house[name].press(sure, label="Erase everything and process nothing")
    await reads(slow_house[name], answer.message, "darkroom-receipt.")
    await slow_house[name].sees_gone(place)

    assert not any(has_picture(one) for one in await slow_house.everything_seen_by(name))
    assert [] == await slow_house.everything_seen_by("mod")
