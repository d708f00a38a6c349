"""`darkroom sweep`: keep the lifetimes by hand, or see what is due. A running bot does it alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from bot import log, settings
from bot.client.messenger import DiscordMessenger
from bot.crypto import rootkey
from bot.domain import Choices
from bot.errors import StartFault
from bot.policy.retention import DataClass
from bot.ports import Bell, SystemClock
from bot.services.calendar import Calendar
from bot.services.conclude import Conclude
from bot.services.hands import Hands
from bot.services.lifetimes import Lifetimes
from bot.services.sweep import Due, Sweep
from bot.settings import Settings
from bot.storage.memory import Memory, open_memory
from bot.words import keeping
from bot.words.policy import kept_for

ENV_FILE = Path(".env")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
@click.option("--dry-run", is_flag=True, help="Show what is due, and change nothing.")
@click.option("--lifetimes", is_flag=True, help="Print the table of lifetimes, as README has it.")
def sweep(data: Path | None, dry_run: bool, lifetimes: bool) -> None:
    """Forget what has had its time. Messages in servers wait for the bot itself."""
    if lifetimes:
        click.echo(keeping.lifetimes_table())
        return
    try:
        log.set_up("warning")
        rootkey.check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)
        for line in asyncio.run(_sweep(chosen, dry_run=dry_run)):
            click.echo(line)
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)


async def _sweep(chosen: Settings, *, dry_run: bool) -> list[str]:
    """Sweep until nothing is due that can go without Discord, and tell what became of it."""
    _check_at_rest(chosen.data_dir)
    source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    memory = await open_memory(chosen.data_dir, source, os.environ)
    try:
        limits = Lifetimes(chosen.retention)
        sweeper = _sweeper(memory, limits, chosen)
        due = await sweeper.due()
        lines = list(_table(due, limits))
        if dry_run:
            return [*lines, "Nothing was changed."]
        await sweeper.tighten_all()
        while await sweeper():
            pass
        return [*lines, *_told(due, await sweeper.due())]
    finally:
        await memory.close()


def _sweeper(memory: Memory, limits: Lifetimes, chosen: Settings) -> Sweep:
    clock = SystemClock()
    return Sweep(
        memory=memory,
        messenger=DiscordMessenger(),  # never connected: nothing is said here
        conclude=Conclude(memory, clock, limits, Bell()),
        lifetimes=limits,
        clock=clock,
        calendar=Calendar(clock, chosen.zone),
        hands=Hands(clock, freed=Bell()),
    )


def _check_at_rest(data: Path) -> None:
    """Refuse while a bot uses the folder, or when there is nothing in it."""
    if not (data / "keys.db").exists():
        raise StartFault(f"there is no data in {data}: nothing to sweep; name it with --data")
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFault(
                f"a bot uses the data folder {data}, and sweeps it by itself every minute: "
                "there is nothing to do; to look at what is due, stop the bot first"
            ) from None


def _table(due: Mapping[DataClass, Due], limits: Lifetimes) -> Iterator[str]:
    yield f"{'class':<16}{'due now':>8}  {'oldest':<12}kept"
    for kind, rows in due.items():
        yield f"{kind:<16}{rows.count:>8}  {rows.oldest_day or '–':<12}{_kept(kind, limits)}"


def _kept(kind: DataClass, limits: Lifetimes) -> str:
    return kept_for(kind, limits.of(kind, Choices()).seconds)


def _told(before: Mapping[DataClass, Due], after: Mapping[DataClass, Due]) -> Iterator[str]:
    forgotten = sum(rows.count for rows in before.values()) - sum(
        rows.count for rows in after.values()
    )
    yield f"{forgotten} forgotten."
    if posts := after[DataClass.POST].count:
        yield f"{posts} posts wait for the bot: only it can remove messages at Discord."
    rest = sum(rows.count for kind, rows in after.items() if kind is not DataClass.POST)
    if rest:
        yield f"{rest} could not be forgotten: run it again, or `darkroom doctor`."
