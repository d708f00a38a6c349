"""What the bot prints: codes and classes, whoever logs, warns or crashes, and how loudly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bot import hush
from bot.sandbox.server import Sandbox
from gen import launch
from tests.journeys.house import has_picture
from tests.journeys.processes import BotProcess
from tests.people import People

ROOT = Path(__file__).parents[1]
CANARY = "xylophone quartz"
TOKEN = "sandbox.zeppelinmarmalade"
ANA = "1191168000000000020"

_LOUD = """
import logging, sys
handler = logging.StreamHandler(sys.stderr)
handler.setFormatter(logging.Formatter("loud %(name)s %(levelname)s %(message)s %(args)s"))
logging.Logger.isEnabledFor = lambda self, level: True  # whatever level anybody sets
logging.Logger.getEffectiveLevel = lambda self: 1
for name in ("asyncio", "aiohttp", "aiosqlite", "discord", "discord.http", "discord.gateway"):
    logging.getLogger(name).addHandler(handler)
"""
"""As `sitecustomize`, it forces every logger to the lowest level before any line of ours runs."""

_GUSH = f"""
import asyncio, logging, sys, threading, warnings
from bot import log
careful = sys.argv[1] == "careful"
if careful:
    log.set_up("info")
from bot import hush
if careful:
    hush.settle({{}})
handler = logging.StreamHandler()
for name in ("discord", "discord.gateway", "aiohttp.client", "asyncio"):
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    logger.debug("{CANARY}")
    logger.info("%s", "{CANARY}")
    logger.error("{CANARY}", exc_info=KeyError("{CANARY}"), extra={{"count": "{CANARY}"}})
warnings.warn("{CANARY}")

def fail():
    raise KeyError("{CANARY}")

thread = threading.Thread(target=fail)
thread.start()
thread.join()

class Careless:
    def __del__(self):
        fail()

Careless()

async def task():
    fail()

async def forget():
    asyncio.create_task(task(), name="{CANARY}")
    await asyncio.sleep(0)
    await asyncio.sleep(0)

asyncio.run(forget())
raise ExceptionGroup("{CANARY}", [ValueError("{CANARY}")])
"""


def gush(how: str) -> subprocess.CompletedProcess[str]:
    """A process in which everything goes wrong and everybody talks of it."""
    return subprocess.run(
        [sys.executable, "-c", _GUSH, how], cwd=ROOT, capture_output=True, text=True
    )


def test_whoever_talks_or_crashes_only_codes_and_classes_are_printed() -> None:
    done = gush("careful")

    assert CANARY not in done.stdout + done.stderr
    said = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    found = {(line["event"], line.get("fault")) for line in said}
    assert {
        ("library.discord.gateway", "KeyError"),
        ("library.discord.gateway", None),
        ("library.asyncio", "KeyError"),
        ("library.py.warnings", None),
        ("thread.crashed", "KeyError"),
        ("fault.ignored", "KeyError"),
        ("bot.crashed", "ValueError"),
    } <= found
    assert {"info", "warning", "error"} == {line["level"] for line in said}
    assert 1 == done.returncode


def test_without_care_the_same_process_would_tell_it_all() -> None:
    assert 20 < gush("careless").stderr.count(CANARY)


async def test_with_every_logger_at_its_loudest_no_prompt_name_or_token_is_printed(
    tmp_path: Path, in_memory: Path
) -> None:
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(_LOUD)
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        bot = BotProcess(
            sandbox.url,
            tmp_path / "data",
            DISCORD_TOKEN=TOKEN,
            PYTHONPATH=str(tmp_path / "hook"),
            RUNTIME_DIRECTORY=str(in_memory),
            LOG_LEVEL="info",
            STOP_SECONDS="0",
        )
        await bot.start()
        environ = _environ(bot.worker())
        for place in ("general", "dm"):
            await people["ana"].slash(place, "imagine", prompt=f"{CANARY} star", steps=4)
            await people["ana"].sees_until(place, has_picture, limit_seconds=40)
        await bot.stop()

    assert b"loud discord.gateway DEBUG" in bot.said
    assert b"loud discord.http DEBUG" in bot.said
    for canary in (CANARY, TOKEN.removeprefix("sandbox."), ANA):
        assert canary.encode() not in bot.said
    if environ is not None:
        assert launch.SILENT.items() <= environ.items()
        assert TOKEN not in environ.values()


def _environ(process: psutil.Process) -> dict[str, str] | None:
    """The environment of a process; only root may look into one that keeps to itself."""
    try:
        return process.environ()
    except psutil.AccessDenied:
        return None


@pytest.mark.parametrize("name", hush.LOUD)
def test_a_debugging_switch_stops_the_start_with_one_line(tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), name: "1"},
    )

    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert f"{name} is set" in done.stderr
    assert "unset it and start again" in done.stderr


def test_pythons_development_mode_stops_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "bot", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )

    assert 1 == done.returncode
    assert "start again without `-X dev`" in done.stderr.splitlines()[-1]


def test_the_bots_memory_and_new_files_are_its_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import ctypes, os, resource, sys\n"
            "from bot import hush\n"
            "hush.settle({})\n"
            "open(sys.argv[1], 'w').close()\n"
            "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3))\n",
            str(tmp_path / "new"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "(0, 0) 0" == done.stdout.strip()
    assert 0o600 == (tmp_path / "new").stat().st_mode & 0o777
