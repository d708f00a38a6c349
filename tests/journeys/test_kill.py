"""The real bot and the real worker are killed: nothing of what was asked lies about.

That nothing is lost or doubled, whenever they are killed, is proved by `tests/prove/killing.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.journeys.house import has_picture
from tests.journeys.processes import BotProcess
from tests.people import People
from tests.sandbox.openapi import assert_wire_valid

PLANS = (
    '[[plan]]\nname = "Free"\nstealth = "optional"\npictures_per_day = 99\nwaiting_jobs = 99\n'
    "running_jobs = 4\nmax_steps = 100\nmax_count = 4\nmax_repeat = 1\nmax_permutations = 1\n"
    'speeds = ["fast"]\nweight = 1\n'
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
