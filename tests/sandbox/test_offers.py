"""What the page asks for: commands as they are offered, messages page by page, who asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.clock import Clock
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import APP, begun, registered, sent
from tests.sandbox.test_gateway import IDENTIFY, connected

TEXT = {"type": 3, "name": "words", "description": "Any words", "required": True}
PRIVACY = {
    "name": "privacy",
    "description": "Your data",
    "options": [
        {"type": 1, "name": "show", "description": "Show it"},
        {
            "type": 2,
            "name": "keep",
            "description": "How long",
            "options": [{"type": 1, "name": "days", "description": "Days", "options": [TEXT]}],
        },
    ],
}
MANAGE_MESSAGES = 1 << 13


async def test_everybody_is_offered_what_they_can_use_where_they_are(
    people: People, rest: Rest
) -> None:
    await registered(
        rest,
        PRIVACY,
        {"name": "purge", "description": "x", "default_member_permissions": MANAGE_MESSAGES},
        {"name": "alone", "description": "x", "contexts": [1]},
        {"name": "bare", "description": "x", "nsfw": True},
        {"name": "hello", "description": "everywhere"},
        {"name": "Report", "type": 3},
        {"name": "Their pictures", "type": 2, "contexts": [0]},
    )
    of_cafe = f"{APP}/guilds/{shipped.CAFE_ID}/commands"
    await rest("POST", of_cafe, {"name": "hello", "description": "in the café", "options": [TEXT]})
    await people.world(thread={"parent": "nsfw", "name": "night"})

    async def offered(who: str, channel: str) -> list[Any]:
        return list(await people.call("GET", f"/people/{who}/commands?channel={channel}"))

    async def names(who: str, channel: str) -> list[str]:
        return [one["name"] for one in await offered(who, channel)]

    usual = {"hello", "privacy show", "privacy keep days", "Report"}
    assert usual | {"Their pictures"} == set(await names("ana", "general"))
    assert usual | {"Their pictures", "bare"} == set(await names("ana", "nsfw"))
    assert await names("ana", "nsfw") == await names("ana", "night")
    assert usual | {"Their pictures", "purge"} == set(await names("mod", "general"))
    assert usual | {"alone", "purge"} == set(await names("mod", "dm"))
    in_order = ["hello", "privacy show", "privacy keep days", "Their pictures", "Report"]
    assert in_order == await names("ana", "general")  # as registered, menu entries last
    in_cafe = {one["name"]: one for one in await offered("ana", "general")}
    in_lobby = {one["name"]: one for one in await offered("zoe", "lobby")}
    assert ("in the café", [TEXT]) == (
        in_cafe["hello"]["description"],
        in_cafe["hello"]["options"],
    )
    assert "everywhere" == in_lobby["hello"]["description"]
    assert {"name": "Report", "type": 3} == in_cafe["Report"]
    assert [TEXT] == in_cafe["privacy keep days"]["options"]
    await people["ana"].change(timeout_seconds=60)
    assert [] == await names("ana", "general")


async def test_an_answer_names_who_asked_and_what_also_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    async with (
        Sandbox(world_file=file, clock=Clock(owned=True)) as sandbox,
        People(sandbox.url) as people,
    ):
        rest, ana = Rest(people.session, sandbox.url), people["ana"]
        await registered(rest, PRIVACY)
        act = await begun(sandbox, ana.slash("general", "privacy show"))
        modal = {"custom_id": "m", "title": "t", "components": []}
        await rest("POST", act.callback, {"type": 9, "data": modal | {"components": [LABEL]}})
        act = await begun(sandbox, ana.fill((await act.task).modal, {"f": "x"}))
        await rest("POST", act.callback, {"type": 4, "data": {"content": "shown"}})
        await act.task
        await sent(rest, content="by itself")
        for_bot = str(await rest("GET", f"/channels/{shipped.GENERAL_ID}/messages"))

    async with Sandbox(world_file=file) as again, People(again.url) as people:
        asked = [one.raw["asked"] for one in await people["pia"].sees("general")]

    assert [{"by": "ana", "command": "privacy show"}, None] == asked
    assert "privacy" not in for_bot


LABEL = {
    "type": 18,
    "label": "Field",
    "component": {"type": 4, "custom_id": "f", "style": 1},
}


async def test_who_looks_back_sees_page_by_page(people: People) -> None:
    for n in range(5):
        await people["ana"].say("general", f"{n}")
    path = "/people/pia/sees?channel=general"

    newest = await people.call("GET", f"{path}&limit=2")
    older = await people.call("GET", f"{path}&limit=2&before={newest[0]['id']}")
    oldest = await people.call("GET", f"{path}&before={older[0]['id']}")

    assert ["34", "12", "0"] == [
        "".join(one["content"] for one in page) for page in (newest, older, oldest)
    ]
    for wrong in ("limit=0", "limit=x", "limit=99999", "before=-1"):
        with pytest.raises(ClientRefuses, match="takes a whole number"):
            await people.call("GET", f"{path}&{wrong}")


async def test_everybody_may_know_colours_limits_topics_and_who_may_write(people: People) -> None:
    silent = [{"role": "@everyone", "deny": ["send_messages"]}]
    await people.world(
        guild={"name": "Darkroom Café", "boost_tier": 3},
        channel={
            "guild": "Darkroom Café",
            "name": "news",
            "topic": "What is new",
            "overwrites": [*silent, {"role": "Pro", "allow": ["send_messages"]}],
        },
    )
    await people.world(
        channel={"guild": "Darkroom Café", "name": "all the rest", "type": "category"}
    )
    shown = await people.everything()

    guild = shown["guilds"][0]
    rest = next(one for one in shown["channels"] if one["name"] == "all the rest")
    news = next(one for one in shown["channels"] if one["name"] == "news")
    roles = {one["name"]: (one["color"], one["position"]) for one in guild["roles"]}
    assert (0, 0) == roles["@everyone"]
    assert (0xC9A227, 2) == roles["Pro"]
    assert (100 << 20, 10 << 20) == (guild["upload_bytes"], shown["upload_bytes"])
    assert "What is new" == news["topic"]
    assert ["pia", "boss"] == news["writable_by"]
    assert ["mod", "boss"] == news["moderated_by"]
    assert (True, False) == (news["holds_messages"], rest["holds_messages"])
    assert [] == shown["hands"]


async def test_everybody_hears_that_the_bot_came_and_went(sandbox: Sandbox, people: People) -> None:
    async with people["ana"].stream() as frames, asyncio.timeout(5):
        async with connected(sandbox) as bot:
            await bot.send(2, IDENTIFY)
            assert {"event": "world"} == await anext(frames)
            assert (await people.everything())["bot"]["connected"]
            await bot.say_goodbye()
        assert {"event": "world"} == await anext(frames)
        assert not (await people.everything())["bot"]["connected"]


async def test_a_hand_is_used_by_its_name() -> None:
    used: list[str] = []
    hands = {"ring": lambda: used.append("ring")}
    async with Sandbox(hands=hands) as sandbox, People(sandbox.url) as people:
        assert ["ring"] == (await people.everything())["hands"]
        await people.call("POST", "/hands", json={"hand": "ring"})
        with pytest.raises(ClientRefuses, match="nobody here can"):
            await people.call("POST", "/hands", json={"hand": "fly"})

    assert ["ring"] == used
