"""The real discord.py against the sandbox: commands, components and modals."""

from __future__ import annotations

import pytest

from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People, Seen, Upload
from tests.sandbox.bots import running
from tests.sandbox.small_bot import PIXEL, with_commands


async def test_takes_one_of_each_option(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url, with_commands):
        answer = await people["ana"].slash(
            "general",
            "everything",
            text="hello",
            count=3,
            size="Small",
            ratio=0.5,
            loud=True,
            person="pia",
            role="Pro",
            place="gallery",
            thing="mod",
            picture=Upload("in.txt", b"bytes"),
        )

    said = "['hello', 3, 1, 0.5, True, 'pia', 'Pro', 'gallery', 'mod'] b'bytes'"
    assert said == answer.message.content
    assert answer.message.ephemeral


async def test_refuses_what_the_client_would_refuse(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands):
        for command, options, why in (
            ("nothing", {}, "no command"),
            ("privacy", {}, "subcommand"),
            ("privacy retention", {}, "required"),
            ("privacy retention", {"days": "many"}, "whole number"),
            ("privacy retention", {"days": 1, "hours": 2}, "no option"),
        ):
            with pytest.raises(ClientRefuses, match=why):
                await ana.slash("general", command, **options)
        with pytest.raises(ClientRefuses, match="cannot see"):
            await ana.slash("staff", "fruit", name="x")


async def test_completes_an_option(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url, with_commands):
        choices = await people["ana"].autocomplete("general", "fruit", focused="name", name="ap")

    assert ["apple", "apricot"] == [one["value"] for one in choices]


async def test_a_command_works_in_the_direct_message(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url, with_commands):
        answer = await people["zoe"].slash("dm", "privacy retention", days=3)

    assert "3 days" == answer.message.content
    assert ["3 days"] == [one.content for one in await people["zoe"].sees("dm")]


async def test_an_ephemeral_defer_stays_ephemeral(sandbox: Sandbox, people: People) -> None:
    ana, pia = people["ana"], people["pia"]
    async with running(sandbox.url, with_commands):
        answer = await ana.slash("general", "slow", ephemeral=True)
        assert answer.message.loading
        done = await ana.sees_until("general", lambda one: one.content == "done")
        content = await ana.download(done.attachments[0])

    assert done.id == answer.message.id
    assert done.ephemeral
    assert PIXEL == content
    assert [] == await pia.sees("general")


async def test_a_public_defer_is_seen_by_all(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url, with_commands):
        await people["ana"].slash("general", "slow", ephemeral=False)
        seen = await people["pia"].sees_until("general", lambda one: one.content == "done")

    assert ["image-1.png"] == seen.filenames
    assert not seen.ephemeral


async def shown_panel(people: People) -> Seen:
    return (await people["ana"].slash("general", "panel")).message


async def test_buttons_answer_in_every_way(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands):
        panel = await shown_panel(people)
        counted = await ana.press(panel, "Count")
        later = await ana.press(panel, "Later")
        await ana.sees_until("general", lambda one: one.content == "edited later")
        private = await ana.sees_until("general", lambda one: one.content == "only you")
        with pytest.raises(ClientRefuses, match="disabled"):
            await ana.press(panel, custom_id="off")

    assert "counted" == counted.message.content
    assert later.answered
    assert private.ephemeral
    assert "only you" not in [one.content for one in await people["pia"].sees("general")]


async def test_menus_choose(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands):
        panel = await shown_panel(people)
        words = await ana.choose(panel, "one", "three", custom_id="words")
        who = await ana.choose(panel, "zoe", custom_id="who")
        where = await ana.choose(panel, "gallery", custom_id="where")
        with pytest.raises(ClientRefuses, match="1 to 2 values"):
            await ana.choose(panel, "one", "two", "three", custom_id="words")

    assert "one and three" == words.message.content
    assert "zoe" == who.message.content
    assert "#gallery" == where.message.content


async def test_a_modal_is_filled(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands):
        panel = await shown_panel(people)
        modal = (await ana.press(panel, "Ask")).modal
        with pytest.raises(ClientRefuses, match="required"):
            await ana.fill(modal, Color="Red")
        with pytest.raises(ClientRefuses, match="no modal"):
            await people["pia"].fill(modal, Word="stolen", Color="Red")
        picture = Upload("p.png", PIXEL)
        answer = await ana.fill(modal, Word="star", Color="Red", Picture=[picture])

    assert "star ['Red'] ['p.png']" == answer.message.content


async def test_context_menus_work(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands):
        said = await people["pia"].say("general", "hello")
        echo = await ana.menu("general", "Echo", said)
        wave = await ana.menu("general", "Wave", "mod")

    assert "echo hello" == echo.message.content
    assert "wave mod" == wave.message.content
