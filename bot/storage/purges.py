"""Purges under way or waiting their turn: of which server, and, sealed, what and how far."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace

from bot.crypto.envelope import Binding, seal, unseal
from bot.crypto.receipts import Scope
from bot.domain import PersonHash, PersonId
from bot.storage.audit import Actor
from bot.storage.database import Transaction, many, one
from bot.storage.island import Reach
from bot.storage.keyring import PURGE, Keyring

EVERYWHERE = 0
"""Stands for the server of a purge that reaches every server: the operator's."""


@dataclass(frozen=True, kw_only=True)
class Underway:
    """One purge, and how far it got. Each number is what was done, not what was meant.

    `person` is the moderator, 0 where `actor` is the operator or the house; `token` is of their
    press, and empty without one; `must_manage`: it took Manage Server to begin. `ended` and `blobs`
    are the jobs it ended and their files. `keys` counts the keys in reach once `is_counted`;
    `whose` the things of each person that went; `late` are records that were still being cleared
    up. `closed` are channels that refused, `failed` what stands in them. `looks` came no further;
    the next one is not before `resume_at`. `is_rewritten`: the database was, without what was
    deleted. `line` is the receipt, once signed at `ended_at`.
    """

    id: str
    actor: Actor
    person: PersonId
    token: str = field(repr=False)
    scope: Scope
    reach: Reach
    must_manage: bool = False
    begun_at: int
    ended: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    keys: int = 0
    is_counted: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    whose: dict[str, int] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    deleted: int = 0
    failed: int = 0
    failures: tuple[str, ...] = ()
    closed: tuple[int, ...] = ()
    looks: int = 0
    resume_at: int = 0
    is_rewritten: bool = False
    ended_at: int = 0
    line: str = field(default="", repr=False)

    @property
    def guild_id(self) -> int:
        """The server, or `EVERYWHERE`."""
        return self.reach.guild_id

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Underway:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        found["actor"] = Actor(found["actor"])
        found["scope"] = Scope(found["scope"])
        found["reach"] = Reach(**found["reach"])
        for name in ("ended", "blobs", "late", "failures", "closed"):
            found[name] = tuple(found[name])
        return cls(**found)

    def counting(self, counts: dict[str, int], whose: Iterable[str]) -> Underway:
        """Give it with what has just gone added, to the counts and to each person's."""
        together, each = Counter(self.counts), Counter(self.whose)
        together.update(counts)
        each.update(whose)
        return replace(self, counts=dict(together), whose=dict(each))


@dataclass(frozen=True)
class Queued:
    """A purge in the order they were begun. One that has ended only waits to be told of."""

    id: str
    guild_id: int
    is_cancelled: bool
    is_ended: bool = False


async def add(tx: Transaction, keys: Keyring, underway: Underway, *, day: str) -> None:
    """Begin a purge: from this commit on it will be finished."""
    owner = keys.server(underway.guild_id)
    key = await keys.new_item(underway.id, PURGE, owner, day)
    sealed = seal(key, underway.to_json(), _binding(underway.id, owner))
    await tx.execute(
        "INSERT INTO purges (id, guild_id, sealed, begun_at) VALUES (?, ?, ?, ?)",
        (underway.id, underway.guild_id, sealed, underway.begun_at),
    )


async def keep(tx: Transaction, keys: Keyring, underway: Underway) -> None:
    """Remember how far a purge got."""
    key = await keys.key(underway.id, PURGE)
    binding = _binding(underway.id, keys.server(underway.guild_id))
    sealed = seal(key, underway.to_json(), binding)
    await tx.execute(
        "UPDATE purges SET sealed = ?, ended_at = nullif(?, 0) WHERE id = ?",
        (sealed, underway.ended_at, underway.id),
    )


async def get(tx: Transaction, keys: Keyring, name: str) -> Underway | None:
    """Give a purge that is not finished.

    Raises:
        KeyGone: it was finished, and only its row is left.
        SealBroken: the row was tampered with.
    """
    row = await one(tx, "SELECT guild_id, sealed FROM purges WHERE id = ?", (name,))
    if row is None:
        return None
    key = await keys.key(name, PURGE)
    binding = _binding(name, keys.server(row["guild_id"]))
    return Underway.from_json(unseal(key, row["sealed"], binding))


async def queued(tx: Transaction) -> list[Queued]:
    """List the purges that are not finished, in the order they were begun."""
    rows = await many(tx, "SELECT * FROM purges ORDER BY rowid")
    return [
        Queued(
            row["id"],
            row["guild_id"],
            is_cancelled=row["cancelled_at"] is not None,
            is_ended=row["ended_at"] is not None,
        )
        for row in rows
    ]


async def cancel(tx: Transaction, name: str, now: int) -> None:
    """Remember that no more of it may go; whoever works on it reads this before each step."""
    await tx.execute(
        "UPDATE purges SET cancelled_at = coalesce(cancelled_at, ?) WHERE id = ?", (now, name)
    )


async def is_cancelled(tx: Transaction, name: str) -> bool:
    """Say whether a purge was cancelled."""
    row = await one(tx, "SELECT cancelled_at FROM purges WHERE id = ?", (name,))
    return row is not None and row["cancelled_at"] is not None


async def drop(tx: Transaction, name: str) -> None:
    """Forget a purge that is finished; its key was destroyed before."""
    await tx.execute("DELETE FROM purges WHERE id = ?", (name,))


def _binding(name: str, owner: PersonHash) -> Binding:
    return Binding("purges", name, owner, PURGE)
