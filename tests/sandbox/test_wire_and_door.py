"""What the record of the wire shows, and who may knock at the people's routes."""

from __future__ import annotations

import io
import json

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import begun, registered, sent

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


async def test_the_wire_masks_what_is_private(sandbox: Sandbox, people: People, rest: Rest) -> None:
    await registered(rest)
    row = {
        "type": 1,
        "components": [
            {"type": 2, "style": 2, "label": "Up", "custom_id": f"v1:{deed}:row7:{KEY}"}
            for deed in ("up:2", "again")
        ],
    }
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    await sent(rest, f"/channels/{dm['id']}/messages", content="a secret star", components=[row])
    await sent(rest, content="a public star", components=[row])
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    data = {"content": "an ephemeral star", "flags": 64}
    await rest("POST", act.callback, {"type": 4, "data": data})
    await act.task

    masked = json.dumps(await people.wire(), ensure_ascii=False)
    async with People(sandbox.url, secret="open") as insider:
        opened = json.dumps(await insider.wire(), ensure_ascii=False)

    assert "a public star" in masked
    for private in ("secret star", "ephemeral star", KEY, act.made.token):
        assert private not in masked
        assert private in opened
    assert "v1:up:2:row7:‹key›" in masked
    assert "v1:again:row7:‹key›" in masked


async def test_a_wrong_secret_opens_nothing(sandbox: Sandbox, rest: Rest) -> None:
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    await sent(rest, f"/channels/{dm['id']}/messages", content="a secret star")

    async with People(sandbox.url, secret="shut") as outsider:
        assert "secret star" not in json.dumps(await outsider.wire())


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
    ],
)
@pytest.mark.parametrize("path", ["/people", "/wire", "/weather", "/people/ana/sees"])
async def test_foreign_hosts_and_origins_stay_outside(
    sandbox: Sandbox, headers: dict[str, str], path: str
) -> None:
    url = sandbox.url + path
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        assert 403 == response.status


async def test_the_sandboxs_own_origins_are_welcome(sandbox: Sandbox) -> None:
    async with aiohttp.ClientSession() as session:
        for name in ("127.0.0.1", "localhost", "[::1]"):
            headers = {"Origin": f"http://{name}:{sandbox.port}"}
            async with session.get(f"{sandbox.url}/people", headers=headers) as response:
                assert 200 == response.status


async def test_bodies_have_a_cap(people: People) -> None:
    with pytest.raises(ClientRefuses, match="larger than 1 MiB"):
        await people.call("POST", "/world", data=io.BytesIO(bytes(2 << 20)))


async def test_a_body_must_be_an_object(people: People) -> None:
    for data in ("not json", "[1]"):
        with pytest.raises(ClientRefuses, match="JSON"):
            await people.call("POST", "/world", data=data)
