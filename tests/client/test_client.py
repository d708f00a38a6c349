"""What discord.py keeps of what passes through it: no message, nobody who is a member."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.client.client import DarkroomClient
from bot.client.endpoint import choose
from bot.client.messenger import DiscordMessenger
from bot.domain import ChannelId
from bot.ports import Post
from bot.sandbox import shipped_world
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.bots import pointed_at, running

TOKEN = "sandbox.client"
GENERAL = ChannelId(shipped_world.GENERAL_ID)


async def test_no_message_and_no_member_is_kept() -> None:
    ready = asyncio.Event()

    async def furnish(client: DarkroomClient) -> None:
        client.add_listener(_ready, "on_ready")

    async def _ready() -> None:
        ready.set()

    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        with pointed_at(sandbox.url):
            client = DarkroomClient(choose(TOKEN, sandbox.url), furnish)
            serving = asyncio.create_task(client.start(TOKEN))
            async with asyncio.timeout(10):
                await ready.wait()
            messenger = DiscordMessenger()
            messenger.client = client
            await messenger.send(GENERAL, Post("hello"), nonce="a")
            await people["ana"].say("general", "hello")
            kept = list(client.cached_messages)
            members = {member.id for guild in client.guilds for member in guild.members}
            cache = client._connection.max_messages
            await client.close()
            with suppress(asyncio.CancelledError):
                await serving

    assert ([], None) == (kept, cache)
    assert members <= {shipped_world.BOT_ID}


async def test_discord_py_left_to_itself_would_keep_a_thousand() -> None:
    async with Sandbox() as sandbox, running(sandbox.url) as bot:
        assert 1000 == bot._connection.max_messages
