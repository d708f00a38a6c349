"""The real discord.py against the sandbox: login, sessions, and what happens around it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.bots import INTENTS, Bot, running
from tests.sandbox.small_bot import with_commands


async def test_logs_in_and_sees_the_shipped_world(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        names = {guild.name for guild in bot.guilds}
        information = await bot.application_info()
        shown = await people.everything()

    assert {"Darkroom Café", "Elsewhere"} == names
    assert "boss" == information.owner.name
    assert shown["bot"]["connected"] is True
    assert [INTENTS.value] == shown["bot"]["intents"]
    assert 999 == sandbox.gateway.starts_remaining


async def test_resumes_after_a_dropped_socket(sandbox: Sandbox, people: People) -> None:
    ana = people["ana"]
    async with running(sandbox.url, with_commands) as bot:
        resumed = bot.events("resumed")
        for weather in ({"drop": True}, {"reconnect": True}, {"close": 4000}):
            await people.weather(gateway=weather)
            answer = await ana.slash("general", "fruit", name=str(weather))
            async with asyncio.timeout(5):
                await resumed.get()
            assert answer.message.content == str(weather)

    assert 1 == len(sandbox.gateway.identifies)
    assert 3 == len(sandbox.gateway.resumes)


async def test_logs_in_anew_when_the_session_is_gone(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url, with_commands) as bot:
        ready = bot.events("ready")
        while not ready.empty():
            ready.get_nowait()
        await people.weather(gateway={"invalid_session": True})
        async with asyncio.timeout(10):
            await ready.get()
        answer = await people["ana"].slash("general", "fruit", name="kiwi")

    assert "kiwi" == answer.message.content
    assert 2 == len(sandbox.gateway.identifies)


async def test_entitlements_come_and_go(sandbox: Sandbox, people: People) -> None:
    ana, seen = people["ana"], []

    def with_plan(bot: Bot) -> None:
        @bot.tree.command()
        async def plan(interaction: discord.Interaction[Any]) -> None:
            """Say what this person has."""
            seen.append([one.sku_id for one in interaction.entitlements])
            await interaction.response.send_message("ok", ephemeral=True)

    async with running(sandbox.url, with_plan) as bot:
        created, deleted = bot.events("entitlement_create"), bot.events("entitlement_delete")
        skus = {sku.name: sku for sku in await bot.fetch_skus()}
        await ana.change(entitlements=["Plus"])
        await ana.slash("general", "plan")
        listed = [one async for one in bot.entitlements(user=discord.Object(shipped.ANA_ID))]
        await ana.change(entitlements=[])
        await ana.slash("dm", "plan")
        await bot.create_entitlement(
            skus["Pro"], discord.Object(shipped.ANA_ID), discord.EntitlementOwnerType.user
        )
        async with asyncio.timeout(5):
            events = [await created.get(), await deleted.get(), await created.get()]
        await events[2][0].delete()

    assert [[shipped.PLUS_SKU_ID], []] == seen
    assert [shipped.ANA_ID] == [one.user_id for one in listed]
    assert shipped.PRO_SKU_ID == skus["Pro"].id


async def test_the_world_tells_the_bot_what_happens(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        joined, left = bot.events("guild_join"), bot.events("guild_remove")
        opened, closed = bot.events("guild_channel_create"), bot.events("guild_channel_delete")
        threads = bot.events("thread_create")
        await people.world(
            guild={"name": "Third", "owner": "ana"},
            bot={"guild": "Third"},
            channel={"guild": "Darkroom Café", "name": "new"},
            thread={"parent": "general", "name": "side"},
        )
        async with asyncio.timeout(5):
            happened = [await joined.get(), await opened.get(), await threads.get()]
        await people.world(
            channel={"guild": "Darkroom Café", "name": "new", "delete": True},
            bot={"guild": "Third", "present": False},
        )
        async with asyncio.timeout(5):
            happened += [await left.get(), await closed.get()]

    assert ["Third", "new", "side", "Third", "new"] == [one.name for (one,) in happened]


async def test_the_profile_text_can_be_edited(sandbox: Sandbox, people: People) -> None:
    async with running(sandbox.url) as bot:
        information = await bot.application_info()
        await information.edit(description="Where pictures are developed.")

    assert "Where pictures are developed." == (await people.everything())["bot"]["description"]
