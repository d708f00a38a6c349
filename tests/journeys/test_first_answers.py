"""What goes over the wire first: never anything public, whatever is asked, wherever."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.house import House, has_picture

DEFERRED, AUTOCOMPLETE, MODAL = 5, 8, 9
EPHEMERAL = 1 << 6
STRING, INTEGER, NUMBER = 3, 4, 10
SAMPLES: dict[int, Any] = {STRING: "a star", INTEGER: 1, NUMBER: 1.0}


def _required(command: dict[str, Any]) -> dict[str, Any]:
    """Something for each option that must be given."""
    return {
        option["name"]: SAMPLES[option["type"]]
        for option in command["options"]
        if option.get("required")
    }


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_every_command_there_is_answers_first_in_private(house: House, place: str) -> None:
    commands = (await house.people.everything())["commands"]
    for command in commands:
        await house["ana"].slash(place, command["name"], **_required(command))

    first = _callbacks(house)

    assert len(commands) == len(first)
    assert {(DEFERRED, EPHEMERAL)} == {(one["type"], one["data"]["flags"]) for one in first}


async def test_refusals_and_presses_of_others_answer_in_private_too(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a star")
    result = await house["ana"].sees_until("general", has_picture)
    await house["ana"].slash("general", "imagine", prompt=" ")
    await house["mod"].press(result, label="Delete")
    await house["ana"].press(result, label="Delete")

    first = _callbacks(house)

    assert 4 == len(first)
    assert {(DEFERRED, EPHEMERAL)} == {(one["type"], one["data"]["flags"]) for one in first}


async def test_autocomplete_is_answered_by_a_list_alone(house: House) -> None:
    await house["ana"].autocomplete("general", "imagine", focused="aspect_ratio", prompt="x")

    assert [AUTOCOMPLETE] == [one["type"] for one in _callbacks(house)]


async def test_identify_asks_for_three_intents_and_no_more(house: House) -> None:
    world = await house.people.everything()

    guilds, guild_reactions, dm_reactions = 1 << 0, 1 << 10, 1 << 13
    assert [guilds | guild_reactions | dm_reactions] == world["bot"]["intents"]


def _callbacks(house: House) -> list[dict[str, Any]]:
    records = house.sandbox.wire.records
    return [record.body for record in records if record.path.endswith("/callback")]
