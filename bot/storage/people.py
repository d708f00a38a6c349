"""What the house remembers of a person: a keyed hash, what they were told, today's use."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonHash
from bot.policy.plans import Usage
from bot.ports import month_of
from bot.storage.database import Transaction, one

ROLE_PLAN_SECONDS = 24 * 3600
"""How long a plan seen through a server role counts in the DM, where no roles are to be seen."""


@dataclass(frozen=True)
class Person:
    """One person's row."""

    told_ai: bool
    role_plan: str | None


async def meet(tx: Transaction, person: PersonHash, now: int) -> Person:
    """Give a person's row; make it at the first meeting."""
    await tx.execute(
        "INSERT INTO people (person, first_seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (person, now),
    )
    met = await known(tx, person, now)
    if met is None:
        raise LookupError("a row inserted in this transaction is there")
    return met


async def known(tx: Transaction, person: PersonHash, now: int) -> Person | None:
    """Give the row of somebody met before. A clock that was set back makes no role plan fresh."""
    row = await one(tx, "SELECT * FROM people WHERE person = ?", (person,))
    if row is None:
        return None
    seen_at = row["role_plan_seen_at"]
    fresh = seen_at is not None and 0 <= now - seen_at <= ROLE_PLAN_SECONDS
    return Person(row["told_ai_at"] is not None, row["role_plan"] if fresh else None)


async def told_ai(tx: Transaction, person: PersonHash, now: int) -> None:
    """Remember that the first answer said what makes the pictures."""
    await tx.execute(
        "UPDATE people SET told_ai_at = ? WHERE person = ? AND told_ai_at IS NULL", (now, person)
    )


async def saw_role_plan(tx: Transaction, person: PersonHash, plan: str | None, now: int) -> None:
    """Remember the best plan a role gave in a server just now."""
    await tx.execute(
        "UPDATE people SET role_plan = ?, role_plan_seen_at = ? WHERE person = ?",
        (plan, now, person),
    )


async def usage(tx: Transaction, person: PersonHash, day: str) -> Usage:
    """Give what a person has taken by a day, and in its month, and how many jobs are open."""
    row = await one(
        tx,
        "SELECT coalesce(max(pictures), 0) AS pictures,"
        " coalesce(max(stealth_jobs), 0) AS stealth_jobs,"
        " (SELECT count(*) FROM jobs WHERE tenant = ?1 AND ended_at IS NULL) AS waiting_jobs,"
        " coalesce((SELECT milliseconds FROM gpu_usage WHERE person = ?1 AND month = ?3), 0)"
        " AS gpu_milliseconds FROM usage WHERE person = ?1 AND day = ?2",
        (person, day, month_of(day)),
    )
    return Usage(**dict(row)) if row else Usage()


async def charge(
    tx: Transaction,
    person: PersonHash,
    day: str,
    *,
    pictures: int,
    stealth_jobs: int,
    gpu_milliseconds: int = 0,
) -> None:
    """Add to the use of a day and its month; negative numbers refund, never below nothing."""
    await tx.execute(
        "INSERT INTO usage VALUES (?1, ?2, max(0, ?3), max(0, ?4))"
        " ON CONFLICT (person, day) DO UPDATE SET pictures = max(0, pictures + ?3),"
        " stealth_jobs = max(0, stealth_jobs + ?4)",
        (person, day, pictures, stealth_jobs),
    )
    if gpu_milliseconds:
        await tx.execute(
            "INSERT INTO gpu_usage VALUES (?1, ?2, max(0, ?3)) ON CONFLICT (person, month)"
            " DO UPDATE SET milliseconds = max(0, milliseconds + ?3)",
            (person, month_of(day), gpu_milliseconds),
        )


async def unmeet(tx: Transaction, person: PersonHash, now: int) -> None:
    """Forget somebody met in this transaction whose first ask was refused: it leaves no trace."""
    await tx.execute(
        "DELETE FROM people WHERE person = ? AND first_seen_at = ? AND told_ai_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE tenant = people.person)",
        (person, now),
    )


async def stored_items(tx: Transaction, person: PersonHash) -> int:
    """Count a person's jobs, public recipes and posts. Delivered stealth cannot be counted."""
    row = await one(
        tx,
        "SELECT (SELECT count(*) FROM jobs WHERE tenant = ?1)"
        " + (SELECT count(*) FROM recipes WHERE person = ?1)"
        " + (SELECT count(*) FROM posts WHERE person = ?1) AS items",
        (person,),
    )
    return int(row["items"]) if row else 0
