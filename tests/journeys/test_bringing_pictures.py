"""People bring pictures: by commands, by the menu of a message, in the channel and in the DM."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.words import pictures
from gen.job import Kind
from tests.journeys.hearing import asks, heard, presses, reads
from tests.journeys.house import House, has_picture, is_place
from tests.people import Person, Seen, Upload

RED = (200, 10, 10)


def drawn(width: int = 90, height: int = 60, colour: tuple[int, int, int] = RED) -> Upload:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, "PNG")
    return Upload("mine.png", stream.getvalue())


def colours_brought(house: House) -> list[object]:
    """What reached the painter, by the colour of its first pixel."""
    return [
        Image.open(io.BytesIO(each)).getpixel((0, 0))
        for brought in house.engine.brought.values()
        for each in brought
    ]


async def declares(person: Person) -> None:
    await asks(person, "general", "privacy declaration", what="give")


async def result(person: Person, place: str = "general") -> Seen:
    return await person.sees_until(place, has_picture)


async def test_ana_declares_her_rights_once_and_varies_her_picture(house: House) -> None:
    ana = house["ana"]
    asked = await asks(ana, "general", "vary", image=drawn(), prompt="a red star", strength=0.5)
    assert "everybody who can be recognised in it consents" in asked.content
    assert {} == house.engine.brought
    assert not [one for one in house.sandbox.wire.records if "/cdn/" in one.path]

    said = await presses(ana, asked, "I declare it")
    await result(ana)
    again = await asks(ana, "general", "vary", image=drawn(), prompt="a blue star")

    assert "Who can see it" in said.content
    assert "Who can see it" in again.content
    [first, *_] = [spec for _, spec in house.engine.given]
    assert (Kind.VARY, 0.5, "a red star") == (first.kind, first.strength, first.prompt)
    assert RED == colours_brought(house)[0]


async def test_what_ana_brings_in_stealth_ends_in_her_dm_alone(house: House) -> None:
    ana = house["ana"]
    await declares(ana)

    await asks(ana, "general", "vary", image=drawn(), prompt="a star", visibility="stealth")
    seen = await result(ana, "dm")

    assert ["image-1.webp"] == seen.filenames
    assert [RED] == colours_brought(house)
    for other in ("mod", "boss", "zoe"):
        assert [] == [one for one in await house.everything_seen_by(other) if not one.ephemeral]


async def test_ana_cancels_at_the_declaration_and_nothing_was_fetched(house: House) -> None:
    ana = house["ana"]
    asked = await asks(ana, "general", "upscale", image=drawn())

    said = await presses(ana, asked, "Cancel")

    assert "Nothing was queued" in said.content
    assert [] == house.engine.given
    assert not [one for one in house.sandbox.wire.records if "/cdn/" in one.path]


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_plum_enlarges_and_blends(house: House, place: str) -> None:
    plum = house["plum"]
    await declares(plum)

    await asks(plum, place, "upscale", image=drawn(50, 40), scale=4)
    await asks(plum, place, "blend", image1=drawn(), image2=drawn(60, 60, (1, 2, 3)))
    await plum.sees_all_until(place, lambda seen: 2 == len([*filter(has_picture, seen)]))

    up, blend = (spec for _, spec in house.engine.given)
    assert (Kind.UPSCALE, 200, 160, 0) == (up.kind, up.width, up.height, up.steps_to_do)
    assert (Kind.BLEND, 2, "") == (blend.kind, blend.inputs, blend.prompt)
    assert [RED, RED, (1, 2, 3)] == colours_brought(house)


async def test_imagine_starts_from_a_picture_with_or_without_words(house: House) -> None:
    plum = house["plum"]
    await declares(plum)

    await asks(plum, "general", "imagine", image=drawn())
    await asks(plum, "general", "imagine", prompt="a star", image=drawn(), mask=drawn(45, 30))
    await plum.sees_all_until("general", lambda seen: 2 == len([*filter(has_picture, seen)]))

    bare, masked = (spec for _, spec in house.engine.given)
    assert (Kind.VARY, "", False, 1) == (bare.kind, bare.prompt, bare.masked, bare.inputs)
    assert (Kind.VARY, "a star", True, 2) == (
        masked.kind, masked.prompt, masked.masked, masked.inputs
    )  # fmt: skip


async def test_what_is_no_picture_is_told_in_one_line_and_leaves_nothing(house: House) -> None:
    ana = house["ana"]
    await declares(ana)
    gif = io.BytesIO()
    Image.new("RGB", (64, 64)).save(gif, "GIF")

    for upload, remedy in (
        (Upload("page.png", b"<html><script>"), "Attach a PNG, JPEG or WebP"),
        (Upload("still.gif", gif.getvalue()), "Attach a PNG, JPEG or WebP"),
        (Upload("half.png", drawn().content[:60]), "damaged or cut off"),
        (drawn(2000, 20), "too small or too thin"),
    ):
        said = await asks(ana, "general", "vary", image=upload, prompt="a star")
        assert remedy in said.content
        assert 1 == len(said.content.splitlines())

    assert [] == house.engine.given
    assert [] == [one for one in await ana.sees("general") if is_place(one)]
    assert [] == [*(house.data / "blobs").iterdir()]


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_the_menu_of_a_message_starts_from_its_picture(house: House, place: str) -> None:
    plum = house["plum"]
    await declares(plum)
    await asks(plum, place, "imagine", prompt="a red star", seed=5)
    stands = await result(plum, place)

    form = (await plum.menu(place, pictures.INPUT_MENU, stands)).modal
    said = await heard(plum, await plum.fill(form, prompt="a blue star --strength 0.3"))
    await plum.sees_all_until(place, lambda seen: 2 == len([*filter(has_picture, seen)]))
    bare = await plum.say(place, "hi")
    late = await heard(plum, await plum.menu(place, pictures.INPUT_MENU, bare))

    [_, (_, spec)] = house.engine.given
    assert (Kind.VARY, "a blue star", 0.3) == (spec.kind, spec.prompt, spec.strength)
    assert "Who can see it" in said.content
    assert "no picture in that message" in late.content


async def test_a_form_whose_picture_was_forgotten_says_so(closed_house: House) -> None:
    ana = closed_house["ana"]
    async with closed_house.bot():
        await asks(ana, "general", "imagine", prompt="a red star")
        stands = await result(ana)
        form = (await ana.menu("general", pictures.INPUT_MENU, stands)).modal
    async with closed_house.bot():
        said = await heard(ana, await ana.fill(form, prompt="a blue star"))

    assert "forgotten which picture" in said.content


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_menus_show_the_recipe_and_delete_as_the_buttons_do(house: House, place: str) -> None:
    ana = house["ana"]
    queued = await asks(ana, place, "imagine", prompt="a red star")
    stands = await result(ana, place)
    await reads(ana, queued, "Done")

    recipe = await heard(ana, await ana.menu(place, pictures.RECIPE_MENU, stands))
    if place == "general":
        refused = await heard(
            house["mod"], await house["mod"].menu(place, pictures.DELETE_MENU, stands)
        )
        assert "Only the person who asked" in refused.content
    await ana.again(stands)
    await heard(ana, await ana.menu(place, pictures.DELETE_MENU, stands))

    assert "a red star" in recipe.content
    await ana.sees_gone(stands)


async def test_ana_opts_out_while_her_picture_waits_and_it_is_destroyed(slow_house: House) -> None:
    ana = slow_house["ana"]
    await declares(ana)
    await asks(ana, "general", "vary", image=drawn(), prompt="a star")
    await ana.sees_until("general", is_place)
    assert 1 == len([*(slow_house.data / "blobs").iterdir()])

    which = await asks(ana, "general", "privacy opt-out")
    sure = await presses(ana, which, "No processing")
    answer = await ana.press(sure, label="Erase everything and process nothing")
    await reads(ana, answer.message, "darkroom-receipt.")

    assert [] == [*(slow_house.data / "blobs").iterdir()]
    assert [] == [one for one in await ana.sees("general") if is_place(one) or has_picture(one)]
