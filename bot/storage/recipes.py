"""Sealed recipes that buttons need: of public results under their job, of stealth under nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.domain import JobId, PersonHash
from bot.storage.database import Transaction, many, one


@dataclass(frozen=True)
class Recipe:
    """One public result's sealed recipe. Times are seconds since 1970."""

    job: JobId
    person: PersonHash
    guild_id: int
    sealed: bytes = field(repr=False)
    made_at: int
    expires_at: int
    starred: bool = False


async def add(tx: Transaction, recipe: Recipe) -> None:
    """Keep the recipe of a delivered public job."""
    await tx.execute(
        "INSERT INTO recipes (job, person, guild_id, sealed, made_at, expires_at, starred)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            recipe.job,
            recipe.person,
            recipe.guild_id,
            recipe.sealed,
            recipe.made_at,
            recipe.expires_at,
            recipe.starred,
        ),
    )


async def get(tx: Transaction, job: str) -> Recipe | None:
    """Give a public job's recipe."""
    row = await one(tx, "SELECT * FROM recipes WHERE job = ?", (job,))
    return _recipe(dict(row)) if row else None


async def of(tx: Transaction, person: PersonHash) -> list[Recipe]:
    """List a person's public recipes, oldest first."""
    rows = await many(tx, "SELECT * FROM recipes WHERE person = ? ORDER BY made_at", (person,))
    return [_recipe(dict(row)) for row in rows]


async def forget(tx: Transaction, job: str) -> bool:
    """Drop a public recipe; its key is destroyed too. Says whether it was there."""
    cursor = await tx.execute("DELETE FROM recipes WHERE job = ?", (job,))
    return cursor.rowcount == 1


async def add_unlinked(tx: Transaction, row: str, sealed: bytes, expires_on: str) -> None:
    """Keep the recipe of a delivered stealth job. A repeated delivery changes nothing."""
    await tx.execute(
        "INSERT INTO unlinked_recipes VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (row, sealed, expires_on),
    )


async def star(tx: Transaction, job: str, *, starred: bool, expires_at: int) -> None:
    """Keep a public recipe for longer, or no longer, as its owner wants."""
    await tx.execute(
        "UPDATE recipes SET starred = ?, expires_at = ? WHERE job = ?", (starred, expires_at, job)
    )


async def get_unlinked(tx: Transaction, row: str, today: str) -> tuple[bytes, str] | None:
    """Give a sealed stealth recipe that has not expired, and its last day."""
    found = await one(
        tx,
        "SELECT sealed, expires_on FROM unlinked_recipes WHERE id = ? AND expires_on >= ?",
        (row, today),
    )
    return (found["sealed"], found["expires_on"]) if found else None


async def tighten_unlinked(tx: Transaction, row: str, expires_on: str) -> None:
    """Let a stealth recipe end sooner, never later."""
    await tx.execute(
        "UPDATE unlinked_recipes SET expires_on = min(expires_on, ?) WHERE id = ?",
        (expires_on, row),
    )


async def forget_unlinked(tx: Transaction, row: str) -> bool:
    """Drop a stealth recipe. Says whether it was there."""
    cursor = await tx.execute("DELETE FROM unlinked_recipes WHERE id = ?", (row,))
    return cursor.rowcount == 1


def _recipe(row: dict[str, Any]) -> Recipe:
    return Recipe(**row | {"starred": bool(row["starred"])})
