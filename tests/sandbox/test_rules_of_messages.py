"""What a message may be, and what its files, nonces and mentions do."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import BUTTON, GENERAL, MIB, ROW, form, sent


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"content": "", "embeds": [{"title": "x" * 257}]},
        {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3001}]},
        {"content": "x", "nonce": "n" * 26},
        {"content": "x", "flags": 64},
        {"content": "x", "components": [{"type": 1, "components": [BUTTON] * 6}]},
        {"content": "x", "components": [ROW, ROW]},
        {"content": "x", "components": [{"type": 10, "content": "v2 without its flag"}]},
        {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "x"}]},
        {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41},
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        {"content": "x", "components": [{"type": 1, "components": [{"type": 2, "style": 1}]}]},
        {"content": "x", "attachments": [{"id": "5"}]},
    ],
)
async def test_a_bad_body_is_an_invalid_form(rest: Rest, body: Any) -> None:
    status, answer = await rest("POST", GENERAL, body)

    assert (status, answer["code"]) == (400, 50035), answer
    assert answer["errors"]


async def test_an_empty_message_is_refused(rest: Rest) -> None:
    assert 50006 == (await rest("POST", GENERAL, {"content": "  "}))[1]["code"]


async def test_the_nonce_window_closes(people: People, rest: Rest) -> None:
    twice = {"nonce": "j1", "enforce_nonce": True}
    first, again = await sent(rest, **twice), await sent(rest, **twice)
    free = await sent(rest, nonce="j1")
    await people.advance(181)
    later = await sent(rest, **twice)

    assert first["id"] == again["id"]
    assert 3 == len({first["id"], free["id"], later["id"]})
    assert "j1" == again["nonce"]


async def test_a_nonce_does_not_bring_back_what_was_deleted(people: People, rest: Rest) -> None:
    twice = {"content": "x", "nonce": "j1", "enforce_nonce": True}
    _, first = await rest("POST", GENERAL, twice)
    await rest("DELETE", f"{GENERAL}/{first['id']}")

    status, body = await rest("POST", GENERAL, twice)
    await people.advance(181)

    assert (status, body["code"]) == (404, 10008)
    assert 200 == (await rest("POST", GENERAL, twice))[0]


async def test_uploads_have_limits(people: People, rest: Rest) -> None:
    large = bytes(10 * MIB + 1)
    too_large = await rest("POST", GENERAL, data=form({"a.bin": large}, {}))
    four = {f"{n}.bin": bytes(8 * MIB) for n in range(4)}
    too_many = await rest("POST", GENERAL, data=form(four, {}))
    await people.world(guild={"name": "Darkroom Café", "boost_tier": 2})
    status, _ = await rest("POST", GENERAL, data=form({"a.bin": large}, {}))

    assert [(413, 40005)] * 2 == [(s, b["code"]) for s, b in (too_large, too_many)]
    assert 200 == status


async def test_edits_keep_only_the_listed_attachments(people: People, rest: Rest) -> None:
    _, message = await rest("POST", GENERAL, data=form({"a.txt": b"a", "b.txt": b"b"}, {}))
    path = f"{GENERAL}/{message['id']}"
    kept = message["attachments"][1]["id"]
    _, untouched = await rest("PATCH", path, {"content": "x"})
    payload = {"attachments": [{"id": kept}, {"id": 0, "filename": "c.txt", "description": "c"}]}
    _, edited = await rest("PATCH", path, data=form({"c.txt": b"c"}, payload))
    _, emptied = await rest("PATCH", path, {"attachments": []})

    names = [[a["filename"] for a in one["attachments"]] for one in (untouched, edited, emptied)]
    assert [["a.txt", "b.txt"], ["b.txt", "c.txt"], []] == names
    assert "c" == edited["attachments"][1]["description"]


async def test_links_expire_and_cannot_be_forged(
    sandbox: Sandbox, people: People, rest: Rest
) -> None:
    _, message = await rest("POST", GENERAL, data=form({"a.txt": b"a"}, {}))
    url = message["attachments"][0]["url"]

    async def status(link: str) -> int:
        async with aiohttp.ClientSession() as session, session.get(link) as response:
            return response.status

    fresh, forged = await status(url), await status(url.replace("hm=", "hm=0"))
    await people.advance(86_401)
    expired = await status(url)
    _, again = await rest("GET", f"{GENERAL}/{message['id']}")
    renewed = await status(again["attachments"][0]["url"])
    await rest("DELETE", f"{GENERAL}/{message['id']}")
    deleted = await status(again["attachments"][0]["url"])

    assert [fresh, forged, expired, renewed, deleted] == [200, 404, 404, 200, 404]


async def test_files_that_are_no_pictures_cannot_run_as_a_page(rest: Rest) -> None:
    page = b"<script>alert(1)</script>"
    _, message = await rest("POST", GENERAL, data=form({"a.html": page}, {}))
    url = message["attachments"][0]["url"]

    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert "application/octet-stream" == response.headers["Content-Type"]
        assert "attachment" == response.headers["Content-Disposition"]


async def test_bulk_delete_has_rules(people: People, rest: Rest) -> None:
    path = f"{GENERAL}/bulk-delete"
    old = [(await sent(rest))["id"] for _ in range(2)]
    await people.advance(15 * 86_400)
    fresh = [(await sent(rest))["id"] for _ in range(2)]
    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})

    assert 50034 == (await rest("POST", path, {"messages": old}))[1]["code"]
    assert 50016 == (await rest("POST", path, {"messages": fresh[:1]}))[1]["code"]
    assert 50035 == (await rest("POST", path, {"messages": fresh[:1] * 2}))[1]["code"]
    in_dm = f"/channels/{dm['id']}/messages/bulk-delete"
    assert 50003 == (await rest("POST", in_dm, {"messages": fresh}))[1]["code"]
    assert 204 == (await rest("POST", path, {"messages": fresh}))[0]


async def test_listing_pages_through_messages(rest: Rest) -> None:
    ids = [(await sent(rest))["id"] for _ in range(5)]

    async def listed(query: str) -> list[int]:
        _, found = await rest("GET", f"{GENERAL}?{query}")
        return [ids.index(one["id"]) for one in found]

    assert [4, 3] == await listed("limit=2")
    assert [2, 1] == await listed(f"before={ids[3]}&limit=2")
    assert [3, 2] == await listed(f"after={ids[1]}&limit=2")
    assert [3, 2, 1] == await listed(f"around={ids[2]}&limit=3")
    assert 50035 == (await rest("GET", f"{GENERAL}?limit=101"))[1]["code"]


async def test_mentions_are_let_through_as_allowed(people: People, rest: Rest) -> None:
    text = f"<@{shipped.ANA_ID}> <@{shipped.PIA_ID}> @everyone"
    everything = await sent(rest, content=text)
    nobody = await sent(rest, content=text, allowed_mentions={"parse": []})
    only = {"parse": [], "users": [str(shipped.ANA_ID)]}
    one = await sent(rest, content=text, allowed_mentions=only)

    called = [[u["username"] for u in m["mentions"]] for m in (everything, nobody, one)]
    assert [["ana", "pia"], [], ["ana"]] == called
    assert not everything["mention_everyone"]


async def test_components_v2_cannot_be_unset(rest: Rest) -> None:
    texts = [{"type": 10, "content": "x"}]
    message = await sent(rest, content=None, flags=1 << 15, components=texts)
    path = f"{GENERAL}/{message['id']}"

    _, edited = await rest("PATCH", path, {"flags": 0})
    refused, body = await rest("PATCH", path, {"content": "x"})

    assert edited["flags"] & 1 << 15
    assert (refused, body["code"]) == (400, 50035)
