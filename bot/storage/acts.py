"""Acts on a person's data: who (a role), what, when, how much. Never what it was about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain import PersonHash
from bot.storage.database import Transaction, many


class Actor(StrEnum):
    """Who did it, as a role."""

    SELF = "you"


class Deed(StrEnum):
    """What was done."""

    EXPORTED = "exported"
    ERASED = "erased"


@dataclass(frozen=True)
class Act:
    """One act. `at` is seconds since 1970, to the minute."""

    at: int
    actor: Actor
    act: Deed
    objects: int


async def add(
    tx: Transaction,
    person: PersonHash,
    actor: Actor,
    act: Deed,
    objects: int,
    *,
    now: int,
    expires_at: int,
) -> None:
    """Record an act."""
    await tx.execute(
        "INSERT INTO acts (person, at, actor, act, objects, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        (person, now - now % 60, actor, act, objects, expires_at),
    )


async def of(tx: Transaction, person: PersonHash, limit: int) -> list[Act]:
    """List the newest acts on a person's data."""
    rows = await many(
        tx,
        "SELECT at, actor, act, objects FROM acts WHERE person = ? ORDER BY id DESC LIMIT ?",
        (person, limit),
    )
    return [Act(row["at"], Actor(row["actor"]), Deed(row["act"]), row["objects"]) for row in rows]
