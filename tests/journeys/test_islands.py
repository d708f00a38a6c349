"""Two servers side by side: what is done in one is nothing to the other, whoever does it."""

from __future__ import annotations

import pytest

from bot.sandbox import shipped_world
from tests.journeys.hearing import (
    MENU,
    MODERATORS,
    NEEDS_A_ROLE,
    asks,
    every_command,
    forges,
    presses,
    reads,
)
from tests.journeys.house import House, has_picture
from tests.people import Seen
from tests.prove.dealing import ACTS

CAFE, ELSEWHERE = "Darkroom Café", "Elsewhere"
NOTHING = "Nothing found here."


async def posts(house: House, name: str, place: str, prompt: str) -> Seen:
    """A finished public picture of theirs."""
    said = await asks(house[name], place, "imagine", prompt=prompt, visibility="public")
    await reads(house[name], said, "Done")
    return await house[name].sees_until(
        place, lambda one: has_picture(one) and prompt in one.content
    )


async def joins(house: House, *names: str) -> None:
    for name in names:
        await house.people.world(member={"guild": ELSEWHERE, "person": name})


async def hello(house: House) -> Seen:
    """Something of zoe's in her lobby, to press forged buttons on."""
    return await house["zoe"].say("lobby", "hello")


async def test_the_proof_knows_every_command_there_is_for_moderators(house: House) -> None:
    world = await house.people.everything()
    commands = [
        name
        for name, _ in every_command(world)
        if name.split()[0] in MODERATORS or name in NEEDS_A_ROLE
    ]
    menus = [f"▸ menu {one['name']}" for one in world["commands"] if one["type"] == MENU]

    assert sorted(commands) == sorted(one for one in ACTS if one[0] != "▸")
    assert sorted(menus) == sorted(one for one in ACTS if "menu" in one)


async def test_mod_purges_ana_in_the_cafe_and_her_picture_in_the_lobby_stands(
    house: House,
) -> None:
    await joins(house, "ana")
    here = await posts(house, "ana", "general", "a red star")
    there = await posts(house, "ana", "lobby", "a blue star")

    preview = await asks(house["mod"], "general", "purge user", user="ana")
    begun = await house["mod"].press(preview, label="Purge")
    await reads(house["mod"], begun.message, "Messages deleted: 1 of 1.")

    await house["ana"].sees_gone(here)
    assert has_picture(await house["zoe"].again(there))
    recipe = await presses(house["ana"], await house["ana"].again(there), "Recipe")
    assert "a blue star" in recipe.content


@pytest.mark.parametrize("kind", ["post", "recipe", "picture", "record"])
async def test_zoe_cannot_shorten_a_channel_of_the_cafe(house: House, kind: str) -> None:
    on, cafe = await hello(house), shipped_world.GENERAL_ID
    before = await asks(house["mod"], "general", "retention show", channel="general")

    forged = await forges(house, "zoe", on, f"v1:limit:{cafe}:{kind}:1h")
    after = await asks(house["mod"], "general", "retention show", channel="general")

    assert NOTHING in forged.content
    assert before.content == after.content


async def test_what_zoe_keeps_for_an_hour_mod_keeps_as_before(house: House) -> None:
    before = await asks(house["mod"], "general", "retention show")
    shown = await asks(
        house["zoe"], "lobby", "retention set", **{"class": "post", "duration": "1h"}
    )
    await presses(house["zoe"], shown, "Apply")
    after = await asks(house["mod"], "general", "retention show")

    assert "server: 1 hour" in (await asks(house["zoe"], "lobby", "retention show")).content
    assert before.content == after.content


async def test_zoe_cannot_stop_a_purge_of_the_cafe_nor_press_for_its_preview(house: House) -> None:
    on, post = await hello(house), await posts(house, "ana", "general", "a red star")
    await house.people.weather(method="GET", route="/members", status=503)
    preview = await asks(house["mod"], "general", "purge user", user="ana")
    button = preview.find(2, label="Purge")
    early = await forges(house, "zoe", on, button)
    begun = await house["mod"].press(preview, label="Purge")
    stop = (await reads(house["mod"], begun.message, "Purging.")).find(2, label="Cancel")

    forged = await forges(house, "zoe", on, stop)
    status = await asks(house["zoe"], "lobby", "purge status")

    assert "That preview is over" in early.content
    assert "not yours to cancel" in forged.content
    assert "Nothing is being purged" in status.content
    running = await asks(house["mod"], "general", "purge status")
    assert "running, 0 of 1 " in running.content
    assert has_picture(await house["mod"].again(post))


async def test_mod_who_is_a_guest_elsewhere_moderates_nothing_there(house: House) -> None:
    await joins(house, "mod")
    on = await house["mod"].say("lobby", "good evening")

    for custom_id in ("limit:0:post:1h", "purge:0", "unpurge:0", "purgestop:0", "rremove:0"):
        said = await forges(house, "mod", on, f"v1:{custom_id}")
        assert "That is for this server's moderators" in said.content


async def test_mod_moderates_nothing_from_the_dm(house: House) -> None:
    on = await house["mod"].say("dm", "good evening")

    for custom_id in ("limit:0:post:1h", "purge:0", "unpurge:0", "purgestop:0", "rremove:0"):
        said = await forges(house, "mod", on, f"v1:{custom_id}")
        assert "That works only in a server" in said.content
