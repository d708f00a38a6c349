"""How interactions live and die: 3 seconds, 15 minutes, and who sees what is said."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox import interactions
from bot.sandbox import shipped_world as shipped
from bot.sandbox.entities import Json
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, MIB, begun, registered


async def test_an_answer_after_three_seconds_is_too_late(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await people.advance(3.1)

    answer = await act.task
    status, body = await rest("POST", act.callback, {"type": 4, "data": {"content": "pong"}})

    assert not answer.answered
    assert (status, body["code"]) == (404, 10062)


async def test_an_answer_within_three_seconds_counts_once(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await people.advance(2.9)

    status, body = await rest("POST", act.callback, {"type": 4, "data": {"content": "pong"}})
    again, refused = await rest("POST", act.callback, {"type": 4, "data": {"content": "pong"}})

    assert 200 == status
    assert "pong" == body["resource"]["message"]["content"]
    assert (again, refused["code"]) == (400, 40060)
    assert "pong" == (await act.task).message.content


async def test_without_with_response_the_callback_answers_nothing(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))

    status, body = await rest("POST", act.callback.split("?")[0], {"type": 5})

    assert (status, body) == (204, b"")
    assert (await act.task).message.loading


async def test_a_token_lives_fifteen_minutes(sandbox: Sandbox, people: People, rest: Rest) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await rest("POST", act.callback, {"type": 5})
    original = f"{act.webhook}/messages/@original"

    await people.advance(899)
    in_time, _ = await rest("PATCH", original, {"content": "a"})
    await people.advance(2)
    answers = [
        await rest("PATCH", original, {"content": "b"}),
        await rest("POST", act.webhook, {"content": "b"}),
        await rest("DELETE", original),
    ]

    assert 200 == in_time
    assert [(401, 50027)] * 3 == [(status, body["code"]) for status, body in answers]


async def test_the_first_follow_up_after_a_defer_fills_it_and_keeps_its_ephemerality(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await rest("POST", act.callback, {"type": 5, "data": {"flags": 64}})

    _, first = await rest("POST", act.webhook, {"content": "first"})
    _, second = await rest("POST", act.webhook, {"content": "second", "flags": 64})
    _, third = await rest("POST", act.webhook, {"content": "third"})

    assert first["id"] == (await act.task).message.id
    assert [64, 64, 0] == [one["flags"] & 64 for one in (first, second, third)]
    seen = [one.content for one in await people["pia"].sees("general")]
    assert ["third"] == seen


async def test_ordinary_endpoints_do_not_know_ephemeral_messages(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    data = {"content": "private", "flags": 64}
    _, body = await rest("POST", act.callback, {"type": 4, "data": data})
    message_id = body["resource"]["message"]["id"]

    answers = [
        await rest("GET", f"{GENERAL}/{message_id}"),
        await rest("PATCH", f"{GENERAL}/{message_id}", {"content": "x"}),
        await rest("DELETE", f"{GENERAL}/{message_id}"),
    ]

    assert [(404, 10008)] * 3 == [(status, body["code"]) for status, body in answers]
    assert [] == (await rest("GET", GENERAL))[1]
    assert 204 == (await rest("DELETE", f"{act.webhook}/messages/@original"))[0]
    assert [] == await people["ana"].sees("general")


async def test_a_person_sees_their_own_ephemeral_message_until_it_is_dismissed(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    ana = people["ana"]
    await registered(rest)
    act = await begun(sandbox, ana.slash("general", "ping"))
    data = {"content": "private", "flags": 64}
    await rest("POST", act.callback, {"type": 4, "data": data})
    (mine,) = await ana.sees("general")

    with pytest.raises(ClientRefuses, match="only be dismissed"):
        await ana.delete(mine)
    with pytest.raises(ClientRefuses, match="react"):
        await ana.react(mine, "❤️")
    with pytest.raises(ClientRefuses, match="sees no message"):
        await people["boss"].dismiss(mine)
    await ana.dismiss(mine)

    assert [] == await ana.sees("general")


@pytest.mark.parametrize("kind", [6, 7, 8])
async def test_a_command_cannot_be_answered_as_something_else(
    sandbox: Sandbox, people: People, rest: Rest, kind: int
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))

    status, body = await rest("POST", act.callback, {"type": kind, "data": {}})
    await people.advance(4)

    assert (status, body["code"]) == (400, 50035)
    assert not (await act.task).answered


async def test_what_an_interaction_tells_the_bot(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    heard: list[Any] = []
    sandbox.world.listen(heard.append)
    await people.world(guild={"name": "Darkroom Café", "boost_tier": 2})
    await registered(rest)
    act = await begun(sandbox, people["mod"].slash("general", "ping"))
    await people.advance(4)
    await act.task
    payload = next(one.data for one in heard if getattr(one, "name", "") == "INTERACTION_CREATE")

    assert 50 * MIB == payload["attachment_size_limit"]
    assert 0 == payload["context"]
    assert [str(shipped.MODERATOR_ROLE_ID)] == payload["member"]["roles"]
    assert int(payload["member"]["permissions"]) & 1 << 13
    assert int(payload["app_permissions"]) & 1 << 15
    assert "general" == payload["channel"]["name"]
    assert {"0": str(shipped.CAFE_ID)} == payload["authorizing_integration_owners"]


async def test_unanswered_interactions_do_not_pile_up(sandbox: Sandbox, people: People) -> None:
    channel = sandbox.world.channels[shipped.GENERAL_ID]
    for _ in range(3):
        interactions.create(sandbox.world, channel, shipped.ANA_ID, 2, {"name": "x"})
    await people.advance(3700)
    interactions.create(sandbox.world, channel, shipped.ANA_ID, 2, {"name": "x"})

    assert 1 == len(sandbox.world.interactions)


async def test_who_leaves_the_server_leaves_their_ephemeral_messages(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    data = {"content": "private", "flags": 64}
    await rest("POST", act.callback, {"type": 4, "data": data})
    await people.world(member={"guild": "Darkroom Café", "person": "ana", "delete": True})

    assert [] == await people["ana"].sees("general")


async def test_an_answer_into_a_deleted_channel_is_refused(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    act = await begun(sandbox, people["ana"].slash("gallery", "ping"))
    await people.world(channel={"guild": "Darkroom Café", "name": "gallery", "delete": True})

    status, body = await rest("POST", act.callback, {"type": 4, "data": {"content": "x"}})
    await people.advance(4)

    assert (404, 10003) == (status, body["code"])
    assert not (await act.task).answered


@pytest.mark.parametrize(("given", "sent"), [({}, ["a"]), ({"c": []}, []), ({"c": ["b"]}, ["b"])])
async def test_who_clears_a_choice_of_a_form_sends_none(
    sandbox: Sandbox, people: People, rest: Rest, given: Json, sent: list[str]
) -> None:
    await registered(rest)
    options = [{"label": one, "value": one, "default": one == "a"} for one in "ab"]
    boxes = {"type": 22, "custom_id": "c", "options": options, "required": False}
    modal = {"components": [{"type": 18, "label": "Choices", "component": boxes}]}
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await rest("POST", act.callback, {"type": 9, "data": modal | {"custom_id": "m", "title": "t"}})
    act = await begun(sandbox, people["ana"].fill((await act.task).modal, given))
    await rest("POST", act.callback, {"type": 4, "data": {"content": "thanks"}})
    await act.task

    assert sent == act.made.data["components"][0]["component"]["values"]
