"""Who declared to have the rights to what they upload, and the consent of those who are in it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonHash
from bot.storage.database import Transaction, one


@dataclass(frozen=True)
class Declaration:
    """On which day, and in which wording."""

    day: str
    version: int


async def of(tx: Transaction, person: PersonHash) -> Declaration | None:
    """Give what somebody declared."""
    row = await one(tx, "SELECT day, version FROM declarations WHERE person = ?", (person,))
    return Declaration(row["day"], row["version"]) if row else None


async def give(tx: Transaction, person: PersonHash, declared: Declaration) -> None:
    """Remember a declaration; a newer one takes the place of an older."""
    await tx.execute(
        "INSERT INTO declarations VALUES (?1, ?2, ?3)"
        " ON CONFLICT (person) DO UPDATE SET day = ?2, version = ?3",
        (person, declared.day, declared.version),
    )


async def take_back(tx: Transaction, person: PersonHash) -> bool:
    """Forget a declaration; says whether there was one."""
    cursor = await tx.execute("DELETE FROM declarations WHERE person = ?", (person,))
    return cursor.rowcount == 1
