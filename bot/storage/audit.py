"""Acts of moderators and operators on data: one hash chain per server, chain 0 for the house.

Each entry's hash covers the one before it and carries a proof that we wrote it; the newest hash is
signed in the same transaction, once as the head and once under its day. An entry that is flipped,
deleted, cut off or written anew is named by `bot.storage.soundness`. Whom an entry concerns stands
beside the chain, each row with a proof of its own: an erasure takes it out, and the chain holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from bot.crypto import receipts
from bot.domain import Moderator, PersonHash
from bot.policy.chain import State
from bot.storage.database import Row, Transaction, many, one
from bot.storage.keyring import Keyring

HOUSE = 0
"""The chain of the operator's acts, and of what the house does by itself."""

GENESIS = State(0, "0" * 64)
"""What the first entry of a chain follows."""

HEAD, FLOOR = "head", "floor"


class Actor(StrEnum):
    """Who acted, as a role."""

    MODERATOR = "moderator"
    OPERATOR = "operator"
    HOUSE = "house"


class Deed(StrEnum):
    """What was done."""

    SETTINGS = "settings"
    RETENTION = "retention"
    PURGED = "purged"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    STRUCK = "struck"
    REPORT_REMOVED = "report-removed"
    REPORT_DISMISSED = "report-dismissed"
    CONTEST_READ = "contest-read"
    SETTINGS_EXPORTED = "settings-exported"
    SERVER_ERASED = "server-erased"
    BLOCKLIST = "blocklist"
    RESTORED = "restored"
    GRANTED = "granted"
    REVOKED = "revoked"
    PLAN_ROLE = "plan-role"
    PLAN_CEILING = "plan-ceiling"


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act to be entered. `by` is a keyed hash, empty for the house itself.

    `scope` says how far it reached, as a code such as `user`, `channel` or `post=7d`; never a name,
    an id or content. `objects` is how many things it touched, `result` how it ended.
    """

    actor: Actor
    by: str
    act: Deed
    scope: str
    objects: int = 0
    result: str = "done"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act as it stands in its chain, read as it is. `at` is seconds since 1970, to the minute.

    `hash` covers everything before it here; `proof` is a keyed hash over that.
    """

    chain: int
    seq: int
    at: int
    actor: str
    by: str
    act: str
    scope: str
    objects: int
    result: str
    prev: str
    hash: str
    proof: str


@dataclass(frozen=True, kw_only=True)
class Concern:
    """An entry as it concerns one person: `objects` is how many things of theirs it touched."""

    chain: int
    at: int
    actor: str
    act: str
    objects: int


async def append(
    tx: Transaction,
    keys: Keyring,
    chain: int,
    act: Act,
    *,
    now: int,
    concerning: Mapping[PersonHash, int] | None = None,
) -> int:
    """Enter an act into a chain; gives its number there.

    `chain` is the server's id, or `HOUSE`; `concerning` says whose things it touched, and how many.
    """
    before = await last_state(tx, chain)
    at = now - now % 60
    entry = {"chain": chain, "seq": before.seq + 1, "at": at} | asdict(act) | {"prev": before.hash}
    state = State(before.seq + 1, hash_of(entry))
    await tx.execute(
        "INSERT INTO audit VALUES (:chain, :seq, :at, :actor, :by, :act, :scope, :objects, :result,"
        " :prev, :hash, :proof)",
        entry | {"hash": state.hash, "proof": proof_of(keys, chain, state)},
    )
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    for name in (HEAD, today):
        await sign_state(tx, keys, chain, name, state)
    for person, objects in (concerning or {}).items():
        await tx.execute(
            "INSERT INTO audit_subjects VALUES (?, ?, ?, ?, ?)",
            (chain, state.seq, person, objects, subject(keys, chain, state.seq, person, objects)),
        )
    return state.seq


async def enter(
    tx: Transaction,
    keys: Keyring,
    who: Moderator,
    act: Deed,
    scope: str,
    *,
    now: int,
    concerning: Mapping[PersonHash, int] | None = None,
) -> None:
    """Enter what a moderator did into the chain of their own server. Arguments as `append`."""
    entry = Act(
        actor=Actor.MODERATOR,
        by=keys.person(who.person),
        act=act,
        scope=scope,
        objects=sum((concerning or {}).values()),
    )
    await append(tx, keys, who.guild_id, entry, now=now, concerning=concerning)


async def last_state(tx: Transaction, chain: int) -> State:
    """Say where a chain stands: at its newest entry, at its floor, or before any."""
    row = await one(
        tx, "SELECT seq, hash FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain,)
    ) or await one(
        tx, "SELECT seq, hash FROM audit_heads WHERE chain = ? AND name = ?", (chain, FLOOR)
    )
    return State(row["seq"], row["hash"]) if row else GENESIS


async def chains(tx: Transaction) -> list[int]:
    """Name every chain there is any trace of; the house's comes first."""
    rows = await many(
        tx,
        "SELECT chain FROM audit UNION SELECT chain FROM audit_heads"
        " UNION SELECT chain FROM audit_subjects ORDER BY chain",
    )
    return [row["chain"] for row in rows]


async def page(tx: Transaction, chain: int, limit: int, *, skip: int = 0) -> list[Entry]:
    """List entries of a chain, newest first."""
    rows = await many(
        tx,
        "SELECT * FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT ? OFFSET ?",
        (chain, limit, skip),
    )
    return [Entry(**dict(row)) for row in rows]


async def count(tx: Transaction, chain: int) -> int:
    """Count the entries of a chain."""
    row = await one(tx, "SELECT count(*) AS entries FROM audit WHERE chain = ?", (chain,))
    return row["entries"] if row else 0


async def of_person(tx: Transaction, person: PersonHash, limit: int) -> list[Concern]:
    """List the newest entries that touched things of a person, in whatever chain."""
    rows = await many(
        tx,
        "SELECT chain, at, actor, act, audit_subjects.objects FROM audit_subjects"
        " JOIN audit USING (chain, seq) WHERE person = ? ORDER BY at DESC, seq DESC LIMIT ?",
        (person, limit),
    )
    return [Concern(**dict(row)) for row in rows]


async def forget_person(tx: Transaction, person: PersonHash) -> int:
    """Forget which entries touched things of a person; the entries stay. Says how many."""
    cursor = await tx.execute("DELETE FROM audit_subjects WHERE person = ?", (person,))
    return cursor.rowcount


async def forget_chain(tx: Transaction, chain: int) -> int:
    """Forget all of a server's chain, when the server itself is erased. Says how many entries."""
    await tx.execute("DELETE FROM audit_subjects WHERE chain = ?", (chain,))
    await tx.execute("DELETE FROM audit_heads WHERE chain = ?", (chain,))
    return (await tx.execute("DELETE FROM audit WHERE chain = ?", (chain,))).rowcount


def hash_of(entry: Mapping[str, object] | Row) -> str:
    """Hash an entry with the one before it: SHA-256 over canonical JSON of all but the seals."""
    written = {name: value for name, value in dict(entry).items() if name not in {"hash", "proof"}}
    return sha256(json.dumps(written, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def proof_of(keys: Keyring, chain: int, state: State) -> str:
    """Give the proof that an entry is of our own."""
    return keys.proof(f"audit:{chain}:{state.seq}:{state.hash}")


def subject(keys: Keyring, chain: int, seq: int, person: str, objects: int) -> str:
    """Give the proof of a row that says whom an entry concerns."""
    return keys.proof(f"subject:{chain}:{seq}:{person}:{objects}")


async def sign_state(tx: Transaction, keys: Keyring, chain: int, name: str, state: State) -> None:
    """Sign that a chain stood there; a later state of the same name replaces it."""
    signature = receipts.sign_text(await keys.receipt_seed(), stated(chain, name, state))
    await tx.execute(
        "INSERT INTO audit_heads VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (chain, name) DO UPDATE SET seq = ?3, hash = ?4, signature = ?5",
        (chain, name, state.seq, state.hash, signature),
    )


def stated(chain: int, name: str, state: State) -> str:
    """Give the text that is signed."""
    return f"audit:{chain}:{name}:{state.seq}:{state.hash}"
