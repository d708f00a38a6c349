"""What was destroyed since the oldest copy: a restored copy forgets it again before it is used.

Two lists without content, in the data folder and beside the copies, kept from the first copy on:

    forgotten.keys    a day, and the fingerprint of a wrapped key that was destroyed
    forgotten.log     a moment, a mark, and a fact: what darkroom.db dropped, what somebody decided

A fingerprint is durable before its key is destroyed. It names that one wrapped key and never its
successor, so a line may stand that was not needed: what hung on the key was on its way out. It has
a day and no time, so that nothing can be matched with the end of a stealth job. Facts are made in
darkroom.db (table `forgotten`), in the transaction that makes them true, and moved here soon after:
the key of what they tell of is on the first list already.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from pathlib import Path

from bot import log
from bot.ports import Clock, SystemClock, day_of
from bot.storage import house
from bot.storage.database import Database, Transaction, many

FACTS, KEYS = "forgotten.log", "forgotten.keys"
TURN = "forgotten.turn"

SINCE = "since"
"""The fact that older lines were dropped: nothing is known of what happened before it."""

KEPT = "ledger"
"""The fact of the house that a ledger is kept: the folder of the copies. Triggers look for it."""


@dataclass(frozen=True)
class Fact:
    """One fact with its moment (seconds since 1970): it may have been true a little earlier."""

    at: int
    words: tuple[str, ...]


@dataclass
class Ledger:
    """The lists of one data folder. `copies` is the folder where they are kept a second time.

    Where `copies` cannot be written, the lists of the data folder go on, and are merged into it by
    the next line that can be.
    """

    data: Path
    copies: Path | None = None
    clock: Clock = field(default_factory=SystemClock)
    _is_behind: bool = True

    @property
    def is_kept(self) -> bool:
        """Whether a copy was ever made of this data folder."""
        return (self.data / FACTS).exists()

    async def begin(self, copies: Path) -> None:
        """Keep it from now on, also in the folder of the copies."""
        self.copies, self._is_behind = copies, True
        await asyncio.to_thread(self._append, FACTS, [])
        await asyncio.to_thread(self._append, KEYS, [])

    async def destroying(self, wrapped: Iterable[bytes]) -> None:
        """Write down keys that are about to be destroyed; durable when this returns."""
        day = day_of(self.clock.now(), UTC)
        lines = [f"{day} {fingerprint(each)}" for each in wrapped]
        if lines:
            await asyncio.to_thread(self._append, KEYS, lines)

    async def tell(self, facts: Sequence[str]) -> None:
        """Write down facts, in their order."""
        now = self.clock.now()
        lines = [f"{now} {secrets.token_hex(4)} {fact}" for fact in facts]
        if lines:
            await asyncio.to_thread(self._append, FACTS, lines)

    async def drop_before(self, moment: int) -> None:
        """Forget lines that no copy which may still be restored is older than."""
        await asyncio.to_thread(self._drop_before, moment)

    # --- files

    def _append(self, name: str, lines: list[str]) -> None:
        with _turn(self.data):
            _add(self.data / name, lines, may_create=True)
            if self.copies is None:
                return
            try:
                if self._is_behind:
                    merge(self.copies, [self.copies, self.data])
                    self._is_behind = False
                else:
                    _add(self.copies / name, lines, may_create=False)
            except OSError as fault:  # that disk is full or away: the next line tries again
                self._is_behind = True
                log.event("ledger.copy_unwritten", fault=fault)

    def _drop_before(self, moment: int) -> None:
        first = day_of(moment, UTC)
        with _turn(self.data):
            folders = [self.data, *([self.copies] if self.copies else [])]
            for folder in folders:
                try:
                    keys = [line for line in _lines(folder / KEYS) if line >= first]
                    facts = [line for line in _lines(folder / FACTS) if _moment(line) >= moment]
                    _write(folder / KEYS, keys)
                    _write(folder / FACTS, [f"{moment} {'0' * 8} {SINCE}\n", *facts])
                except OSError as fault:
                    log.event("ledger.untrimmed", fault=fault)


async def opened(db: Database, data: Path) -> Ledger:
    """Give the ledger of an open data folder."""
    async with db.read() as tx:
        copies = await house.get(tx, KEPT)
    return Ledger(data, Path(copies) if copies else None)


async def flush(db: Database, ledger: Ledger) -> None:
    """Move facts from darkroom.db to the files. Who holds the transaction does it alone."""
    if not ledger.is_kept:
        return
    async with db.read() as tx:
        if not await _facts(tx):
            return
    async with db.transaction() as tx:
        facts = await _facts(tx)
        await ledger.tell(facts)
        await tx.execute("DELETE FROM forgotten")


async def note(tx: Transaction, fact: str) -> None:
    """Make a fact that no trigger sees, in the transaction that makes it true."""
    await tx.execute(
        "INSERT INTO forgotten (fact) SELECT ?1 WHERE EXISTS (SELECT 1 FROM house WHERE name = ?2)",
        (fact, KEPT),
    )


async def _facts(tx: Transaction) -> list[str]:
    return [row["fact"] for row in await many(tx, "SELECT fact FROM forgotten ORDER BY id")]


def fingerprint(wrapped: bytes) -> str:
    """Name one wrapped key: 32 hex digits that tell nothing about it."""
    return sha256(wrapped).hexdigest()[:32]


# --- reading it back


def fingerprints(folders: Iterable[Path]) -> set[str]:
    """Give the fingerprints of all keys that were destroyed, by any of these lists."""
    lines = (line for folder in folders for line in _lines(folder / KEYS))
    return {words[1] for line in lines if len(words := line.split()) == 2}


def facts(folders: Iterable[Path]) -> list[Fact]:
    """Give the facts of these lists, each once, in their order."""
    return [Fact(_moment(line), tuple(line.split()[2:])) for line in _merged(folders, FACTS)]


@dataclass(frozen=True)
class Reach:
    """From when to when these lists tell what was destroyed (seconds since 1970)."""

    since: int
    last: int


def reach(folders: Iterable[Path]) -> Reach | None:
    """Say how far lists reach; None where there is no list at all."""
    there = [folder for folder in folders if (folder / FACTS).exists()]
    if not there:
        return None
    known = facts(there)
    since = [fact.at for fact in known if fact.words == (SINCE,)]
    return Reach(max(since, default=0), max((fact.at for fact in known), default=0))


def merge(into: Path, folders: Sequence[Path]) -> None:
    """Write into a folder what any of these lists hold."""
    for name in (KEYS, FACTS):
        _write(into / name, _merged(folders, name))


def _merged(folders: Iterable[Path], name: str) -> list[str]:
    lines = dict.fromkeys(line for folder in folders for line in _lines(folder / name))
    return sorted(lines, key=_moment) if name == FACTS else list(lines)


def _moment(line: str) -> int:
    first = line.split(maxsplit=1)[0]
    return int(first) if first.isdecimal() else 0


def _lines(path: Path) -> list[str]:
    """Read whole lines; one that a power cut left half written tells of a key that is still there.

    Raises:
        OSError: the list is there and cannot be read.
    """
    try:
        text = path.read_text("ascii", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n") and line.strip()]


def _add(path: Path, lines: list[str], *, may_create: bool) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | (os.O_CREAT if may_create else 0), 0o600)
    with os.fdopen(handle, "ab") as file:
        if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
            file.write(b"\n")  # what a power cut left half written must not take this line with it
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, lines: list[str]) -> None:
    """Replace a list, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _turn(data: Path) -> Iterator[None]:
    """Let one process at a time write the lists of a data folder."""
    handle = os.open(data / TURN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
