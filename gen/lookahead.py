"""Which job goes first when the one that is next needs a model that is not loaded.

A change of models costs seconds in which nobody's picture is made. So jobs of a model that is
loaded go first, in their fair order; but only so much work goes before any one job in this way.
Then the model changes, and stays as long as it has work within the same bound:

    a change is worth it     after one, up to `SECONDS` of that model's work are done in a row
    nobody starves           a job that is next waits at most `SECONDS` of others' work more

Tags and clocks stay what fairness says: who was passed over is still the next by them, and who
went first has paid for it by their own tags.
"""

from collections.abc import Collection

import aiosqlite

from gen.job import Speed

SECONDS = 60.0
"""Work, in denoiser seconds, that may go before the job that is next: a few changes' worth (a model
of 7 GB comes from a fast disk in 5 to 20 seconds)."""

JOBS = 64
"""So many waiting jobs of each speed are looked at."""


async def nearest(
    tx: aiosqlite.Connection, head: aiosqlite.Row, residents: Collection[str]
) -> tuple[aiosqlite.Row, float]:
    """Give the job to serve now, and how far the fair order of its speed has come by that.

    It is the head, or the first of a model that is loaded, at the head's speed before the other.
    """
    if _is_at_hand(head, residents) or head["attempts"] or not residents:
        return head, head["start_tag"]
    other = Speed.RELAX if head["speed"] == Speed.FAST else Speed.FAST
    for speed in (head["speed"], other):
        waiting = await waiting_at(tx, speed, JOBS)
        for job in waiting:
            if _is_at_hand(job, residents) and not job["attempts"]:
                if head["passed"] + job["cost"] > SECONDS:
                    return head, head["start_tag"]
                await tx.execute(
                    "UPDATE jobs SET passed = passed + ? WHERE id = ?", (job["cost"], head["id"])
                )
                return job, waiting[0]["start_tag"]
    return head, head["start_tag"]


async def waiting_at(tx: aiosqlite.Connection, speed: Speed, most: int) -> list[aiosqlite.Row]:
    """Give the jobs of one speed that are next, of tenants who may have one more run."""
    async with tx.execute(
        "SELECT id, tenant, speed, start_tag, cost, attempts, model, passed FROM jobs"
        " WHERE state = 'placed' AND speed = ?"
        " AND running_cap > (SELECT count(*) FROM jobs AS other"
        " WHERE other.tenant = jobs.tenant AND other.state = 'running')"
        " ORDER BY start_tag, accepted_at LIMIT ?",
        (speed, most),
    ) as cursor:
        return list(await cursor.fetchall())


def _is_at_hand(job: aiosqlite.Row, residents: Collection[str]) -> bool:
    """Whether it can be begun without a change; a job that names no model always can."""
    return not job["model"] or job["model"] in residents
