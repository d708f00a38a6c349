"""The gateway drops, forgets, falls silent or refuses us, and nobody's picture suffers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot import app, cli, health, settings
from bot.client.connection import Pauses
from bot.client.watchdog import Patience
from bot.errors import NotLetIn, Stuck
from bot.sandbox.server import Sandbox
from bot.services import loop
from bot.services.reply import Reply
from tests.fakes import FakeEngine
from tests.journeys.house import TOKEN, House, has_picture, is_answer, is_place
from tests.people import People

QUICK = Pauses(after_failures_seconds=(0.0,), look_again_seconds=0.02)
WATCHFUL = Patience(
    look_seconds=0.05,
    acknowledge_seconds=0.3,
    strikes=2,
    probe_seconds=0.0,
    report_seconds=0.02,
)


async def until(happened: Callable[[], object]) -> None:
    """Wait until something is true; nothing tells of it, so it is looked at again and again."""
    waiting = asyncio.create_task(asyncio.Event().wait())
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.wait([waiting], timeout=0.005)
    waiting.cancel()


@pytest.fixture
async def beating(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose gateway wants a heartbeat ten times a second; its bot does not run yet."""
    async with (
        Sandbox(rate_limits=False, heartbeat_seconds=0.1) as sandbox,
        People(sandbox.url) as people,
    ):
        yield House(people, sandbox, FakeEngine(), tmp_path / "data", {})


def run(house: House, **how: object) -> asyncio.Task[None]:
    """Run the bot to an end of its own."""
    chosen = settings.load(house.data / "no.env", discord_token=TOKEN, data_dir=house.data)
    return asyncio.create_task(
        app.run(
            chosen,
            house.sandbox.url,
            lambda _: None,
            asyncio.Event(),
            make_engine=lambda _: FakeEngine(),
            **how,
        )
    )


async def finish(house: House) -> None:
    """Let the engine make what it was given."""
    await house.engine.was_given(1)
    for _ in range(house.engine.given[0][1].steps + 1):
        house.engine.tick()


# --- a picture under way


@pytest.mark.parametrize(
    ("weather", "logins"),
    [
        ({"drop": True}, 1),
        ({"reconnect": True}, 1),
        ({"close": 4000}, 1),
        ({"invalid_session": "resumable"}, 1),
        ({"invalid_session": True}, 2),
        ({"close": 4009}, 2),
    ],
    ids=str,
)
async def test_the_gateway_goes_while_anas_picture_is_made_and_it_arrives_once(
    closed_house: House, weather: dict[str, object], logins: int
) -> None:
    house = closed_house
    async with house.bot(FakeEngine(auto=False)):
        await house["ana"].slash("general", "imagine", prompt="a red star")
        await house.engine.was_given(1)
        house.engine.tick()
        await house.people.weather(gateway=weather)
        gateway = house.sandbox.gateway
        await until(lambda: gateway.resumes or len(gateway.identifies) == logins)
        await finish(house)
        await house["ana"].sees_until("general", has_picture)
        seen = [one for one in await house["ana"].sees("general") if has_picture(one)]
        await until(lambda: len(gateway.identifies) == logins and gateway.connected)

    assert 1 == len(seen)


async def test_a_click_made_while_the_bot_was_away_works_afterwards(closed_house: House) -> None:
    house = closed_house
    async with house.bot(FakeEngine(auto=False)):
        await house["ana"].slash("general", "imagine", prompt="a red star")
        place = await house["ana"].sees_until("general", is_place)
        await house.people.weather(gateway={"refuse": True, "close": 4009})
        waiting = house.sandbox.world.waiting
        lost = asyncio.create_task(house["ana"].press(place, "Cancel"))
        await until(lambda: waiting)  # Discord has it, and nobody to give it to
        await house.people.advance(3.1)
        lost_answer = await lost
        await house.people.weather(gateway={"refuse": False})
        await until(lambda: house.sandbox.gateway.connected)
        answer = await house["ana"].press(place, "Cancel")
        await house["ana"].sees_gone(place)

    assert not lost_answer.answered
    assert answer.answered


async def test_what_was_asked_while_the_socket_was_gone_is_heard_after_the_resume(
    closed_house: House,
) -> None:
    house = closed_house
    async with house.bot():
        await house.people.weather(gateway={"drop": True})
        answer = await house["ana"].slash("general", "imagine", prompt="a red star")
        await house["ana"].sees_until("general", has_picture)

    assert answer.answered


async def test_commands_are_registered_once_however_often_the_bot_logs_in(
    closed_house: House,
) -> None:
    house = closed_house
    async with house.bot(pauses=QUICK):
        for number in (2, 3):
            await house.people.weather(gateway={"invalid_session": True})
            await until(lambda expected=number: len(house.sandbox.gateway.identifies) == expected)
        wire = await house.people.wire()

    registered = [one for one in wire if one["method"] == "PUT" and "/commands" in one["path"]]
    assert 1 == len(registered)


# --- sockets that only look alive


async def test_a_socket_that_never_acknowledges_is_resumed_then_replaced_and_serves_again(
    beating: House,
) -> None:
    gateway = beating.sandbox.gateway
    async with beating.bot(pauses=QUICK, patience=WATCHFUL):
        before = (len(gateway.identifies), len(gateway.resumes))
        await beating.people.weather(gateway={"no_ack": True})
        await until(lambda: gateway.resumes)
        logins_at_the_resume = len(gateway.identifies)
        await until(lambda: len(gateway.identifies) > 1)
        await beating.people.weather(gateway={"no_ack": False})
        path = beating.data / health.FILE
        await until(lambda: gateway.connected and "alive" == _told(path)["gateway"]["socket"])
        await beating["ana"].slash("general", "imagine", prompt="a red star")
        await beating["ana"].sees_until("general", has_picture)

    assert (1, 0) == before
    assert 1 == logins_at_the_resume


async def test_a_socket_that_is_acknowledged_is_left_alone(beating: House) -> None:
    gateway = beating.sandbox.gateway
    patient = Patience(look_seconds=0.01, acknowledge_seconds=5.0, probe_seconds=0.0)
    async with beating.bot(pauses=QUICK, patience=patient):
        asked = beating.sandbox.wire.records
        seen = len(asked)
        await until(lambda: len(asked) > seen + 20)  # looks, each with a question to REST

    assert (1, 0) == (len(gateway.identifies), len(gateway.resumes))


async def test_while_rest_is_silent_too_nothing_is_replaced(beating: House) -> None:
    gateway = beating.sandbox.gateway
    async with beating.bot(pauses=QUICK, patience=WATCHFUL):
        await beating.people.weather(gateway={"no_ack": True}, route="/gateway/bot", drop=True)
        path, looks = beating.data / health.FILE, _asked(beating) + 20
        await until(
            lambda: path.exists() and "offline" in path.read_text() and _asked(beating) > looks
        )
        counts = (len(gateway.identifies), len(gateway.resumes))

    assert (1, 0) == counts


def _asked(house: House, path: str = "/gateway/bot") -> int:
    """How often the bot asked for this: one question of `/users/@me` is one client."""
    return sum(one.path.endswith(path) for one in house.sandbox.wire.records)


@pytest.mark.parametrize("weather", ["down", "no_hello", "refuse"])
async def test_a_gateway_that_never_lets_the_bot_in_gets_a_fresh_client_until_it_does(
    beating: House, weather: str
) -> None:
    """Left to itself discord.py would try again after five seconds, or after a minute."""
    gateway = beating.sandbox.gateway
    hasty = Patience(look_seconds=0.05, launch_seconds=0.5, strikes=1)
    await beating.people.weather(gateway={weather: True})
    running = run(beating, pauses=QUICK, patience=hasty)
    await until(lambda: _asked(beating, "/users/@me") > 1)
    logins_meanwhile = len(gateway.identifies)
    await beating.people.weather(gateway={weather: False})
    await until(lambda: gateway.connected)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert 0 == logins_meanwhile


async def test_what_no_fresh_client_mends_ends_the_process_with_a_status_of_its_own(
    beating: House,
) -> None:
    hasty = Patience(
        look_seconds=0.02,
        acknowledge_seconds=0.0,
        strikes=1,
        fresh_clients=1,
        stuck_seconds=0.0,
    )
    await beating.people.weather(gateway={"no_ack": True})

    with pytest.raises(Stuck) as stuck:
        async with asyncio.timeout(10):
            await run(beating, pauses=QUICK, patience=hasty)

    assert 75 == stuck.value.exit_status
    assert not (beating.data / health.FILE).exists()


# --- loops

LOOPS = {
    *("connection", "watchdog", "health", "lag", "engine", "leases", "dispatch", "place"),
    *("deliver", "tidy", "reply", "erase", "purge", "sweep", "depart", "prune", "forget"),
}


async def test_whichever_loops_are_ended_the_bot_goes_on_and_says_how_many(
    closed_house: House,
) -> None:
    house = closed_house
    async with house.bot(pauses=QUICK, patience=WATCHFUL):
        await until(lambda: {task.get_name() for task in asyncio.all_tasks()} >= LOOPS)
        for task in asyncio.all_tasks():
            if task.get_name() in LOOPS:
                task.cancel()
        await until(lambda: len(house.sandbox.gateway.identifies) == 2)
        await until(lambda: {task.get_name() for task in asyncio.all_tasks()} >= LOOPS)
        await house["ana"].slash("general", "imagine", prompt="a red star")
        await house["ana"].sees_until("general", has_picture)
        path = house.data / health.FILE
        await until(lambda: set(_told(path)["loops"]["ended"]) >= LOOPS)


async def test_a_loop_that_hangs_is_told_of_and_the_others_go_on(
    closed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_: Reply) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Reply, "look", hang)
    monkeypatch.setattr(loop, "LATE_SECONDS", 1.5)
    monkeypatch.setattr(loop, "LOOK_SECONDS", 0.1)
    house, path = closed_house, closed_house.data / health.FILE
    async with house.bot(pauses=QUICK, patience=WATCHFUL):
        await house["ana"].slash("general", "imagine", prompt="a red star")
        await house["ana"].sees_until("general", has_picture)
        await until(lambda: "reply" in _told(path)["loops"]["late"])
        late = _told(path)["loops"]
        is_well = json.loads(path.read_text())["ok"]

    assert (False, False) == (late["ok"], is_well)
    assert "deliver" not in late["late"]


def _told(path: Path) -> dict[str, dict[str, Any]]:
    """What the bot says of its parts now."""
    return dict(json.loads(path.read_text())["parts"])


# --- logins


async def test_when_logins_are_nearly_spent_the_bot_waits_says_so_and_comes_later(
    closed_house: House,
) -> None:
    house = closed_house
    await house.people.weather(gateway={"session_starts_remaining": 50})
    running = run(house, pauses=QUICK, patience=WATCHFUL)
    path = house.data / health.FILE
    await until(lambda: path.exists() and "waiting" in path.read_text())
    told = json.loads(path.read_text())
    logins_meanwhile = len(house.sandbox.gateway.identifies)
    await house.people.weather(gateway={"session_starts_remaining": 51})
    await until(lambda: house.sandbox.gateway.connected)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert 0 == logins_meanwhile
    assert (False, 50) == (told["ok"], told["parts"]["gateway"]["logins_left"])


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_a_refusal_that_no_retry_mends_is_one_line_with_its_remedy(
    closed_house: House, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await closed_house.people.weather(gateway={"refuse_login": code})

    with pytest.raises(SystemExit) as ended, cli._one_line():
        async with asyncio.timeout(10):
            await run(closed_house, pauses=QUICK)

    said = capsys.readouterr().err.strip().splitlines()
    assert 78 == ended.value.code
    assert 1 == len(said)
    assert str(code) in said[0] or "DISCORD_TOKEN" in said[0]


async def test_a_token_that_discord_does_not_know_ends_the_start(closed_house: House) -> None:
    await closed_house.people.weather(route="/users/@me", status=401)

    with pytest.raises(NotLetIn, match="DISCORD_TOKEN"):
        async with asyncio.timeout(10):
            await run(closed_house, pauses=QUICK)


@pytest.mark.parametrize(
    "weather",
    [
        {"route": "/gateway/bot", "status": 503, "times": 2},
        {"route": "/users/@me", "drop": True, "times": 1},
        {"route": "/users/@me", "status": 503, "times": 1},
    ],
    ids=str,
)
async def test_a_discord_that_is_down_at_the_start_is_tried_again(
    closed_house: House, weather: dict[str, object]
) -> None:
    await closed_house.people.weather(**weather)

    async with closed_house.bot(pauses=QUICK):
        answer = await closed_house["ana"].slash("general", "help")

    assert answer.answered


# --- how it is told


async def test_the_operator_reads_how_the_parts_are_and_nobody_else_can(
    closed_house: House,
) -> None:
    house, port = closed_house, unused_port()
    house.options["health_port"] = port
    async with house.bot(patience=WATCHFUL), aiohttp.ClientSession() as session:
        path, url = house.data / health.FILE, f"http://127.0.0.1:{port}/health"
        await house["ana"].slash("general", "imagine", prompt="a red star")
        await house["ana"].sees_until("general", is_answer)
        await until(lambda: path.exists() and json.loads(path.read_text())["ok"])
        async with session.get(url) as answer:
            well, report = answer.status, await answer.json()
        async with session.get(url, headers={"Host": "evil.example"}) as answer:
            bent = answer.status
        mode = path.stat().st_mode & 0o777
        is_well, lines = health.lines(house.data, report["at"])
        late, said = health.lines(house.data, report["at"] + 61)
    gone, nobody = health.lines(house.data, report["at"])

    assert (200, 403, 0o600) == (well, bent, mode)
    parts = {"gateway", "rest", "worker", "database", "intake", "loops", "queue"}
    assert parts == set(report["parts"])
    assert (True, len(parts)) == (is_well, len(lines))
    assert (False, False) == (late, gone)
    assert "hangs" in said[0]
    assert "no bot runs" in nobody[0]
    assert "red star" not in json.dumps(report)
