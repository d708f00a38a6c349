"""The real discord.py against the sandbox: messages, reactions, direct messages."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import ui

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.bots import Bot, running
from tests.sandbox.small_bot import PIXEL, Panel, file


async def channel_of(bot: Bot, channel_id: int = shipped.GENERAL_ID) -> discord.TextChannel:
    found = bot.get_channel(channel_id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_messages_are_sent_edited_read_and_deleted(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        channel = await channel_of(bot)
        sent = await channel.send("one", file=file("a.png"), allowed_mentions=None)
        await sent.edit(content="two", attachments=[sent.attachments[0], file("b.png")])
        after = await channel.fetch_message(sent.id)
        await after.edit(attachments=[after.attachments[1]], view=Panel())
        history = [one async for one in channel.history()]
        reply = await history[0].reply("three")
        seen = await people["ana"].sees("general")
        await reply.delete()
        await channel.get_partial_message(sent.id).edit(content="four")

    assert ["a.png", "b.png"] == [one.filename for one in after.attachments]
    assert ["b.png"] == [one.filename for one in history[0].attachments]
    assert ["two", "three"] == [one.content for one in seen]
    assert ["four"] == [one.content for one in await people["ana"].sees("general")]


async def test_a_nonce_is_sent_once(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        channel = await channel_of(bot)
        first = await channel.send("once", nonce="j1")
        again = await channel.send("once", nonce="j1")
        await people.advance(200)
        later = await channel.send("once", nonce="j1")

    assert first.id == again.id
    assert later.id != first.id


async def test_bulk_delete(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        channel = await channel_of(bot)
        sent = [await channel.send(str(n)) for n in range(3)]
        await channel.delete_messages(sent[:2])

    assert ["2"] == [one.content for one in await people["ana"].sees("general")]


async def test_reactions_go_both_ways(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url) as bot:
        added = bot.events("raw_reaction_add")
        sent = await (await channel_of(bot)).send("like me")
        await ana.react((await ana.sees("general"))[0], "✉️")
        async with asyncio.timeout(5):
            (event,) = await added.get()
        await sent.add_reaction("❤️")
        seen = (await ana.sees("general"))[0].reactions
        await sent.remove_reaction("✉️", discord.Object(shipped.ANA_ID))
        await sent.clear_reactions()

    assert (event.user_id, str(event.emoji)) == (shipped.ANA_ID, "✉️")
    assert "ana" == event.member.name
    assert {"✉️": ["ana"], "❤️": ["Darkroom"]} == seen
    assert {} == (await ana.sees("general"))[0].reactions


async def test_reactions_in_direct_messages_arrive(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url) as bot:
        added = bot.events("raw_reaction_add")
        user = await bot.fetch_user(shipped.ANA_ID)
        await user.send("private")
        await ana.react((await ana.sees("dm"))[0], "❌")
        async with asyncio.timeout(5):
            (event,) = await added.get()

    assert (event.user_id, event.guild_id) == (shipped.ANA_ID, None)


async def test_direct_messages_open_closed_and_impossible(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    await people.world(person={"name": "stranger"})
    stranger = next(u for u in (await people.everything())["users"] if u["name"] == "stranger")
    async with running(sandbox.url) as bot:
        user = await bot.fetch_user(shipped.ANA_ID)
        sent = await user.send("hello", file=file())
        await ana.change(dms="closed")
        with pytest.raises(discord.Forbidden) as closed:
            await user.send("again")
        await sent.edit(content="still editable")
        with pytest.raises(discord.Forbidden) as no_mutual_guild:
            await (await bot.fetch_user(int(stranger["id"]))).send("who are you")

    assert 50007 == closed.value.code
    assert 50278 == no_mutual_guild.value.code
    assert ["still editable"] == [one.content for one in await ana.sees("dm")]


async def test_components_v2(sandbox: Sandbox, people: People) -> None:
    view = ui.LayoutView(timeout=None)
    gallery: ui.MediaGallery[Any] = ui.MediaGallery()
    gallery.add_item(media="attachment://image-1.png", description="a pixel")
    section: ui.Section[Any] = ui.Section(
        "words", accessory=ui.Button(label="Go", custom_id="v1:go:7")
    )
    view.add_item(ui.Container(ui.TextDisplay("title"), gallery, ui.Separator(), section))
    async with running(sandbox.url) as bot:
        sent = await (await channel_of(bot)).send(view=view, file=file())
        await sent.edit(view=view)
        seen = (await people["ana"].sees("general"))[0]

    assert "title\nwords" == seen.text
    assert ["Go"] == seen.buttons
    gallery_seen = seen.components[0]["components"][1]
    assert PIXEL == await people["ana"].download(gallery_seen["items"][0]["media"])


async def test_embeds_show_attachments(sandbox: Sandbox, people: People) -> None:
    embed = discord.Embed(title="t", description="d", color=0x123456)
    embed.set_image(url="attachment://image-1.png").set_footer(text="f").add_field(
        name="n", value="v"
    )
    async with running(sandbox.url) as bot:
        await (await channel_of(bot)).send(embed=embed, file=file())
        seen = (await people["ana"].sees("general"))[0]

    assert "t\nd\nn v\nf" == seen.text
    assert [] == seen.attachments
    assert PIXEL == await people["ana"].download(seen.embeds[0]["image"])


async def test_a_rate_limit_is_waited_out_and_a_ban_is_not(
    sandbox: Sandbox, people: People
) -> None:
    async with running(sandbox.url) as bot:
        channel = await channel_of(bot)
        await people.weather(times=1, rate_limit={"retry_after": 0.01})
        await channel.send("after a moment")
        await people.weather(times=1, rate_limit={"retry_after": 0.01, "via": False})
        with pytest.raises(discord.HTTPException) as banned:
            await channel.send("never")

    assert 429 == banned.value.status
    assert ["after a moment"] == [one.content for one in await people["ana"].sees("general")]
