"""The buttons under a stealth result carry the only key of its recipe: its owner's press opens it.

Another person's, a copy's and a forged one open nothing, and nothing prints the key.
"""

from __future__ import annotations

import json

import pytest

from tests.journeys.hearing import asks, forges, presses, reads, seen_since
from tests.journeys.house import House, has_picture
from tests.people import Seen

GONE = "what this button needs is gone"
CUSTOM_ID_CHARACTERS = 100


async def _stealth(house: House, name: str = "pia", prompt: str = "a secret moon") -> Seen:
    options = {"prompt": prompt, "visibility": "stealth", "seed": 7}
    answer = await house[name].slash("general", "imagine", **options)
    await reads(house[name], answer.message, "Done")
    return await house[name].sees_until("dm", has_picture)


async def _pictures(house: House, name: str, count: int) -> list[Seen]:
    seen = await house[name].sees_all_until(
        "dm", lambda seen: count <= len([one for one in seen if has_picture(one)])
    )
    return [one for one in seen if has_picture(one)]


def _ids(message: Seen) -> dict[str, str]:
    return {label: message.find(2, label=label) for label in message.buttons}


async def test_again_makes_another_picture_of_the_same_words_in_stealth(house: House) -> None:
    async with house["mod"].stream() as frames:
        shown = await _stealth(house)
        said = await presses(house["pia"], shown, "Again")
        await _pictures(house, "pia", 2)

        assert [] == await seen_since(house["mod"], frames, "staff")
    first, second = (spec for _, spec in house.engine.given)
    assert "a secret moon" == second.prompt
    assert (first.width, first.steps) == (second.width, second.steps)
    assert (7,) == first.seeds != second.seeds
    assert "you, in your DM with this bot" in said.content


async def test_recipe_shows_what_it_was_made_from_to_its_owner(house: House) -> None:
    shown = await _stealth(house)

    said = await presses(house["pia"], shown, "Recipe")

    assert "**Prompt** a secret moon" in said.content
    assert "**Seed** 7" in said.content


async def test_delete_takes_the_message_and_its_recipe(house: House) -> None:
    shown = await _stealth(house)

    said = await presses(house["pia"], shown, "Delete")
    await house["pia"].sees_gone(shown)
    late = await forges(house, "pia", said, _ids(shown)["Recipe"])

    assert "Deleted." == said.content
    assert GONE in late.content


async def test_the_message_says_nothing_of_what_was_asked(house: House) -> None:
    shown = await _stealth(house)

    assert "moon" not in json.dumps(shown.raw)
    assert "posted nowhere else" in shown.content
    assert "its buttons work until" in shown.content


async def test_buttons_work_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        shown = await _stealth(closed_house)

    async with closed_house.bot():
        said = await presses(closed_house["pia"], shown, "Recipe")
        await presses(closed_house["pia"], shown, "Again")
        await _pictures(closed_house, "pia", 2)
        await presses(closed_house["pia"], shown, "Delete")
        await closed_house["pia"].sees_gone(shown)

    assert "a secret moon" in said.content


async def test_a_copied_button_opens_nothing_for_anybody_else(house: House) -> None:
    shown = await _stealth(house)
    hello = await house["mod"].say("general", "hello")
    for label in ("Again", "Recipe", "Delete"):
        said = await forges(house, "mod", hello, _ids(shown)[label])
        assert "not yours" in said.content or "Only the person who asked" in said.content
        assert "moon" not in said.content

    assert 1 == len(house.engine.given)
    assert has_picture(await house["pia"].again(shown))
    assert "moon" in (await presses(house["pia"], shown, "Recipe")).content


async def test_a_key_opens_no_other_row(house: House) -> None:
    shown, hers = await _stealth(house), await _stealth(house, "plum", "a hidden star")
    row, key = _ids(shown)["Recipe"].split(":")[2], _ids(hers)["Recipe"].split(":")[3]

    for name, message in (("pia", shown), ("plum", hers)):
        said = await forges(house, name, message, f"v1:recipe:{row}:{key}")
        assert GONE in said.content


async def test_what_was_never_sent_opens_nothing(house: House) -> None:
    shown = await _stealth(house)
    for forged in ("v1:recipe:", "v1:recipe:x:y", "v1:again:" + "0" * 32, "v1:", "v2:x", "x"):
        said = await forges(house, "pia", shown, forged)
        assert GONE in said.content or "from an older version" in said.content

    assert 1 == len(house.engine.given)


async def test_public_buttons_obey_their_owner_alone(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star", seed=7)
    post = await house["mod"].sees_until("general", has_picture)

    for label in ("Again", "Recipe"):
        said = await presses(house["mod"], post, label)
        assert GONE in said.content
    mine = await presses(house["ana"], post, "Recipe")
    again = await presses(house["ana"], post, "Again")
    await reads(house["ana"], again, "Done")

    assert "**Prompt** a red star" in mine.content
    assert 2 == len(house.engine.given)


async def test_a_recipe_that_its_owner_keeps_no_longer_opens_nothing(house: House) -> None:
    """Zero: nothing is kept, and what exists ends at once."""
    shown = await _stealth(house)

    said = await asks(
        house["pia"],
        "dm",
        "privacy retention",
        **{"class": "stealth-recipe", "duration": "0"},
    )
    late = await presses(house["pia"], shown, "Recipe")
    later = await _stealth_without_recipe(house)

    assert "found 1 stealth results there" in said.content
    assert GONE in late.content
    assert ["Delete"] == later.buttons


async def _stealth_without_recipe(house: House) -> Seen:
    await house["pia"].slash("general", "imagine", prompt="another moon")
    return (await _pictures(house, "pia", 2))[-1]


async def test_ids_fit_and_the_wire_view_shows_no_key(house: House) -> None:
    shown = await _stealth(house)
    keys = {each.split(":")[3] for each in _ids(shown).values() if each.count(":") == 3}
    wire = json.dumps(await house.people.wire(), ensure_ascii=False)

    assert all(len(each) <= CUSTOM_ID_CHARACTERS for each in _ids(shown).values())
    assert 1 == len(keys)
    assert not any(key in wire for key in keys)
    assert "moon" not in wire
    assert ":‹key›" in wire


async def test_no_log_line_has_the_key_even_when_the_press_fails(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    shown = await _stealth(house)
    key = _ids(shown)["Recipe"].split(":")[3]
    await house.people.weather(method="PATCH", route="/webhooks/", expired_token=True, times=20)
    await house["pia"].press(shown, label="Recipe")
    await house["pia"].press(shown, label="Again")
    await _pictures(house, "pia", 2)
    await house.people.weather(clear=True)

    out, err = capfd.readouterr()
    assert key not in out + err
    assert "moon" not in out + err
