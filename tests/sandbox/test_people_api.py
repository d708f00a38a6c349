"""The people API, row by row: acting, seeing, changing the world, weather, wire, and its door."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.clock import Clock
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import APP, GENERAL, begun, registered, sent


async def test_people_lists_the_shipped_world(people: People) -> None:
    shown = await people.everything()

    users = {one["name"]: one for one in shown["users"]}
    channels = {one["name"]: one for one in shown["channels"]}
    assert {"ana", "plum", "pia", "mod", "boss", "zoe"} == set(users)
    assert {"Darkroom Café": ["Plus"]} == users["plum"]["guilds"]
    assert {"Darkroom Café": ["Pro"]} == users["pia"]["guilds"]
    assert ["Darkroom Café"] == users["boss"]["owns"]
    assert ["Elsewhere"] == users["zoe"]["owns"]
    assert {"general", "gallery", "nsfw", "staff", "lobby"} == set(channels)
    assert channels["nsfw"]["nsfw"]
    assert ["mod", "boss"] == channels["staff"]["visible_to"]
    assert ["zoe"] == channels["lobby"]["visible_to"]
    assert shown["bot"]["connected"] is False


async def test_people_lists_the_registered_commands(people: People, rest: Rest) -> None:
    await registered(rest)

    assert ["ping"] == [one["name"] for one in (await people.everything())["commands"]]


async def test_names_and_ids_mean_the_same(people: People) -> None:
    await people["ana"].say("general", "hello")

    by_id = await people[str(shipped.PIA_ID)].sees(str(shipped.GENERAL_ID))
    assert by_id == await people["pia"].sees("general")
    assert by_id == await people["PIA"].sees("#general")
    assert by_id == await people["pia"].sees("Darkroom Café/general")


@pytest.mark.parametrize("path", ["/people/nobody/sees", "/people/ana/sees?channel=nowhere"])
async def test_what_is_not_there_is_404(people: People, path: str) -> None:
    with pytest.raises(ClientRefuses) as refused:
        await people.call("GET", path)

    assert 404 == refused.value.status


async def test_everybody_sees_exactly_what_is_theirs(people: People, rest: Rest) -> None:
    await sent(rest, content="public")
    await sent(rest, f"/channels/{shipped.STAFF_ID}/messages", content="for staff")
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    await sent(rest, f"/channels/{dm['id']}/messages", content="for ana")

    seen = {
        (name, channel): [one.content for one in await people[name].sees(channel)]
        for name in ("ana", "mod", "zoe")
        for channel in ("general", "staff", "dm", dm["id"])
    }
    assert {
        ("ana", "general"): ["public"],
        ("ana", "dm"): ["for ana"],
        ("ana", dm["id"]): ["for ana"],
        ("mod", "general"): ["public"],
        ("mod", "staff"): ["for staff"],
    } == {where: what for where, what in seen.items() if what}


async def test_the_stream_shows_the_same_live(people: People, rest: Rest) -> None:
    async with people["ana"].stream() as ana, people["zoe"].stream() as zoe:
        said = await people["pia"].say("general", "hello")
        await people["ana"].react(said, "❤️")
        await people["pia"].delete(said)
        await people.world(sku={"name": "Extra"})
        async with asyncio.timeout(5):
            frames = [await anext(ana) for _ in range(4)]
            for_zoe = await anext(zoe)

    assert ["message", "message", "gone", "world"] == [one["event"] for one in frames]
    assert "hello" == frames[0]["message"]["content"]
    assert ["ana"] == frames[1]["message"]["reactions"][0]["users"]
    assert {"event": "world"} == for_zoe


async def test_waiting_that_is_in_vain_says_what_is_seen(people: People) -> None:
    await people["ana"].say("general", "only this")

    with pytest.raises(AssertionError, match="only this"):
        await people["ana"].sees_until("general", lambda _: False, limit_seconds=0.3)


async def test_people_cannot_do_what_is_not_theirs(people: People, rest: Rest) -> None:
    message = await sent(rest)
    (seen,) = await people["ana"].sees("general")
    call = people.call

    for name, act, body, why in (
        ("zoe", "say", {"channel": "general", "content": "x"}, "cannot see"),
        ("zoe", "react", {"channel": "general", "message": message["id"], "emoji": "x"}, "sees no"),
        ("ana", "press", {"channel": "general", "message": seen.id, "custom_id": "x"}, "no compon"),
        ("ana", "delete", {"channel": "general", "message": seen.id}, "may not delete"),
        ("ana", "fly", {}, "cannot 'fly'"),
        ("ana", "say", {"channel": "general", "words": "x"}, "does not know 'words'"),
        ("ana", "say", {"channel": "general"}, "'content' is missing"),
        ("ana", "react", {"channel": "general", "message": seen.id, "emoji": "x"}, "Unknown Emoji"),
    ):
        with pytest.raises(ClientRefuses, match=why):
            await call("POST", f"/people/{name}/{act}", json=body)


async def test_a_reply_names_its_message(people: People, rest: Rest) -> None:
    first = await people["ana"].say("general", "question")
    reply = await people["pia"].say("general", "answer", reply_to=first)

    assert reply.raw["reply_to"] == first.id
    assert ["ana"] == reply.mentions


async def test_uploads_belong_to_their_person_and_have_a_limit(people: People) -> None:
    assert await people["ana"].upload("a.png", b"x")
    with pytest.raises(ClientRefuses, match="10 MiB"):
        await people["ana"].upload("a.bin", bytes((10 << 20) + 1))


async def test_roles_dms_and_time_outs_are_changed(people: People) -> None:
    ana = people["ana"]
    changed = await ana.change(roles=["Pro", "Plus"], dms="closed", nick="Annie")
    assert (changed["guilds"], changed["dms"]) == ({"Darkroom Café": ["Pro", "Plus"]}, "closed")

    changed = await ana.change(roles={"Darkroom Café": []}, dms="open")
    assert (changed["guilds"], changed["dms"]) == ({"Darkroom Café": []}, "open")
    for wrong in ({"dms": "ajar"}, {"roles": ["Nobody"]}, {"color": "red"}, {"roles": "Pro"}):
        with pytest.raises(ClientRefuses):
            await ana.change(**wrong)


async def test_entitlements_begin_change_and_end(people: People, rest: Rest) -> None:
    ana = people["ana"]
    await ana.change(entitlements=[{"sku": "Plus", "ends_in_seconds": 60}])
    _, (plus,) = await rest("GET", f"{APP}/entitlements?user_id={shipped.ANA_ID}")
    await ana.change(entitlements=["Plus", "Pro"])
    _, both = await rest("GET", f"{APP}/entitlements?exclude_ended=1")
    await ana.change(entitlements=[])

    assert plus["ends_at"] is not None
    assert [None, None] == [one["ends_at"] for one in both]
    assert [] == (await rest("GET", f"{APP}/entitlements"))[1]
    assert 2 == len((await rest("GET", f"{APP}/entitlements?exclude_deleted=0"))[1])


async def test_consumables_are_used_up(people: People, rest: Rest) -> None:
    done = await people.world(sku={"name": "Ten pictures", "type": 3})
    body = {"sku_id": done["sku"][0], "owner_id": str(shipped.ANA_ID), "owner_type": 2}
    _, made = await rest("POST", f"{APP}/entitlements", body)

    assert 204 == (await rest("POST", f"{APP}/entitlements/{made['id']}/consume"))[0]
    assert (await rest("GET", f"{APP}/entitlements/{made['id']}"))[1]["consumed"]
    assert 204 == (await rest("DELETE", f"{APP}/entitlements/{made['id']}"))[0]
    assert 10029 == (await rest("GET", f"{APP}/entitlements/{made['id']}"))[1]["code"]


async def test_the_world_can_be_changed(people: People, rest: Rest) -> None:
    done = await people.world(
        guild={"name": "Third", "owner": "zoe", "boost_tier": 3},
        role={"guild": "Third", "name": "Guest", "permissions": ["view_channel"]},
        person={"name": "newt", "guilds": ["Third"], "dms": "closed"},
        member={"guild": "Third", "person": "newt", "roles": ["Guest"]},
        bot={"guild": "Third"},
        channel=[
            {"guild": "Third", "name": "open"},
            {"guild": "Third", "name": "talk", "type": "voice"},
            {"guild": "Third", "name": "questions", "type": "forum"},
            {
                "guild": "Third",
                "name": "hidden",
                "overwrites": [
                    {"role": "@everyone", "deny": ["view_channel"]},
                    {"person": "newt", "allow": ["view_channel"]},
                ],
            },
        ],
        thread={"parent": "open", "name": "secret", "private": True, "members": ["newt"]},
    )
    channels = {one["name"]: one for one in (await people.everything())["channels"]}

    assert ["zoe", "newt"] == channels["hidden"]["visible_to"]
    assert ["zoe", "newt"] == channels["secret"]["visible_to"]
    assert ["zoe", "newt"] == channels["open"]["visible_to"]
    assert 3 == (await rest("GET", f"/guilds/{done['guild'][0]}"))[1]["premium_tier"]
    voice = f"/channels/{done['channel'][1]}/messages"
    forum = f"/channels/{done['channel'][2]}/messages"
    assert 200 == (await rest("POST", voice, {"content": "x"}))[0]
    assert 50008 == (await rest("POST", forum, {"content": "x"}))[1]["code"]


async def test_the_world_can_lose_things(people: People, rest: Rest) -> None:
    await sent(rest)
    thread = (await people.world(thread={"parent": "general", "name": "t"}))["thread"][0]
    await people.world(
        role={"guild": "Darkroom Café", "name": "Plus", "delete": True},
        member={"guild": "Darkroom Café", "person": "pia", "delete": True},
        channel={"guild": "Darkroom Café", "name": "general", "delete": True},
    )
    users = {one["name"]: one for one in (await people.everything())["users"]}

    assert {"Darkroom Café": []} == users["plum"]["guilds"]
    assert {} == users["pia"]["guilds"]
    assert 10003 == (await rest("POST", GENERAL, {"content": "x"}))[1]["code"]
    assert 10003 == (await rest("GET", f"/channels/{thread}"))[1]["code"]


async def test_wrong_words_about_the_world_are_refused(people: People) -> None:
    for words in (
        {"planet": {}},
        {"guild": {"name": "x", "color": 1}},
        {"channel": {"guild": "Elsewhere", "name": "x", "type": "moon"}},
        {"role": {"guild": "Elsewhere", "name": "x", "permissions": ["fly"]}},
        {"guild": {"name": "Elsewhere", "boost_tier": 9}},
        {"member": {"guild": "Nowhere", "person": "ana"}},
    ):
        with pytest.raises(ClientRefuses):
            await people.world(**words)


async def test_closing_lets_everybody_go() -> None:
    async with Sandbox(clock=Clock(owned=True)) as sandbox, People(sandbox.url) as people:
        await registered(Rest(people.session, sandbox.url))
        act = await begun(sandbox, people["ana"].slash("general", "ping"))
        assert sandbox._runner is not None
        sandbox._runner._shutdown_timeout = 60.0  # so long it would wait for who is not let go
        async with people["pia"].stream() as frames, asyncio.timeout(20):
            await sandbox.stop()
            answer = await act.task
            with pytest.raises(StopAsyncIteration):
                await anext(frames)

    assert not answer.answered
