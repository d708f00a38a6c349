"""`darkroom blocklist`: pictures that are never delivered, known by their fingerprints alone.

A file is decoded in a child process behind closed doors. Neither the file nor its name is kept,
and what is on the list cannot be turned back into a picture. A running bot heeds it at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from bot import log, settings
from bot.crypto import rootkey
from bot.errors import StartFault
from bot.policy import gate
from bot.ports import SystemClock, day_of
from bot.settings import Settings
from bot.storage import audit, fingerprints
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.database import Transaction
from bot.storage.memory import Memory, join_memory
from gen import launch

ENV_FILE = Path(".env")
_SECONDS_PER_FILE = 60.0

_FLAWS = {
    3: "no picture that can be read: PNG, JPEG or WebP is needed",
    4: "too large: 64 MB and 64 million pixels are the most",
}
"""What the child's exit codes mean (`gen.fingerprint`)."""

_data = click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")


@dataclass(frozen=True)
class _Named:
    """A fingerprint, and by which word of the command line it was named."""

    name: str
    fingerprint: str


class _Unusable(Exception):
    """A word of the command line names no fingerprint. The text says why."""


@click.group()
def blocklist() -> None:
    """Keep pictures that look like files of yours from ever being delivered."""


@blocklist.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_data
def add(files: tuple[Path, ...], data: Path | None) -> None:
    """Put pictures on the list. Only their fingerprints are kept, no file and no name."""
    _run(data, lambda memory, chosen: _add(memory, chosen, [str(file) for file in files]))


@blocklist.command()
@click.argument("what", nargs=-1, required=True)
@_data
def remove(what: tuple[str, ...], data: Path | None) -> None:
    """Take pictures off the list, named by a file or by the fingerprint that `list` shows."""
    _run(data, lambda memory, _: _remove(memory, list(what)))


@blocklist.command(name="list")
@_data
def list_command(data: Path | None) -> None:
    """Show every fingerprint with the day it was added."""
    _run(data, lambda memory, _: _list(memory))


def _run(data: Path | None, deed: Callable[[Memory, Settings], Awaitable[bool]]) -> None:
    """Do a deed on the data folder; exit with 1 when something named could not be used."""
    try:
        log.set_up("warning")
        rootkey.check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)
        if not asyncio.run(_with_memory(chosen, deed)):
            sys.exit(1)
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)


async def _with_memory(
    chosen: Settings, deed: Callable[[Memory, Settings], Awaitable[bool]]
) -> bool:
    source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    memory = await join_memory(chosen.data_dir, source)
    try:
        return await deed(memory, chosen)
    finally:
        await memory.close()


async def _add(memory: Memory, chosen: Settings, files: list[str]) -> bool:
    """Put files on the list; entered as one act."""
    named, usable = await _all_named(files, _of_new_file)
    now = SystemClock().now()
    day, added = day_of(now, chosen.zone), 0
    async with memory.db.transaction() as tx:
        for one in named:
            is_new = await fingerprints.add(tx, one.fingerprint, day)
            added += is_new
            click.echo(f"{one.name}: {one.fingerprint}{'' if is_new else ', on the list already'}")
        await _enter(tx, memory, "add", added, now)
    click.echo(f"{added} added.")
    return usable


async def _remove(memory: Memory, what: list[str]) -> bool:
    """Take what is named, and what looks like it, off the list; entered as one act."""
    named, usable = await _all_named(what, _of_file_or_hash)
    removed = 0
    async with memory.db.transaction() as tx:
        for one in named:
            gone = await _take_off(tx, one.fingerprint)
            removed += gone
            if not gone:
                _complain(one.name, "not on the list; `darkroom blocklist list` shows what is")
                usable = False
        await _enter(tx, memory, "remove", removed, SystemClock().now())
    click.echo(f"{removed} removed.")
    return usable


async def _list(memory: Memory) -> bool:
    async with memory.db.read() as tx:
        known = await fingerprints.known(tx)
    for fingerprint, day in known.items():
        click.echo(f"{fingerprint}  {day}")
    click.echo(f"{len(known)} on the list.")
    return True


async def _take_off(tx: Transaction, fingerprint: str) -> int:
    """Take off everything that would stop this picture."""
    known = await fingerprints.known(tx)
    same = {fingerprint, *gate.near(fingerprint, known)} & known.keys()
    return sum([await fingerprints.remove(tx, one) for one in sorted(same)])


async def _enter(tx: Transaction, memory: Memory, scope: str, objects: int, now: int) -> None:
    if objects:
        act = Act(actor=Actor.OPERATOR, by="", act=Deed.BLOCKLIST, scope=scope, objects=objects)
        await audit.append(tx, memory.keys, HOUSE, act, now=now)


async def _all_named(
    words: list[str], look: Callable[[str], Awaitable[str]]
) -> tuple[list[_Named], bool]:
    """Look up every word, some side by side; a bad one gets a line and stops no other."""
    room = asyncio.Semaphore(os.cpu_count() or 1)

    async def find(word: str) -> _Named | _Unusable:
        async with room:
            try:
                return _Named(word, await look(word))
            except _Unusable as flaw:
                return flaw

    found = await asyncio.gather(*map(find, words))
    for word, one in zip(words, found, strict=True):
        if isinstance(one, _Unusable):
            _complain(word, str(one))
    named = [one for one in found if isinstance(one, _Named)]
    return named, len(named) == len(words)


async def _of_file_or_hash(word: str) -> str:
    if gate.is_fingerprint(word):
        return word
    return await _of_file(word)


async def _of_new_file(name: str) -> str:
    found = await _of_file(name)
    if gate.is_plain(found):
        raise _Unusable("next to nothing is in it, so it cannot be told from other pictures")
    return found


async def _of_file(name: str) -> str:
    """Let a child that knows only the file's bytes take its fingerprint."""
    try:
        file = await asyncio.to_thread(Path(name).open, "rb")
    except OSError as fault:
        raise _Unusable(f"cannot be read: {fault.strerror}") from None
    with file:
        child = await asyncio.create_subprocess_exec(
            *launch.fingerprint(),
            stdin=file,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=launch.environment(os.environ, threads=1),
        )
        try:
            said, _ = await asyncio.wait_for(child.communicate(), _SECONDS_PER_FILE)
        except TimeoutError:
            with suppress(ProcessLookupError):  # it may end in the moment its time is up
                child.kill()
            await child.wait()
            raise _Unusable(f"took longer than {_SECONDS_PER_FILE:.0f} s to read") from None
    found = said.decode(errors="replace")
    if child.returncode == 0 and gate.is_fingerprint(found):
        return found
    raise _Unusable(
        _FLAWS.get(child.returncode or 0, "could not be measured; `darkroom doctor` may say why")
    )


def _complain(name: str, flaw: str) -> None:
    click.echo(f"{name}: {flaw}", err=True)
