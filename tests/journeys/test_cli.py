"""The darkroom command as an operator meets it: one line that says what to do, or it works."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bot.doctor import PERMISSIONS, application_id, invite_link
from bot.settings import POCKET
from tests import commands
from tests.people import People

ROOT = Path(__file__).parents[2]
REAL_LOOKING = "MTIzNDU2Nzg5MDEyMzQ1Njc4.AAAAAA.not-a-real-one"


def darkroom(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder with an environment of its own."""
    return commands.run(arguments, cwd=folder, env={"PATH": os.environ["PATH"], **environ})


def test_run_without_a_token_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    done = darkroom(tmp_path, "run")

    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert "put the bot's token into .env" in done.stderr


def test_a_real_token_is_never_sent_to_a_sandbox(tmp_path: Path) -> None:
    done = darkroom(tmp_path, "run", "--sandbox", "http://127.0.0.1:1", DISCORD_TOKEN=REAL_LOOKING)

    assert 1 == done.returncode
    assert "never sent to a sandbox" in done.stderr
    assert REAL_LOOKING not in done.stderr


def test_a_sandbox_token_is_refused_at_discord(tmp_path: Path) -> None:
    done = darkroom(tmp_path, "run", DISCORD_TOKEN="sandbox.x")

    assert 1 == done.returncode
    assert "real Discord does not know" in done.stderr


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://127.0.0.1:1", "ftp://x", "nonsense"]
)
def test_a_sandbox_is_on_this_machine_only(tmp_path: Path, url: str) -> None:
    done = darkroom(tmp_path, "run", "--sandbox", url, DISCORD_TOKEN="sandbox.x")

    assert 1 == done.returncode
    assert "on this machine only" in done.stderr


def test_a_broken_env_file_lists_all_its_problems_and_no_value(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "DEVCE=cpu\nsome words\nWORKER_ROWS=-3\nTIME_ZONE=Mars\nLOG_LEVEL=debug\n"
        f"DISCORD_TOKEN={REAL_LOOKING}\n"
    )
    env_file.chmod(0o600)

    done = darkroom(tmp_path, "run")

    assert 1 == done.returncode
    for problem in ("did you mean DEVICE?", "line 2", "WORKER_ROWS", "TIME_ZONE", "LOG_LEVEL"):
        assert problem in done.stderr
    assert REAL_LOOKING not in done.stderr


def test_an_env_file_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"DISCORD_TOKEN={REAL_LOOKING}\n")
    env_file.chmod(0o644)

    done = darkroom(tmp_path, "run")

    assert 1 == done.returncode
    assert "chmod 600" in done.stderr


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = darkroom(
        tmp_path,
        "run",
        "--sandbox",
        "http://127.0.0.1:1",
        "--data",
        "file/data",
        DISCORD_TOKEN="sandbox.x",
    )

    assert 1 == done.returncode
    assert "cannot be written" in done.stderr
    assert "DATA_DIR" in done.stderr


def _truncated(model: Path) -> None:
    weights = next(model.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-100])


def _with_pickle(model: Path) -> None:
    (model / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (shutil.rmtree, "no such folder"),
        (_truncated, "download it again"),
        (_with_pickle, "pickle"),
    ],
)
def test_a_model_folder_that_cannot_be_used_is_named(tmp_path: Path, spoil, said: str) -> None:
    model = tmp_path / "model"
    shutil.copytree(POCKET, model)
    spoil(model)

    done = darkroom(
        tmp_path,
        "run",
        "--sandbox",
        "http://127.0.0.1:1",
        DISCORD_TOKEN="sandbox.x",
        MODEL_DIR=str(model),
    )

    assert 1 == done.returncode
    assert "MODEL_DIR" in done.stderr
    assert said in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = darkroom(tmp_path, "sandbox", "--port", port)

    assert 1 == done.returncode
    assert f"port {port} cannot be used" in done.stderr
    assert "--port 0" in done.stderr


def test_doctor_looks_at_everything_and_is_content_without_any_settings(tmp_path: Path) -> None:
    done = darkroom(tmp_path, "doctor")

    assert 0 == done.returncode, done.stdout
    for thing in ("Python", "torch", "GPU", "model Pocket", "data folder", "plans", "TOKEN"):
        assert thing in done.stdout


def test_doctor_prints_the_invite_link_and_never_the_token(tmp_path: Path) -> None:
    done = darkroom(tmp_path, "doctor", DISCORD_TOKEN=REAL_LOOKING)

    assert invite_link(123456789012345678) in done.stdout
    assert REAL_LOOKING not in done.stdout


def test_the_invite_link_has_exactly_the_scopes_and_permissions() -> None:
    link = invite_link(1)

    assert "scope=bot+applications.commands" in link
    assert f"permissions={sum(PERMISSIONS.values())}&" in link
    assert 8 & sum(PERMISSIONS.values()) == 0  # never administrator


def test_the_applications_id_is_read_from_the_token() -> None:
    assert 123456789012345678 == application_id(REAL_LOOKING)
    assert application_id("gibberish") is None


@pytest.mark.timeout(120)
async def test_the_demo_plays_its_tour_and_everything_is_as_promised(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--headless", "--tour", "--port", "0"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()

    assert 0 == process.returncode, errors.decode()
    assert re.match(r"ready http://127\.0\.0\.1:\d+ · Pocket on \w+", out.decode())
    assert "Everything was as promised" in out.decode()
    assert {"ana-public.webp", "pia-stealth.webp"} == _names(tmp_path / "tour")


@pytest.mark.timeout(180)
async def test_the_demo_survives_a_killed_worker_and_a_signal_ends_every_process_and_key(
    tmp_path: Path, in_memory: Path
) -> None:
    async with _demo(tmp_path, in_memory) as process:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        assert line.startswith("ready")
        parts = psutil.Process(process.pid).children(recursive=True)
        assert 3 == len(parts)  # sandbox, bot, worker
        url = line.split()[1]
        parts += await _the_worker_is_killed_on_request(url, parts)
        await _pia_asks_for_more_than_can_be_painted(url)
        (keys,) = _names(in_memory)
        assert _names(in_memory / keys)

    _, alive = psutil.wait_procs(parts, timeout=0)
    assert [] == alive
    assert set() == _names(in_memory)  # the keys of what she was never sent


@asynccontextmanager
async def _demo(folder: Path, in_memory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A demo that runs until somebody presses Ctrl-C, or the test has failed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--headless", "--port", "0"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RUNTIME_DIRECTORY": str(in_memory)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def _pia_asks_for_more_than_can_be_painted(url: str) -> None:
    async with People(url) as people:
        pia = people["pia"]
        await pia.slash(
            "general", "imagine", prompt="a red star", visibility="stealth", count=4, steps=50
        )
        await pia.sees_until("dm", lambda one: "Your stealth job" in one.content)


async def _the_worker_is_killed_on_request(
    url: str, parts: list[psutil.Process]
) -> list[psutil.Process]:
    """Ana's picture comes once, although its worker dies; gives back the new worker."""
    # The dead have no command line: each is told apart while all of them live.
    (worker,) = (one for one in parts if "gen.worker" in one.cmdline())
    (bot,) = (one for one in parts if "run" in one.cmdline())
    async with People(url) as people:
        ana = people["ana"]
        await ana.slash("general", "imagine", prompt="a red star")
        await people.call("POST", "/hands", json={"hand": "kill-worker"})
        await asyncio.to_thread(worker.wait, 10)
        await ana.sees_until("general", lambda one: bool(one.attachments), limit_seconds=90)
        done = [one for one in await ana.sees("general") if one.attachments]
        assert 1 == len(done)
    return bot.children()


async def test_a_world_and_its_data_go_on_where_they_were(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "sandbox", "--port", "0"),
            *("--world", str(data.with_name("data.world") / "world.json")),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert (await process.stdout.readline()).startswith(b"sandbox http://127.0.0.1:")
        process.terminate()
        assert 0 == await process.wait()

    world = json.loads((tmp_path / "data.world" / "world.json").read_text())
    assert world


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
