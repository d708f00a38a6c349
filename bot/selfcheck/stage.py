"""A folder, a sandbox and a bot of the check's own, on the operator's model settings alone.

FOLDER/home     where the bot stands, with its own .env
FOLDER/data     its data folder; FOLDER/data.key is the root key
FOLDER/tmp      its temporary files
FOLDER/said     everything it prints and logs
FOLDER/witness  whom it spoke to, and which files it opened for writing
FOLDER/world    the sandbox's world: Discord's side, never searched
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil

import bot
from bot.children import Children, end_child, ready_line, role_plans, unless_stopped
from bot.crypto import stealthkeys
from bot.errors import StartFault
from bot.settings import Settings

READY_SECONDS = 900.0
"""A large model takes its time to load."""

BOT_STOP_SECONDS, SANDBOX_STOP_SECONDS = 20.0, 2.0
_LOOK_AGAIN_SECONDS = 0.02


class Break(StrEnum):
    """What can be broken, to see that the check notices (`bot.selfcheck.broken`)."""

    ENCRYPTION = "encryption"  #: what is sealed is stored as it is
    DELIVERY = "delivery"  #: a result for somebody's DM is posted to a channel as well
    PICTURE = "picture"  #: a finished picture is left in a temporary file


@dataclass(frozen=True)
class Folder:
    """The check's own folder, 0700."""

    path: Path

    @property
    def home(self) -> Path:
        """Where the bot stands."""
        return self.path / "home"

    @property
    def env_file(self) -> Path:
        """Its settings, its token among them."""
        return self.home / ".env"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.path / "data"

    @property
    def blobs(self) -> Path:
        """Where sealed pictures wait to be delivered (`bot.storage.pictures`)."""
        return self.data / "blobs"

    @property
    def root_key(self) -> Path:
        """The file of its root key."""
        return self.path / "data.key"

    @property
    def temporary(self) -> Path:
        """Its TMPDIR."""
        return self.path / "tmp"

    @property
    def said(self) -> Path:
        """What it printed and logged."""
        return self.path / "said"

    @property
    def witness(self) -> Path:
        """What `bot.selfcheck.inside` noted."""
        return self.path / "witness"

    @property
    def world(self) -> Path:
        """The sandbox's world."""
        return self.path / "world"

    def make(self) -> None:
        """Make it, for us alone.

        Raises:
            StartFault: it cannot be made, or is in use.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
            if any(self.path.iterdir()):
                raise StartFault(f"{self.path} is not empty: name a new folder with --keep")
            for folder in (self.home, self.temporary, self.world):
                folder.mkdir(mode=0o700)
        except OSError as fault:
            raise StartFault(
                f"{self.path} cannot be used ({fault.strerror}): name another one with --keep"
            ) from None

    def forget_keys(self) -> None:
        """Remove the folder of stealth keys, once the bot has ended."""
        stealthkeys.forget_all(os.environ, self.data)

    def in_memory(self) -> Path | None:
        """Find the folder in memory that holds the bot's stealth keys."""
        return stealthkeys.found_in_memory(os.environ, self.data)


@dataclass
class Stage:
    """Sandbox, bot and worker as they run."""

    folder: Folder
    url: str
    token: str = field(repr=False)
    bot: asyncio.subprocess.Process
    worker_waits: bool = False

    def family(self) -> list[psutil.Process]:
        """Give the bot's process and its children; none once it has ended."""
        try:
            first = psutil.Process(self.bot.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def hold_worker(self) -> None:
        """Let every child of the bot stand still: what is accepted now has to wait."""
        self.worker_waits = True
        for process in self.family()[1:]:
            _suspend(process)

    def let_work(self) -> None:
        """Let the worker work again."""
        self.worker_waits = False
        self.go_on()

    def hold(self) -> None:
        """Let everything stand still, so that a look sees one moment."""
        for process in self.family():
            _suspend(process)

    def go_on(self) -> None:
        """Let everything run again, but for a worker that is to wait."""
        for process in self.family()[: 1 if self.worker_waits else None]:
            with suppress(psutil.Error):
                process.resume()

    async def stop(self) -> None:
        """Stop the bot as an operator does."""
        await end_child(self.bot, BOT_STOP_SECONDS)


async def set_up(
    folder: Folder,
    chosen: Settings,
    broken: Break | None,
    children: Children,
    stopping: asyncio.Event,
) -> Stage:
    """Start sandbox and bot, and wait until the bot is ready.

    Raises:
        StartFault: one of them could not start.
        Stopped: we were told to end meanwhile.
    """
    environ = _environ(folder)
    sandbox = await children.start(
        *("bot", "sandbox", "--port", "0", "--world", str(folder.world / "world.json")),
        patience_seconds=SANDBOX_STOP_SECONDS,
        environ=environ,
        folder=folder.world,
    )
    url = (await ready_line(sandbox, "sandbox ", stopping)).removeprefix("sandbox ")
    token = f"sandbox.{secrets.token_hex(16)}"
    _write_env(folder, chosen, token, await role_plans(url))
    module = ("bot.selfcheck.broken", broken) if broken else ("bot.selfcheck.inside",)
    folder.said.touch(mode=0o600)
    with folder.said.open("ab") as said:
        bot = await children.start(
            *(*module, str(folder.witness), "run", "--sandbox", url),
            patience_seconds=BOT_STOP_SECONDS,
            environ=environ,
            folder=folder.home,
            stdout=said,
            stderr=said,
        )
    stage = Stage(folder, url, token, bot)
    await unless_stopped(_ready(stage), stopping)
    return stage


def _environ(folder: Folder) -> dict[str, str]:
    """Give the environment of both: ours, without any setting, credential or token."""
    settings = {name.upper() for name in Settings.model_fields} | {"CREDENTIALS_DIRECTORY"}
    return {
        **{name: value for name, value in os.environ.items() if name.upper() not in settings},
        "TMPDIR": str(folder.temporary),
        "PYTHONPATH": str(Path(bot.__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",  # what it writes is to be its own doing
    }


def _write_env(folder: Folder, chosen: Settings, token: str, role_plans: str) -> None:
    lines = {
        "DISCORD_TOKEN": token,
        "DATA_DIR": str(folder.data),
        "ROOT_KEY_FILE": str(folder.root_key),
        "MODEL_DIR": str(chosen.model_dir.resolve()),
        "DEVICE": chosen.device,
        "WORKER_THREADS": str(chosen.worker_threads),
        "WORKER_ROWS": str(chosen.worker_rows),
        "ROLE_PLANS": role_plans,
        "LOG_LEVEL": "info",
    }
    folder.env_file.touch(mode=0o600)
    folder.env_file.write_text("".join(_setting(*line) for line in lines.items()))


def _setting(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'\n"


async def _ready(stage: Stage) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not any(each.startswith("ready ") for each in _lines(stage.folder.said)):
                if stage.bot.returncode is not None:
                    words = " ".join(_lines(stage.folder.said)) or "it said nothing"
                    raise StartFault(f"the bot could not start: {words}")
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise StartFault(f"the bot was not ready within {READY_SECONDS:.0f} s") from None


def _lines(said: Path) -> Iterator[str]:
    yield from said.read_text(errors="replace").splitlines()


def _suspend(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.suspend()
