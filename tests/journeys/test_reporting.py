"""People report pictures and contest rules; that server's moderators decide, and all hear of it."""

from __future__ import annotations

import sqlite3

import pytest

from tests.journeys.hearing import asks, forges, heard, presses, reads
from tests.journeys.house import House, has_picture
from tests.people import ClientRefuses, Seen

DEFERRED, MODAL, EPHEMERAL = 5, 9, 1 << 6


async def posted(house: House, by: str = "plum", prompt: str = "a red star") -> Seen:
    """A public picture in the channel, as mod sees it."""
    said = await asks(house[by], "general", "imagine", prompt=prompt, visibility="public")
    await reads(house[by], said, "Done")
    return await house["mod"].sees_until(
        "general", lambda one: has_picture(one) and prompt in one.content
    )


async def reported(
    house: House, picture: Seen, by: str = "ana", why: str = "Something else"
) -> Seen:
    """The answer to a report by the button under a picture."""
    asked = await presses(house[by], picture, "Report")
    return await presses(house[by], asked, why)


async def queue(house: House, by: str = "mod", place: str = "general") -> Seen:
    return await asks(house[by], place, "moderation reports")


def link_of(picture: Seen) -> str:
    return f"{picture.channel}/{picture.id}"


# --- reports


async def test_ana_reports_plums_picture_and_mod_removes_it(house: House) -> None:
    picture = await posted(house)
    asked = await presses(house["ana"], picture, "Report")
    assert "Shows a real person without consent" == asked.buttons[0]
    assert "Report Message" in asked.content
    said = await presses(house["ana"], asked, "Shows a real person without consent")
    assert said.content.startswith("Reported.")

    shown = await queue(house)
    assert "without consent" in shown.content
    assert link_of(picture) in shown.content
    assert "ana" not in shown.content
    done = await presses(house["mod"], shown, "Remove")

    assert "Removed" in done.content
    await house["plum"].sees_gone(picture)
    told = await reads(house["ana"], said, "had it removed")
    assert link_of(picture) in told.content
    history = await asks(house["plum"], "general", "privacy history")
    assert "moderator" in history.content
    assert "report" in history.content
    assert "No" in (await asks(house["ana"], "general", "privacy history")).content[:3]


async def test_the_menu_of_a_message_reports_too(house: House) -> None:
    picture = await posted(house)

    asked = await heard(house["ana"], await house["ana"].menu("general", "Report", picture))
    await presses(house["ana"], asked, "Violent")

    assert "**Report: Violent**" in (await queue(house)).content


async def test_only_the_bots_public_pictures_can_be_reported(house: House) -> None:
    hello = await house["plum"].say("general", "hello")
    said = await asks(house["ana"], "general", "imagine", prompt="a star", visibility="stealth")
    await reads(house["ana"], said, "Done")
    stealth = await house["ana"].sees_until("dm", has_picture)

    for place, message, words in (
        ("general", hello, "this bot's public pictures"),
        ("dm", stealth, "no moderator has a power over stealth"),
    ):
        answer = await heard(house["ana"], await house["ana"].menu(place, "Report", message))
        assert words in answer.content
        assert "Report Message" in answer.content
        assert [] == answer.buttons
    assert "Report" not in stealth.buttons
    assert "No report" in (await queue(house)).content


async def test_zoe_of_elsewhere_sees_no_report_and_cannot_press_its_buttons(house: House) -> None:
    picture = await posted(house)
    await reported(house, picture)
    shown = await queue(house)
    lobby = next(
        one["name"]
        for one in (await house.people.everything())["channels"]
        if one["guild"] == "Elsewhere"
    )

    assert "No report" in (await queue(house, "zoe", lobby)).content
    hers = await house["zoe"].say(lobby, "mine")
    for label in ("Remove", "Dismiss report", "Remove and block its maker for 7 days"):
        forged = await forges(house, "zoe", hers, shown.find(2, label=label))
        assert "nothing to decide" in forged.content

    assert picture.id in [one.id for one in await house["mod"].sees("general")]
    assert link_of(picture) in (await queue(house)).content


async def test_members_and_moderators_of_yesterday_decide_nothing(house: House) -> None:
    picture = await posted(house)
    await reported(house, picture)
    shown = await queue(house)
    hello = await house["ana"].say("general", "hello")

    forged = await forges(house, "ana", hello, shown.find(2, label="Remove"))
    assert "That is for this server's moderators" in forged.content
    await house["mod"].change(roles={"Darkroom Café": []})
    pressed = await presses(house["mod"], shown, "Remove")
    assert "That is for this server's moderators" in pressed.content

    assert picture.id in [one.id for one in await house["ana"].sees("general")]


async def test_a_block_takes_the_picture_and_the_next_one_too(house: House) -> None:
    picture = await posted(house)
    await reported(house, picture)

    await presses(house["mod"], await queue(house), "Remove and block its maker for 7 days")

    await house["ana"].sees_gone(picture)
    said = await asks(house["plum"], "general", "imagine", prompt="a green star")
    assert "blocked you from using me here" in said.content


async def test_the_next_report_follows_the_press(house: House) -> None:
    first = await posted(house)
    second = await posted(house, prompt="a green pond")
    await reported(house, first)
    await reported(house, second)

    shown = await presses(house["mod"], await queue(house), "Dismiss report")

    assert "Dismissed" in shown.content
    assert link_of(second) in shown.content
    last = await presses(house["mod"], shown, "Dismiss report")
    assert "No report and no contest waits" in last.content


async def test_reports_outlive_a_restart_and_so_do_their_buttons(closed_house: House) -> None:
    house = closed_house
    async with house.bot():
        picture = await posted(house)
        said = await reported(house, picture)
        shown = await queue(house)

    async with house.bot():
        await presses(house["mod"], shown, "Remove")
        await reads(house["ana"], said, "had it removed")


# --- contests


async def refused(house: House, by: str = "ana", prompt: str = "an otter", **options: str) -> Seen:
    """What somebody hears whose prompt the rule stops."""
    await asks(
        house["mod"],
        "general",
        "moderation rules add",
        name="no otters",
        kind="words",
        text="otter",
    )
    return await asks(house[by], "general", "imagine", prompt=prompt, **options)


async def test_the_form_of_a_contest_is_empty_and_is_the_first_answer(house: House) -> None:
    said = await refused(house)
    form = (await house["ana"].press(said, label="Contest")).modal

    [field] = form.fields.values()
    assert not field.get("value")
    assert "otter" not in str(form.raw)
    first = [one.body for one in house.sandbox.wire.records if one.path.endswith("/callback")]
    assert MODAL == first[-1]["type"]
    with pytest.raises(ClientRefuses):
        await house["ana"].fill(form, text="")
    answered = await heard(house["ana"], await house["ana"].fill(form, text="It is for children."))
    assert "Sent to this server's moderators" in answered.content


async def test_what_ana_wrote_goes_to_the_moderators_without_her_prompt(house: House) -> None:
    said = await refused(house, prompt="an otter with a xylophone")
    form = (await house["ana"].press(said, label="Contest")).modal
    answered = await heard(house["ana"], await house["ana"].fill(form, text="It is for children."))

    shown = await queue(house)

    assert "no otters" in shown.content
    assert "It is for children" in shown.content
    assert not [word for word in ("xylophone", "ana") if word in shown.content]
    await reads(house["ana"], answered, "A moderator has read")
    assert "Closed." in (await presses(house["mod"], shown, "Close")).content


async def test_pings_and_links_in_what_somebody_wrote_are_dead(house: House) -> None:
    said = await refused(house)
    form = (await house["ana"].press(said, label="Contest")).modal
    text = "@everyone <@1> [here](https://example.org) https://example.org discord.gg/x"
    await heard(house["ana"], await house["ana"].fill(form, text=text))

    shown = await queue(house)

    assert "everyone" in shown.content
    assert [] == shown.mentions
    assert not [live for live in ("@everyone", "<@1>", "https://", "](") if live in shown.content]


async def test_a_stealth_refusal_has_no_contest(house: House) -> None:
    public = await refused(house)
    stealth = await refused(house, visibility="stealth")

    assert ["Contest"] == public.buttons
    assert "no otters" in stealth.content
    assert [] == stealth.buttons


async def test_who_asked_not_to_be_processed_gets_no_form(house: House) -> None:
    said = await refused(house)
    asked = await asks(house["ana"], "general", "privacy opt-out")
    sure = await presses(house["ana"], asked, "No processing")
    erasing = await presses(house["ana"], sure, sure.buttons[0])
    await reads(house["ana"], erasing, "darkroom-receipt.")

    assert "opt-in" in (await presses(house["ana"], said, "Contest")).content


# --- the declaration


async def test_the_declaration_is_given_shown_and_taken_back(house: House) -> None:
    asked = await asks(house["ana"], "general", "privacy declaration", what="show")
    assert "You have declared nothing" in asked.content

    given = await asks(house["ana"], "general", "privacy declaration", what="give")
    assert given.content.startswith("You declared this on")
    shown = await asks(house["ana"], "dm", "privacy declaration", what="show")
    assert given.content == shown.content
    gone = await asks(house["ana"], "general", "privacy declaration", what="take-back")
    assert "taken back" in gone.content

    with sqlite3.connect(house.data / "darkroom.db") as memory:
        assert [] == memory.execute("SELECT * FROM declarations").fetchall()
