"""How many jobs a second the queue gives out with five thousand waiting, and what fairness costs.

Beside it, in the same run: a heap in memory, which forgets everything at a crash, and the plainest
queue in SQLite, one UPDATE of the row with the least number. Both files are on disk, each claim is
a transaction of its own, and each commit waits for the disk.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.storage.database import Database, open_database
from gen import queue
from gen.job import Speed

WAITING, PEOPLE, CLAIMS, LOOKS = 5000, 1000, 500, 50
PAYLOAD = b"sealed " * 60

_PLAIN = """
CREATE TABLE plain (id TEXT PRIMARY KEY, number REAL NOT NULL, state TEXT NOT NULL, payload BLOB);
CREATE INDEX plain_waiting ON plain (number) WHERE state = 'waiting';
"""
_CLAIM_PLAIN = (
    "UPDATE plain SET state = 'running' WHERE id = (SELECT id FROM plain WHERE state = 'waiting'"
    " ORDER BY number LIMIT 1)"
)


async def _fill(db: Database, dice: random.Random) -> None:
    async with db.transaction() as tx:
        for number in range(WAITING):
            job = f"{number:032x}"
            await queue.enqueue(
                tx,
                job=job,
                tenant=f"{dice.randrange(PEOPLE):032x}",
                rows=1,
                cost_seconds=dice.choice((3.0, 6.0, 12.0)),
                weight=dice.choice((1.0, 2.0, 4.0)),
                speed=dice.choice(list(Speed)),
                running_cap=4,
                payload=PAYLOAD,
                now=number,
            )
            await queue.placed(tx, job)
        for number in range(WAITING):
            values = (f"{number:032x}", dice.random(), "waiting", PAYLOAD)
            await tx.execute("INSERT INTO plain VALUES (?, ?, ?, ?)", values)


async def _a_second(deed: Callable[[], Awaitable[object]], times: int) -> float:
    """How often a second something can be done, one after the other."""
    began = time.perf_counter()
    for _ in range(times):
        await deed()
    return times / (time.perf_counter() - began)


async def _measure(db: Database, dice: random.Random) -> dict[str, float]:
    heap = [(dice.random(), f"{number:032x}") for number in range(WAITING)]
    heapq.heapify(heap)
    looked = iter(dice.sample(range(WAITING), LOOKS))

    async def pop() -> object:
        return heapq.heappop(heap)

    async def plain() -> None:
        async with db.transaction() as tx:
            await tx.execute(_CLAIM_PLAIN)

    async def ours() -> None:
        async with db.transaction() as tx:
            lease = await queue.claim(tx, owner="bench", until=1.0, idle=False, now=WAITING)
        assert lease is not None

    async def look() -> None:
        async with db.read() as tx:
            await queue.outlook(tx, f"{next(looked):032x}")

    return {
        "outlook": await _a_second(look, LOOKS),
        "heap": await _a_second(pop, CLAIMS),
        "plain": await _a_second(plain, CLAIMS),
        "ours": await _a_second(ours, CLAIMS),
    }


async def main() -> None:
    """Print the table."""
    dice = random.Random(1)
    with TemporaryDirectory() as folder:
        db = await open_database(Path(folder) / "darkroom.db", "darkroom")
        async with db.transaction() as tx:
            for statement in _PLAIN.strip().split(";\n"):
                await tx.execute(statement)
        await _fill(db, dice)
        found = await _measure(db, dice)
        await db.close()
    print(f"{f'{WAITING} jobs of {PEOPLE} people wait':44} {'claims/s':>10} {'ratio':>8}")
    for name, what in (
        ("ours", "fair, by weight, speed and cap; committed"),
        ("plain", "plain SQLite, the least number; committed"),
        ("heap", "a heap in memory"),
    ):
        print(f"{what:44} {found[name]:10,.0f} {found[name] / found['ours']:8,.1f}")
    print(f"where a job stands and when it is done: {1000 / found['outlook']:.1f} ms")


if __name__ == "__main__":
    asyncio.run(main())
