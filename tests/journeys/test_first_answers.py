"""What goes over the wire first: never anything public, whatever is asked, wherever."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from cogs.imagine import JobButtons
from cogs.line import QueueButtons
from cogs.pictures import PictureForms
from cogs.privacy import PrivacyButtons
from cogs.purge import PurgeButtons
from cogs.reports import ReportButtons
from cogs.results import ResultButtons
from cogs.retention import RetentionButtons
from cogs.settings import SettingsScreen
from tests.journeys.hearing import (
    MENU,
    MODERATORS,
    NEEDS_A_ROLE,
    asks,
    every_command,
    forges,
    heard,
    presses,
    reads,
    sample,
)
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses, Seen

DEFERRED, AUTOCOMPLETE, MODAL = 5, 8, 9
EPHEMERAL = 1 << 6


@pytest.mark.parametrize(("who", "place"), [("boss", "general"), ("ana", "general"), ("ana", "dm")])
async def test_every_command_there_is_answers_first_in_private(
    house: House, who: str, place: str
) -> None:
    """Also those for moderators, where Discord's own client does not stop people before."""
    commands = every_command(await house.people.everything())
    stopped = set()
    for name, options in commands:
        prompt = {"prompt": "a star"} if name == "imagine" else {}
        try:
            await asks(house[who], place, name, **sample(options), **prompt)
        except ClientRefuses:
            stopped.add(name)

    first = _callbacks(house)

    assert {"imagine", "info", "privacy prompt hide"} <= {name for name, _ in commands}
    stopped_in_dm = NEEDS_A_ROLE if place == "dm" else set()
    assert {name.split()[0] for name in stopped - stopped_in_dm} <= (
        set() if who == "boss" else MODERATORS
    )
    assert len(commands) - len(stopped) == len(first)
    assert {(DEFERRED, EPHEMERAL)} == {(one["type"], one["data"]["flags"]) for one in first}


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_imagine_without_a_prompt_opens_a_form_whose_answer_is_private(
    house: House, place: str
) -> None:
    form = (await house["ana"].slash(place, "imagine")).modal
    await house["ana"].fill(form, prompt="a star")

    opened, answered = _callbacks(house)

    assert MODAL == opened["type"]
    assert (DEFERRED, EPHEMERAL) == (answered["type"], answered["data"]["flags"])


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_every_menu_there_is_answers_first_in_private(house: House, place: str) -> None:
    world = await house.people.everything()
    menus = [one["name"] for one in world["commands"] if one["type"] == MENU]
    hello = await house["ana"].say(place, "hello")
    for name in menus:
        await heard(house["ana"], await house["ana"].menu(place, name, hello))

    first = _callbacks(house)

    assert "Report" in menus
    assert [(DEFERRED, EPHEMERAL)] * len(menus) == [
        (one["type"], one["data"]["flags"]) for one in first
    ]


@pytest.mark.parametrize("visibility", ["public", "stealth"])
async def test_every_button_there_is_answers_first_in_private(
    house: House, visibility: str
) -> None:
    """In the channel by somebody else, and in the DM by its owner."""
    presser = "mod" if visibility == "public" else "ana"
    said = await asks(house["ana"], "general", "imagine", prompt="a star", visibility=visibility)
    await reads(house["ana"], said, "Done")
    shown = await house["ana"].sees_until("general" if presser == "mod" else "dm", has_picture)
    nobody: Any = None
    verbs = JobButtons(*[nobody] * 4).verbs() | PrivacyButtons(nobody).verbs()
    verbs |= ResultButtons(nobody).verbs()
    verbs |= ReportButtons(nobody).verbs() | RetentionButtons(nobody, nobody).verbs()
    verbs |= PurgeButtons(nobody, nobody).verbs()
    verbs |= QueueButtons(nobody).verbs()
    verbs |= SettingsScreen(*[nobody] * 4).verbs() | PictureForms(nobody, nobody).verbs()
    hello = await house[presser].say("general" if presser == "mod" else "dm", "hello")
    before = len(_callbacks(house))

    for verb in [*verbs, "unknown"]:
        for rest in ("", "everything", shown.find(2, label="Delete").partition(":")[2]):
            await forges(house, presser, hello, f"v1:{verb}:{rest}")

    first = _callbacks(house)[before:]
    assert 3 * (len(verbs) + 1) == len(first)
    assert {(DEFERRED, EPHEMERAL)} == {(one["type"], one["data"]["flags"]) for one in first}


async def test_every_button_that_people_meet_is_known(slow_house: House) -> None:
    """What was sent as a button has a deed: none of them is called stale."""
    met: list[Seen] = []
    met.append(await asks(slow_house["ana"], "general", "imagine", prompt="a red star"))
    met.append(await slow_house["ana"].sees_until("general", is_place))
    met.append(await asks(slow_house["ana"], "general", "imagine", prompt="ana@example.com"))
    met.append(await asks(slow_house["ana"], "general", "privacy delete", what="everything"))
    met.append(await asks(slow_house["ana"], "general", "privacy opt-out"))
    met.append(await presses(slow_house["ana"], met[-1], "No processing"))
    slow_house.engine.auto = True
    await slow_house.engine.was_given(1)
    slow_house.engine.tick()
    met.append(await slow_house["ana"].sees_until("general", has_picture))
    said = await asks(slow_house["ana"], "general", "imagine", prompt="stars", count=4)
    await reads(slow_house["ana"], said, "Done")
    met.append(await slow_house["ana"].sees_until("general", lambda one: "U4" in one.buttons))
    await slow_house["ana"].react(met[-1], "✉️")
    met.append(await slow_house["ana"].sees_until("dm", has_picture))
    nobody: Any = None
    verbs = JobButtons(*[nobody] * 4).verbs() | PrivacyButtons(nobody).verbs()
    verbs |= ResultButtons(nobody).verbs()

    pressed = {message.find(2, label=label) for message in met for label in message.buttons}

    assert set(verbs) - {"imagine"} == {each.split(":")[1] for each in pressed} - {"report"}


async def test_refusals_and_presses_of_others_answer_in_private_too(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a star")
    result = await house["ana"].sees_until("general", has_picture)
    await house["ana"].slash("general", "imagine", prompt=" ")
    await house["mod"].press(result, label="Delete")
    await house["ana"].press(result, label="Delete")

    first = _callbacks(house)

    assert 4 == len(first)
    assert {(DEFERRED, EPHEMERAL)} == {(one["type"], one["data"]["flags"]) for one in first}


async def test_what_follows_a_first_answer_is_private_too(house: House) -> None:
    """The further pages of a long answer."""
    await asks(house["ana"], "general", "privacy show")
    await house["ana"].sees_until("general", lambda one: "Honest limits" in one.content)

    follow_ups = [
        record.body
        for record in house.sandbox.wire.records
        if record.method == "POST" and "/webhooks/" in record.path
    ]
    assert 2 <= len(follow_ups)
    assert {EPHEMERAL} == {body["flags"] for body in follow_ups}


async def test_autocomplete_is_answered_by_a_list_alone(house: House) -> None:
    await house["ana"].autocomplete("general", "imagine", focused="aspect_ratio", prompt="x")

    assert [AUTOCOMPLETE] == [one["type"] for one in _callbacks(house)]


async def test_a_fault_of_ours_is_answered_in_private_too(house: House) -> None:
    """Even the first answer itself may fail, once: it is said again, and not aloud."""
    await house.people.weather(route="/callback", times=1, drop=True)
    said = await asks(house["ana"], "general", "info")

    assert said.ephemeral
    assert [] == await house["mod"].sees("general")


async def test_a_memory_that_fails_is_answered_in_private_too(closed_house: House) -> None:
    """Whoever may be served is looked up first; that look-up can fail like everything else."""
    ana = closed_house["ana"]
    async with closed_house.bot():
        said = await asks(ana, "general", "privacy opt-out")
    with sqlite3.connect(closed_house.data / "darkroom.db") as memory:
        memory.execute("DROP TABLE opt_outs")

    async with closed_house.bot():
        for answer in (
            await ana.slash("general", "info"),
            await ana.press(said, label="No training"),
        ):
            assert "Something went wrong on my side" in (await heard(ana, answer)).content


async def test_a_busy_memory_holds_up_no_first_answer(closed_house: House) -> None:
    """Rewriting a large database takes seconds; Discord waits three for the first answer."""
    ana, mod = closed_house["ana"], closed_house["mod"]
    async with closed_house.bot():
        with sqlite3.connect(
            closed_house.data / "darkroom.db", isolation_level=None, check_same_thread=False
        ) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # the bot may be writing
            waiting = await ana.slash("general", "imagine", prompt="a star")
            async with asyncio.timeout(3):
                answered = await mod.slash("general", "info")
            other.execute("ROLLBACK")
        assert [True, True] == [waiting.answered, answered.answered]
        assert "Subscription" in (await heard(mod, answered)).content


async def test_identify_asks_for_three_intents_and_no_more(house: House) -> None:
    world = await house.people.everything()

    guilds, guild_reactions, dm_reactions = 1 << 0, 1 << 10, 1 << 13
    assert [guilds | guild_reactions | dm_reactions] == world["bot"]["intents"]


def _callbacks(house: House) -> list[dict[str, Any]]:
    records = house.sandbox.wire.records
    return [record.body for record in records if record.path.endswith("/callback")]
