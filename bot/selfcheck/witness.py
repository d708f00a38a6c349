"""Whom the bot's processes spoke to, and where they wrote. Two witnesses, neither sees everything.

The one inside the bot's process (`bot.selfcheck.inside`) sees every name that is looked up, every
connection and every file opened for writing from Python. The one outside asks the system, some
times a second, which connections the bot and its worker hold; it sees what no Python did, but not
what is over in a moment, and nothing of a process that lets nobody look.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOOKS_PER_SECOND = 10.0
_NOT_A_FILE = ("/dev/null", "/dev/tty")


@dataclass
class Contacts:
    """Hosts (`host:port`), and how many looks from outside saw something or were refused."""

    inside: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    looks: int = 0
    refused: int = 0

    def others_than(self, allowed: str) -> list[str]:
        """List every host but the allowed one."""
        return sorted((self.inside | self.outside) - {allowed})


async def watch(family: Callable[[], list[psutil.Process]], contacts: Contacts) -> None:
    """Look at the connections of some processes until cancelled."""
    while True:
        look(family(), contacts)
        await asyncio.sleep(1 / LOOKS_PER_SECOND)


def look(family: Sequence[psutil.Process], contacts: Contacts) -> None:
    """Look once."""
    for process in family:
        try:
            connections = process.net_connections(kind="inet")
        except psutil.AccessDenied:
            contacts.refused += 1
            continue
        except psutil.Error:
            continue
        contacts.looks += 1
        contacts.outside |= {_address(each.raddr) for each in connections if each.raddr}


def hosts(witness: Path) -> set[str]:
    """Give the hosts that the witness inside noted."""
    return {f"{note['host']}:{note['port']}" for note in _notes(witness) if "host" in note}


def written_outside(witness: Path, allowed: Sequence[Path]) -> list[Path]:
    """Give the files that were opened for writing outside some folders."""
    wrote = {Path(note["wrote"]) for note in _notes(witness) if "wrote" in note}
    return sorted(
        path
        for path in wrote
        if str(path) not in _NOT_A_FILE and not any(map(path.is_relative_to, allowed))
    )


def _notes(witness: Path) -> Iterator[dict[str, str]]:
    for line in witness.read_text().splitlines() if witness.exists() else ():
        yield json.loads(line)


def _address(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"
