"""What people wrote to a server's moderators about a rule, sealed, with where to answer."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from bot.crypto.envelope import Binding, seal, unseal
from bot.domain import PersonHash, PersonId
from bot.storage.database import Row, Transaction, many, one
from bot.storage.keyring import REPORT, Keyring

_COLUMNS = "SELECT id, guild_id, person, sealed, made_at, outcome FROM contests"


class Step(StrEnum):
    """How far a contest got; none while it waits."""

    READ = "read"
    TOLD = "told"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote about a rule, and where they are told that it was read."""

    person: PersonId
    token: str = field(repr=False)
    rule: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One contest. `made_at` is seconds since 1970."""

    id: str
    guild_id: int
    person: PersonHash
    sealed: bytes = field(repr=False)
    made_at: int
    outcome: Step | None


async def add(
    tx: Transaction,
    keys: Keyring,
    name: str,
    guild_id: int,
    written: Written,
    *,
    now: int,
    day: str,
    expires_at: int,
) -> None:
    """Keep what somebody wrote."""
    person = keys.person(written.person)
    key = await keys.new_item(name, REPORT, person, day)
    sealed = seal(key, json.dumps(asdict(written)).encode(), _binding(name, person))
    await tx.execute(
        "INSERT INTO contests VALUES (?, ?, ?, ?, ?, ?, NULL)",
        (name, guild_id, person, sealed, now, expires_at),
    )


async def open_written(keys: Keyring, contest: Contest) -> Written:
    """Open what was written.

    Raises:
        KeyGone: its writer erased it.
        SealBroken: the row was tampered with.
    """
    key = await keys.key(contest.id, REPORT)
    return Written(**json.loads(unseal(key, contest.sealed, _binding(contest.id, contest.person))))


async def get(tx: Transaction, name: str) -> Contest | None:
    """Give a contest."""
    row = await one(tx, f"{_COLUMNS} WHERE id = ?", (name,))
    return _read(row) if row else None


async def of(tx: Transaction, person: PersonHash) -> list[Contest]:
    """List what somebody wrote, oldest first, as `exports.plain` does."""
    rows = await many(tx, f"{_COLUMNS} WHERE person = ? ORDER BY made_at, id", (person,))
    return [_read(row) for row in rows]


async def waiting(tx: Transaction, guild_id: int) -> list[Contest]:
    """List what is not closed in a server, oldest first."""
    rows = await many(
        tx,
        f"{_COLUMNS} WHERE guild_id = ? AND outcome IS NOT 'closed' ORDER BY made_at, id",
        (guild_id,),
    )
    return [_read(row) for row in rows]


async def since(
    tx: Transaction, guild_id: int, person: PersonHash, after: int
) -> list[Step | None]:
    """Say how far each got that somebody wrote in a server after a moment, or that is open."""
    rows = await many(
        tx,
        "SELECT outcome FROM contests WHERE guild_id = ? AND person = ?"
        " AND (made_at > ? OR outcome IS NOT 'closed')",
        (guild_id, person, after),
    )
    return [Step(row["outcome"]) if row["outcome"] else None for row in rows]


async def was_read(tx: Transaction, name: str) -> None:
    """Note that a moderator read it: its writer is to be told, unless they were before."""
    await tx.execute(
        "UPDATE contests SET outcome = 'read' WHERE id = ? AND outcome IS NULL", (name,)
    )


async def was_told(tx: Transaction, name: str) -> None:
    """Note that its writer was told."""
    await tx.execute(
        "UPDATE contests SET outcome = 'told' WHERE id = ? AND outcome = 'read'", (name,)
    )


async def close(tx: Transaction, name: str, *, until: int) -> None:
    """Forget what was written, its key was destroyed before; the row still counts for a while."""
    await tx.execute(
        "UPDATE contests SET outcome = 'closed', sealed = x'', expires_at = min(expires_at, ?)"
        " WHERE id = ?",
        (until, name),
    )


async def untold(tx: Transaction) -> list[str]:
    """Name the contests that were read, and whose writers are to be told so."""
    rows = await many(tx, "SELECT id FROM contests WHERE outcome = 'read' ORDER BY made_at")
    return [row["id"] for row in rows]


def _read(row: Row) -> Contest:
    found = dict(row)
    outcome = found.pop("outcome")
    return Contest(**found, outcome=Step(outcome) if outcome else None)


def _binding(name: str, person: PersonHash) -> Binding:
    return Binding("contests", name, person, REPORT)
