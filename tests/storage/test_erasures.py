"""Erasures under way: sealed, one person's, and each with its own reach."""

import dataclasses

import pytest

from bot.crypto.receipts import Scope
from bot.domain import ChannelId, JobId, Visibility
from bot.errors import KeyGone, SealBroken
from bot.storage import erasures, people, posts, recipes
from bot.storage.erasures import Reach, Underway
from bot.storage.keyring import ERASURE
from gen import queue
from gen.job import JobState
from tests.storage.rows import ANA, DAY, MOD, add_job


def underway(memory, **changed) -> Underway:
    plain = {
        "id": "e" * 32,
        "owner": ANA,
        "token": "a-token",
        "scope": Scope.EVERYTHING,
        "reach": Reach(person=memory.keys.person(ANA), until=2000),
        "begun_at": 2000,
        "before": 77,
        "ended": ("a", "b"),
        "blobs": ("c",),
        "counts": {"posts": 2},
        "failures": ("dm-closed",),
        "standing": ((1, 2, 3),),
        "line": "darkroom-receipt.x",
    }
    return Underway(**(plain | changed))


async def begin(memory, erasure: Underway) -> None:
    async with memory.db.transaction() as tx:
        await erasures.add(tx, memory.keys, erasure, day=DAY)


async def test_an_erasure_is_read_as_it_was_kept(memory):
    erasure = underway(memory)
    await begin(memory, erasure)
    changed = dataclasses.replace(erasure, deleted=5, before=None, looks=3)

    async with memory.db.transaction() as tx:
        assert erasure == await erasures.get(tx, memory.keys, erasure.id)
        await erasures.keep(tx, memory.keys, changed)
        assert changed == await erasures.get(tx, memory.keys, erasure.id)
        assert [erasure.id] == await erasures.begun(tx)
        await erasures.drop(tx, erasure.id)
        assert await erasures.get(tx, memory.keys, erasure.id) is None


async def test_whose_it_is_and_where_to_answer_cannot_be_read_from_the_row(memory):
    await begin(memory, underway(memory))

    async with memory.db.read() as tx, tx.execute("SELECT * FROM erasures") as cursor:
        row = tuple(await cursor.fetchone())

    assert b"a-token" not in row[2]
    assert ANA not in row
    assert "a-token" not in repr(underway(memory))


async def test_a_row_moved_to_another_erasure_does_not_open(memory):
    one, other = underway(memory), underway(memory, id="d" * 32)
    await begin(memory, one)
    await begin(memory, other)

    async with memory.db.transaction() as tx:
        await tx.execute(
            "UPDATE erasures SET sealed = (SELECT sealed FROM erasures WHERE id = ?) WHERE id = ?",
            (one.id, other.id),
        )
        with pytest.raises(SealBroken):
            await erasures.get(tx, memory.keys, other.id)


async def test_a_row_whose_key_is_destroyed_says_so(memory):
    await begin(memory, underway(memory))
    await memory.keys.destroy("e" * 32, ERASURE)

    async with memory.db.read() as tx:
        with pytest.raises(KeyGone):
            await erasures.get(tx, memory.keys, "e" * 32)


async def stand(memory, number: int, at: int, owner=ANA) -> None:
    """A public result, and its recipe."""
    person, job = memory.keys.person(owner), JobId(f"{number:032x}")
    post = posts.Standing(job, person, 100, ChannelId(200), 5000 + number, at, None)
    async with memory.db.transaction() as tx:
        await posts.add(tx, post)
        await recipes.add(tx, recipes.Recipe(job, person, 100, b"sealed", at, at + 100))


async def test_everything_reaches_what_was_made_until_then_and_nobody_elses(memory):
    open_job = await add_job(memory, 1)
    ended = await add_job(memory, 2, seen=Visibility.STEALTH)
    await add_job(memory, 3, owner=MOD)
    await stand(memory, 4, 1999)
    await stand(memory, 5, 2001)
    await stand(memory, 6, 1999, MOD)

    async with memory.db.transaction() as tx:
        await queue.end(tx, ended.job, JobState.CANCELLED, 1500)
        found = await erasures.within(tx, Reach(person=memory.keys.person(ANA), until=2000))

    assert [open_job.job] == [each.job for each in found.open_jobs]
    assert ((), (ended.job,)) == (found.ended, found.untidied)
    assert [f"{4:032x}"] == [post.job for post in found.posts] == list(found.recipes)
    assert {open_job.job, ended.job, f"{4:032x}"} == found.jobs
    assert {1000, 1999} == set(found.times)


async def test_one_job_reaches_that_job_and_no_job_reaches_none(memory):
    for number in (1, 2):
        await add_job(memory, number)
        await stand(memory, number, 1500)
    person, job = memory.keys.person(ANA), f"{2:032x}"

    async with memory.db.read() as tx:
        one = await erasures.within(tx, Reach(person=person, until=2000, job=job))
        none = await erasures.within(tx, Reach(person=person, until=2000, job=""))

    assert {job} == one.jobs
    assert set() == none.jobs


@pytest.mark.parametrize(("since", "day"), [(900, "2026-11-22"), (1001, DAY)])
async def test_a_day_reaches_a_job_by_its_time_or_by_its_day(memory, since, day):
    job = await add_job(memory)

    async with memory.db.transaction() as tx:
        await queue.end(tx, job.job, JobState.CANCELLED, 1000)
        reach = Reach(person=memory.keys.person(ANA), until=2000, since=since, day=day)
        found = await erasures.within(tx, reach)
        later = await erasures.within(tx, dataclasses.replace(reach, since=1001, day="2026-11-22"))

    assert (job.job,) == found.untidied
    assert () == later.untidied


async def test_forgetting_somebody_leaves_todays_use_and_everybody_else(memory):
    ana, mod = memory.keys.person(ANA), memory.keys.person(MOD)
    async with memory.db.transaction() as tx:
        for person in (ana, mod):
            await people.meet(tx, person, 1000)
            for day in (DAY, "2026-11-20"):
                await people.charge(tx, person, day, pictures=1, stealth_jobs=0)

        counted = await erasures.forget_about(tx, ana, DAY)

        assert {"people": 1, "usage": 1} == {kind: many for kind, many in counted.items() if many}
        assert set() == {many for many in (await erasures.about(tx, ana, DAY)).values() if many}
        assert counted == await erasures.about(tx, mod, DAY)
        assert 1 == (await people.usage(tx, ana, DAY)).pictures
