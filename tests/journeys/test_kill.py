"""What was accepted is delivered once, whoever is killed with -9, and whenever."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.wire import Record
from tests.journeys.house import has_picture, is_answer, is_place
from tests.journeys.processes import BotProcess
from tests.people import People, Seen
from tests.sandbox.openapi import assert_wire_valid

PUBLIC, STEALTH = 6, 3
COLOURS = ("red", "blue", "green", "yellow", "purple", "orange")
KILLS = (
    ("POST", "/messages", 2),  # some places stand, others were only intended
    ("PATCH", "/messages", 1),  # a result is being put into its place
    ("PATCH", "/messages", 5),
    ("PATCH", "/webhooks", 4),  # delivered, its owner not yet told
)
"""Each kill comes right after the sandbox heard that many such requests since the last start."""

PLANS = (
    '[[plan]]\nname = "Free"\nstealth = "optional"\npictures_per_day = 99\nwaiting_jobs = 99\n'
    "max_steps = 100\nmax_count = 4\nweight = 1\n"
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False) as sandbox:
        yield sandbox
        assert_wire_valid(sandbox)


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.url) as people:
        yield people


@pytest.fixture
async def bot(sandbox: Sandbox, tmp_path: Path, in_memory: Path) -> AsyncIterator[BotProcess]:
    plans = tmp_path / "plans.toml"
    plans.write_text(PLANS)
    process = BotProcess(
        sandbox.url,
        tmp_path / "data",
        PLANS_FILE=str(plans),
        STOP_SECONDS="0",
        RUNTIME_DIRECTORY=str(in_memory),
    )
    await process.start()
    yield process
    await process.stop()


async def _heard(sandbox: Sandbox, method: str, path: str, times: int) -> None:
    """Wait until the bot, from now on, asked something so many times."""
    left, done = times, asyncio.Event()

    def hear(record: Record) -> None:
        nonlocal left
        left -= record.method == method and path in record.path
        if left <= 0:
            done.set()

    sandbox.wire.listeners.append(hear)
    await done.wait()
    sandbox.wire.listeners.remove(hear)


async def _ask_for_all(people: People) -> None:
    for number in range(PUBLIC):
        prompt = f"a {COLOURS[number]} star"
        await people["ana"].slash("general", "imagine", prompt=prompt, steps=40)
    for _ in range(STEALTH):
        await people["pia"].slash("gallery", "imagine", prompt="a moon", visibility="stealth")
    await people["ana"].sees_all_until(
        "general", lambda seen: len([one for one in seen if is_answer(one)]) == PUBLIC
    )
    await people["pia"].sees_all_until(
        "gallery", lambda seen: len([one for one in seen if is_answer(one)]) == STEALTH
    )


def _finished(expected: int):
    def done(seen: list[Seen]) -> bool:
        return len([one for one in seen if has_picture(one)]) >= expected and not any(
            is_place(one) for one in seen
        )

    return done


@pytest.mark.timeout(150)
async def test_the_bot_is_killed_again_and_again_and_nothing_is_lost_or_doubled(
    sandbox: Sandbox, people: People, bot: BotProcess
) -> None:
    await _ask_for_all(people)

    for method, path, times in KILLS:
        async with asyncio.timeout(30):
            await _heard(sandbox, method, path, times)
        await bot.kill()
        await bot.start()

    public = await people["mod"].sees_all_until("general", _finished(PUBLIC), limit_seconds=60)
    stealth = await people["pia"].sees_all_until("dm", _finished(STEALTH), limit_seconds=60)
    assert Counter(COLOURS) == Counter(
        colour for one in public for colour in COLOURS if f"{colour} star" in one.content
    )
    assert STEALTH == len([one for one in stealth if has_picture(one)])
    assert [] == await people["mod"].sees("gallery")


@pytest.mark.timeout(90)
async def test_a_killed_worker_costs_one_attempt_and_nothing_else(
    sandbox: Sandbox, people: People, bot: BotProcess, tmp_path: Path
) -> None:
    progress = asyncio.create_task(_heard(sandbox, "PATCH", "/channels", 1))
    await people["ana"].slash("general", "imagine", prompt="a red star", steps=100, count=4)
    await progress

    bot.worker().kill()

    seen = await people["ana"].sees_until("general", has_picture, limit_seconds=60)
    assert 4 == len(seen.filenames)
    assert 1 == len([one for one in await people["mod"].sees("general") if has_picture(one)])
    await bot.stop()
    assert [(2, "delivered")] == _jobs(tmp_path / "data")


@pytest.mark.timeout(90)
async def test_a_stopped_bot_gives_a_running_job_back_at_no_cost(
    sandbox: Sandbox, people: People, bot: BotProcess, tmp_path: Path
) -> None:
    progress = asyncio.create_task(_heard(sandbox, "PATCH", "/channels", 1))
    await people["ana"].slash("general", "imagine", prompt="a red star", steps=100, count=4)
    await progress

    await bot.stop()

    assert [(0, "placed")] == _jobs(tmp_path / "data")
    await bot.start()
    await people["ana"].sees_until("general", has_picture, limit_seconds=60)


@pytest.mark.timeout(90)
async def test_nothing_that_was_asked_for_is_in_any_file_or_line_of_output(
    people: People, bot: BotProcess, tmp_path: Path
) -> None:
    canaries = ("xylophone quartz", "zeppelin marmalade")
    await people["ana"].slash("general", "imagine", prompt=f"{canaries[0]} star", steps=100)
    await people["pia"].slash("dm", "imagine", prompt=f"{canaries[1]} star", steps=100)
    await people["ana"].sees_until("general", has_picture, limit_seconds=40)
    stealth = await people["pia"].sees_until("dm", has_picture, limit_seconds=40)
    picture = await people["pia"].download(stealth.attachments[0])
    await bot.kill()

    everything = b"\n".join([*_files(tmp_path), bot.said])
    for canary in canaries:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert canary.encode(encoding) not in everything
    middle = len(picture) // 2
    assert picture[middle : middle + 64] not in everything
    assert b"1191168000000000020" not in everything  # ana's id


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _jobs(data: Path) -> list[tuple[int, str]]:
    with sqlite3.connect(data / "darkroom.db") as connection:
        found = connection.execute("SELECT attempts, state FROM jobs").fetchall()
    connection.close()
    return found
