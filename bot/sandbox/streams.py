"""The live views: each person's web socket hears what that person sees; the wire has its own.

Frames are `{"event": …}`: `hello` at the start. To a person: `message` (new or changed) and `gone`
with the message; `modal`, `typing`; `world` when people, roles, channels or commands changed, or
the bot came or went. On the wire: `request` with the record of each request that is over.
"""

from __future__ import annotations

from aiohttp import web

from bot.sandbox import names, sees
from bot.sandbox.entities import Json, User
from bot.sandbox.events import Event, Glimpse
from bot.sandbox.lines import Lines
from bot.sandbox.wire import Record, Wire, glance
from bot.sandbox.world import World

EARLIER_RECORDS = 50


class Streams:
    """All open streams."""

    def __init__(self, world: World, wire: Wire) -> None:
        self._world = world
        self._wire = wire
        self._lines = Lines()
        world.listen(self.hear)
        wire.enders.append(self.hear_end)

    def hear(self, event: Event) -> None:
        """Pass a glimpse on to those who see it."""
        if isinstance(event, Glimpse):
            for line in self._lines.open:
                shown = None if line.whose is None else self._shown(line.whose, event)
                if shown is not None:
                    line.say(shown)

    def hear_end(self, record: Record) -> None:
        """Pass a request that is over on to those who watch the wire."""
        watching = [line for line in self._lines.open if line.whose is None]
        shown = _shown_record(record) if watching else {}
        for line in watching:
            line.say(shown)

    async def serve(self, request: web.Request, who: User) -> web.StreamResponse:
        """Keep a stream of what this person sees open."""
        return await self._lines.serve(request, who, [{"event": "hello", "user": who.name}])

    async def serve_wire(self, request: web.Request) -> web.StreamResponse:
        """Keep a stream of the wire open; it begins with the last requests."""
        earlier = [_shown_record(one) for one in self._wire.ended(EARLIER_RECORDS)]
        return await self._lines.serve(request, None, [{"event": "hello"}, *earlier])

    def close(self) -> None:
        """End every stream."""
        self._lines.close()

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


def _shown_record(record: Record) -> Json:
    return {"event": "request", "request": glance(record)}
