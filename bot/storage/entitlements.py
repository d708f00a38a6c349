"""What Discord told just now of plans that people have through it: news, kept for minutes.

Each command, press and form carries a list of what its person has. That list may lag behind the
event that told of a change, so for `NEWS_SECONDS` the event counts; from then on the list alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain import PersonHash
from bot.storage.database import Transaction, many

NEWS_SECONDS = 600
"""How long an event counts for more than the list of an interaction."""


@dataclass(frozen=True)
class News:
    """One entitlement as an event told of it. `id` is a keyed hash; `ends_at` may be past."""

    id: str
    plan: str
    ends_at: int | None


async def tell(tx: Transaction, person: PersonHash, news: News, now: int) -> None:
    """Remember it; what was told of the same entitlement before is replaced."""
    await tx.execute(
        "INSERT OR REPLACE INTO entitlements VALUES (?, ?, ?, ?, ?)",
        (news.id, person, news.plan, now, news.ends_at),
    )


async def news_of(tx: Transaction, person: PersonHash, now: int) -> list[News]:
    """Give what still counts for more than a list. A clock that was set back makes nothing new."""
    rows = await many(
        tx,
        "SELECT id, plan, ends_at FROM entitlements WHERE person = ? AND told_at BETWEEN ? AND ?",
        (person, now - NEWS_SECONDS, now),
    )
    return [News(row["id"], row["plan"], row["ends_at"]) for row in rows]


async def forget(tx: Transaction, person: PersonHash) -> None:
    """Forget what was told of somebody."""
    await tx.execute("DELETE FROM entitlements WHERE person = ?", (person,))
