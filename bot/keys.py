"""`darkroom keys`: what an operator does with keys by hand. The bot must be stopped for it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bot import log, settings
from bot.crypto import rootkey
from bot.errors import StartFault
from bot.storage import rotation
from bot.storage.database import open_database
from bot.storage.memory import visit

ENV_FILE = Path(".env")

CREDENTIAL_STEPS = f"""\
With a systemd credential, replace the key yourself. Each step keeps a sealed key that opens what
is there, so that a power failure loses nothing. As root, with FILE as LoadCredentialEncrypted=
names it, UNIT and USER as the bot runs:
  systemctl stop UNIT
  umask 077; head -c 32 /dev/urandom > /run/next.key
  systemd-creds encrypt --name={rootkey.CREDENTIAL} /run/next.key FILE.next
  systemd-creds decrypt --name={rootkey.CREDENTIAL} FILE /run/present.key
  chown USER /run/next.key /run/present.key
  sudo -u USER env ROOT_KEY_FILE=/run/present.key darkroom keys rotate --to /run/next.key
  mv FILE.next FILE; rm /run/next.key /run/present.key
  systemctl start UNIT"""


@click.group()
def keys() -> None:
    """Look after the keys of the data folder."""


@keys.command(epilog="\b\n" + CREDENTIAL_STEPS)
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="Wrap by the key in this file, which you made; leave the files of both keys alone.",
)
def rotate(data: Path | None, to: Path | None) -> None:
    """Replace the root key, and wrap every key in keys.db by the new one.

    Copies of keys.db from before then open with the old root key alone. Another data folder with
    the same root key file would be lost: give it a file of its own first.
    """
    try:
        log.set_up("warning")
        rootkey.check_private(ENV_FILE)
        chosen = settings.load(ENV_FILE, data_dir=data)
        source = rootkey.find(chosen.root_key_file, chosen.default_root_key, os.environ)
        for line in asyncio.run(_rotate(chosen.data_dir, source, to)):
            click.echo(line)
    except StartFault as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)


async def _rotate(data: Path, source: rootkey.Source, to: Path | None) -> list[str]:
    """Rotate, and tell what became of it."""
    if source.is_credential and to is None:
        raise StartFault(f"the root key is a systemd credential.\n{CREDENTIAL_STEPS}")
    if not (data / "keys.db").exists():
        raise StartFault(f"there is no keys.db in {data}: nothing to rotate; name it with --data")
    rootkey.check_private(data / "keys.db")
    with _held(data):
        keys_db = await open_database(data / "keys.db", "keys")
        try:
            present = await rotation.settle(keys_db, source, may_create=False)
            if to is None:
                done = await rotation.rotate(keys_db, source.path)
            else:
                done = await rotation.rewrap(keys_db, present, _made(to))
            is_emptied = await rotation.forget_old(keys_db)
        finally:
            await keys_db.close()
    return list(_tell(done, source.path, to, is_emptied=is_emptied))


def _made(to: Path) -> bytes:
    """Read a key that the operator made."""
    if not to.exists():
        raise StartFault(
            f"{to} does not exist: make it first, with "
            f"`(umask 077; head -c 32 /dev/urandom > {to})`, and keep a sealed copy"
        )
    return rootkey.load_or_create(to, may_create=False)


@contextmanager
def _held(data: Path) -> Iterator[None]:
    """Hold the data folder: a running bot holds the old root key in its memory."""
    try:
        handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise StartFault(
            f"the data folder {data} cannot be written ({fault.strerror}): "
            "run this as the user that the bot runs as"
        ) from None
    with os.fdopen(handle) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartFault(f"a bot uses the data folder {data}: stop the bot first") from None
        guests = visit(data, alone=True)
        try:
            yield
        finally:
            os.close(guests)


def _tell(
    done: rotation.Rewrapped, present: Path, to: Path | None, *, is_emptied: bool
) -> Iterator[str]:
    yield f"Keys that the new root key wraps now: {done.keys}."
    if done.damaged:
        yield f"Keys that did not open before either, left as they were: {done.damaged}."
    yield (
        "Copies of keys.db from before are worth nothing without the old root key: "
        "destroy every copy of it, and back up the new one."
    )
    if to is None:
        yield (
            "The old key was overwritten in its file. On SSDs, copy-on-write file systems and "
            "snapshots remnants may stay; of a credential sealed by a TPM there are none."
        )
    else:
        yield f"From now on the bot needs the key in {to}; {present} opens nothing any more."
    if not is_emptied:
        yield "keys.db still holds old bytes: close what else has it open, and start the bot once."
