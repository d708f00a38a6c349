"""Attachments are fetched from Discord's own hosts; no trick in an address leads anywhere else."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
import yarl
from aiohttp import web

from bot.client.attachments import Attachments
from bot.client.endpoint import Endpoint
from bot.domain import Private
from bot.ports import Unfetched

REST = "/attachments/123/456/cat.png"
SIGNED = f"{REST}?ex=6500&is=64ff&hm=0a0b&"
GOOD = (
    f"https://cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com{SIGNED}",
    f"https://media.discordapp.net{SIGNED}",
    "https://cdn.discordapp.com/ephemeral-attachments/1/2/my_cat-2.v1.png?ex=1&is=2&hm=3&",
)
TRICKS = (
    f"http://cdn.discordapp.com{REST}",
    f"ftp://cdn.discordapp.com{REST}",
    f"file://cdn.discordapp.com{REST}",
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
    f"HTTPS://cdn.discordapp.com{REST}",
    f"https:cdn.discordapp.com{REST}",
    f"https:/cdn.discordapp.com{REST}",
    f"https:///cdn.discordapp.com{REST}",
    f"//cdn.discordapp.com{REST}",
    f"https:\\\\cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com.example.com{REST}",
    f"https://example.com/https://cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com@example.com{REST}",
    f"https://me:secret@cdn.discordapp.com{REST}",
    f"https://example.com#@cdn.discordapp.com{REST}",
    f"https://example.com\\@cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com\\@example.com{REST}",
    f"https://cdn.discordapp.com\\.example.com{REST}",
    f"https://example.com?.cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com:8443{REST}",
    f"https://cdn.discordapp.com:443{REST}",
    f"https://cdn.discordapp.com:{REST}",
    f"https://cdn.discordapp.com.{REST}",
    f"https://cdn。discordapp。com{REST}",
    f"https://cdn.discordаpp.com{REST}",
    f"https://cdn.xn--discordpp-67g.com{REST}",
    f"https://ｃｄｎ.discordapp.com{REST}",
    f"https://CDN.discordapp.com{REST}",
    f"https://cdn%2ediscordapp.com{REST}",
    f"https://cdn.discordapp.net{REST}",
    f"https://media.discordapp.com{REST}",
    f"https://xcdn.discordapp.com{REST}",
    f"https://cdn-discordapp.com{REST}",
    f"https://127.0.0.1{REST}",
    f"https://2130706433{REST}",
    f"https://0x7f.1{REST}",
    f"https://[::1]{REST}",
    f"https://[::ffff:127.0.0.1]{REST}",
    f"https://169.254.169.254{REST}",
    f"https://localhost{REST}",
    "https://cdn.discordapp.com/",
    "https://cdn.discordapp.com/avatars/1/2.png",
    "https://cdn.discordapp.com/attachments/123/../../avatars/1/2.png",
    "https://cdn.discordapp.com/attachments/123/456/../cat.png",
    "https://cdn.discordapp.com/attachments/123/456/..",
    "https://cdn.discordapp.com//attachments/123/456/cat.png",
    "https://cdn.discordapp.com/attachments/１２３/456/cat.png",
    f" https://cdn.discordapp.com{REST}",
    f"https://cdn.discordapp.com{REST}\n",
    f"https://cdn.\tdiscordapp.com{REST}",
    f"https://cdn.discordapp.com{REST}\r\nHost: example.com",
    f"https://cdn.discordapp.com{REST}\0",
    f"https://cdn.discordapp.com{REST}#@example.com",
    f"https://cdn.discordapp.com{REST}?url=https://example.com/",
    f"https://cdn.discordapp.com{REST}{'a' * 3000}",
    "",
)


@contextmanager
def counted() -> Iterator[list[object]]:
    """Every address that this process asks a name for, or connects to, meanwhile."""
    asked: list[object] = []
    listening = True

    def hear(event: str, given: tuple[object, ...]) -> None:
        if listening and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            asked.append(given)

    sys.addaudithook(hear)
    try:
        yield asked
    finally:
        listening = False


@pytest.mark.parametrize("address", GOOD)
def test_what_discord_calls_an_attachment_is_one(address: str) -> None:
    assert Attachments(Endpoint()).is_ours(address)
    assert address == str(yarl.URL(address, encoded=True))


async def test_no_trick_in_an_address_makes_one_connection() -> None:
    fetch = Attachments(Endpoint())
    assert 40 <= len(TRICKS)

    with counted() as asked:
        answers = {trick: await fetch(Private(trick)) for trick in TRICKS}
        assert [] == asked
        with (
            socket.socket() as proof,
            pytest.raises(ConnectionRefusedError),
        ):  # what is counted is counted
            proof.connect(("127.0.0.1", 1))
        assert 1 == len(asked)

    assert {Unfetched.FOREIGN} == set(answers.values())


async def test_beside_a_sandbox_discord_itself_is_foreign_and_so_is_every_other_port() -> None:
    fetch = Attachments(Endpoint(yarl.URL("http://127.0.0.1:8040")))
    tricks = (
        *GOOD,
        f"http://127.0.0.1:8041/cdn{REST}",
        f"http://127.0.0.1:80401/cdn{REST}",
        f"http://127.0.0.1/cdn{REST}",
        f"http://127.0.0.1:8040{REST}",
        f"http://127.0.0.1:8040@example.com/cdn{REST}",
        f"http://127x0.0.1:8040/cdn{REST}",
        "http://127.0.0.1:8040/people",
    )

    with counted() as asked:
        answers = {await fetch(Private(trick)) for trick in tricks}
        assert [] == asked

    assert {Unfetched.FOREIGN} == answers
    assert fetch.is_ours(f"http://127.0.0.1:8040/cdn{SIGNED}")


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def host(handler: Handler) -> AsyncIterator[yarl.URL]:
    """Something that stands where the sandbox would, with other manners."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield yarl.URL(f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


async def fetched(handler: Handler, **limits: float) -> bytes | Unfetched:
    async with host(handler) as origin:
        fetch = Attachments(Endpoint(origin), **limits)
        return await fetch(Private(f"{origin}/cdn{SIGNED}"))


async def test_a_picture_arrives_as_it_is_and_nothing_is_told_of_us(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    told: list[dict[str, str]] = []

    async def good(request: web.Request) -> web.Response:
        told.append(dict(request.headers))
        return web.Response(body=b"a picture", headers={"Set-Cookie": "who=ana"})

    assert b"a picture" == await fetched(good)
    assert {"Host", "Accept", "Accept-Encoding", "User-Agent"} == set(told[0])


async def test_a_redirect_is_not_followed() -> None:
    paths: list[str] = []

    async def away(request: web.Request) -> web.Response:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/inside"})

    assert Unfetched.GONE is await fetched(away)
    assert [f"/cdn{REST}"] == paths


@pytest.mark.parametrize(
    ("status", "why"),
    [(403, Unfetched.GONE), (404, Unfetched.GONE), (500, Unfetched.UNREACHABLE)],
)
async def test_what_is_not_there_is_told_from_what_cannot_be_reached(status, why) -> None:
    async def not_there(_: web.Request) -> web.Response:
        return web.Response(status=status)

    assert why is await fetched(not_there)


async def test_a_file_that_goes_on_and_on_is_cut_off_at_the_limit() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(bytes(1 << 16))
            sent += 1 << 16

    assert Unfetched.TOO_LARGE is await fetched(endless, most_bytes=1 << 20)
    assert sent < 16 << 20


async def test_a_host_that_says_nothing_is_given_up() -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    assert Unfetched.UNREACHABLE is await fetched(silent, patience_seconds=0.2)
