"""The hands on the sandbox itself: `POST /world`, `POST /weather`, `POST /hands`, `GET /wire`.

`POST /hands` takes `{"hand"}`, the name of something that whoever started the sandbox does when
asked; `GET /people` lists them. `GET /wire/stream` is a web socket: the wire, live and masked.

`POST /weather` takes a rule of `weather` (or `"rules"`, a list of them), `"rate_limits"` (on or
off), `"clock": {"advance_seconds"}`, `"clear": true`, and `"gateway"`:

| word | effect |
|---|---|
| `close` | close the sockets with this code |
| `drop` | cut them without a word |
| `reconnect` | opcode 7 |
| `invalid_session` | opcode 9; `"resumable"`, or true for a session that is gone |
| `silent` | say nothing at all, until false |
| `no_ack` | answer no heartbeat, until false |
| `no_hello` | open sockets and never greet on them, until false |
| `duplicate` | send every event twice, until false |
| `refuse` | close each new socket at once, until false |
| `refuse_login` | close with this code whoever logs in, until 0 |
| `down` | answer 503 instead of opening sockets, until false |
| `session_starts_remaining` | how many logins are left today |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import fields, inputs, making
from bot.sandbox.entities import Json
from bot.sandbox.errors import ClientError
from bot.sandbox.gateway import GatewayWeather
from bot.sandbox.weather import RULE_WORDS

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

_Handler = Callable[[web.Request], Awaitable[Any]]
_WEATHER_WORDS = frozenset({"clear", "clock", "rate_limits", "gateway", "rules"})
_LASTING = frozenset(GatewayWeather.__dataclass_fields__)
_GATEWAY_WORDS = _LASTING | {
    *("close", "drop", "reconnect", "invalid_session", "session_starts_remaining"),
}
SECRET_HEADER = "X-Sandbox-Secret"  # noqa: S105 - the name of a header


class Controls:
    """World, weather, wire and hands of one sandbox, over HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> Iterator[tuple[str, str, _Handler]]:
        """Method, path and handler of each route."""
        yield "POST", "/world", self._change_world
        yield "GET", "/weather", self._show_weather
        yield "POST", "/weather", self._change_weather
        yield "POST", "/hands", self._use_hand
        yield "GET", "/wire", self._show_wire

    async def _change_world(self, request: web.Request) -> Json:
        given = await inputs.body(request, making.WORLD_WORDS, "the world")
        return making.change_world(self._sandbox.world, given)

    async def _use_hand(self, request: web.Request) -> Json:
        hand = str(inputs.need(await inputs.body(request, ("hand",), "a hand"), "hand"))
        if hand not in self._sandbox.hands:
            raise ClientError(f"nobody here can {hand!r}", status=404)
        self._sandbox.hands[hand]()
        return {"hand": hand}

    async def _show_wire(self, request: web.Request) -> Json:
        secret = request.headers.get(SECRET_HEADER) or request.query.get("secret")
        return {
            "requests": self._sandbox.wire.shown(secret),
            "gaps": self._sandbox.gaps,
        }

    async def _show_weather(self, _: web.Request) -> Json:
        return self._weather()

    async def _change_weather(self, request: web.Request) -> Json:
        given = await inputs.body(request, _WEATHER_WORDS | RULE_WORDS, "the weather")
        if given.get("clear"):
            self._clear()
        if "rate_limits" in given:
            self._sandbox.rate_limits.on = bool(given["rate_limits"])
        for rule in given.get("rules") or []:
            self._sandbox.weather.add(rule)
        alone = {name: value for name, value in given.items() if name in RULE_WORDS}
        if alone:
            self._sandbox.weather.add(alone)
        if "gateway" in given:
            await self._change_gateway(given["gateway"])
        if "clock" in given:
            self._turn_clock(given["clock"])
        return self._weather()

    def _clear(self) -> None:
        self._sandbox.weather.clear()
        self._sandbox.gateway.weather = GatewayWeather()

    def _turn_clock(self, given: Json) -> None:
        fields.only_for_people(given, ("advance_seconds",), "the clock")
        seconds = inputs.seconds(inputs.need(given, "advance_seconds"), "advance_seconds")
        if seconds < 0:
            raise ClientError("the clock only turns forward")
        self._sandbox.clock.advance(seconds)

    async def _change_gateway(self, given: Json) -> None:
        fields.only_for_people(given, _GATEWAY_WORDS, "the gateway's weather")
        gateway = self._sandbox.gateway
        for name in _LASTING:
            if name in given:
                kind = type(getattr(gateway.weather, name))
                setattr(gateway.weather, name, kind(given[name]))
        if "session_starts_remaining" in given:
            used = gateway.session_total - gateway.starts_remaining
            gateway.session_total = used + int(given["session_starts_remaining"])
        if given.get("reconnect"):
            gateway.ask_to_reconnect()
        if "invalid_session" in given:
            gateway.invalidate(resumable=given["invalid_session"] == "resumable")
        if "close" in given:
            await gateway.close(int(given["close"]))
        if given.get("drop"):
            gateway.drop()

    def _weather(self) -> Json:
        return {
            "now": self._sandbox.clock.now(),
            "rate_limits": self._sandbox.rate_limits.on,
            "rules": self._sandbox.weather.shown(),
            "gateway": {
                **asdict(self._sandbox.gateway.weather),
                "connected": self._sandbox.gateway.connected,
            },
        }
