"""Faults that can be ordered, and what they look like from the bot's side."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.sandbox import shipped_world as shipped
from bot.sandbox.clock import Clock
from bot.sandbox.server import Sandbox
from tests.people import ClientRefuses, People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, form


async def test_a_dropped_request_does_nothing_and_a_lost_answer_does_it(
    people: People, rest: Rest
) -> None:
    faults = (
        ({"drop": True}, []),
        ({"lost_answer": True}, ["hello"]),
        ({"cut_answer": True}, ["hello", "hello"]),
    )
    for words, texts in faults:
        await people.weather(route="/messages", method="POST", times=1, **words)
        with pytest.raises((aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)):
            await rest("POST", GENERAL, {"content": "hello"})
        assert [one.content for one in await people["ana"].sees("general")] == texts
    assert 200 == (await rest("POST", GENERAL, {"content": "again"}))[0]
    assert [None, None, None, 200] == [one["status"] for one in await people.wire()]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ({"status": 503}, 503, 0),
        ({"code": 50013}, 403, 50013),
        ({"code": 40060}, 400, 40060),
        ({"code": 130000}, 503, 130000),
        ({"too_large": True}, 413, 40005),
        ({"expired_token": True}, 401, 50027),
    ],
)
async def test_faults_answer_instead(
    people: People, rest: Rest, words: Any, status: int, code: int
) -> None:
    await people.weather(times=1, **words)

    answered, body = await rest("POST", GENERAL, {"content": "x"})
    assert (answered, body["code"]) == (status, code)
    assert [] == await people["ana"].sees("general")


async def test_the_next_large_files_are_refused_and_smaller_ones_pass(
    people: People, rest: Rest
) -> None:
    await people.weather(too_large=True, over_bytes=100, times=2, route="/channels/")

    passed = []
    for size in (100, 101, 0, 500, 101):
        status, _ = await rest("POST", GENERAL, data=form({"a.bin": bytes(size)}, {}))
        passed.append(status)

    assert [200, 413, 200, 413, 200] == passed
    assert [] == (await people.weather())["rules"]


@pytest.mark.parametrize("scope", ["user", "global", "shared"])
@pytest.mark.parametrize("via", [True, False])
async def test_ordered_rate_limits_look_real(
    sandbox: Sandbox, people: People, scope: str, via: bool
) -> None:
    limit = {"scope": scope, "retry_after": 0.25, "via": via}
    await people.weather(rules=[{"route": "/users/@me", "rate_limit": limit}])

    url = f"{sandbox.url}/api/v10/users/@me"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        body = await response.json()

    assert 429 == response.status
    assert 0.25 == body["retry_after"]
    assert body["global"] is (scope == "global")
    assert response.headers["X-RateLimit-Scope"] == scope
    assert ("Via" in response.headers) is via


@pytest.mark.parametrize(
    ("words", "status"),
    [({"rate_limit": {"scope": "global"}}, 429), ({"status": 503}, 503), ({"code": 40333}, 403)],
)
async def test_a_page_of_the_edge_is_no_json_and_came_by_no_proxy_of_discords(
    sandbox: Sandbox, people: People, words: Any, status: int
) -> None:
    await people.weather(times=1, page=True, **words)

    url = f"{sandbox.url}/api/v10/users/@me"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert (status, "text/html") == (response.status, response.content_type)
        assert "Via" not in response.headers
        assert "<html>" in await response.text()


async def test_earned_rate_limits_have_buckets() -> None:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        rest = Rest(session, sandbox.url)
        answers = [await rest("POST", GENERAL, {"content": str(n)}) for n in range(6)]
        elsewhere = f"/channels/{shipped.GALLERY_ID}/messages"
        other, _ = await rest("POST", elsewhere, {"content": "x"})

    assert [200] * 5 + [429] == [status for status, _ in answers]
    assert 0 < answers[5][1]["retry_after"] <= 5
    assert 200 == other


async def test_weather_clears(people: People, rest: Rest) -> None:
    await people.weather(status=500)
    assert 500 == (await rest("GET", "/users/@me"))[0]
    assert 500 == (await people.weather())["rules"][0]["status"]

    assert [] == (await people.weather(clear=True))["rules"]
    assert 200 == (await rest("GET", "/users/@me"))[0]


async def test_wrong_weather_is_refused(people: People) -> None:
    for words in (
        {"rain": True},
        {"route": "/x", "over_bytes": 1},
        {"status": 500, "over_bytes": "much"},
        {"status": 500, "times": "often"},
        {"code": 1},
        {"rate_limit": {"scope": "village"}},
        {"clock": {"advance_seconds": -1}},
        {"gateway": {"sing": True}},
    ):
        with pytest.raises(ClientRefuses):
            await people.weather(**words)


async def test_the_clock_jumps(sandbox: Sandbox, people: People) -> None:
    before = sandbox.clock.now()
    await people.advance(3600)

    assert sandbox.clock.now() == before + 3600


async def test_a_real_clock_can_be_turned_too() -> None:
    fired: list[str] = []
    clock = Clock()
    clock.call_later(3600, lambda: fired.append("late"))
    clock.call_later(1800, lambda: fired.append("early"))
    clock.advance(3601)
    clock.stop()

    assert ["early", "late"] == fired
