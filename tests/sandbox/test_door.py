"""Who may knock at the sandbox, what its answers forbid, and how much it takes at once."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox import gateway, interactions, lines, talk
from bot.sandbox import people as people_api
from bot.sandbox import shipped_world as shipped
from bot.sandbox.events import Glimpse
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.steps import MIB
from tests.sandbox.test_gateway import IDENTIFY, connected

READ = (
    "/",
    "/people",
    "/people/ana/sees",
    "/weather",
    "/wire",
    "/page/main.js",
    "/api/v10/gateway",
)
LISTEN = ("/people/ana/stream", "/wire/stream", "/gateway")
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
A_TAB = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def test_nobody_else_comes_in_by_any_route(sandbox: Sandbox) -> None:
    port = sandbox.port
    strangers = [
        {"Host": f"evil.example:{port}"},  # a name that was bent to point here
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": f"[::2]:{port}"},
        {"Host": f"127.0.0.1:{port}@evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": f"http://evil.example:{port}"},
        {"Origin": f"https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "cross-site"} | A_TAB | {"Sec-Fetch-Dest": "iframe"},
    ]
    async with aiohttp.ClientSession(sandbox.url) as session:
        let_in = [
            (path, headers)
            for headers in strangers
            for path in READ + LISTEN
            if 403 != await status(session, path, headers | (UPGRADE if path in LISTEN else {}))
        ]
        posts = [
            await status(session, path, headers, method="POST", data="{}")
            for headers in strangers
            for path in ("/people/ana/say", "/world", "/weather", "/people/ana/upload", "/hands")
        ]

    assert [] == let_in
    assert {403} == set(posts)


async def test_who_is_here_comes_in(sandbox: Sandbox) -> None:
    port = sandbox.port
    names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "LocalHost", "[::1]")]
    async with aiohttp.ClientSession(sandbox.url) as session:
        for name in names:
            assert 200 == await status(session, "/people", {"Host": name})
            assert 200 == await status(session, "/people", {"Origin": f"http://{name}"})
        for site in ("none", "same-origin"):
            assert 200 == await status(session, "/people", {"Sec-Fetch-Site": site})
        a_link = {"Sec-Fetch-Site": "cross-site"} | A_TAB
        assert 200 == await status(session, "/?as=ana", a_link)
        assert 403 == await status(session, "/people", a_link)
        assert 403 == await status(session, "/", a_link, method="POST")


async def test_the_page_has_one_address(sandbox: Sandbox) -> None:
    host = {"Host": f"localhost:{sandbox.port}"}
    async with (
        aiohttp.ClientSession(sandbox.url) as session,
        session.get("/?as=pia", headers=host, allow_redirects=False) as answer,
    ):
        assert (307, f"{sandbox.url}/?as=pia") == (answer.status, answer.headers["Location"])


async def test_every_answer_is_closed_up(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession(sandbox.url) as session:
        for path in (*READ, "/nothing", "/people/nobody/sees", "/cdn/attachments/1/2/a.png"):
            async with session.get(path) as answer:
                closed = answer.headers
            policy = closed["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'"), path
            assert "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy
            assert "nosniff" == closed["X-Content-Type-Options"], path
            assert "same-origin" == closed["Cross-Origin-Resource-Policy"], path
            assert "same-origin" == closed["Cross-Origin-Opener-Policy"], path
            own = path == "/" or path.startswith("/page/")
            assert ("no-cache" if own else "no-store") == closed["Cache-Control"], path


async def test_what_a_form_can_send_is_never_read(sandbox: Sandbox, people: People) -> None:
    said = '{"channel": "general", "content": "x"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/people/ana/say", "/world", "/weather", "/hands"):
            with pytest.raises(ClientRefuses, match="Content-Type: application/json") as refused:
                await people.call("POST", path, data=said, headers={"Content-Type": kind})
            assert 415 == refused.value.status

    assert [] == await people["ana"].sees("general")


async def test_bodies_are_objects_and_have_a_cap(people: People) -> None:
    headers = {"Content-Type": "application/json"}
    for data, status, why in (
        ("not json", 400, "not JSON"),
        ("[1]", 400, "JSON object"),
        ("[" * MIB, 400, "not JSON"),
        ('{"clock": {"advance_seconds": NaN}}', 400, "not JSON"),
        (io.BytesIO(bytes(2 * MIB)), 413, "larger than 1 MiB"),
    ):
        with pytest.raises(ClientRefuses, match=why) as refused:
            await people.call("POST", "/world", data=data, headers=headers)
        assert status == refused.value.status


async def test_no_link_and_no_span_of_time_breaks_the_sandbox(people: People) -> None:
    link = "/cdn/attachments/1/2/a.png?ex=1&is=1&hm=%C3%A9"
    async with people.session.get(f"{people.url}{link}") as answer:
        assert 404 == answer.status
    too_long = 1e300
    for method, path, said in (
        ("POST", "/weather", {"clock": {"advance_seconds": too_long}}),
        ("PATCH", "/people/ana", {"timeout_seconds": too_long}),
        ("PATCH", "/people/ana", {"entitlements": [{"sku": "Plus", "ends_in_seconds": too_long}]}),
    ):
        with pytest.raises(ClientRefuses, match="seconds"):
            await people.call(method, path, json=said)

    assert await people["ana"].say("general", "still here")


async def test_a_file_that_is_too_large_is_refused_before_it_has_come(
    sandbox: Sandbox, people: People
) -> None:
    announced = {"Content-Length": str(90 * MIB)}
    async with raw(sandbox, "POST", "/people/ana/upload?channel=general", announced) as reader:
        assert b" 413 " in await reader.readline()

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield bytes(MIB)

    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(bytes(11 * MIB)), filename="a.bin")
    for data in (in_pieces(), form):
        with pytest.raises(ClientRefuses, match="files may have 10 MiB here") as refused:
            await people.call("POST", "/people/ana/upload", data=data)
        assert 413 == refused.value.status
    await people.world(guild={"name": "Darkroom Café", "boost_tier": 2})
    assert await people["ana"].upload("a.bin", bytes(11 * MIB), channel="general")


async def test_files_that_wait_make_room_for_new_ones(sandbox: Sandbox, people: People) -> None:
    first = int(await people["ana"].upload("a.bin", b"x"))
    second = int(await people["ana"].upload("b.bin", b"x"))
    sandbox.world.uploads[first].size = talk.MOST_WAITING_BYTES - 1
    third = int(await people["pia"].upload("c.bin", b"x"))

    assert [second, third] == sorted(sandbox.world.uploads)
    assert None is sandbox.world.files.get(first)


async def test_only_so_many_files_come_at_once(sandbox: Sandbox, people: People) -> None:
    slow = {"Content-Length": "10", "Expect": "100-continue"}
    async with contextlib.AsyncExitStack() as open_ones:
        for _ in range(people_api.MOST_UPLOADS_AT_ONCE):
            reader = await open_ones.enter_async_context(
                raw(sandbox, "POST", "/people/ana/upload", slow)
            )
            assert b" 100 " in await reader.readline()
        with pytest.raises(ClientRefuses, match="at once") as refused:
            await people["ana"].upload("a.bin", b"x")

    assert 503 == refused.value.status


async def test_only_so_many_acts_wait_for_the_bot(sandbox: Sandbox, people: People) -> None:
    world = sandbox.world
    general = world.channels[shipped.GENERAL_ID]
    for _ in range(people_api.MOST_WAITING_ACTS):
        made = interactions.create(world, general, shipped.ANA_ID, interactions.COMMAND, {})
        interactions.wait_for_answer(world, made, lambda: None)

    with pytest.raises(ClientRefuses, match="wait for the bot") as refused:
        await people["ana"].say("general", "x")
    assert 429 == refused.value.status
    await people.advance(4)
    assert await people["ana"].say("general", "x")


async def test_only_so_many_views_and_sockets_are_open(sandbox: Sandbox, people: People) -> None:
    wanted = {
        "/people/ana/stream": lines.MOST_LINES_EACH,
        "/wire/stream": lines.MOST_LINES_EACH,
        "/gateway": gateway.MOST_SOCKETS,
    }
    async with contextlib.AsyncExitStack() as open_ones:
        for path, most in wanted.items():
            answers = [
                await (
                    await open_ones.enter_async_context(raw(sandbox, "GET", path, UPGRADE))
                ).readline()
                for _ in range(most + 1)
            ]
            assert [b"101"] * most + [b"503"] == [line.split()[1] for line in answers]
        async with people["pia"].stream():
            assert await people["pia"].say("general", "hello")


async def test_who_does_not_read_is_cut_and_keeps_nobody_waiting(
    sandbox: Sandbox, people: People
) -> None:
    large = {"text": "x" * MIB}
    async with (
        raw(sandbox, "GET", "/people/ana/stream", UPGRADE) as deaf,
        people["pia"].stream() as frames,
    ):
        await deaf.readuntil(b"\r\n\r\n")
        for _ in range(2 * (lines.MOST_WAITING_BYTES // MIB)):
            sandbox.world.emit(Glimpse("typing", shipped.GENERAL_ID, data=large))
            await anext(frames)

        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await deaf.readexactly(2 * lines.MOST_WAITING_BYTES)


async def test_a_bot_that_does_not_read_is_cut_and_can_come_back(sandbox: Sandbox) -> None:
    async with connected(sandbox) as deaf:
        for _ in range(gateway.MOST_UNSENT_FRAMES + 1):
            sandbox.gateway.ask_to_reconnect()
        assert 1006 == await deaf.closed_with()
    async with connected(sandbox) as bot:
        await bot.send(2, IDENTIFY)
        await bot.until("READY")


async def status(
    session: aiohttp.ClientSession,
    path: str,
    headers: dict[str, str],
    *,
    method: str = "GET",
    data: str | None = None,
) -> int:
    async with session.request(method, path, headers=headers, data=data) as answer:
        return answer.status


@contextlib.asynccontextmanager
async def raw(
    sandbox: Sandbox, method: str, path: str, headers: dict[str, str]
) -> AsyncIterator[asyncio.StreamReader]:
    """A request whose body never comes, by somebody who may not read what is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port, limit=1 << 10)
    host = {"Host": f"127.0.0.1:{sandbox.port}"}
    said = "".join(f"{name}: {value}\r\n" for name, value in (host | headers).items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{said}\r\n".encode())
    try:
        yield reader
    finally:
        writer.close()
