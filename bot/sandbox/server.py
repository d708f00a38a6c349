"""One port on loopback: REST, gateway, CDN and people API around one world.

In a test: `async with Sandbox(clock=Clock(owned=True)) as sandbox: … sandbox.url`. As a process:
`await serve(port, world_file, secret, started=print_it)`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from aiohttp import web

from bot.sandbox import interactions, pages, people, persistence, shipped_world
from bot.sandbox.cdn import INLINE_TYPES
from bot.sandbox.clock import Clock
from bot.sandbox.gateway import Gateway
from bot.sandbox.guard import HOST, close_up, guard
from bot.sandbox.rest.limits import RateLimits
from bot.sandbox.rest.service import PREFIX, Service
from bot.sandbox.weather import Weather
from bot.sandbox.wire import Wire
from bot.sandbox.world import World


class Sandbox:
    """A small Discord. Entering it opens the port, leaving it closes and saves.

    `port=0` takes a free one. `world` is a world of your own; without one it is read from
    `world_file`, or shipped. `secret` opens the masked parts of `GET /wire`. `hands` are what you
    can do for people who ask for it by `POST /hands`, by name.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        world: World | None = None,
        world_file: Path | None = None,
        clock: Clock | None = None,
        rate_limits: bool = True,
        secret: str | None = None,
        heartbeat_seconds: float = 41.25,
        hands: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        if world is not None:
            clock = world.clock
        self.clock = clock if clock is not None else Clock()
        self._keeper = None if world_file is None else persistence.Keeper(world_file)
        if world is None and self._keeper is not None:
            world = self._keeper.load(self.clock)
        self.world = world if world is not None else shipped_world.build(self.clock)
        self.weather = Weather()
        self.wire = Wire(secret)
        self.hands = dict(hands or {})
        self.gateway = Gateway(self.world, heartbeat_seconds=heartbeat_seconds)
        self.rate_limits = RateLimits(on=rate_limits)
        self.port = port
        self._runner: web.AppRunner | None = None
        self._people = people.PeopleApi(self)

    @property
    def url(self) -> str:
        """Where it is: ``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self.port}"

    @property
    def gaps(self) -> list[str]:
        """What the bot met that the sandbox does not speak."""
        return [*self.wire.gaps, *self.gateway.gaps]

    async def start(self) -> None:
        """Open the port."""
        app = web.Application(client_max_size=1 << 20, middlewares=[guard(lambda: self.port)])
        app.on_response_prepare.append(close_up)
        service = Service(self.world, self.gateway, self.weather, self.wire, self.rate_limits)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/gateway/", self.gateway.handle)
        app.router.add_get("/cdn/{kind}/{channel}/{id}/{filename}", self._serve_file)
        app.router.add_route("*", PREFIX + "/{path:.*}", service.handle)
        self._people.add_to(app)
        pages.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.gateway.url = f"ws://{HOST}:{self.port}/gateway"
        self.world.links.base_url = f"{self.url}/cdn"
        if self._keeper is not None:
            self._keeper.watch(self.world)

    async def stop(self) -> None:
        """Close everything and save."""
        await self.gateway.close(1001)
        await self._people.close()
        interactions.let_go(self.world)
        self.clock.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._keeper is not None:
            self._keeper.close(self.world)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve_file(self, request: web.Request) -> web.Response:
        """A file by its signed link. Only pictures are shown; nothing here can run as a page."""
        path = request.rel_url.raw_path.removeprefix("/cdn")
        file_id = request.match_info["id"]
        if not self.world.links.honours(path, request.query) or not file_id.isdigit():
            raise web.HTTPNotFound(text="This content is no longer available.")
        content = self.world.files.get(int(file_id))
        attachment = self.world.attachment(int(file_id))
        if content is None or attachment is None:
            raise web.HTTPNotFound(text="This content is no longer available.")
        is_picture = attachment.content_type in INLINE_TYPES
        return web.Response(
            body=content,
            headers={
                "Content-Type": attachment.content_type if is_picture else _OPAQUE,
                "Content-Disposition": "inline" if is_picture else "attachment",
                "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            },
        )


_OPAQUE = "application/octet-stream"


async def serve(
    port: int,
    world_file: Path | None,
    secret: str | None,
    *,
    started: Callable[[str], None] | None = None,
    hands: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Run a sandbox until the process is told to stop. `started` hears its url."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    async with Sandbox(port, world_file=world_file, secret=secret, hands=hands) as sandbox:
        for number in numbers:
            loop.add_signal_handler(number, stopping.set)
        if started is not None:
            started(sandbox.url)
        try:
            await stopping.wait()
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
