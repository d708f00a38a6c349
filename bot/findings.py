"""What `darkroom doctor` finds: one line each; what there is about backups, GPUs and the clock."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.crypto import rootkey
from bot.errors import StartFault
from bot.ports import SystemClock, day_of
from bot.settings import Settings
from bot.storage import backups, house
from bot.storage.memory import join_memory
from gen import launch


class Mark(StrEnum):
    """How a thing stands."""

    GOOD = "✓"
    HINT = "•"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. A bad one says what to do."""

    mark: Mark
    text: str

    @property
    def is_bad(self) -> bool:
        """Whether the bot cannot run, or not safely, as it is."""
        return self.mark is Mark.BAD

    def line(self) -> str:
        """Print it."""
        return f"{self.mark} {self.text}"


def backups_of(chosen: Settings) -> Iterator[Finding]:
    """Say whether copies can be written, and how old the last one is."""
    folder = chosen.backup_dir
    if folder is None:
        yield Finding(
            Mark.HINT,
            "no BACKUP_DIR: name a folder on another disk, and run `darkroom backup` every day",
        )
        return
    try:
        source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
        backups.refuse_target(folder, chosen.data_dir, source.path)
    except StartFault as fault:
        yield Finding(Mark.BAD, str(fault))
        return
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        yield Finding(
            Mark.BAD,
            f"BACKUP_DIR {folder} cannot be written: make it so; until then only the data folder "
            "knows what a restored copy must forget",
        )
        return
    copies = backups.copies_in(folder)
    days = (SystemClock().now() - copies[-1].at) // backups.DAY_SECONDS if copies else None
    if days is None or days >= chosen.backup_days:
        yield Finding(Mark.HINT, f"no copy in {folder} that can be restored: run `darkroom backup`")
    else:
        age = "today" if days < 1 else f"{days} day{'s' if days > 1 else ''} ago"
        yield Finding(Mark.GOOD, f"backups in {folder}, the last one made {age}")


def told_by_torch(program: str) -> str | None:
    """Ask torch in a child process: this one never loads it. None when it does not load."""
    try:
        asked = subprocess.run(  # noqa: S603  # our own interpreter, a fixed text
            [sys.executable, "-c", f"import torch; {program}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            env=launch.environment(os.environ),
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return asked.stdout.strip()


def devices_of(chosen: Settings) -> Iterator[Finding]:
    """Hold the GPUs that are named against those that are there. Ask only where some are named."""
    named = [int(name[5:]) for name in chosen.devices if name.startswith("cuda:")]
    if not named:
        return
    told = told_by_torch("print(torch.cuda.device_count())")
    if told is None:
        return  # torch does not load: said already
    if missing := [number for number in named if number >= int(told)]:
        said = ", ".join(f"cuda:{number}" for number in missing)
        yield Finding(
            Mark.BAD,
            f"DEVICES names {said}, and torch sees {told} GPUs here: take it out, or "
            "mend its driver",
        )
    else:
        yield Finding(Mark.GOOD, f"a worker for each of {', '.join(chosen.devices)}")


def clock_of(chosen: Settings) -> Iterator[Finding]:
    """Say whether this machine's clock is behind the day that quotas have reached."""
    data = chosen.data_dir
    if not (data / "darkroom.db").exists() or data.stat().st_uid != os.geteuid():
        return
    try:
        reached = asyncio.run(_quota_day(chosen))
    except StartFault:  # said where the data folder is looked at
        return
    today = day_of(SystemClock().now(), chosen.zone)
    if reached is not None and today < reached:
        yield Finding(
            Mark.HINT,
            f"this machine's clock is behind: it says {today}, and quotas have reached {reached}. "
            "Set it right and start the bot again; if it was ahead before, quotas go on from that "
            "day, one a day",
        )


async def _quota_day(chosen: Settings) -> str | None:
    source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    memory = await join_memory(chosen.data_dir, source)
    try:
        async with memory.db.read() as tx:
            return await house.get(tx, house.QUOTA_DAY)
    finally:
        await memory.close()
