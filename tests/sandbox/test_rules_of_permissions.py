"""Who may use which command, and what the bot may do where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import APP, GENERAL, PING, ROW, begun, form, registered, sent


async def test_age_restricted_commands_need_an_age_restricted_channel(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    ana = people["ana"]
    await registered(rest, PING | {"nsfw": True})
    await people.world(thread={"parent": "nsfw", "name": "adults"})

    for channel in ("general", "dm"):
        with pytest.raises(ClientRefuses, match="age-restricted"):
            await ana.slash(channel, "ping")
    for channel in ("nsfw", "adults"):
        act = await begun(sandbox, ana.slash(channel, "ping"))
        await people.advance(4)
        await act.task


async def test_default_permissions_hide_a_command(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(
        rest,
        PING | {"default_member_permissions": 1 << 13},
        {"name": "boss", "description": "For administrators", "default_member_permissions": 0},
    )

    with pytest.raises(ClientRefuses, match="no permission"):
        await people["ana"].slash("general", "ping")
    with pytest.raises(ClientRefuses, match="no permission"):
        await people["mod"].slash("general", "boss")
    for name, command in (("mod", "ping"), ("boss", "boss")):
        act = await begun(sandbox, people[name].slash("general", command))
        await people.advance(4)
        await act.task


async def test_commands_keep_to_their_contexts_and_servers(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(
        rest,
        PING | {"contexts": [0]},
        {"name": "alone", "description": "In the DM", "contexts": [1]},
    )
    path = f"{APP}/guilds/{shipped.ELSEWHERE_ID}/commands"
    await rest("PUT", path, [{"name": "local", "description": "Only here"}])

    with pytest.raises(ClientRefuses, match="direct message"):
        await people["ana"].slash("dm", "ping")
    with pytest.raises(ClientRefuses, match="only be used in a direct message"):
        await people["ana"].slash("general", "alone")
    with pytest.raises(ClientRefuses, match="no command"):
        await people["ana"].slash("general", "local")
    with pytest.raises(ClientRefuses, match="no command"):
        await people["zoe"].slash("dm", "local")


async def test_somebody_in_time_out_can_do_nothing(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    ana = people["ana"]
    await registered(rest)
    await sent(rest, components=[ROW])
    (seen,) = await ana.sees("general")
    await ana.change(timeout_seconds=60)

    with pytest.raises(ClientRefuses, match="may not use commands"):
        await ana.slash("general", "ping")
    with pytest.raises(ClientRefuses, match="time-out"):
        await ana.press(seen, "Go")
    with pytest.raises(ClientRefuses, match="may not write"):
        await ana.say("general", "x")
    await people.advance(61)
    assert "back" == (await ana.say("general", "back")).content


async def test_a_kicked_bot_has_no_commands_and_no_access(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    await people.world(bot={"guild": "Darkroom Café", "present": False})

    with pytest.raises(ClientRefuses, match="not here"):
        await people["ana"].slash("general", "ping")
    status, body = await rest("POST", GENERAL, {"content": "x"})
    assert (status, body["code"]) == (403, 50001)
    assert 10004 == (await rest("GET", f"/guilds/{shipped.CAFE_ID}"))[1]["code"]


@pytest.mark.parametrize(
    ("denied", "body", "code"),
    [
        ("view_channel", {"content": "x"}, 50001),
        ("send_messages", {"content": "x"}, 50013),
        ("embed_links", {"embeds": [{"title": "x"}]}, 50013),
        (
            "read_message_history",
            {"content": "x", "message_reference": {"message_id": "1"}},
            160002,
        ),
    ],
)
async def test_a_missing_permission_refuses(
    people: People, rest: Rest, denied: str, body: Any, code: int
) -> None:
    overwrite = {"role": "Darkroom", "deny": [denied]}
    await people.world(
        channel={"guild": "Darkroom Café", "name": "general", "overwrites": [overwrite]}
    )

    assert (await rest("POST", GENERAL, body))[1]["code"] == code


async def test_files_need_the_right_to_attach(people: People, rest: Rest) -> None:
    overwrite = {"role": "Darkroom", "deny": ["attach_files"]}
    await people.world(
        channel={"guild": "Darkroom Café", "name": "general", "overwrites": [overwrite]}
    )

    status, body = await rest("POST", GENERAL, data=form({"a.txt": b"x"}, {}))

    assert (status, body["code"]) == (403, 50013)


async def test_threads_inherit_from_their_channel(people: People, rest: Rest) -> None:
    done = await people.world(
        thread=[{"parent": "general", "name": "open"}, {"parent": "general", "name": "locked"}]
    )
    one, two = (f"/channels/{number}/messages" for number in done["thread"])
    await people.world(thread={"parent": "general", "name": "locked", "locked": True})

    assert 200 == (await rest("POST", one, {"content": "x"}))[0]
    assert 50083 == (await rest("POST", two, {"content": "x"}))[1]["code"]
    overwrite = {"role": "Darkroom", "deny": ["send_messages_in_threads"]}
    await people.world(
        channel={"guild": "Darkroom Café", "name": "general", "overwrites": [overwrite]}
    )
    assert 50013 == (await rest("POST", one, {"content": "x"}))[1]["code"]
    assert 200 == (await rest("POST", GENERAL, {"content": "x"}))[0]


async def test_without_the_right_to_read_there_is_no_history(people: People, rest: Rest) -> None:
    message = await sent(rest)
    overwrite = {"role": "Darkroom", "deny": ["read_message_history"]}
    await people.world(
        channel={"guild": "Darkroom Café", "name": "general", "overwrites": [overwrite]}
    )

    assert [] == (await rest("GET", GENERAL))[1]
    assert 403 == (await rest("GET", f"{GENERAL}/{message['id']}"))[0]


async def test_only_ones_own_messages_can_be_edited(people: People, rest: Rest) -> None:
    said = await people["ana"].say("general", "mine")

    status, body = await rest("PATCH", f"{GENERAL}/{said.id}", {"content": "yours"})

    assert (status, body["code"]) == (403, 50005)


async def test_the_content_of_others_is_hidden_without_its_intent(
    people: People, rest: Rest
) -> None:
    await people["ana"].say("general", "secret")
    await people["ana"].say("general", f"<@{shipped.BOT_ID}> for you")
    await people["ana"].say("dm", "in private")
    _, channel = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})

    _, in_guild = await rest("GET", GENERAL)
    _, in_dm = await rest("GET", f"/channels/{channel['id']}/messages")

    assert [f"<@{shipped.BOT_ID}> for you", ""] == [one["content"] for one in in_guild]
    assert ["in private"] == [one["content"] for one in in_dm]


async def test_others_messages_can_be_deleted_by_moderators_only(
    people: People, rest: Rest
) -> None:
    first = await people["ana"].say("general", "one")
    second = await people["ana"].say("general", "two")
    private = await people["ana"].say("dm", "three")

    assert 204 == (await rest("DELETE", f"{GENERAL}/{first.id}"))[0]
    await people.world(bot={"guild": "Darkroom Café", "permissions": ["view_channel"]})
    assert 50013 == (await rest("DELETE", f"{GENERAL}/{second.id}"))[1]["code"]
    path = f"/channels/{private.channel}/messages/{private.id}"
    assert 50003 == (await rest("DELETE", path))[1]["code"]
    with pytest.raises(ClientRefuses, match="may not delete"):
        await people["pia"].delete(second)
    await people["mod"].delete(second)
    assert [] == await people["ana"].sees("general")
