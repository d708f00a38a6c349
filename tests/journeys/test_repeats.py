"""What Discord tells twice is made once, and what was said to it stands."""

from __future__ import annotations

from tests.journeys.house import House, is_answer


async def test_what_discord_tells_twice_is_made_once_and_its_first_answer_stands(
    slow_house: House,
) -> None:
    await slow_house.people.weather(gateway={"duplicate": True})
    await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    first = await slow_house["ana"].sees_until("general", is_answer)
    await slow_house.people.weather(gateway={"duplicate": False})
    await slow_house["ana"].slash("general", "imagine", prompt="a blue star")
    await slow_house["ana"].sees_until("general", lambda one: is_answer(one) and one.id != first.id)

    assert "Cancel" in first.buttons
    assert first.content == (await slow_house["ana"].again(first)).content
    places = await slow_house["mod"].sees_all_until("general", lambda seen: len(seen) > 1)
    assert ["a red star", "a blue star"] == [
        colour
        for one in places
        for colour in ("a red star", "a blue star")
        if colour in one.content
    ]
