"""Erasures under way: what each reaches, and, sealed, whose it is and how far it got."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from bot.crypto.envelope import Binding, seal, unseal
from bot.crypto.receipts import Scope
from bot.domain import JobId, PersonHash, PersonId
from bot.ports import month_of
from bot.storage import audit, deliveries, house, posts, recipes
from bot.storage.database import Transaction, many, one
from bot.storage.deliveries import Delivery
from bot.storage.keyring import ERASURE, Keyring
from bot.storage.posts import Standing


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What of a person's an erasure covers: all there was at a moment, a last day, or one job.

    `since` and `until` are seconds since 1970, both included; `day` is the first of the operator's
    days. What was made later than `until` is a new beginning and stays; but of delivered stealth a
    record says only the day, so one of the same day may go too.
    """

    person: PersonHash
    until: int
    since: int = 0
    day: str = ""
    job: str | None = None

    def covers(self, job: str, at: int) -> bool:
        """Say whether something made for a job at a moment is meant."""
        return self.job in {None, job} and self.since <= at <= self.until


@dataclass(frozen=True, kw_only=True)
class Underway:
    """One erasure, and how far it got. Each number is what was done, not what was meant.

    `ended` and `blobs` are the jobs it ended and their files, until those are destroyed. The walk
    through the DM looks between the message ids `after` and `before`, both excluded, and only at
    messages with `button` if there is one; `before` is None when there is nothing to walk, or no
    more, and `walked` says that it came to the end. `keys` counts the keys in reach when it began.
    `standing` are (server, channel, message) of what Discord would not let go. `looks` left
    something undone; the next one is not before `resume_at`. `is_by_operator`: nobody pressed, so
    `token` is empty. `line` is the receipt, once signed.
    """

    id: str
    owner: PersonId
    token: str = field(repr=False)
    scope: Scope
    reach: Reach
    begun_at: int
    before: int | None = None
    after: int = 0
    button: str = ""
    ended: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    keys: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    deleted: int = 0
    failed: int = 0
    recipes: int = 0
    failures: tuple[str, ...] = ()
    standing: tuple[tuple[int, int, int], ...] = ()
    walked: bool = False
    looks: int = 0
    resume_at: int = 0
    is_by_operator: bool = False
    line: str = field(default="", repr=False)

    def to_json(self) -> bytes:
        """Write it as it is sealed."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Underway:
        """Read what `to_json` wrote."""
        found = json.loads(text)
        found["scope"] = Scope(found["scope"])
        found["reach"] = Reach(**found["reach"])
        for name in ("ended", "blobs", "failures"):
            found[name] = tuple(found[name])
        found["standing"] = tuple(tuple(one) for one in found["standing"])
        return cls(**found)


@dataclass(frozen=True)
class Within:
    """What of a person's lies in reach. `untidied` are ended jobs with messages to clear up."""

    open_jobs: tuple[Delivery, ...]
    ended: tuple[JobId, ...]
    untidied: tuple[JobId, ...]
    posts: tuple[Standing, ...]
    recipes: tuple[JobId, ...]
    times: tuple[int, ...]

    @property
    def jobs(self) -> set[str]:
        """Every job that something in reach belongs to."""
        made = {post.job for post in self.posts} | set(self.recipes)
        return {each.job for each in self.open_jobs} | {*self.ended, *self.untidied} | made


async def within(tx: Transaction, reach: Reach) -> Within:
    """Find what lies in reach: also a record without its result, or a result without its record."""
    rows = await many(
        tx,
        "SELECT id, ended_at, accepted_at, route IS NOT NULL AS untidied FROM jobs"
        " JOIN deliveries ON job = id WHERE tenant = ?1 AND accepted_at <= ?2"
        " AND coalesce(?3, id) = id AND (ended_at IS NULL OR accepted_at >= ?4"
        " OR ended_at >= ?4 OR day >= ?5) ORDER BY accepted_at",
        (reach.person, reach.until, reach.job, reach.since, reach.day),
    )
    mine = {row["id"] for row in rows}
    standing = [
        post for post in await posts.of(tx, reach.person) if reach.covers(post.job, post.posted_at)
    ]
    kept = [
        each for each in await recipes.of(tx, reach.person) if reach.covers(each.job, each.made_at)
    ]
    waiting = await deliveries.open_of(tx, reach.person, None)
    ended = [row for row in rows if row["ended_at"] is not None]
    return Within(
        open_jobs=tuple(each for each in waiting if each.job in mine),
        ended=tuple(row["id"] for row in ended if not row["untidied"]),
        untidied=tuple(row["id"] for row in ended if row["untidied"]),
        posts=tuple(standing),
        recipes=tuple(each.job for each in kept),
        times=(
            *(row["accepted_at"] for row in rows),
            *(post.posted_at for post in standing),
            *(each.made_at for each in kept),
        ),
    )


async def routed(tx: Transaction, person: PersonHash) -> set[str]:
    """Name a person's jobs that still need the key of their route."""
    rows = await many(
        tx,
        "SELECT job FROM deliveries JOIN jobs ON jobs.id = job"
        " WHERE tenant = ? AND (ended_at IS NULL OR route IS NOT NULL)",
        (person,),
    )
    return {row["job"] for row in rows}


async def add(tx: Transaction, keys: Keyring, underway: Underway, *, day: str) -> None:
    """Begin an erasure: from this commit on it will be finished."""
    person = underway.reach.person
    key = await keys.new_item(underway.id, ERASURE, person, day)
    sealed = seal(key, underway.to_json(), _binding(underway.id, person))
    await tx.execute(
        "INSERT INTO erasures VALUES (?, ?, ?, ?)",
        (underway.id, person, sealed, underway.begun_at),
    )


async def keep(tx: Transaction, keys: Keyring, underway: Underway) -> None:
    """Remember how far an erasure got."""
    key = await keys.key(underway.id, ERASURE)
    sealed = seal(key, underway.to_json(), _binding(underway.id, underway.reach.person))
    await tx.execute("UPDATE erasures SET sealed = ? WHERE id = ?", (sealed, underway.id))


async def get(tx: Transaction, keys: Keyring, name: str) -> Underway | None:
    """Give an erasure that is under way.

    Raises:
        KeyGone: it was finished, and only its row is left.
        SealBroken: the row was tampered with.
    """
    row = await one(tx, "SELECT person, sealed FROM erasures WHERE id = ?", (name,))
    if row is None:
        return None
    key = await keys.key(name, ERASURE)
    return Underway.from_json(unseal(key, row["sealed"], _binding(name, row["person"])))


async def begun(tx: Transaction) -> list[str]:
    """Name the erasures under way, oldest first."""
    return [row["id"] for row in await many(tx, "SELECT id FROM erasures ORDER BY begun_at")]


async def drop(tx: Transaction, name: str) -> None:
    """Forget an erasure that is finished; its key was destroyed before."""
    await tx.execute("DELETE FROM erasures WHERE id = ?", (name,))


async def about(tx: Transaction, person: PersonHash, today: str) -> dict[str, int]:
    """Count what is held of a person besides their jobs, by table.

    Today's use and this month's are not in it.
    """
    today = await _quota_day(tx, today)
    row = await one(
        tx,
        "SELECT (SELECT count(*) FROM choices WHERE person = ?1) AS choices,"
        " (SELECT count(*) FROM people WHERE person = ?1) AS people,"
        " (SELECT count(*) FROM acts WHERE person = ?1) AS acts,"
        " (SELECT count(*) FROM reports WHERE reporter = ?1) AS reports,"
        " (SELECT count(*) FROM contests WHERE person = ?1) AS contests,"
        " (SELECT count(*) FROM declarations WHERE person = ?1) AS declarations,"
        " (SELECT count(*) FROM audit_subjects WHERE person = ?1) AS audit,"
        " (SELECT count(*) FROM grants WHERE person = ?1) AS grants,"
        " (SELECT count(*) FROM entitlements WHERE person = ?1) AS entitlements,"
        " (SELECT count(*) FROM usage WHERE person = ?1 AND day < ?2) AS usage,"
        " (SELECT count(*) FROM gpu_usage WHERE person = ?1 AND month < ?3) AS gpu_usage",
        (person, today, month_of(today)),
    )
    return dict(row) if row else {}


async def _quota_day(tx: Transaction, today: str) -> str:
    """Give the day whose use still counts: a clock that was set ahead has not turned it."""
    return min(today, await house.get(tx, house.QUOTA_DAY) or today)


async def forget_about(tx: Transaction, person: PersonHash, today: str) -> dict[str, int]:
    """Drop what `about` counts; the caller destroys the keys of it before the commit."""
    counted = await about(tx, person, today)
    today = await _quota_day(tx, today)
    await tx.execute("DELETE FROM usage WHERE person = ? AND day < ?", (person, today))
    await tx.execute(
        "DELETE FROM gpu_usage WHERE person = ? AND month < ?", (person, month_of(today))
    )
    await tx.execute("DELETE FROM reports WHERE reporter = ?", (person,))
    await audit.forget_person(tx, person)
    for table in (
        *("choices", "people", "acts", "contests", "declarations"),
        *("grants", "entitlements"),
    ):
        await tx.execute(f"DELETE FROM {table} WHERE person = ?", (person,))  # noqa: S608  # ours
    return counted


def _binding(name: str, person: str) -> Binding:
    return Binding("erasures", name, person, ERASURE)
