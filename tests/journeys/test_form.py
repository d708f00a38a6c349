"""`/imagine` without a prompt opens a form; what it sends is asked for as by the command."""

from __future__ import annotations

import pytest

from tests.journeys.hearing import heard
from tests.journeys.house import House, has_picture
from tests.people import ClientRefuses


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_the_form_asks_for_words_and_keeps_what_was_chosen(house: House, place: str) -> None:
    options = {"aspect_ratio": "1:1", "steps": 7, "guidance": 4.5, "seed": 9, "count": 2}
    form = (await house["plum"].slash(place, "imagine", **options)).modal

    said = await heard(
        house["plum"], await house["plum"].fill(form, prompt="a red star", negative_prompt="a dog")
    )
    shown = await house["plum"].sees_until(place, has_picture)

    (spec,) = [spec for _, spec in house.engine.given]
    assert ("a red star", "a dog") == (spec.prompt, spec.negative_prompt)
    assert (7, 4.5, (9, 10)) == (spec.steps, spec.guidance, spec.seeds)
    assert spec.width == spec.height
    assert ["image-1.webp", "image-2.webp"] == shown.filenames
    assert "Who can see it" in said.content


@pytest.mark.parametrize("visibility", ["stealth", "public"])
async def test_the_form_keeps_who_may_see_it(house: House, visibility: str) -> None:
    name = "ana" if visibility == "stealth" else "pia"
    form = (await house[name].slash("general", "imagine", visibility=visibility)).modal
    await house[name].fill(form, prompt="a red star")

    await house[name].sees_until("dm" if visibility == "stealth" else "general", has_picture)
    assert (visibility == "public") == bool(await house["mod"].sees("general"))


async def test_words_in_the_form_count_as_in_the_command(house: House) -> None:
    form = (await house["ana"].slash("general", "imagine")).modal
    await house["ana"].fill(form, prompt="a red star --stealth")

    await house["ana"].sees_until("dm", has_picture)
    assert ["a red star"] == [spec.prompt for _, spec in house.engine.given]
    assert [] == await house.everything_seen_by("mod")


async def test_bad_input_is_answered_as_by_the_command(house: House) -> None:
    for options, prompt, remedy in (
        ({}, "   ", "no word"),
        ({"aspect_ratio": "7:1"}, "a star", "It knows"),
        ({"aspect_ratio": "&v=public:%00"}, "a star", "It knows"),
        ({"aspect_ratio": "🦊" * 10}, "a star", "It knows"),
        ({"steps": 90}, "a star", "allows up to 30 steps"),
        ({"visibility": "public"}, "a star --stealth", "both public and stealth"),
        ({}, "for ana@example.com", "Nothing is queued"),
    ):
        form = (await house["ana"].slash("general", "imagine", **options)).modal
        said = await heard(house["ana"], await house["ana"].fill(form, prompt=prompt))
        assert remedy in said.content

    assert [] == house.engine.given


async def test_an_empty_form_is_stopped_by_discords_own_client(house: House) -> None:
    form = (await house["ana"].slash("general", "imagine")).modal

    with pytest.raises(ClientRefuses):
        await house["ana"].fill(form, prompt="")


async def test_a_form_that_was_open_during_a_restart_still_works(closed_house: House) -> None:
    async with closed_house.bot():
        form = (await closed_house["ana"].slash("general", "imagine", steps=7)).modal

    async with closed_house.bot():
        await closed_house["ana"].fill(form, prompt="a red star")
        await closed_house["mod"].sees_until("general", has_picture)

    assert [7] == [spec.steps for _, spec in closed_house.engine.given]
