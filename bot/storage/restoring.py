"""A copy becomes a data folder again, and forgets first what was destroyed since it was made.

It is built whole in a folder of its own, with the ledger applied: keys first, then rows. Only then
does it take the place of what is there; while that goes on, no bot starts (`memory.open_memory`).

Nothing of the copy is delivered: a job that was under way then may have been delivered since. One
that the ledger knows the end of is dropped; of any other public job the keys are destroyed, so that
the start ends it as lost, refunded, and clears its place up. A stealth job is dropped without a
word: when it ended was written nowhere, and the message in its owner's DM may be the result.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from bot import log
from bot.crypto import envelope
from bot.crypto.stealthkeys import StealthKeys
from bot.domain import OptOut, PersonHash
from bot.errors import SealBroken, StartFault
from bot.policy.server import StealthHere
from bot.ports import Clock, day_of
from bot.storage import (
    audit,
    choices,
    deliveries,
    departures,
    entitlements,
    ledger,
    people,
    servers,
)
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.backups import Copy, half_restored
from bot.storage.database import Database, Transaction, many, one, open_database
from bot.storage.keyring import CHOICES, PICTURE, RECIPE, REPORT, SERVER, Keyring, open_keyring
from bot.storage.ledger import Fact

READY, MOVED = "ready", "moved"
"""Files in the folder of a restore: it is built whole; what was there before is out of the way."""

_STAYS = {"lock", "guests"}
"""Files that are held while folders change places."""


@dataclass(frozen=True)
class Restored:
    """What a restore came to: how much the copy had to forget again."""

    keys: int
    facts: int


async def build(
    copy: Copy, data: Path, root: bytes, lists: Sequence[Path], clock: Clock
) -> Restored:
    """Build a data folder from a copy, in a folder beside the one it is for.

    Args:
        copy: What to begin with.
        data: The data folder it will be.
        root: The root key.
        lists: The folders whose ledgers are applied.
        clock: Whose moment the entry in the audit has.

    Raises:
        StartFault: the root key does not open the copy.
    """
    await _gather(data, clock)
    folder = half_restored(data)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    for path in (copy.data, copy.keys):
        shutil.copyfile(path, folder / path.name)
        (folder / path.name).chmod(0o600)
    (folder / "blobs").mkdir(mode=0o700)
    ledger.merge(folder, lists)
    async with AsyncExitStack() as opened:
        keys_db = await open_database(folder / "keys.db", "keys")
        opened.push_async_callback(keys_db.close)
        await _check_root(keys_db, root)
        keys = await open_keyring(keys_db, root, StealthKeys(None), may_found=False)
        db = await open_database(folder / "darkroom.db", "darkroom")
        opened.push_async_callback(db.close)
        done = await forget(db, keys_db, keys, copy.at, lists, clock.now())
    for name in ("keys.db", "darkroom.db"):
        _write_through(folder / name)
    _mark(folder / READY)
    return done


async def forget(
    db: Database, keys_db: Database, keys: Keyring, made_at: int, lists: Sequence[Path], now: int
) -> Restored:
    """Let a copy forget what the ledger knows, and end what was under way."""
    facts = [fact for fact in ledger.facts(lists) if fact.at >= made_at]
    gone = await _destroy(keys_db, ledger.fingerprints(lists))
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM forgotten")  # of before the copy; the files have it
        await _replay(tx, keys, facts, now)
        await _drop_stealth_jobs(tx)
        await tx.execute("DELETE FROM pictures")
        await tx.execute("DELETE FROM inputs")
        doomed = await _keys_of_open_jobs(tx)
    gone += await keys.destroy_all(doomed)
    async with db.transaction() as tx:
        await _drop_keyless(tx, await keys.items())
        needed = await deliveries.needed_keys(tx)
    gone += await keys.destroy_all(set(await keys.items()) - needed)
    await keys.drop_bare_days()
    async with db.transaction() as tx:
        act = Act(
            actor=Actor.OPERATOR, by="", act=Deed.RESTORED, scope="backup", objects=len(facts)
        )
        await audit.append(tx, keys, HOUSE, act, now=now)
        await tx.execute("DELETE FROM forgotten")  # what was dropped just now is in the files too
    await keys.forget()
    await db.forget_deleted()
    return Restored(gone, len(facts))


def take_place(data: Path, aside: Path | None) -> None:
    """Put what was built in the place of what is there; it can be stopped and called again.

    `aside` takes what is there. The caller holds the data folder.

    Raises:
        StartFault: there is already something of that name.
    """
    folder = half_restored(data)
    if not (folder / MOVED).exists():
        there = [path for path in sorted(data.iterdir(), key=_last) if path.name not in _STAYS]
        for path in there[::-1]:  # darkroom.db first: without it no bot starts here
            _move(path, aside or data.with_name(f"{data.name}.before"))
        _mark(folder / MOVED)
    for path in sorted(folder.iterdir(), key=_last):  # darkroom.db last: with it one does
        if path.name not in {READY, MOVED}:
            path.replace(data / path.name)
    ledger.sync(data)
    shutil.rmtree(folder)


def is_built(data: Path) -> bool:
    """Whether a restore was stopped while folders changed places: it has only to be finished."""
    return (half_restored(data) / READY).exists() and not (data / "darkroom.db").exists()


async def _gather(data: Path, clock: Clock) -> None:
    """Move what the present darkroom.db still has to tell to its ledger, if it can be read."""
    if not (data / "darkroom.db").exists():
        return
    try:
        db = await open_database(data / "darkroom.db", "darkroom", may_climb=False)
    except StartFault as fault:
        log.event("restore.present_unread", fault=fault)
        return
    try:
        await ledger.flush(db, ledger.Ledger(data, clock=clock))
    finally:
        await db.close()


# --- keys


async def _check_root(keys_db: Database, root: bytes) -> None:
    async with keys_db.read() as tx:
        row = await one(tx, "SELECT wrapped FROM house_keys WHERE name = 'hash'")
    try:
        envelope.unwrap(root, row["wrapped"] if row else b"")
    except SealBroken:
        raise StartFault(
            "the root key does not open this copy, and nothing was changed: the root key was "
            "rotated since, which makes older copies worthless, or it belongs to other data"
        ) from None


async def _destroy(keys_db: Database, fingerprints: set[str]) -> int:
    """Destroy the keys whose fingerprints are in the ledger."""
    async with keys_db.transaction() as tx:
        rows = await many(tx, "SELECT item, purpose, wrapped FROM item_keys")
        doomed = [
            (row["item"], row["purpose"])
            for row in rows
            if ledger.fingerprint(row["wrapped"]) in fingerprints
        ]
        await tx.executemany("DELETE FROM item_keys WHERE item = ? AND purpose = ?", doomed)
    return len(doomed)


async def _keys_of_open_jobs(tx: Transaction) -> list[tuple[str, str]]:
    rows = await many(tx, "SELECT id FROM jobs WHERE ended_at IS NULL")
    return [(row["id"], purpose) for row in rows for purpose in (RECIPE, PICTURE)]


# --- rows

_KEYED = (
    ("recipes", "job", RECIPE),
    ("choices", "person", CHOICES),
    ("reports", "id", REPORT),
    ("contests", "id", REPORT),
    ("servers", "item", SERVER),
)


async def _drop_keyless(tx: Transaction, held: Iterable[tuple[str, str]]) -> None:
    """Drop the rows whose key is gone. An erasure or a purge without its key ends by itself."""
    kept = set(held)
    for table, name, purpose in _KEYED:
        rows = await many(tx, f"SELECT {name} AS name FROM {table}")  # noqa: S608  # ours
        await tx.executemany(
            f"DELETE FROM {table} WHERE {name} = ?",  # noqa: S608
            [(row["name"],) for row in rows if (row["name"], purpose) not in kept],
        )


async def _drop_stealth_jobs(tx: Transaction) -> None:
    """Drop stealth jobs that were under way, and give back what those took that had not ended."""
    rows = await many(
        tx,
        "SELECT job, ended_at FROM deliveries JOIN jobs ON jobs.id = job"
        " WHERE visibility = 'stealth' AND (ended_at IS NULL OR route IS NOT NULL)",
    )
    for row in rows:
        delivery = await deliveries.get(tx, row["job"])
        if delivery is not None and row["ended_at"] is None:
            taken = delivery.taken
            await people.charge(
                tx,
                PersonHash(delivery.tenant),
                delivery.day,
                pictures=-taken.pictures,
                stealth_jobs=-taken.stealth_jobs,
                gpu_milliseconds=-taken.gpu_milliseconds,
            )
        await tx.execute("DELETE FROM jobs WHERE id = ?", (row["job"],))


_DROPS = {
    "job": "DELETE FROM jobs WHERE id = ?",
    "unpost": "DELETE FROM posts WHERE job = ?",
    "person": "DELETE FROM people WHERE person = ?",
    "ungrant": "DELETE FROM grants WHERE person = ?",
    "act": "DELETE FROM acts WHERE person = ? AND id = ?",
    "subject": "DELETE FROM audit_subjects WHERE person = ? AND chain = ? AND seq = ?",
    "declaration": "DELETE FROM declarations WHERE person = ?",
    "optin": "DELETE FROM opt_outs WHERE person = ?",
    "optout": "INSERT OR REPLACE INTO opt_outs VALUES (?, ?, ?)",
    "post": "INSERT OR REPLACE INTO posts VALUES (?, ?, ?, ?, ?, ?, nullif(?, 'stands'))",
}
"""What makes a fact true again. A post that was made since is known again: it can be removed."""


_MARKS = {
    "stealth": ("stealth", True),
    "unstealth": ("stealth", False),
    "wordless": ("wordless", True),
    "worded": ("wordless", False),
    "floor": ("floor", True),
    "unfloor": ("floor", False),
    "no-echo": ("no-echo", True),
    "echo": ("no-echo", False),
}
"""What somebody, or a server, decided since: which mark it is, and whether it holds from then on.
Where a copy would show more than they let, their last word counts.
"""


async def _replay(tx: Transaction, keys: Keyring, facts: Iterable[Fact], now: int) -> None:
    marks: dict[str, dict[str, bool]] = {mark: {} for mark, _ in _MARKS.values()}
    for kind, *values in (fact.words for fact in facts if fact.words):
        sql = _DROPS.get(kind)
        if sql is not None and sql.count("?") == len(values):
            await tx.execute(sql, values)
        match kind, values:
            case "person", [person]:  # they erased everything, and are owed nothing from before
                marks["stealth"].pop(person, None)
                marks["wordless"].pop(person, None)
                await entitlements.forget(tx, PersonHash(person))
            case "server", [server]:
                marks["floor"].pop(server, None)
                marks["no-echo"].pop(server, None)
                await departures.erase_server(tx, int(server))
            case _, [whose] if kind in _MARKS:
                mark, holds = _MARKS[kind]
                marks[mark][whose] = holds
    held = {mark: {each for each, holds in said.items() if holds} for mark, said in marks.items()}
    await _tighten(tx, keys, held, now)


async def _tighten(tx: Transaction, keys: Keyring, held: Mapping[str, set[str]], now: int) -> None:
    """Let nothing be more public than people and servers wanted when they last said so."""
    day = day_of(now, UTC)
    for person in map(PersonHash, held["stealth"]):
        if await choices.opt_out(tx, person) is None:
            await choices.set_opt_out(tx, person, OptOut.ASK_FIRST, day=day)
    for person in map(PersonHash, held["wordless"]):
        chosen = replace(await choices.read(tx, keys, person), hides_prompt=True)
        await choices.write(tx, keys, person, chosen, now=now, day=day)
    for server in held["floor"] | held["no-echo"]:
        here = await servers.read(tx, keys, int(server))
        here = replace(here, stealth=StealthHere.FLOOR) if server in held["floor"] else here
        here = replace(here, shows_prompts=False) if server in held["no-echo"] else here
        await servers.write(tx, keys, int(server), here, now=now, day=day)


# --- folders


def _last(path: Path) -> bool:
    return path.name == "darkroom.db"


def _move(path: Path, aside: Path) -> None:
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (aside / path.name).exists():
        raise StartFault(f"there is already a {path.name} in {aside}: name another folder")
    shutil.move(path, aside / path.name)


def _mark(path: Path) -> None:
    path.touch(mode=0o600)
    ledger.sync(path.parent)


def _write_through(path: Path) -> None:
    ledger.sync(path)
