"""The bot is told to stop: what runs has its time, the rest waits, and nobody pays for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot import app, settings
from bot.sandbox.server import Sandbox
from tests.fakes import FakeEngine
from tests.journeys.hearing import asks
from tests.journeys.house import TOKEN, House, has_picture, is_answer
from tests.journeys.processes import BotProcess
from tests.people import People, Seen

STOP_SECONDS = 60.0


class Lingering(FakeEngine):
    """Told to stop, its jobs run on until `done` is set, the grace is over, or it is hurried."""

    def __init__(self, rows: int = 1) -> None:
        super().__init__(rows=rows, auto=False)
        self.done, self.hurried = asyncio.Event(), asyncio.Event()
        self.graces: list[float] = []

    async def stop(self, grace_seconds: float) -> None:
        self.graces.append(grace_seconds)
        if not grace_seconds:
            self.hurried.set()
        waits = [asyncio.create_task(event.wait()) for event in (self.done, self.hurried)]
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await super().stop(float(self.done.is_set()))


class Life:
    """One run of the bot, to be stopped as by signals."""

    def __init__(self, house: House, engine: Lingering, stop_seconds: float) -> None:
        self.engine, self.stopping, self.at_once = engine, asyncio.Event(), asyncio.Event()
        self.ready = asyncio.Event()
        chosen = settings.load(
            house.data / "no.env",
            discord_token=TOKEN,
            data_dir=house.data,
            stop_seconds=stop_seconds,
        )
        self.ends = asyncio.create_task(
            app.run(
                chosen,
                house.sandbox.url,
                lambda _: self.ready.set(),
                self.stopping,
                make_engine=lambda _: engine,
                at_once=self.at_once,
            )
        )


@asynccontextmanager
async def life(house: House, stop_seconds: float = STOP_SECONDS) -> AsyncIterator[Life]:
    one = Life(house, Lingering(), stop_seconds)
    async with asyncio.timeout(30):
        await one.ready.wait()
        yield one
        await one.ends


async def two_jobs(house: House, one: Life) -> None:
    """Ana's runs, Plum's waits."""
    for number, name in enumerate(("ana", "plum"), start=1):
        await house[name].slash("general", "imagine", prompt=f"a red star, {name}'s")
        await house[name].sees_until("general", is_answer)
        if number == 1:
            await one.engine.was_given(1)


def jobs(house: House) -> list[tuple[str, int]]:
    """State and attempts of every job, oldest first."""
    with sqlite3.connect(house.data / "darkroom.db") as db:
        found = db.execute("SELECT state, attempts FROM jobs ORDER BY rowid").fetchall()
    db.close()
    return found


def used(house: House) -> int:
    with sqlite3.connect(house.data / "darkroom.db") as db:
        (pictures,) = db.execute("SELECT total(pictures) FROM usage").fetchone()
    db.close()
    return int(pictures)


def is_restarting(seen: Seen) -> bool:
    return seen.ephemeral and "I am restarting" in seen.content


async def test_what_runs_is_finished_and_what_waits_is_made_after_the_next_start(
    closed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "GOODBYE_SECONDS", STOP_SECONDS)  # else it may come after the start
    house = closed_house
    async with life(house) as one:
        await two_jobs(house, one)

        one.stopping.set()
        one.engine.done.set()

    assert [("delivered", 1), ("placed", 0)] == jobs(house)
    assert 1 == len(one.engine.given)
    async with house.bot():
        await house["plum"].sees_until(
            "general", lambda seen: "plum's" in seen.text and has_picture(seen)
        )
    assert [("delivered", 1), ("delivered", 1)] == jobs(house)


async def test_who_asks_while_it_stops_is_told_to_ask_again_and_pays_nothing(
    closed_house: House,
) -> None:
    house = closed_house
    async with life(house) as one:
        await two_jobs(house, one)
        one.stopping.set()
        async with asyncio.timeout(10):
            while not one.engine.graces:
                await asyncio.wait([one.ends], timeout=0.01)

        for channel in ("general", "dm"):
            await house["pia"].slash(channel, "imagine", prompt="a moon")
            said = await house["pia"].sees_until(channel, is_restarting)
            assert "Ask again in a minute" in said.content
        one.engine.done.set()

    assert (2, 2) == (len(jobs(house)), used(house))


async def test_what_does_not_end_in_its_time_is_given_back_at_no_attempt(
    closed_house: House,
) -> None:
    house = closed_house
    async with life(house, stop_seconds=0.05) as one:
        await two_jobs(house, one)
        one.stopping.set()

    assert [("placed", 0), ("placed", 0)] == jobs(house)
    assert (0.05, 2) == (one.engine.graces[0], used(house))


async def test_told_twice_it_stops_at_once_and_still_gives_back_what_ran(
    closed_house: House,
) -> None:
    house = closed_house
    async with life(house) as one:
        await two_jobs(house, one)
        one.stopping.set()
        one.at_once.set()

    assert [("placed", 0), ("placed", 0)] == jobs(house)
    assert [STOP_SECONDS, 0.0] == one.engine.graces[:2]


async def test_a_discord_that_answers_nothing_any_more_holds_up_no_stop(
    closed_house: House,
) -> None:
    house = closed_house
    async with life(house, stop_seconds=0.05) as one:
        await two_jobs(house, one)
        asked = len(await house.people.wire())
        await house.people.weather(delay_ms=300_000)
        one.engine.tick()  # a step is shown
        async with asyncio.timeout(10):
            while "PATCH" not in [told["method"] for told in (await house.people.wire())[asked:]]:
                await asyncio.wait([one.ends], timeout=0.01)

        one.stopping.set()
        async with asyncio.timeout(10):
            await one.ends

    assert ("placed", 0) == jobs(house)[0]


@pytest.mark.timeout(120)
async def test_a_second_signal_ends_the_real_process_long_before_its_time(
    tmp_path: Path, in_memory: Path
) -> None:
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        bot = BotProcess(
            sandbox.url,
            tmp_path / "data",
            STOP_SECONDS="600",
            RUNTIME_DIRECTORY=str(in_memory),
        )
        await bot.start()
        bot.worker().suspend()  # its job never ends
        await people["ana"].slash("general", "imagine", prompt="a red star")
        await people["ana"].sees_until("general", is_answer)

        bot.signal()
        async with asyncio.timeout(20):
            while not is_restarting(await asks(people["pia"], "dm", "imagine", prompt="a moon")):
                continue  # the signal may still be on its way; each ask is a whole command
        async with asyncio.timeout(60):
            await bot.stop()

    house = House(people, sandbox, FakeEngine(), tmp_path / "data", {})
    assert {0} == {attempts for _, attempts in jobs(house)}
