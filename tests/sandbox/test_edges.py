"""Commands that Discord takes, tokens that it takes, and what the sandbox does not speak."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.openapi import assert_wire_valid
from tests.sandbox.steps import APP, GENERAL, PING, registered, sent


async def test_commands_are_kept_made_and_removed(rest: Rest) -> None:
    await registered(rest, PING, {"name": "old", "description": "Goes"})
    _, before = await rest("GET", f"{APP}/commands")
    await registered(rest, PING | {"description": "Changed"}, {"name": "Menu", "type": 3})
    _, after = await rest("GET", f"{APP}/commands")
    status, made = await rest("POST", f"{APP}/commands", {"name": "new", "description": "New"})
    _, edited = await rest("PATCH", f"{APP}/commands/{made['id']}", {"description": "Newer"})

    assert ["ping", "Menu"] == [one["name"] for one in after]
    assert after[0]["id"] == before[0]["id"]
    assert 201 == status
    assert "Newer" == edited["description"]
    assert 204 == (await rest("DELETE", f"{APP}/commands/{made['id']}"))[0]
    assert 10063 == (await rest("GET", f"{APP}/commands/{made['id']}"))[1]["code"]


@pytest.mark.parametrize(
    "command",
    [
        {"name": "Loud", "description": "x"},
        {"name": "x", "description": ""},
        {"name": "x", "description": "x" * 101},
        {"name": "x", "description": "x", "options": [{"type": 3, "name": "y"}]},
        {"name": "x", "description": "x", "options": [{"type": 99, "name": "y"}]},
        {"name": "Menu", "type": 2, "description": "none allowed"},
    ],
)
async def test_a_bad_command_is_refused(rest: Rest, command: Any) -> None:
    assert 50035 == (await rest("PUT", f"{APP}/commands", [command]))[1]["code"]


async def test_only_so_many_commands_fit(rest: Rest) -> None:
    many = [{"name": f"c{n}", "description": "x"} for n in range(101)]

    assert 30032 == (await rest("PUT", f"{APP}/commands", many))[1]["code"]
    path = f"{APP}/commands"
    for start in (0, 100):
        names = range(start, start + 100)
        commands = [{"name": f"c{n}", "description": "x"} for n in names]
        assert 200 == (await rest("PUT", path, commands))[0]
    assert 30034 == (await rest("PUT", path, [PING]))[1]["code"]


async def test_only_tokens_of_the_sandbox_are_taken(rest: Rest) -> None:
    for header in ({"Authorization": "Bot real"}, {"Authorization": "Bearer sandbox.x"}):
        assert 401 == (await rest("GET", "/users/@me", headers=header))[0]


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("GET", "/voice/regions", None, "GET /voice/regions"),
        ("POST", GENERAL, {"content": "x", "poll": {"question": {}}}, "'poll'"),
        ("POST", GENERAL, {"content": "x", "confetti": 1}, "'confetti'"),
        ("GET", f"{GENERAL}?sort=asc", None, "'sort'"),
        ("POST", GENERAL, {"components": [{"type": 99}]}, "component type 99"),
        ("POST", GENERAL, {"embeds": [{"sparkle": 1}]}, "'sparkle' of embed"),
        ("PATCH", "/applications/@me", {"tags": []}, "'tags'"),
        ("POST", GENERAL, {"embeds": [5]}, "this body of POST"),
        ("GET", f"/guilds/{shipped.CAFE_ID}/roles/member-counts", None, "member-counts"),
    ],
)
async def test_what_it_does_not_speak_it_refuses_by_name(
    sandbox: Sandbox, people: People, rest: Rest, method: str, path: str, body: Any, named: str
) -> None:
    status, answer = await rest(method, path, body)
    met = [*sandbox.gaps]
    sandbox.wire.gaps.clear()

    assert 501 == status
    assert named in answer["message"]
    assert named in met[0]


async def test_every_answer_is_exactly_json(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/api/v10/users/@me"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert "application/json" == response.headers["Content-Type"]


async def test_what_the_bot_reads_satisfies_discords_document(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    message = await sent(rest)
    await people.world(
        thread={"parent": "general", "name": "side"},
        channel=[
            {"guild": "Darkroom Café", "name": kind, "type": kind}
            for kind in ("voice", "category", "announcement", "stage", "forum")
        ],
    )
    (seen,) = await people["ana"].sees("general")
    await people["ana"].react(seen, "❤️")
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    cafe = f"/guilds/{shipped.CAFE_ID}"

    for path in (
        f"/channels/{dm['id']}",
        f"/channels/{shipped.GENERAL_ID}",
        f"{GENERAL}/{message['id']}/reactions/%E2%9D%A4%EF%B8%8F",
        f"{cafe}?with_counts=true",
        f"{cafe}/channels",
        f"{cafe}/roles",
        f"{cafe}/roles/{shipped.PLUS_ROLE_ID}",
        f"{cafe}/members/{shipped.PLUM_ID}",
        f"{cafe}/threads/active",
        f"/users/{shipped.ZOE_ID}",
        "/users/@me",
        "/users/@me/guilds",
        "/applications/@me",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
    ):
        status, body = await rest("GET", path)
        assert 200 == status, (path, body)
    assert 200 == (await rest("PATCH", "/users/@me", {"username": "Lightroom"}))[0]
    assert 50001 == (await rest("GET", f"{cafe}/members"))[1]["code"]
    assert_wire_valid(sandbox)


async def test_typing_is_seen(people: People, rest: Rest) -> None:
    async with people["ana"].stream() as frames:
        assert 204 == (await rest("POST", f"/channels/{shipped.GENERAL_ID}/typing"))[0]
        async with asyncio.timeout(5):
            assert "typing" == (await anext(frames))["event"]
