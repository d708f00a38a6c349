"""The way of a request: wire, weather, rate limit, token, route, answer."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from bot.sandbox import weather as weathers
from bot.sandbox.errors import DiscordError, GapError, refuse, unauthorized
from bot.sandbox.events import Touched
from bot.sandbox.gateway import TOKEN_PREFIX, Gateway
from bot.sandbox.rest import (
    application,
    commands,
    guilds,
    interactions,
    limits,
    messages,
    reactions,
)
from bot.sandbox.rest.limits import RateLimits
from bot.sandbox.rest.reading import read_body
from bot.sandbox.rest.table import Call, Reply, Route, Table
from bot.sandbox.serialise import UPLOAD_LIMITS
from bot.sandbox.weather import Rule, TooFast, Weather
from bot.sandbox.wire import Record, Wire
from bot.sandbox.world import World

PREFIX = "/api/v10"
MOST_REQUEST_BYTES = 25 << 20
# What reading a body of an unexpected shape raises.
_UNREADABLE = (TypeError, ValueError, KeyError, AttributeError)


def all_routes() -> Table:
    """Every route that the sandbox speaks."""
    table = Table()
    for part in (application, commands, guilds, reactions, messages, interactions):
        table.include(part.routes)
    return table


class Service:
    """Answers the bot's REST requests."""

    def __init__(
        self, world: World, gateway: Gateway, weather: Weather, wire: Wire, limiter: RateLimits
    ) -> None:
        self._world = world
        self._gateway = gateway
        self._weather = weather
        self._wire = wire
        self._limits = limiter
        self._table = all_routes()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, from its first byte to its last."""
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        query = dict(request.rel_url.query)
        record = self._wire.begin(self._world.clock.now(), request.method, path, query)
        try:
            return await self._answer(request, record, path)
        finally:
            self._wire.end(record, self._world.clock.now())

    async def _answer(self, request: web.Request, record: Record, path: str) -> web.StreamResponse:
        headers: dict[str, str] = {}
        rule: Rule | None = None
        try:
            route, named = self._table.find(request.method, path)
            record.route = route.name
            call = await self._read(request, record, named)
            names = (route.name, route.template, path)
            rule = self._weather.strike(request.method, names, call.largest_bytes)
            reply = await self._process(request, record, route, call, rule, headers)
        except GapError as gap:
            self._wire.gaps.append(gap.what)
            reply = Reply(gap.body(), 501)
        except DiscordError as error:
            reply = Reply(error.body(), error.status)
        if rule is not None and rule.delay_answer_ms:
            await asyncio.sleep(rule.delay_answer_ms / 1000)
        if rule is not None and (rule.drop or rule.lost_answer):
            return _cut(request)
        if rule is not None and rule.cut_answer:
            return await _cut_in_half(request, _response(reply, headers))
        record.status, record.answer = reply.status, reply.body
        if rule is not None and rule.page:
            return _page(reply, headers)
        return _response(reply, headers)

    async def _read(self, request: web.Request, record: Record, named: dict[str, str]) -> Call:
        record.body, files, size_bytes = await read_body(request)
        record.files = [{"name": one.filename, "size": len(one.content)} for one in files]
        record.private = self._on_private_ground(named)
        return Call(
            self._world,
            self._gateway,
            named,
            record.query,
            record.body,
            files,
            size_bytes,
            record.private,
        )

    async def _process(
        self,
        request: web.Request,
        record: Record,
        route: Route,
        call: Call,
        rule: Rule | None,
        headers: dict[str, str],
    ) -> Reply:
        faulty = await self._weather_of(rule, headers)
        if faulty is not None:
            return faulty
        bucket, too_fast = self._limits.take(route, call.path)
        headers |= bucket
        if too_fast is not None:
            return _slow_down(too_fast, headers)
        if route.needs_token:
            _check_token(request)
        if call.size_bytes > self._most_bytes(call):
            raise refuse(40005)
        try:
            return self._run(route, call, record)
        finally:
            record.private = call.private

    @staticmethod
    def _run(route: Route, call: Call, record: Record) -> Reply:
        if call.files and call.body is None:
            call.body = {}
        try:
            reply = route.run(call)
        except _UNREADABLE as error:
            why = type(error).__name__ if call.private else repr(error)
            raise GapError(f"this body of {route.name}: {why}") from error
        record.processed = True
        if route.method != "GET":
            call.world.emit(Touched())
        return reply

    def _on_private_ground(self, named: dict[str, str]) -> bool:
        """Whether this may be between the bot and one person, until the route knows better."""
        if "webhook_token" in named or "interaction_token" in named:
            return True
        if "channel_id" not in named:
            return False
        text = named["channel_id"]
        channel = self._world.channels.get(int(text)) if text.isdigit() else None
        return channel is None or channel.guild_id is None

    @staticmethod
    async def _weather_of(rule: Rule | None, headers: dict[str, str]) -> Reply | None:
        """What the weather answers instead, if it does."""
        if rule is None:
            return None
        if rule.delay_ms:
            await asyncio.sleep(rule.delay_ms / 1000)
        if rule.drop:
            return Reply(None)
        too_fast = weathers.too_fast(rule)
        if too_fast is not None:
            return _slow_down(too_fast, headers)
        fault = weathers.fault(rule)
        if fault is not None:
            raise fault
        return None

    def _most_bytes(self, call: Call) -> int:
        """25 MiB for the whole request, or what one file of the most boosted guild may have."""
        most = max([0, *(guild.boost_tier for guild in call.world.guilds.values())])
        return max(MOST_REQUEST_BYTES, UPLOAD_LIMITS[most] + (1 << 20))


def _check_token(request: web.Request) -> None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bot" or not token.startswith(TOKEN_PREFIX):
        raise unauthorized()


def _slow_down(too_fast: TooFast, headers: dict[str, str]) -> Reply:
    more, body = limits.answer(too_fast)
    headers |= more
    return Reply(body, 429)


def _response(reply: Reply, headers: dict[str, str]) -> web.Response:
    """The answer. Its content type is exactly `application/json`, else discord.py reads no JSON."""
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    body = json.dumps(reply.body).encode()
    headers = headers | {"Content-Type": "application/json"}
    return web.Response(body=body, status=reply.status, headers=headers)


def _page(reply: Reply, headers: dict[str, str]) -> web.Response:
    """The answer as a page of the edge, which holds no JSON."""
    text = f"<html><title>{reply.status}</title><p>error code: 1015</p></html>"
    headers = {name: value for name, value in headers.items() if name != "Via"}
    return web.Response(text=text, content_type="text/html", status=reply.status, headers=headers)


async def _cut_in_half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Promise the whole answer, send half of it, and cut the connection."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers=whole.headers)
    half.content_length = len(body) + 1  # also of an empty answer something is missing
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def _cut(request: web.Request) -> web.StreamResponse:
    """Cut the connection instead of answering."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
