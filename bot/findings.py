"""What `darkroom doctor` finds: one line each; and what there is to find about backups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.crypto import rootkey
from bot.errors import StartFault
from bot.ports import SystemClock
from bot.settings import Settings
from bot.storage import backups


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
