"""`darkroom backup` and `darkroom restore`: copies that forget. Backing up needs no stop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from bot import log, settings
from bot.crypto import rootkey
from bot.errors import StartFault
from bot.ports import SystemClock
from bot.settings import Settings
from bot.storage import backups, ledger, restoring
from bot.storage.backups import DAY_SECONDS, Copy
from bot.storage.memory import hold, join_memory, visit

ENV_FILE = Path(".env")

PROMISE = (
    "Rows and keys lie in folders apart; the root key is in neither: keep a sealed copy of it."
)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the copies: BACKUP_DIR.")
def backup(data: Path | None, to: Path | None) -> None:
    """Copy what is sealed and its keys, apart, without the root key; the bot may run.

    Copies older than BACKUP_DAYS are deleted. Whatever is erased later stays erased when one of
    them is restored.
    """
    with _one_line():
        chosen = _settings(data)
        for line in asyncio.run(_backup(chosen, to)):
            click.echo(line)


@click.command()
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
@click.option("--aside", type=click.Path(path_type=Path), help="Move what is there to this folder.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(source: Path, data: Path | None, aside: Path | None, *, yes: bool) -> None:
    """Bring a copy back, and erase from it again what was erased since; the bot must be stopped.

    FROM is the folder of the copies, for the newest one, or one of the folders in its `data`.
    Jobs that were under way in the copy end, refunded.
    """
    with _one_line():
        chosen = _settings(data)
        for line in _restore(chosen, source, aside, is_sure=yes):
            click.echo(line)


# --- backing up


async def _backup(chosen: Settings, to: Path | None) -> list[str]:
    folder = (to or chosen.backup_dir or Path()).absolute()
    if to is None and chosen.backup_dir is None:
        raise StartFault("name a folder for the copies with --to, or in BACKUP_DIR")
    root = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    backups.refuse_target(folder, chosen.data_dir, root.path)
    memory = await join_memory(chosen.data_dir, root)
    now = SystemClock().now()
    try:
        kept = memory.keys.ledger or ledger.Ledger(chosen.data_dir)
        kept.copies = chosen.backup_dir.absolute() if chosen.backup_dir else folder
        copy = await memory.copy(kept, folder, now)
        gone = backups.sweep(folder, now - chosen.backup_days * DAY_SECONDS)
        await kept.drop_before(now - (chosen.backup_days + 1) * DAY_SECONDS)
        if kept.copies != folder:
            ledger.merge(folder, [folder, chosen.data_dir])
    except OSError as fault:
        raise StartFault(
            f"{folder} cannot be written ({fault.strerror}): make room, or name another folder"
        ) from None
    finally:
        await memory.close()
    return list(_told(copy, gone, chosen.backup_days))


def _told(copy: Copy, gone: int, days: int) -> Iterator[str]:
    yield f"Copied to {copy.data.parent} and {copy.keys.parent}."
    yield PROMISE
    if gone:
        yield f"Copies older than {days} days that were deleted: {gone}."


# --- restoring


def _restore(chosen: Settings, source: Path, aside: Path | None, *, is_sure: bool) -> Iterator[str]:
    data, clock = chosen.data_dir, SystemClock()
    with closing(_Alone(data)):
        if restoring.is_built(data):
            restoring.take_place(data, aside)
            yield "The restore that was stopped is finished. Start the bot."
            return
        copy = _chosen(source)
        _refuse_old(copy, clock.now(), chosen.backup_days)
        _refuse_over(data, aside)
        root = _root(chosen)
        lists = [copy.folder, data, *([chosen.backup_dir] if chosen.backup_dir else [])]
        known = _known(copy, lists)
        if not is_sure:
            click.confirm(
                f"Restore the copy {copy.stamp} to {data}? Jobs that were under way in it end, and "
                f"what was made since is not in it. {known} Restore it",
                abort=True,
            )
        done = asyncio.run(restoring.build(copy, data, root, lists, clock))
        restoring.take_place(data, aside)
    yield f"Restored the copy {copy.stamp}."
    yield (
        f"Erased from it again: {done.keys} keys, and what {done.facts} entries of the ledger say. "
        "Blocks, strikes, settings and lifetimes are those of the copy: set again what changed "
        "since."
    )
    if is_sure:  # else the question said it
        yield known
    yield "Start the bot: it ends the jobs that were under way, refunded."


class _Alone:
    """The data folder, while no bot and no other command uses it."""

    def __init__(self, data: Path) -> None:
        self._lock = hold(data)
        try:
            self._guests = visit(data, alone=True)
        except StartFault:
            os.close(self._lock)
            raise

    def close(self) -> None:
        os.close(self._guests)
        os.close(self._lock)


def _chosen(source: Path) -> Copy:
    """Find the copy that is meant."""
    if source.parent.name == backups.DATA:
        folder, stamp = source.parent.parent, source.name
        copies = [copy for copy in backups.copies_in(folder) if copy.stamp == stamp]
    else:
        copies = backups.copies_in(source)
    if not copies:
        raise StartFault(
            f"there is no copy with both halves in {source}: name the folder that "
            "`darkroom backup` wrote to, or a folder in its `data` whose keys are there too"
        )
    return copies[-1]


def _refuse_old(copy: Copy, now: int, days: int) -> None:
    if now - copy.at > days * DAY_SECONDS:
        raise StartFault(
            f"the copy {copy.stamp} is older than {days} days (BACKUP_DAYS): people were told that "
            "keys which they destroyed are gone from every copy by then, and what was erased in "
            "between is written down no longer. It is not restored"
        )


def _known(copy: Copy, lists: list[Path]) -> str:
    """Say until when it is known what was erased; refuse where nobody knows."""
    reach = ledger.reach(lists)
    if reach is None:
        raise StartFault(
            f"there is no {ledger.FACTS} beside the copy or in the data folder: nobody knows what "
            "was erased since. Bring that file along with the copy"
        )
    if copy.at < reach.since:
        raise StartFault(
            f"the copy {copy.stamp} is older than what the ledger still knows: what was erased in "
            "between is written down no longer. It is not restored"
        )
    last = datetime.fromtimestamp(max(reach.last, copy.at), UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"The last entry of the ledger is of {last}: what was erased later is not known here."


def _refuse_over(data: Path, aside: Path | None) -> None:
    there = [name for name in ("darkroom.db", "keys.db") if (data / name).exists()]
    if there and aside is None:
        raise StartFault(
            f"there is {' and '.join(there)} in {data}: name a folder to move it to with --aside"
        )
    if aside is not None and aside.exists() and any(aside.iterdir()):
        raise StartFault(f"{aside} is not empty: name another folder with --aside")
    if aside is not None and aside.resolve().is_relative_to(data.resolve()):
        raise StartFault(f"{aside} is in the data folder: name another folder with --aside")


def _root(chosen: Settings) -> bytes:
    source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
    if source.is_credential:
        return rootkey.load_credential(source.path)
    return rootkey.load_or_create(source.path, may_create=False)


def _settings(data: Path | None) -> Settings:
    log.set_up("warning")
    rootkey.check_private(ENV_FILE)
    return settings.load(ENV_FILE, data_dir=data)


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn a fault the operator can mend into one line and exit status 1."""
    try:
        yield
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)
