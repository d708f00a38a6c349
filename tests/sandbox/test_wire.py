"""What the record of the wire shows, afterwards and live."""

from __future__ import annotations

import asyncio
import json
import re

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import ROW, begun, registered, sent

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


async def test_who_watches_the_wire_sees_each_request_when_it_is_over(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    await people.weather(route="/channels", times=1, drop=True)
    with pytest.raises(aiohttp.ClientError):
        await sent(rest, content="a star that never came")
    async with (
        People(sandbox.url, secret="open") as insider,
        insider.session.ws_connect(f"{sandbox.url}/wire/stream") as socket,
    ):
        await sent(rest, f"/channels/{dm['id']}/messages", content="a secret star")
        await registered(rest, *({"name": f"c{n}", "description": "x" * 100} for n in range(100)))
        async with asyncio.timeout(5):
            frames = [await socket.receive_json() for _ in range(5)]

    assert ["hello", *["request"] * 4] == [one["event"] for one in frames]
    _, opened, dropped, secret, long = [one.get("request") for one in frames]
    assert (200, "/users/@me/channels") == (opened["status"], opened["path"])
    assert None is dropped["status"]
    assert (200, True) == (secret["status"], secret["private"])
    assert "secret star" not in json.dumps(secret)
    assert re.fullmatch(r"‹\d+ characters›", long["answer"])


async def test_a_message_to_a_place_that_is_gone_is_masked(people: People, rest: Rest) -> None:
    status, _ = await rest("POST", "/channels/77/messages", {"content": "a late star"})

    assert 404 == status
    assert "late star" not in json.dumps(await people.wire())


async def test_what_is_said_into_a_dismissed_answer_is_masked(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    data = {"content": "only hers", "flags": 64, "components": [ROW]}
    await rest("POST", act.callback, {"type": 4, "data": data})
    hers = (await act.task).message
    assert hers is not None
    press = await begun(sandbox, people["ana"].press(hers, custom_id="go"))
    await people["ana"].dismiss(hers)

    late = {"content": "a late star"}
    edited, _ = await rest("PATCH", f"{act.webhook}/messages/@original", late)
    await rest("POST", press.callback, {"type": 7, "data": late})
    followed, _ = await rest("POST", act.webhook, late | {"flags": 64, "embeds": [{}] * 11})
    press.task.cancel()

    assert [404, 400] == [edited, followed]
    assert "late star" not in json.dumps(await people.wire())


async def test_what_the_sandbox_does_not_speak_keeps_tokens_and_words_to_itself(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    answers = [
        await rest("POST", f"{act.webhook}/slack", {"text": "a secret star"}),
        await rest("POST", act.callback, {"type": 4, "data": {"flags": "a secret star"}}),
    ]
    act.task.cancel()
    record = await people.call("GET", "/wire")

    assert [501, 501] == [status for status, _ in answers]
    for told in (answers, record):
        assert act.made.token not in json.dumps(told)
        assert "secret star" not in json.dumps(told)
    assert "POST /webhooks/" in record["gaps"][0]
    sandbox.wire.gaps.clear()
