"""What a person may take with them: every plain row of theirs, by section of the export."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain import PersonHash
from bot.storage.database import Transaction, many, one

_SECTIONS = {
    "people": "SELECT first_seen_at, told_ai_at, role_plan, role_plan_seen_at"
    " FROM people WHERE person = ?",
    "usage": "SELECT day, pictures, stealth_jobs FROM usage WHERE person = ? ORDER BY day",
    "gpu_usage": "SELECT month, milliseconds FROM gpu_usage WHERE person = ? ORDER BY month",
    "relax_use": "SELECT seconds, used_at FROM relax_use WHERE tenant = ?",
    "grants": "SELECT plan, granted_on, expires_at FROM grants WHERE person = ?",
    "entitlements": "SELECT plan, told_at, ends_at FROM entitlements WHERE person = ?"
    " ORDER BY told_at",
    "opt_out": "SELECT level, since FROM opt_outs WHERE person = ?",
    "exports": "SELECT day FROM exports WHERE person = ?",
    "acts": "SELECT at, actor, act, objects, expires_at FROM acts WHERE person = ? ORDER BY id",
    "records": "SELECT id AS job, day, state, ending, visibility, rows AS pictures, speed, plan,"
    " gpu_milliseconds, accepted_at, ended_at, expires_at, guild_id, channel_id"
    " FROM jobs JOIN deliveries ON job = id WHERE tenant = ? ORDER BY accepted_at",
    "posts": "SELECT job, guild_id, channel_id, message_id, posted_at, expires_at"
    " FROM posts WHERE person = ? ORDER BY posted_at",
    "reports": "SELECT guild_id, channel_id, message_id, job, reason, made_at, expires_at, outcome"
    " FROM reports WHERE reporter = ? ORDER BY made_at",
    "contests": "SELECT guild_id, made_at, expires_at, outcome"
    " FROM contests WHERE person = ? ORDER BY made_at, id",
    "declaration": "SELECT day, version FROM declarations WHERE person = ?",
    "blocks": "SELECT guild_id, since, expires_at FROM blocks WHERE person = ? ORDER BY since",
    "strikes": "SELECT guild_id, at, expires_at FROM strikes WHERE person = ? ORDER BY id",
    "counters": "SELECT what, visibility, day, hits, expires_at"
    " FROM counters WHERE person = ? ORDER BY day",
    "audit": "SELECT chain, seq, at, actor, act, audit_subjects.objects AS objects"
    " FROM audit_subjects JOIN audit USING (chain, seq) WHERE person = ? ORDER BY at",
}
_TIMES = {
    "first_seen_at", "told_ai_at", "role_plan_seen_at", "at", "expires_at", "accepted_at",
    "ended_at", "posted_at", "made_at", "since", "used_at", "told_at", "ends_at",
}  # fmt: skip


def utc(at: int) -> str:
    """Write a moment (seconds since 1970) as an export does."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def plain(tx: Transaction, person: PersonHash) -> dict[str, list[dict[str, object]]]:
    """Give what is stored of a person in the clear, by section. Times are UTC."""
    return {
        section: [
            {name: _written(name, row[name]) for name in row.keys()}  # noqa: SIM118  # a row is no dict
            for row in await many(tx, sql, (person,))
        ]
        for section, sql in _SECTIONS.items()
    }


def _written(name: str, value: object) -> object:
    return utc(value) if name in _TIMES and isinstance(value, int) else value


async def last_day(tx: Transaction, person: PersonHash) -> str | None:
    """Give the day of a person's last export."""
    row = await one(tx, "SELECT day FROM exports WHERE person = ?", (person,))
    return row["day"] if row else None


async def made(tx: Transaction, person: PersonHash, day: str) -> None:
    """Remember that an export was made: one a day."""
    await tx.execute(
        "INSERT INTO exports VALUES (?1, ?2) ON CONFLICT (person) DO UPDATE SET day = ?2",
        (person, day),
    )


async def is_being_erased(tx: Transaction, person: PersonHash) -> bool:
    """Say whether an erasure of theirs is under way."""
    return await one(tx, "SELECT 1 FROM erasures WHERE person = ?", (person,)) is not None
