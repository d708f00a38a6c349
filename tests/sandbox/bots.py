"""A small real bot for the sandbox's own tests: unmodified discord.py, pointed at loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import discord
import yarl
from discord.ext import commands

INTENTS = discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True)
TOKEN = "sandbox.test"


@contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Point discord.py at a sandbox, and back."""
    route, socket, asset = discord.http.Route, discord.gateway.DiscordWebSocket, discord.asset.Asset
    before = (route.BASE, socket.DEFAULT_GATEWAY, asset.BASE)
    route.BASE = f"{url}/api/v10"
    socket.DEFAULT_GATEWAY = yarl.URL(url.replace("http", "ws", 1) + "/gateway")
    asset.BASE = f"{url}/cdn"
    try:
        yield
    finally:
        route.BASE, socket.DEFAULT_GATEWAY, asset.BASE = before


class Bot(commands.AutoShardedBot):
    """A bot that logs in quickly and counts the events that tests wait for."""

    def __init__(self, prepare: Callable[[Bot], Any] | None = None, **options: Any) -> None:
        options.setdefault("intents", INTENTS)
        super().__init__("!", guild_ready_timeout=0.05, help_command=None, **options)
        self._prepare = prepare
        self._seen: dict[str, asyncio.Queue[Any]] = {}

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Real Discord wants 5 seconds between two logins; the sandbox does not."""

    async def setup_hook(self) -> None:
        if self._prepare is not None:
            self._prepare(self)
            await self.tree.sync()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        super().dispatch(event_name, *args, **kwargs)
        queue = self.__dict__.get("_seen", {}).get(event_name)
        if queue is not None:
            queue.put_nowait(args)

    def events(self, name: str) -> asyncio.Queue[Any]:
        """The events of this name from now on."""
        return self._seen.setdefault(name, asyncio.Queue())


@asynccontextmanager
async def running(
    url: str, prepare: Callable[[Bot], Any] | None = None, **options: Any
) -> AsyncIterator[Bot]:
    """A bot that is logged in and ready."""
    with pointed_at(url):
        bot = Bot(prepare, **options)
        ready = bot.events("ready")
        task = asyncio.create_task(bot.start(TOKEN))
        waiting = asyncio.create_task(ready.get())
        try:
            async with asyncio.timeout(10):
                await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            yield bot
        finally:
            waiting.cancel()
            await bot.close()
            with suppress(Exception):
                await task
