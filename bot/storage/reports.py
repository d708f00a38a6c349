"""Reports of public results: where each stands and why; sealed, whom to tell what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from bot.crypto.envelope import Binding, seal, unseal
from bot.domain import ChannelId, JobId, PersonHash, PersonId
from bot.policy.reasons import Outcome, Reason
from bot.storage.database import Row, Transaction, many, one
from bot.storage.keyring import REPORT, Keyring
from bot.storage.posts import Standing

_COLUMNS = (
    "SELECT id, guild_id, channel_id, message_id, job, reason, reporter, sealed, made_at,"
    " expires_at, outcome FROM reports"
)
_STANDS = (
    "EXISTS (SELECT 1 FROM posts WHERE posts.job = reports.job"
    " AND posts.message_id = reports.message_id)"
)
_WAITS = f"guild_id = ? AND outcome IS NULL AND {_STANDS}"


@dataclass(frozen=True)
class Reporter:
    """Who reported, and the answer of ours in which they are told what became of it."""

    person: PersonId
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report. Times are seconds since 1970; `outcome` is None while it waits."""

    id: str
    guild_id: int
    channel_id: ChannelId
    message_id: int
    job: JobId
    reason: Reason
    reporter: PersonHash
    sealed: bytes = field(repr=False)
    made_at: int
    expires_at: int
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits in a server: of the report that comes first how many say the same, and the rest.

    `others` are further reports of the same message; `left` is how many other messages wait.
    """

    first: Report
    others: int
    left: int


async def add(
    tx: Transaction,
    keys: Keyring,
    name: str,
    post: Standing,
    *,
    reason: Reason,
    by: Reporter,
    now: int,
    day: str,
    expires_at: int,
) -> None:
    """Keep a report of a public result that stands."""
    reporter = keys.person(by.person)
    key = await keys.new_item(name, REPORT, reporter, day)
    sealed = seal(key, json.dumps(asdict(by)).encode(), _binding(name, reporter))
    await tx.execute(
        "INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            *(name, post.guild_id, post.channel_id, post.message_id, post.job, reason, reporter),
            *(sealed, now, expires_at),
        ),
    )


async def get(tx: Transaction, name: str) -> Report | None:
    """Give a report."""
    row = await one(tx, f"{_COLUMNS} WHERE id = ?", (name,))
    return _read(row) if row else None


async def open_reporter(keys: Keyring, report: Report) -> Reporter:
    """Open whom to tell.

    Raises:
        KeyGone: its reporter erased it.
        SealBroken: the row was tampered with.
    """
    key = await keys.key(report.id, REPORT)
    plain = unseal(key, report.sealed, _binding(report.id, report.reporter))
    return Reporter(**json.loads(plain))


async def is_made(tx: Transaction, message_id: int, reporter: PersonHash) -> bool:
    """Say whether somebody reported a message, and nothing became of it yet."""
    sql = "SELECT 1 FROM reports WHERE message_id = ? AND reporter = ?"
    return await one(tx, sql, (message_id, reporter)) is not None


async def count_of(tx: Transaction, guild_id: int, reporter: PersonHash) -> int:
    """Count the reports of somebody's that wait in a server."""
    row = await one(
        tx,
        "SELECT count(*) AS count FROM reports"
        " WHERE guild_id = ? AND reporter = ? AND outcome IS NULL",
        (guild_id, reporter),
    )
    return int(row["count"]) if row else 0


async def waiting(tx: Transaction, guild_id: int) -> Waiting | None:
    """Give the report that comes first in a server: of consent before all others, then the oldest.

    What stands no more waits no more.
    """
    rows = await many(
        tx,
        f"{_COLUMNS} WHERE {_WAITS} ORDER BY reason = ? DESC, made_at, message_id, id",
        (guild_id, Reason.CONSENT),
    )
    if not rows:
        return None
    messages = [row["message_id"] for row in rows]
    return Waiting(
        first=_read(rows[0]),
        others=messages.count(messages[0]) - 1,
        left=len(set(messages)) - 1,
    )


async def end(tx: Transaction, report: Report, outcome: Outcome) -> int:
    """End every report of the same message; says how many."""
    cursor = await tx.execute(
        "UPDATE reports SET outcome = ? WHERE guild_id = ? AND message_id = ? AND outcome IS NULL",
        (outcome, report.guild_id, report.message_id),
    )
    return cursor.rowcount


async def end_gone(tx: Transaction) -> None:
    """End the reports of messages that stand no more."""
    await tx.execute(
        "UPDATE reports SET outcome = ? WHERE outcome IS NULL AND job NOT IN"
        " (SELECT posts.job FROM posts WHERE posts.message_id = reports.message_id)",
        (Outcome.GONE,),
    )


async def untold(tx: Transaction) -> list[str]:
    """Name the reports that ended, or whose message stands no more: somebody is to be told."""
    rows = await many(tx, f"{_COLUMNS} WHERE outcome IS NOT NULL OR NOT {_STANDS} ORDER BY made_at")
    return [row["id"] for row in rows]


async def drop(tx: Transaction, names: Iterable[str]) -> None:
    """Forget reports; their keys were destroyed before."""
    await tx.executemany("DELETE FROM reports WHERE id = ?", [(name,) for name in names])


def _read(row: Row) -> Report:
    found = dict(row)
    outcome = found.pop("outcome")
    return Report(
        **(found | {"reason": Reason(found["reason"])}),
        outcome=Outcome(outcome) if outcome else None,
    )


def _binding(name: str, reporter: PersonHash) -> Binding:
    return Binding("reports", name, reporter, REPORT)
