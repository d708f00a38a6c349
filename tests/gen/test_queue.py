"""The durable queue: what a job may become, who may say so, and who is next."""

import itertools

import pytest

from bot.storage.database import many, one, open_database
from gen import queue
from gen.job import ENDED, TRANSITIONS, JobState, may_become
from gen.queue import MAX_ATTEMPTS, Ahead, Lease, Returned

OWNER, UNTIL = "this process", 100.0
S = JobState


@pytest.fixture
async def db(quick_disk):
    opened = await open_database(quick_disk / "darkroom.db", "darkroom")
    yield opened
    await opened.close()


@pytest.fixture
async def tx(db):
    """One transaction for a whole test: what is committed when is not asked here."""
    async with db.transaction() as opened:
        yield opened


async def enqueue(tx, job: str, tenant: str = "ana", **changed) -> None:
    plain = {
        "rows": 1,
        "cost_seconds": 1.0,
        "weight": 1.0,
        "payload": job.encode(),
        "now": 1000,
    }
    await queue.enqueue(tx, job=job, tenant=tenant, **(plain | changed))


async def waiting(tx, job: str, tenant: str = "ana", **changed) -> None:
    await enqueue(tx, job, tenant, **changed)
    await queue.placed(tx, job)


async def claim(tx, owner: str = OWNER, until: float = UNTIL, *, idle: bool = True):
    return await queue.claim(tx, owner=owner, until=until, idle=idle)


async def force(tx, job: str, state: JobState) -> None:
    """Put a job into a state, whatever its life was before."""
    running = state is S.RUNNING
    await tx.execute(
        "UPDATE jobs SET state = ?, attempts = 1, lease_owner = ?, lease_until = ?, ended_at = ?"
        " WHERE id = ?",
        (
            state,
            OWNER if running else None,
            UNTIL if running else None,
            1 if state in ENDED else None,
            job,
        ),
    )


# --- a job's life -------------------------------------------------------------------------------


async def test_a_job_lives_from_accepted_to_delivered(tx):
    await enqueue(tx, "job")
    states = [await queue.state_of(tx, "job")]
    await queue.placed(tx, "job")
    states.append(await queue.state_of(tx, "job"))
    lease = await claim(tx)
    states.append(await queue.state_of(tx, "job"))
    await queue.rendered(tx, lease)
    states.append(await queue.state_of(tx, "job"))
    await queue.end(tx, "job", S.DELIVERED, 1001)
    states.append(await queue.state_of(tx, "job"))

    assert [S.ACCEPTED, S.PLACED, S.RUNNING, S.RENDERED, S.DELIVERED] == states


MOVES = {
    "placed": lambda tx, _: queue.placed(tx, "job"),
    "claim": lambda tx, _: claim(tx),
    "rendered": queue.rendered,
    "give_back": queue.give_back,
    "return_unused": queue.return_unused,
    "renew": lambda tx, lease: queue.renew(tx, [lease], 200.0),
} | {
    f"end as {state}": lambda tx, _, state=state: queue.end(tx, "job", state, 1001)
    for state in sorted(ENDED)
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("before", JobState)
async def test_no_move_leads_where_the_table_does_not(tx, before, move):
    await enqueue(tx, "job")
    await force(tx, "job", before)

    await MOVES[move](tx, Lease("job", OWNER, 1))

    after = await queue.state_of(tx, "job")
    assert after is before or may_become(before, after)


@pytest.mark.parametrize(("before", "ending"), list(itertools.product(JobState, sorted(ENDED))))
async def test_a_job_ends_as_the_table_says_or_stays_as_it_is(tx, before, ending):
    await enqueue(tx, "job")
    await force(tx, "job", before)

    ended = await queue.end(tx, "job", ending, 1001)

    assert ended is may_become(before, ending)
    assert (ending if ended else before) is await queue.state_of(tx, "job")


def test_the_table_knows_every_state_and_what_ended_goes_nowhere():
    assert set(JobState) == set(TRANSITIONS)
    assert {S.DELIVERED, S.REFUSED, S.CANCELLED, S.DEAD, S.LOST} == set(ENDED)


@pytest.mark.parametrize("ending", sorted(ENDED))
async def test_what_ended_keeps_its_end_and_its_time(tx, ending):
    await enqueue(tx, "job")
    await force(tx, "job", ending)

    for other in ENDED:
        assert not await queue.end(tx, "job", other, 2000)

    row = await one(tx, "SELECT state, ended_at FROM jobs")
    assert (ending, 1) == tuple(row)


async def test_there_is_no_such_job(tx):
    nothing = Lease("none", OWNER, 1)

    assert await queue.state_of(tx, "none") is None
    assert not await queue.placed(tx, "none")
    assert not await queue.rendered(tx, nothing)
    assert Returned.NOT_OURS is await queue.give_back(tx, nothing)
    assert not await queue.end(tx, "none", S.CANCELLED, 1)
    assert Ahead(0, 0.0) == await queue.ahead_of(tx, "none")


async def test_nothing_is_claimed_before_its_place_stands(tx):
    await enqueue(tx, "job")

    assert await claim(tx) is None


async def test_a_claim_is_a_lease_of_this_process_for_this_attempt(tx):
    await waiting(tx, "job")

    assert Lease("job", OWNER, 1) == await claim(tx)


async def test_what_was_claimed_before_is_claimed_again_only_while_nothing_else_runs(tx):
    await waiting(tx, "suspect")
    await queue.give_back(tx, await claim(tx))

    assert await claim(tx, idle=False) is None
    assert Lease("suspect", OWNER, 2) == await claim(tx, idle=True)


async def test_a_claimed_job_is_not_claimed_again(tx):
    await waiting(tx, "job")
    await claim(tx)

    assert await claim(tx) is None


async def test_an_id_is_used_once(tx):
    await enqueue(tx, "job")

    with pytest.raises(Exception, match="UNIQUE"):
        await enqueue(tx, "job")


# --- leases and attempts ------------------------------------------------------------------------

STALE = {
    "another process": Lease("job", "another process", 1),
    "an earlier attempt": Lease("job", OWNER, 0),
    "a later attempt": Lease("job", OWNER, 2),
    "another job": Lease("other", OWNER, 1),
}


@pytest.mark.parametrize("whose", STALE)
async def test_who_lost_the_lease_changes_nothing(tx, whose):
    await waiting(tx, "job")
    await claim(tx)
    before = await many(tx, "SELECT * FROM jobs")

    assert not await queue.rendered(tx, STALE[whose])
    assert Returned.NOT_OURS is await queue.give_back(tx, STALE[whose])
    assert not await queue.return_unused(tx, STALE[whose])
    await queue.renew(tx, [STALE[whose]], 999.0)

    assert [tuple(row) for row in before] == [
        tuple(row) for row in await many(tx, "SELECT * FROM jobs")
    ]


async def test_a_worker_that_comes_back_late_finds_its_job_taken(tx):
    await waiting(tx, "job")
    late = await claim(tx)
    await queue.give_back(tx, late)
    await claim(tx, "another process")

    assert not await queue.rendered(tx, late)
    assert S.RUNNING is await queue.state_of(tx, "job")


async def test_three_attempts_without_a_result_and_a_job_is_poison(tx):
    await waiting(tx, "job")

    returned = [await queue.give_back(tx, await claim(tx)) for _ in range(MAX_ATTEMPTS)]

    assert [Returned.WAITING, Returned.WAITING, Returned.POISON] == returned
    assert S.RUNNING is await queue.state_of(tx, "job")  # until whoever asked has ended it
    assert await queue.end(tx, "job", S.DEAD, 1001)


async def test_what_is_returned_unused_costs_no_attempt(tx):
    await waiting(tx, "job")

    for _ in range(10):
        lease = await claim(tx)
        assert 1 == lease.attempt
        assert await queue.return_unused(tx, lease)

    assert S.PLACED is await queue.state_of(tx, "job")


async def test_a_job_given_back_keeps_its_turn(tx):
    await waiting(tx, "first")
    await waiting(tx, "second", "mod")
    lease = await claim(tx)
    await queue.give_back(tx, lease)

    assert "first" == (await claim(tx)).job


async def test_leases_of_the_dead_and_leases_not_renewed_have_lapsed(tx):
    for job in ("dead", "late", "alive"):
        await waiting(tx, job)
    dead = await claim(tx, "a dead process")
    late, alive = await claim(tx), await claim(tx)
    await queue.renew(tx, [alive], 300.0)

    assert [dead] == await queue.lapsed(tx, owner=OWNER, monotonic=UNTIL)
    assert [dead, late] == await queue.lapsed(tx, owner=OWNER, monotonic=UNTIL + 1)
    assert [late, alive] == await queue.lapsed(tx, owner="a dead process", monotonic=0.0)


async def test_only_running_jobs_have_leases(tx):
    for state in set(JobState) - {S.RUNNING}:
        await enqueue(tx, f"a {state} job")
        await force(tx, f"a {state} job", state)

    assert [] == await queue.lapsed(tx, owner="somebody", monotonic=1e9)


# --- order --------------------------------------------------------------------------------------


async def order(tx) -> list[str]:
    served = []
    while claimed := await claim(tx):
        served.append(claimed.job)
    return served


async def test_people_take_turns_whoever_came_first_with_many(tx):
    for job in ("a1", "a2", "a3"):
        await waiting(tx, job, "ana")
    for job in ("m1", "m2", "m3"):
        await waiting(tx, job, "mod")

    assert ["a1", "m1", "a2", "m2", "a3", "m3"] == await order(tx)


async def test_at_the_same_tag_the_older_job_goes_first(tx):
    await waiting(tx, "younger", "ana", now=1001)
    await waiting(tx, "older", "mod", now=1000)
    await waiting(tx, "as old, but later", "pia", now=1000)

    assert ["older", "as old, but later", "younger"] == await order(tx)


async def test_a_large_job_is_not_overtaken_for_ever(tx):
    await waiting(tx, "large", "ana", rows=4, cost_seconds=100.0)
    for number in range(20):
        await waiting(tx, f"small {number}", f"person {number}")

    assert "large" == (await order(tx))[0]


async def test_a_heavier_plan_gets_more_turns(tx):
    for number in range(4):
        await waiting(tx, f"pro {number}", "pia", weight=4.0)
        await waiting(tx, f"free {number}", "ana")

    served = await order(tx)

    assert ["pro 0", "free 0", "pro 1", "pro 2", "pro 3", "free 1"] == served[:6]


async def test_who_rested_is_not_ahead_of_who_worked(tx):
    for number in range(5):
        await waiting(tx, f"a{number}", "ana")
    for _ in range(3):
        await claim(tx)

    await waiting(tx, "m0", "mod")
    await waiting(tx, "m1", "mod")

    assert ["m0", "a3", "m1", "a4"] == await order(tx)


async def test_position_and_wait_are_those_of_the_real_order(tx):
    for job, tenant in (("a1", "ana"), ("a2", "ana"), ("m1", "mod"), ("p1", "pia"), ("a3", "ana")):
        await waiting(tx, job, tenant, cost_seconds=2.0)

    ahead = {job: (await queue.ahead_of(tx, job)).jobs for job in ("a1", "a2", "a3", "m1", "p1")}

    assert sorted(ahead, key=ahead.get) == await order(tx)
    assert [0, 1, 2, 3, 4] == sorted(ahead.values())


async def test_what_runs_is_ahead_and_what_ended_or_is_rendered_is_not(tx):
    for job in ("running", "rendered", "ended", "without a place", "mine"):
        await waiting(tx, job, job, cost_seconds=2.0)
    await force(tx, "running", S.RUNNING)
    await force(tx, "rendered", S.RENDERED)
    await force(tx, "ended", S.CANCELLED)
    await force(tx, "without a place", S.ACCEPTED)

    assert Ahead(2, 4.0) == await queue.ahead_of(tx, "mine")


async def test_depth_counts_what_is_open(tx):
    for job in ("a", "b", "ended"):
        await enqueue(tx, job)
    await force(tx, "ended", S.LOST)

    assert 2 == await queue.depth(tx)


async def test_who_cancels_what_never_ran_gets_their_turn_back(tx):
    for number in range(5):
        await waiting(tx, f"regret {number}", "ana", cost_seconds=10.0)
        await queue.end(tx, f"regret {number}", S.CANCELLED, 1001)
    for number in range(3):
        await waiting(tx, f"mod {number}", "mod", now=1002)

    await waiting(tx, "ana's", "ana")

    assert "ana's" == (await order(tx))[0]


async def test_who_cancels_what_ran_does_not(tx):
    await waiting(tx, "ran", "ana", cost_seconds=10.0)
    await claim(tx)
    await queue.end(tx, "ran", S.CANCELLED, 1001)
    await waiting(tx, "ana's", "ana")
    await waiting(tx, "mod's", "mod")

    assert ["mod's", "ana's"] == await order(tx)


# --- plans of the database ----------------------------------------------------------------------


class Overheard:
    """A transaction that remembers what was asked of it."""

    def __init__(self, tx) -> None:
        self.tx, self.said = tx, []

    def execute(self, sql, values=()):
        self.said.append((sql, values))
        return self.tx.execute(sql, values)


async def test_claiming_reads_the_waiting_jobs_in_order_and_never_the_history(tx):
    await waiting(tx, "job")
    overheard = Overheard(tx)

    await claim(overheard)

    sql, values = overheard.said[0]
    plan = [row["detail"] for row in await many(tx, f"EXPLAIN QUERY PLAN {sql}", values)]
    assert ["SCAN jobs USING INDEX jobs_claimable"] == plan


@pytest.mark.parametrize(("was_claimed", "given_back"), [(False, True), (True, False)])
async def test_ending_a_twin_gives_its_turn_back_unless_the_work_was_done(
    tx, was_claimed, given_back
):
    await waiting(tx, "first")
    if was_claimed:
        await claim(tx)
    await queue.twin(tx, "first", "twin", b"sealed anew", 1001)

    await queue.end(tx, "twin", S.CANCELLED, 1002)

    row = await one(tx, "SELECT finish_tag FROM tenants")
    assert given_back is (row["finish_tag"] == 0)
