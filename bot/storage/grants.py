"""Plans that the operator gave to people, each until a date. People are keyed hashes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonHash
from bot.storage.database import Transaction, one


@dataclass(frozen=True)
class Grant:
    """Which plan, and when it ends (seconds since 1970)."""

    plan: str
    expires_at: int


async def give(
    tx: Transaction, person: PersonHash, plan: str, *, granted_on: str, expires_at: int
) -> None:
    """Give somebody a plan, in place of one given before.

    One that is not merely made longer goes first: a copy that is restored must not bring it back.
    """
    await tx.execute(
        "DELETE FROM grants WHERE person = ? AND (plan <> ? OR expires_at > ?)",
        (person, plan, expires_at),
    )
    await tx.execute(
        "INSERT INTO grants VALUES (?1, ?2, ?3, ?4) ON CONFLICT (person)"
        " DO UPDATE SET plan = ?2, granted_on = ?3, expires_at = ?4",
        (person, plan, granted_on, expires_at),
    )


async def of(tx: Transaction, person: PersonHash, now: int) -> Grant | None:
    """Give the grant that holds for somebody."""
    row = await one(
        tx, "SELECT plan, expires_at FROM grants WHERE person = ? AND expires_at > ?", (person, now)
    )
    return Grant(row["plan"], row["expires_at"]) if row else None


async def revoke(tx: Transaction, person: PersonHash, now: int) -> Grant | None:
    """Take a grant back; gives the one that held."""
    held = await of(tx, person, now)
    await tx.execute("DELETE FROM grants WHERE person = ?", (person,))
    return held
