"""The live view: each person's web socket hears what that person sees, as it happens.

Frames are `{"event": …}`: `hello` at the start; `message` (new or changed) and `gone` with the
message; `modal`, `typing`; `world` when people, roles or channels changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable

from aiohttp import WSMsgType, web

from bot.sandbox import names, sees
from bot.sandbox.entities import Json, User
from bot.sandbox.events import Event, Glimpse
from bot.sandbox.world import World

CLOSE_SECONDS = 0.3  # how long a closing stream waits for the other side
_Queue = asyncio.Queue[str | None]


class Streams:
    """All open streams."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[_Queue, User] = {}
        world.listen(self.hear)

    def hear(self, event: Event) -> None:
        """Pass a glimpse on to those who see it."""
        if isinstance(event, Glimpse):
            for queue, who in self._open.items():
                shown = self._shown(who, event)
                if shown is not None:
                    queue.put_nowait(json.dumps(shown))

    async def serve(self, request: web.Request, who: User) -> web.WebSocketResponse:
        """Keep one stream open."""
        socket = web.WebSocketResponse(max_msg_size=1 << 10, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        queue: _Queue = asyncio.Queue()
        self._open[queue] = who
        queue.put_nowait(json.dumps({"event": "hello", "user": who.name}))
        reader = asyncio.create_task(_until_closed(socket, lambda: queue.put_nowait(None)))
        try:
            with contextlib.suppress(ConnectionError):
                while (frame := await queue.get()) is not None:
                    await socket.send_str(frame)
        finally:
            del self._open[queue]
            reader.cancel()
            await socket.close()
        return socket

    def close(self) -> None:
        """End every stream."""
        for queue in self._open:
            queue.put_nowait(None)

    def _shown(self, who: User, glimpse: Glimpse) -> Json | None:
        """What this person sees of it; None when nothing."""
        if glimpse.only_for not in (None, who.id):
            return None
        if glimpse.kind == "world":
            return {"event": "world"}
        channel = self._world.channels.get(glimpse.channel_id)
        if channel is None:
            return None
        shown: Json = {"event": glimpse.kind, "channel": str(channel.id)}
        if glimpse.message is None:
            seen = names.sees_channel(self._world, who, channel)
            return shown | (glimpse.data or {}) if seen else None
        if not names.sees_message(self._world, who, channel, glimpse.message):
            return None
        if glimpse.kind == "gone":
            return shown | {"message": str(glimpse.message.id)}
        return shown | {"message": sees.message(self._world, glimpse.message)}


async def _until_closed(socket: web.WebSocketResponse, done: Callable[[], None]) -> None:
    """Read, and throw away, until the other side goes."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            break
    done()
