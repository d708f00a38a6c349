"""Moderators purge: a preview, a press, and a receipt that can be checked; and never a step beyond
their own server.
"""

from __future__ import annotations

import re

import pytest

from tests.journeys.hearing import asks, forges, presses, reads
from tests.journeys.house import House, has_picture, is_answer, is_place
from tests.people import Seen

RECEIPT = re.compile(r"`(darkroom-receipt\.[^`]+)`")
NOTHING = "Nothing found here."


async def _makes(
    house: House, name: str, prompt: str, visibility: str = "public", place: str = "general"
) -> Seen:
    """A finished picture of theirs, where it stands."""
    answer = await house[name].slash(place, "imagine", prompt=prompt, visibility=visibility)
    await reads(house[name], answer.message, "Done")
    return await house[name].sees_until(place if visibility == "public" else "dm", has_picture)


async def _purges(house: House, name: str, command: str, place: str = "general", **options) -> Seen:
    """Both steps; the answer that became the receipt."""
    preview = await asks(house[name], place, f"purge {command}", **options)
    answer = await house[name].press(preview, label="Purge")
    return await reads(house[name], answer.message, "darkroom-receipt.")


async def test_mod_purges_ana_and_nothing_else_goes(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    plums = await _makes(house, "plum", "a blue star")

    preview = await asks(house["mod"], "general", "purge user", user="ana")
    answer = await house["mod"].press(preview, label="Purge")
    receipt = await reads(house["mod"], answer.message, "darkroom-receipt.")

    assert "1 message in a channel, 1 sealed recipe, 1 record of a job" in preview.content
    assert ["Purge", "Keep everything"] == preview.buttons
    assert receipt.content.startswith("**Purged.**")
    assert "Messages deleted: 1 of 1. Keys destroyed: 1." in receipt.content
    assert [] == receipt.buttons
    await house["plum"].sees_gone(post)
    assert has_picture(await house["ana"].again(hidden))
    assert has_picture(await house["mod"].again(plums))
    found = RECEIPT.search(receipt.content)
    assert found
    checked = await asks(house["ana"], "general", "privacy verify", receipt=found[1])
    assert "what was public of somebody in one server was erased" in checked.content


async def test_ana_who_has_left_is_purged_too(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    guild = house.sandbox.world.guilds[house.sandbox.world.channels[int(post.channel)].guild_id]
    del guild.members[
        next(one.id for one in house.sandbox.world.users.values() if one.name == "ana")
    ]

    await _purges(house, "mod", "user", user="ana")

    await house["mod"].sees_gone(post)


@pytest.mark.parametrize(
    ("command", "options"),
    [("channel", {"channel": "general"}), ("range", {"since": "24h"}), ("everything", {})],
)
async def test_boss_purges_by_place_and_time(house: House, command: str, options: dict) -> None:
    post = await _makes(house, "ana", "a red star")

    receipt = await _purges(house, "boss", command, **options)

    assert "Messages deleted: 1 of 1." in receipt.content
    await house["ana"].sees_gone(post)


async def test_one_job_goes_by_the_link_of_its_message(house: House) -> None:
    first = await _makes(house, "ana", "a red star")
    second = await _makes(house, "plum", "a blue star")
    link = f"https://discord.com/channels/1/{first.channel}/{first.id}"

    await _purges(house, "mod", "job", job=link)

    await house["ana"].sees_gone(first)
    assert has_picture(await house["ana"].again(second))


async def test_a_running_job_ends_and_its_owner_is_told(slow_house: House) -> None:
    answer = await slow_house["ana"].slash("general", "imagine", prompt="a red star", steps=30)
    place = await slow_house["mod"].sees_until("general", is_place)
    await slow_house.engine.was_given(1)
    slow_house.engine.tick()

    receipt = await _purges(slow_house, "mod", "user", user="ana")

    await slow_house["mod"].sees_gone(place)
    assert "1 job under way" in receipt.content
    told = await reads(slow_house["ana"], answer.message, "moderator")
    assert told.ephemeral


async def test_zoe_finds_nothing_of_what_is_in_the_cafe(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    job = post.find(2, label="Delete").rpartition(":")[2]
    link = f"https://discord.com/channels/1/{post.channel}/{post.id}"

    said = [
        await asks(house["zoe"], "lobby", "purge job", job=named)
        for named in (job, post.id, link, "0" * 32, "nonsense", "-1")
    ]
    said.append(await asks(house["zoe"], "lobby", "purge user", user="ana"))
    said.append(await asks(house["zoe"], "lobby", "purge range", since="7d"))
    said.append(await asks(house["zoe"], "lobby", "purge everything"))

    assert 1 == len({one.content for one in said})
    assert NOTHING in said[0].content
    assert [] == [label for one in said for label in one.buttons]
    assert has_picture(await house["mod"].again(post))


async def test_stealth_and_nothing_at_all_look_alike_to_a_moderator(house: House) -> None:
    hidden = await _makes(house, "ana", "a hidden star", "stealth")
    job = hidden.find(2, label="Delete").rpartition(":")[2]

    said = [
        await asks(house["mod"], "general", "purge user", user="ana"),
        await asks(house["mod"], "general", "purge user", user="pia"),
        await asks(house["mod"], "general", "purge job", job=job),
        await asks(house["mod"], "general", "purge job", job=hidden.id),
    ]

    assert 1 == len({one.content for one in said})
    assert NOTHING in said[0].content


async def test_everything_needs_manage_server(house: House) -> None:
    post = await _makes(house, "ana", "a red star")

    needs = await asks(house["mod"], "general", "purge everything")

    assert "Manage Server" in needs.content
    assert [] == needs.buttons
    assert has_picture(await house["mod"].again(post))


async def test_a_role_that_is_gone_at_the_press_refuses_it(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    preview = await asks(house["mod"], "general", "purge user", user="ana")
    await house["mod"].change(roles=[])

    said = await presses(house["mod"], preview, "Purge")

    assert "this server's moderators" in said.content
    assert has_picture(await house["ana"].again(post))


async def test_a_press_of_somebody_else_a_second_and_a_dropped_one_say_so(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    preview = await asks(house["mod"], "general", "purge user", user="ana")
    custom_id = preview.find(2, label="Purge")

    boss = await forges(house, "boss", post, custom_id)
    said = await presses(house["mod"], preview, "Keep everything")
    late = await presses(house["mod"], preview, "Purge")

    assert "Nothing was purged." == said.content
    assert boss.content == late.content
    assert "That preview is over" in late.content
    assert has_picture(await house["ana"].again(post))


async def test_a_preview_is_over_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        post = await _makes(closed_house, "ana", "a red star")
        preview = await asks(closed_house["mod"], "general", "purge user", user="ana")
    async with closed_house.bot():
        said = await presses(closed_house["mod"], preview, "Purge")

    assert "That preview is over" in said.content
    assert has_picture(await closed_house["ana"].again(post))


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("soon", "0", "no moment I know"),
        ("2026-13-01", "0", "no moment I know"),
        ("0", "7d", "ends before it begins"),
    ],
)
async def test_a_range_that_is_none_lists_the_forms(house: House, since, until, said) -> None:
    answer = await asks(house["mod"], "general", "purge range", since=since, until=until)

    assert said in answer.content


async def test_a_purge_whose_bot_was_stopped_goes_on_and_ends_with_one_receipt(
    closed_house: House,
) -> None:
    async with closed_house.bot():
        post = await _makes(closed_house, "ana", "a red star")
        await closed_house.people.weather(method="DELETE", route="/messages", status=503)
        preview = await asks(closed_house["mod"], "general", "purge user", user="ana")
        answer = await closed_house["mod"].press(preview, label="Purge")
        begun = await reads(closed_house["mod"], answer.message, "Purging.")
        assert ["Cancel"] == begun.buttons
        status = await asks(closed_house["mod"], "general", "purge status")
        assert "running, 0 of 1 message" in status.content
        assert (
            "Nothing is being purged"
            in (await asks(closed_house["zoe"], "lobby", "purge status")).content
        )
    await closed_house.people.weather(clear=True)
    async with closed_house.bot():
        receipt = await reads(closed_house["mod"], answer.message, "darkroom-receipt.")

    assert "Messages deleted: 1 of 1." in receipt.content
    seen = await closed_house["mod"].sees("general")
    assert 1 == len([one for one in seen if is_answer(one) and "darkroom-receipt." in one.content])
    assert [] == [one for one in seen if one.id == post.id]


async def test_a_cancelled_purge_leaves_what_is_left(house: House) -> None:
    post = await _makes(house, "ana", "a red star")
    await house.people.weather(method="DELETE", route="/messages", status=503)
    preview = await asks(house["mod"], "general", "purge user", user="ana")
    answer = await house["mod"].press(preview, label="Purge")
    await reads(house["mod"], answer.message, "Purging.")

    status = await asks(house["mod"], "general", "purge status")
    stopping = await presses(house["mod"], status, "Cancel 1")
    receipt = await reads(house["mod"], answer.message, "darkroom-receipt.")
    again = await presses(house["mod"], status, "Cancel 1")

    assert "I stop." in stopping.content
    assert "It was cancelled on the way" in receipt.content
    assert "That purge is finished" in again.content
    assert has_picture(await house["ana"].again(post))
