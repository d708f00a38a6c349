"""The data map against the real files: which columns there are, and how much of each is a person's.

What the map calls not countable has no query here, and everything else that concerns people has
one; a test compares the two.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bot.domain import PersonHash
from bot.policy.datamap import Store
from bot.policy.disclosure import Selfcheck
from bot.storage.database import Transaction, many, one
from bot.storage.memory import Memory

SELFCHECK_FILE = "selfcheck.json"
"""Where `darkroom selfcheck` leaves its result, inside the data folder."""

_PICTURES = (
    "SELECT count(*), NULL FROM pictures JOIN jobs ON jobs.id = pictures.job WHERE tenant = ?"
)
_INPUTS = "SELECT count(*), NULL FROM inputs JOIN jobs ON jobs.id = inputs.job WHERE tenant = ?"
_FILES = (
    "SELECT count(*), NULL FROM"
    " (SELECT job FROM pictures UNION ALL SELECT job FROM inputs) AS files"
    " JOIN jobs ON jobs.id = files.job WHERE tenant = ?"
)

COUNTS: dict[Store, dict[str, str]] = {
    Store.DARKROOM: {
        "people": "SELECT count(*), NULL FROM people WHERE person = ?",
        "usage": "SELECT count(*), NULL FROM usage WHERE person = ?",
        "gpu_usage": "SELECT count(*), NULL FROM gpu_usage WHERE person = ?",
        "grants": "SELECT count(*), max(expires_at) FROM grants WHERE person = ?",
        "entitlements": "SELECT count(*), NULL FROM entitlements WHERE person = ?",
        "tenants": "SELECT count(*), NULL FROM tenants WHERE tenant = ?",
        "relax_use": "SELECT count(*), NULL FROM relax_use WHERE tenant = ?",
        "choices": "SELECT count(*), NULL FROM choices WHERE person = ?",
        "opt_outs": "SELECT count(*), NULL FROM opt_outs WHERE person = ?",
        "exports": "SELECT count(*), NULL FROM exports WHERE person = ?",
        "acts": "SELECT count(*), max(expires_at) FROM acts WHERE person = ?",
        "erasures": "SELECT count(*), NULL FROM erasures WHERE person = ?",
        "forgotten": "SELECT count(*), NULL FROM forgotten WHERE instr(fact, ?) > 0",
        "blocks": "SELECT count(*), max(expires_at) FROM blocks WHERE person = ?",
        "strikes": "SELECT count(*), max(expires_at) FROM strikes WHERE person = ?",
        "counters": "SELECT count(*), max(expires_at) FROM counters WHERE person = ?",
        "reports": "SELECT count(*), max(expires_at) FROM reports WHERE reporter = ?",
        "contests": "SELECT count(*), max(expires_at) FROM contests WHERE person = ?",
        "declarations": "SELECT count(*), NULL FROM declarations WHERE person = ?",
        "audit_subjects": "SELECT count(*), NULL FROM audit_subjects WHERE person = ?",
        "jobs": "SELECT count(*), max(expires_at) FROM jobs"
        " LEFT JOIN deliveries ON deliveries.job = jobs.id WHERE tenant = ?",
        "deliveries": "SELECT count(*), max(expires_at) FROM deliveries"
        " JOIN jobs ON jobs.id = deliveries.job WHERE tenant = ?",
        "pictures": _PICTURES,
        "inputs": _INPUTS,
        "posts": "SELECT count(*), max(expires_at) FROM posts WHERE person = ?",
        "recipes": "SELECT count(*), max(expires_at) FROM recipes WHERE person = ?",
    },
    Store.KEYS: {
        "day_keys": "SELECT count(*), NULL FROM day_keys WHERE person = ?",
        "item_keys": "SELECT count(*), NULL FROM item_keys WHERE person = ?",
    },
    Store.FILES: {"blobs/*": _FILES},
}
"""How many rows are a person's, and when the last of them goes, where a moment is set."""


@dataclass(frozen=True)
class Counted:
    """Rows of one table, and when the last of them goes (seconds since 1970)."""

    rows: int
    until: int | None


async def schema(tx: Transaction) -> dict[str, list[str]]:
    """Give the columns of every table of an open database."""
    tables = await many(
        tx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return {
        table["name"]: [
            row["name"]
            for row in await many(tx, "SELECT name FROM pragma_table_info(?)", (table["name"],))
        ]
        for table in tables
    }


async def counts(memory: Memory, person: PersonHash) -> dict[tuple[Store, str], Counted]:
    """Count what is stored about a person, by store and table."""
    async with memory.db.read() as tx:
        counted = await _count(tx, person, Store.DARKROOM, Store.FILES)
    async with memory.keys._database.read() as tx:  # counts only; the keys stay wrapped
        return counted | await _count(tx, person, Store.KEYS)


async def _count(
    tx: Transaction, person: PersonHash, *stores: Store
) -> dict[tuple[Store, str], Counted]:
    found = {}
    for store in stores:
        for table, sql in COUNTS[store].items():
            row = await one(tx, sql, (person,))
            found[store, table] = Counted(row[0], row[1]) if row else Counted(0, None)
    return found


def last_selfcheck(data: Path) -> Selfcheck | None:
    """Read what the last selfcheck left; None when there was none, or nothing readable is left."""
    try:
        found = json.loads((data / SELFCHECK_FILE).read_text("utf-8"))
        return Selfcheck(
            at=int(found["at"]),
            passed=found["passed"] is True,
            software=str(found.get("software", "")),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


async def record_until(tx: Transaction, job: str) -> int | None:
    """Say when a job's record goes; None while the job is under way, or when there is none."""
    row = await one(tx, "SELECT expires_at FROM deliveries WHERE job = ?", (job,))
    return row["expires_at"] if row else None


async def job_at(tx: Transaction, person: PersonHash, message_id: str) -> str | None:
    """Name the job of a person's whose public place or result is this message.

    `message_id` is what somebody typed, in digits: too large a number is no message.
    """
    row = await one(
        tx,
        "SELECT job FROM posts WHERE person = ?1 AND message_id = CAST(?2 AS INTEGER) UNION ALL"
        " SELECT job FROM deliveries JOIN jobs ON jobs.id = job"
        " WHERE tenant = ?1 AND place_id = CAST(?2 AS INTEGER)",
        (person, message_id),
    )
    return row["job"] if row else None
