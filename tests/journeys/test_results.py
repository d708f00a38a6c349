"""What people do with a picture that stands: buttons and reactions, as the wire sees them."""

from __future__ import annotations

from tests.journeys.hearing import asks, forges, heard, presses, reads, seen_since
from tests.journeys.house import House, has_picture, is_place
from tests.people import Seen

GONE = "what this button needs is gone"
LETTER, CROSS, STAR = "✉️", "❌", "⭐"


async def makes(house: House, name: str = "ana", **options: object) -> Seen:
    """Somebody's public picture, as it stands in the channel."""
    said = await asks(house[name], "general", "imagine", prompt="a red star", **options)
    done = await reads(house[name], said, "Done")
    where = "general" if "in the channel" in done.content else "dm"
    return (await pictures(house, name, where))[-1]


async def pictures(house: House, name: str, place: str, count: int = 1) -> list[Seen]:
    """All pictures in a place, once there are so many."""
    seen = await house[name].sees_all_until(
        place, lambda seen: count <= len([one for one in seen if has_picture(one)])
    )
    return [one for one in seen if has_picture(one)]


def kinds(house: House) -> list[str]:
    return [spec.kind.value for _, spec in house.engine.given]


async def test_ana_presses_v2_and_gets_variations(house: House) -> None:
    shown = await makes(house, count=2)

    said = await presses(house["ana"], shown, "V2")
    await pictures(house, "mod", "general", 2)

    assert "Variations of picture 2, changed a lot." in said.content
    assert ["imagine", "vary"] == kinds(house)
    (job, spec) = house.engine.given[-1]
    assert (2, 1) == (spec.pictures, len(house.engine.brought[job]))


async def test_anas_u1_after_a_restart_shows_that_picture_alone(closed_house: House) -> None:
    async with closed_house.bot():
        shown = await makes(closed_house, count=4)

    async with closed_house.bot():
        said = await presses(closed_house["ana"], shown, "U1")
        await reads(closed_house["ana"], said, "Done")
        alone = (await pictures(closed_house, "ana", "general", 2))[-1]
        assert ["upscale"] == kinds(closed_house)
        assert 0 == closed_house.engine.given[0][1].steps_to_do
        await presses(closed_house["ana"], alone, "Vary subtly")
        await pictures(closed_house, "ana", "general", 3)
        assert ["upscale", "vary"] == kinds(closed_house)


async def test_rows_of_buttons_fit_and_stand_where_they_belong(house: House) -> None:
    four, one = await makes(house, count=4), await makes(house)

    assert [
        ["U1", "U2", "U3", "U4"],
        ["V1", "V2", "V3", "V4"],
        ["Again", "Remix", "Recipe", "Keep"],
        ["Report", "Delete"],
    ] == rows(four)
    assert ["Upscale 2×", "Upscale 4×", "Vary subtly", "Vary strongly"] == rows(one)[0]
    assert [["Left", "Right", "Up", "Down"], ["Again", "Remix", "Recipe", "Keep"]] == rows(one)[2:4]


def rows(message: Seen) -> list[list[str]]:
    return [[one["label"] for one in row["components"]] for row in message.raw["components"]]


async def test_mod_presses_anas_v1_and_is_told_no(house: House) -> None:
    shown = await makes(house, count=2)

    for label in ("V1", "U2", "Again", "Remix", "Keep", "Recipe"):
        said = await presses(house["mod"], shown, label)
        assert GONE in said.content

    assert 1 == len(house.engine.given)


async def test_ana_remixes_in_a_form_and_only_she(house: House) -> None:
    shown = await makes(house)

    form = (await house["ana"].press(shown, label="Remix")).modal
    assert form is not None
    said = await heard(house["ana"], await house["ana"].fill(form, prompt="a blue star --steps 3"))
    await reads(house["ana"], said, "Done")

    assert ("a blue star", 3) == (house.engine.given[-1][1].prompt, house.engine.given[-1][1].steps)


async def test_who_wants_to_be_asked_first_is(house: House) -> None:
    await asks(house["ana"], "general", "prefer remix", to="on")
    shown = await makes(house, count=2)

    form = (await house["ana"].press(shown, label="V1")).modal
    assert form is not None
    said = await heard(house["ana"], await house["ana"].fill(form, prompt="a blue star"))
    await reads(house["ana"], said, "Done")

    assert ["imagine", "vary"] == kinds(house)
    assert "a blue star" == house.engine.given[-1][1].prompt


async def test_plums_stealth_remix_stays_in_her_dm(house: House) -> None:
    async with house["mod"].stream() as frames:
        shown = await makes(house, "plum", visibility="stealth")
        form = (await house["plum"].press(shown, label="Remix")).modal
        assert form is not None
        said = await heard(house["plum"], await house["plum"].fill(form, prompt="a blue star"))
        await reads(house["plum"], said, "Done")
        two = await pictures(house, "plum", "dm", 2)
        await presses(house["plum"], two[-1], "Upscale 4×")
        await pictures(house, "plum", "dm", 3)
        form = (await house["plum"].press(shown, label="Remix")).modal
        assert form is not None
        said = await heard(house["plum"], await house["plum"].fill(form, prompt="a star --public"))

        assert [] == await seen_since(house["mod"], frames, "staff")
    assert "DM" in said.content
    assert 3 == len(house.engine.given)


async def test_a_recipe_names_all_that_a_picture_was_made_of(house: House) -> None:
    shown = await makes(house, seed=7, count=2)
    recipe = await presses(house["ana"], shown, "Recipe")
    picked = await presses(house["ana"], shown, "U2")
    await reads(house["ana"], picked, "Done")
    alone = (await pictures(house, "ana", "general", 2))[-1]

    said = await presses(house["ana"], alone, "Recipe")

    for words in ("**Prompt** a red star", "**Seed** 7, 8", "licence", "**Kept** until <t:"):
        assert words in recipe.content
    assert "**Made as** a picture shown alone" in said.content


async def test_ana_keeps_a_result_and_lets_it_go(house: House) -> None:
    shown = await makes(house)

    kept = await presses(house["ana"], shown, "Keep")
    recipe = await presses(house["ana"], shown, "Recipe")
    let_go = await presses(house["ana"], shown, "Keep")

    assert kept.content.startswith("⭐ Its recipe is kept until <t:")
    assert "because you starred it" in recipe.content
    assert let_go.content.startswith("No ⭐ any more")


# --- reactions ----------------------------------------------------------------------------------


async def test_anas_letter_reaches_her_dm_alone_and_the_copy_goes_by_itself(house: House) -> None:
    shown = await makes(house, count=2)
    async with house["mod"].stream() as frames:
        await house["ana"].react(shown, LETTER)
        (copy,) = await pictures(house, "ana", "dm")
        public = await seen_since(house["mod"], frames, "staff")

    assert ["image-1.webp", "image-2.webp"] == copy.filenames
    assert "**Prompt** a red star" in copy.content
    assert {shown.id} >= {one.id for one in public}  # the reaction itself is all there is to see
    said = await presses(house["ana"], copy, "Delete this copy")
    await house["ana"].sees_gone(copy)
    assert "The copy is deleted." in said.content
    assert has_picture(await house["ana"].again(shown))


async def test_mods_reactions_to_anas_do_nothing(house: House) -> None:
    shown = await makes(house)
    for emoji in (CROSS, LETTER, STAR):
        await house["mod"].react(shown, emoji)
    await house["ana"].react(shown, LETTER)
    await pictures(house, "ana", "dm")

    assert has_picture(await house["ana"].again(shown))
    assert [] == await house["mod"].sees("dm")


async def test_anas_cross_takes_her_result_away(house: House) -> None:
    shown = await makes(house)

    await house["ana"].react(shown, CROSS)

    await house["mod"].sees_gone(shown)


async def test_anas_cross_cancels_what_is_not_made_yet(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    place = await slow_house["ana"].sees_until("general", is_place)
    await slow_house.engine.was_given(1)  # until its place is written down, it is nobody's

    await slow_house["ana"].react(place, CROSS)

    await slow_house["mod"].sees_gone(place)


async def test_plums_cross_takes_a_stealth_result_away_and_her_star_keeps_nothing(
    house: House,
) -> None:
    shown = await makes(house, "plum", visibility="stealth")
    recipe = shown.find(2, label="Recipe")

    await house["plum"].react(shown, STAR)
    said = await house["plum"].sees_until("dm", lambda one: one.content.startswith("⭐"))
    await house["plum"].react(shown, CROSS)
    await house["plum"].sees_gone(shown)

    assert "public pictures only" in said.content
    late = await forges(house, "plum", said, recipe)
    assert GONE in late.content


async def test_who_wants_them_gets_results_in_the_dm_too(house: House) -> None:
    await asks(house["ana"], "general", "prefer auto_dm", to="on")

    shown = await makes(house)
    (copy,) = await pictures(house, "ana", "dm")

    assert f"{shown.channel}/{shown.id}" in copy.content
