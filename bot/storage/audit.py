"""Acts of moderators and operators on data: one hash chain per server, chain 0 for the house.

Each entry's hash covers the one before it, and the newest hash is signed in the same transaction:
an entry that is flipped, deleted, cut off or written anew is named by `verify`. Whom an entry
concerns stands beside the chain, each row with a keyed proof: an erasure takes it out, and the
chain still holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256

from bot.crypto import receipts
from bot.domain import PersonHash
from bot.storage.database import Transaction, one
from bot.storage.keyring import Keyring

HOUSE = 0
"""The chain of the operator's acts, and of what the house does by itself."""

GENESIS = "0" * 64
"""What the first entry of a chain follows."""


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
class Entry(Act):
    """One act as it stands in its chain. `at` is seconds since 1970, to the minute."""

    chain: int
    seq: int
    at: int
    prev: str
    hash: str


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
    last = await one(
        tx, "SELECT seq, hash FROM audit WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain,)
    ) or await one(
        tx, "SELECT seq, hash FROM audit_heads WHERE chain = ? AND name = 'floor'", (chain,)
    )
    seq, prev = (last["seq"] + 1, last["hash"]) if last else (1, GENESIS)
    entry = Entry(**asdict(act), chain=chain, seq=seq, at=now - now % 60, prev=prev, hash="")
    entry_hash = hash_of(entry)
    await tx.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(chain, seq, entry.at, act.actor, act.by, act.act, act.scope, act.objects),
            *(act.result, prev, entry_hash),
        ),
    )
    await sign_state(tx, keys, chain, "head", seq, entry_hash)
    for person, objects in (concerning or {}).items():
        proof = keys.proof(f"{chain}:{seq}:{person}:{objects}")
        await tx.execute(
            "INSERT INTO audit_subjects VALUES (?, ?, ?, ?, ?)",
            (chain, seq, person, objects, proof),
        )
    return seq


def hash_of(entry: Entry) -> str:
    """Hash an entry with the one before it: SHA-256 over canonical JSON of all but the hash."""
    written = asdict(entry)
    del written["hash"]
    return sha256(json.dumps(written, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def sign_state(
    tx: Transaction, keys: Keyring, chain: int, name: str, seq: int, state: str
) -> None:
    """Sign that a chain stood at this entry; a later state of the same name replaces it."""
    seed = await keys.receipt_seed()
    signature = receipts.sign_text(seed, f"audit:{chain}:{name}:{seq}:{state}")
    await tx.execute(
        "INSERT INTO audit_heads VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (chain, name) DO UPDATE SET seq = ?3, hash = ?4, signature = ?5",
        (chain, name, seq, state, signature),
    )
