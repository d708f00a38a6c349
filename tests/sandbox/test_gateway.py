"""The gateway, frame by frame: what discord.py hides is looked at here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import sent

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1, 1 << 9, 1 << 12
IDENTIFY: dict[str, Any] = {"token": "sandbox.test", "intents": GUILDS, "properties": {}}


class Socket:
    """One connection to the gateway."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, code: int, data: Any = None) -> None:
        await self._socket.send_json({"op": code, "d": data})

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self._socket.receive_json()

    async def until(self, name: str) -> Any:
        while (frame := await self.next()).get("t") != name:
            pass
        return frame

    async def say_goodbye(self) -> None:
        await self._socket.close(code=1000)

    async def closed_with(self) -> int | None:
        async with asyncio.timeout(5):
            while (await self._socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        return self._socket.close_code


@asynccontextmanager
async def connected(sandbox: Sandbox) -> AsyncIterator[Socket]:
    async with aiohttp.ClientSession() as session:
        url = f"{sandbox.gateway.url}?v=10&encoding=json&compress=zlib-stream"
        async with session.ws_connect(url) as socket:
            hello = await socket.receive_json()
            assert 10 == hello["op"]
            assert 41250 == hello["d"]["heartbeat_interval"]
            yield Socket(socket)
            await socket.close(code=4000)


async def identified(socket: Socket, **more: Any) -> Any:
    await socket.send(2, IDENTIFY | more)
    return (await socket.until("READY"))["d"]


async def test_hello_heartbeat_ready_and_guilds(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        await socket.send(1)
        ack = await socket.next()
        ready = await identified(socket)
        guilds = [(await socket.until("GUILD_CREATE"))["d"] for _ in range(2)]

    assert {"op": 11} == ack
    assert ready["resume_gateway_url"] == sandbox.gateway.url
    assert ready["application"]["id"] == str(shipped.BOT_ID)
    assert ["Darkroom Café", "Elsewhere"] == [one["name"] for one in guilds]
    assert ["Darkroom"] == [one["user"]["username"] for one in guilds[0]["members"]]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ((2, IDENTIFY | {"token": "real"}), 4004),
        ((2, IDENTIFY | {"intents": 1 << 15}), 4014),
        ((2, IDENTIFY | {"intents": 1 << 40}), 4013),
        ((2, IDENTIFY | {"shard": [1, 1]}), 4010),
        ((99, None), 4001),
    ],
)
async def test_wrong_frames_close_the_socket(sandbox: Sandbox, frame: Any, code: int) -> None:
    async with connected(sandbox) as socket:
        await socket.send(*frame)
        assert await socket.closed_with() == code
    sandbox.gateway.gaps.clear()


async def test_a_second_identify_closes_the_socket(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        await identified(socket)
        await socket.send(2, IDENTIFY)
        assert 4005 == await socket.closed_with()


async def test_only_events_of_the_intents_are_sent(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    async with connected(sandbox) as socket:
        await identified(socket, intents=DIRECT_MESSAGES | GUILD_MESSAGES)
        await people["ana"].say("general", "in the guild")
        await people["ana"].say("dm", "in private")
        await people.world(channel={"guild": "Elsewhere", "name": "new"})
        await people["ana"].change(nick="Annie")
        await people["ana"].change(entitlements=["Plus"])
        frames = [await socket.next() for _ in range(3)]

    names = [one["t"] for one in frames]
    assert ["MESSAGE_CREATE", "MESSAGE_CREATE", "ENTITLEMENT_CREATE"] == names
    assert ["", "in private"] == [one["d"]["content"] for one in frames[:2]]


async def test_the_bot_hears_of_its_own_membership(sandbox: Sandbox, people: People) -> None:
    async with connected(sandbox) as socket:
        await identified(socket)
        await people["ana"].change(nick="Annie")
        await people.world(bot={"guild": "Elsewhere", "timeout_seconds": 60})
        heard = (await socket.until("GUILD_MEMBER_UPDATE"))["d"]

    assert "Darkroom" == heard["user"]["username"]
    assert heard["communication_disabled_until"] is not None


async def test_resume_replays_what_was_missed(sandbox: Sandbox, people: People, rest: Rest) -> None:
    async with connected(sandbox) as socket:
        ready = await identified(socket, intents=GUILD_MESSAGES)
    await sent(rest, content="missed")
    async with connected(sandbox) as socket:
        resume = {"token": "sandbox.test", "session_id": ready["session_id"], "seq": 1}
        await socket.send(6, resume)
        missed, resumed = await socket.next(), await socket.next()

    assert "missed" == missed["d"]["content"]
    assert (resumed["t"], resumed["s"]) == ("RESUMED", 3)


async def test_an_unknown_session_must_identify_anew(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        await socket.send(6, {"token": "sandbox.test", "session_id": "x", "seq": 1})
        assert {"op": 9, "d": False} == await socket.next()


@pytest.mark.parametrize(("code", "resumable"), [(4000, True), (4009, False)])
async def test_close_codes_keep_or_end_the_session(
    sandbox: Sandbox, people: People, code: int, resumable: bool
) -> None:
    async with connected(sandbox) as socket:
        ready = await identified(socket)
        await people.weather(gateway={"close": code})
        assert await socket.closed_with() == code

    assert (ready["session_id"] in sandbox.gateway.sessions) is resumable


async def test_a_goodbye_ends_the_session(sandbox: Sandbox) -> None:
    async with connected(sandbox) as socket:
        await identified(socket)
        await socket.say_goodbye()
        ended = sandbox.gateway.sessions == {}

    assert ended


async def test_a_silent_gateway_says_nothing(sandbox: Sandbox, people: People) -> None:
    async with connected(sandbox) as socket:
        await identified(socket)
        await people.weather(gateway={"silent": True})
        await socket.send(1)
        await people.world(channel={"guild": "Elsewhere", "name": "unheard"})
        await people.weather(gateway={"silent": False})
        await people.world(channel={"guild": "Elsewhere", "name": "heard"})
        heard = await socket.until("CHANNEL_CREATE")

    assert "heard" == heard["d"]["name"]


async def test_a_gateway_without_acks_goes_on_talking(sandbox: Sandbox, people: People) -> None:
    async with connected(sandbox) as socket:
        await identified(socket, intents=0)
        await people.weather(gateway={"no_ack": True})
        await socket.send(1)
        await people["ana"].change(entitlements=["Plus"])

        assert "ENTITLEMENT_CREATE" == (await socket.next())["t"]


async def test_reconnect_and_invalid_session_are_announced(
    sandbox: Sandbox, people: People
) -> None:
    async with connected(sandbox) as socket:
        await identified(socket, intents=0)
        await people.weather(gateway={"reconnect": True})
        await people.weather(gateway={"invalid_session": "resumable"})
        await people.weather(gateway={"invalid_session": True})
        frames = [await socket.next() for _ in range(3)]

    assert [(7, None), (9, True), (9, False)] == [(one["op"], one["d"]) for one in frames]
    assert {} == sandbox.gateway.sessions


async def test_session_starts_are_counted(sandbox: Sandbox, people: People, rest: Rest) -> None:
    async with connected(sandbox) as socket:
        await identified(socket)
    limit = (await rest("GET", "/gateway/bot"))[1]["session_start_limit"]
    await people.weather(gateway={"session_starts_remaining": 0})
    async with connected(sandbox) as socket:
        await socket.send(2, IDENTIFY)
        refused = await socket.closed_with()
    await people.advance(86_401)

    assert (limit["total"], limit["remaining"]) == (1000, 999)
    assert 4004 == refused
    assert sandbox.gateway.starts_remaining > 0


async def test_events_can_come_twice(sandbox: Sandbox, people: People) -> None:
    async with connected(sandbox) as socket:
        await identified(socket, intents=0)
        await people.weather(gateway={"duplicate": True})
        await people["ana"].change(entitlements=["Plus"])
        first, second = await socket.next(), await socket.next()

    assert first["d"] == second["d"]
    assert first["s"] + 1 == second["s"]


async def test_a_login_can_be_refused_with_a_code(sandbox: Sandbox, people: People) -> None:
    await people.weather(gateway={"refuse_login": 4014})
    async with connected(sandbox) as socket:
        await socket.send(2, IDENTIFY)
        refused = await socket.closed_with()
    await people.weather(gateway={"refuse_login": 0})
    async with connected(sandbox) as socket:
        ready = await identified(socket)

    assert 4014 == refused
    assert ready["session_id"] in sandbox.gateway.sessions


async def test_a_gateway_that_is_down_opens_no_socket(sandbox: Sandbox, people: People) -> None:
    await people.weather(gateway={"down": True})

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with connected(sandbox):
            pass

    assert 503 == refused.value.status


async def test_a_gateway_may_never_greet(sandbox: Sandbox, people: People) -> None:
    await people.weather(gateway={"no_hello": True})
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.gateway.url) as socket,
    ):
        await people.weather(gateway={"close": 4000})
        first = await socket.receive()

    assert 4000 == first.data
