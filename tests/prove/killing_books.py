"""What became of every accepted job, judged when all is quiet: by its row, and by what stands.

A job that was accepted stands once where it belongs, or ended for a reason that somebody gave, at
no cost. The quota books are added up anew from the rows and compared to the last millisecond.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot import words
from bot.crypto import rootkey
from bot.domain import Ending
from bot.storage.memory import open_memory
from gen.queue import MAX_ATTEMPTS
from tests.prove.killing_crowd import Asked, Crowd

_ROWS = (
    "SELECT jobs.id AS job, tenant, state, rows, attempts, visibility, day, ending, interaction,"
    " gpu_milliseconds, speed FROM jobs JOIN deliveries ON deliveries.job = jobs.id"
)

KINDS = ("lost", "doubled", "misplaced", "left over", "unbalanced", "untold", "unsound")


@dataclass
class Verdict:
    """What was found, each as a line that names an ask by its number and nothing of it."""

    accepted: int = 0
    delivered: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    twice: int = 0  #: results that stood in two messages for a while
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)

    def failures(self) -> list[str]:
        """All that is wrong, most important first."""
        return [
            f"{kind}: {line}" for kind in KINDS for line in getattr(self, kind.replace(" ", "_"))
        ]

    def __str__(self) -> str:
        return (
            f"{self.accepted} accepted, {len(self.lost)} lost, {len(self.doubled)} doubled,"
            f" {len(self.misplaced)} misplaced, {len(self.left_over)} left over,"
            f" {len(self.unbalanced)} books wrong"
        )


@dataclass(frozen=True)
class Row:
    """One job as it is stored."""

    job: str
    tenant: str
    state: str
    rows: int
    attempts: int
    visibility: str
    day: str
    ending: str | None
    interaction: str
    gpu_milliseconds: int
    speed: str

    @property
    def is_stealth(self) -> bool:
        return self.visibility == "stealth"


async def judge(
    folder: Path,
    environ: Mapping[str, str],
    crowd: Crowd,
    told: Mapping[str, int],
    took: Mapping[str, int],
    done: Mapping[str, float],
) -> Verdict:
    """Judge a house that has come to rest and is closed.

    Args:
        folder: Its data.
        environ: Where its keys in memory are.
        crowd: Who asked, and what they saw.
        told: Every job that was said to be accepted, with its interaction.
        took: The fast GPU time of each job; of a stealth job its record does not keep it.
        done: The share of its steps that an ended job had done.
    """
    verdict = Verdict(misplaced=sorted(set(crowd.wrong)))
    rows = {
        one.job: replace(one, gpu_milliseconds=took.get(one.job, 0)) if one.is_stealth else one
        for one in _read(folder, verdict)
    }
    source = rootkey.find(None, folder.with_name(f"{folder.name}.key"), {})
    memory = await open_memory(folder, source, environ)
    try:
        by_hash = {memory.keys.interaction(one.interaction.id): one for one in crowd.asked.values()}
    finally:
        await memory.close()
    by_id = {one.interaction.id: one for one in crowd.asked.values()}
    asked = {job: by_id[made] for job, made in told.items() if made in by_id}
    asked |= {one.job: by_hash[one.interaction] for one in rows.values()}
    verdict.accepted = len(asked)
    stands = _standing(crowd, asked, verdict)
    for job, ask in asked.items():
        _judge_job(rows.get(job), ask, crowd, stands[job], crowd.shown[job], verdict)
    _judge_twins(asked, verdict)
    _judge_books(folder, rows.values(), done, verdict)
    return verdict


def _read(folder: Path, verdict: Verdict) -> list[Row]:
    with closing(sqlite3.connect(folder / "darkroom.db", timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        for file in ("darkroom.db", "keys.db"):
            with closing(sqlite3.connect(folder / file)) as one:
                sound = one.execute("PRAGMA integrity_check").fetchone()[0]
            if sound != "ok":
                verdict.unsound.append(file)
        return [Row(**dict(row)) for row in connection.execute(_ROWS)]


def _standing(
    crowd: Crowd, asked: dict[str, Asked], verdict: Verdict
) -> dict[str, list[tuple[int, int]]]:
    """Say where each job's result stands, and note what else does."""
    stands = defaultdict(list)
    for channel, message, held in crowd.standing():
        for verb, job in held:
            if verb == "cancel":
                number = asked[job].number if job in asked else 0
                verdict.left_over.append(f"the place of ask {number}")
            elif message.attachments:
                stands[job].append((channel.id, message.id))
    return stands


def _judge_job(
    row: Row | None,
    ask: Asked,
    crowd: Crowd,
    stands: list[tuple[int, int]],
    shown: set[tuple[int, int]],
    verdict: Verdict,
) -> None:
    name = f"ask {ask.number}"
    if len(stands) > 1:
        verdict.doubled.append(f"{name} stands in {len(stands)} messages")
    elif len(shown) > 1:
        verdict.twice += 1
    if any(channel != crowd.home_of(ask) for channel, _ in shown):
        verdict.misplaced.append(f"{name} stood in another place")
    if row is None:
        verdict.lost.append(f"{name} has no row")
    elif row.state == "delivered":
        verdict.delivered += 1
        if not stands and not ask.pressed and not ask.unplaced:
            verdict.lost.append(f"{name} is recorded as delivered and stands nowhere")
    elif row.ending is None:
        verdict.lost.append(f"{name} is {row.state} for ever")
    else:
        verdict.ended[row.ending] += 1
        _judge_end(row, row.ending, ask, crowd, verdict)
        if stands:
            verdict.left_over.append(f"the result of {name}, which ended as {row.ending}")


def _judge_end(row: Row, ending: str, ask: Asked, crowd: Crowd, verdict: Verdict) -> None:
    if not _may_end(row, ask):
        verdict.lost.append(f"ask {ask.number} ended as {ending}, and nobody wished it")
    if ending == Ending.POISON and not _was_told(crowd, ask):
        verdict.untold.append(f"the owner of ask {ask.number}, which ended as {ending}")


def _may_end(row: Row, ask: Asked) -> bool:
    """Whether somebody, or three dead workers, gave a reason."""
    match row.ending:
        case Ending.CANCELLED:
            return ask.pressed
        case Ending.PLACE_GONE:
            return ask.unplaced
        case Ending.POISON:
            return row.attempts >= MAX_ATTEMPTS
    return False


def _was_told(crowd: Crowd, ask: Asked) -> bool:
    who = crowd.sandbox.world.users[ask.person]
    why = words.ended(Ending.POISON)
    return any(why in said for said in crowd.said_to(who, ask.interaction))


def _judge_twins(asked: dict[str, Asked], verdict: Verdict) -> None:
    """One ask is one job, however often Discord told of it."""
    for number, times in Counter(one.number for one in asked.values()).items():
        if times > 1:
            verdict.doubled.append(f"ask {number} was accepted {times} times")


def _judge_books(
    folder: Path, rows: Iterable[Row], done: Mapping[str, float], verdict: Verdict
) -> None:
    """Add up what each job took, less what it gave back, and compare."""
    days, months = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for row in rows:
        if row.state == "delivered":
            kept = 1.0
        elif row.ending is None:
            continue
        else:
            kept = done.get(row.job, 0.0)
        days[row.tenant, row.day, "pictures"] += _spent(row.rows, kept)
        days[row.tenant, row.day, "stealth jobs"] += _spent(int(row.is_stealth), kept)
        months[row.tenant, row.day[:7], "milliseconds"] += _spent(row.gpu_milliseconds, kept)
        if (row.gpu_milliseconds > 0) != (row.speed == "fast"):
            verdict.unbalanced.append(f"a {row.speed} job took {row.gpu_milliseconds} ms")
    with closing(sqlite3.connect(folder / "darkroom.db")) as connection:
        entered = Counter[tuple[str, str, str]]()
        for person, day, pictures, stealth in connection.execute("SELECT * FROM usage"):
            entered[person, day, "pictures"] = pictures
            entered[person, day, "stealth jobs"] = stealth
        for person, month, milliseconds in connection.execute("SELECT * FROM gpu_usage"):
            entered[person, month, "milliseconds"] = milliseconds
    for key in {*days, *months, *entered}:
        meant = days[key] + months[key]
        if entered[key] != meant:
            verdict.unbalanced.append(f"{entered[key]} {key[2]} entered, {meant} taken")


def _spent(taken: int, kept: float) -> int:
    """Give what stays taken of it: halves go back."""
    return taken - int(taken * (1 - kept) + 0.5)
