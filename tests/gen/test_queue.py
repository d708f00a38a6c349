"""The durable queue: what a job may become, who may say so, and who is next."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.database import many, one, open_database
from gen import queue
from gen.fairness import MOST_DEBT_SECONDS
from gen.forecast import MEANWHILE
from gen.job import ENDED, TRANSITIONS, JobState, Speed
from gen.queue import MAX_ATTEMPTS, Lease, Outlook, Returned
from tests import straight

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
        "speed": Speed.FAST,
        "running_cap": 100,
        "payload": job.encode(),
        "now": 1000,
    }
    await queue.enqueue(tx, job=job, tenant=tenant, **(plain | changed))


async def waiting(tx, job: str, tenant: str = "ana", **changed) -> None:
    await enqueue(tx, job, tenant, **changed)
    await queue.placed(tx, job)


async def claim(tx, owner: str = OWNER, until: float = UNTIL, *, idle: bool = True, now=1000):
    return await queue.claim(tx, owner=owner, until=until, idle=idle, now=now)


async def state_of(tx, job: str) -> JobState | None:
    row = await one(tx, "SELECT state FROM jobs WHERE id = ?", (job,))
    return JobState(row["state"]) if row else None


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
    states = [await state_of(tx, "job")]
    await queue.placed(tx, "job")
    states.append(await state_of(tx, "job"))
    lease = await claim(tx)
    states.append(await state_of(tx, "job"))
    await queue.rendered(tx, lease)
    states.append(await state_of(tx, "job"))
    await queue.end(tx, "job", S.DELIVERED, 1001)
    states.append(await state_of(tx, "job"))

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

    after = await state_of(tx, "job")
    assert after is before or after in TRANSITIONS[before]


@pytest.mark.parametrize(("before", "ending"), list(itertools.product(JobState, sorted(ENDED))))
async def test_a_job_ends_as_the_table_says_or_stays_as_it_is(tx, before, ending):
    await enqueue(tx, "job")
    await force(tx, "job", before)

    ended = await queue.end(tx, "job", ending, 1001)

    assert ended is (ending in TRANSITIONS[before])
    assert (ending if ended else before) is await state_of(tx, "job")


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

    assert await state_of(tx, "none") is None
    assert not await queue.placed(tx, "none")
    assert not await queue.rendered(tx, nothing)
    assert Returned.NOT_OURS is await queue.give_back(tx, nothing)
    assert not await queue.end(tx, "none", S.CANCELLED, 1)
    assert Outlook(0, 0.0) == await queue.outlook(tx, "none")


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
    assert S.RUNNING is await state_of(tx, "job")


async def test_three_attempts_without_a_result_and_a_job_is_poison(tx):
    await waiting(tx, "job")

    returned = [await queue.give_back(tx, await claim(tx)) for _ in range(MAX_ATTEMPTS)]

    assert [Returned.WAITING, Returned.WAITING, Returned.POISON] == returned
    assert S.RUNNING is await state_of(tx, "job")  # until whoever asked has ended it
    assert await queue.end(tx, "job", S.DEAD, 1001)


async def test_what_is_returned_unused_costs_no_attempt(tx):
    await waiting(tx, "job")

    for _ in range(10):
        lease = await claim(tx)
        assert 1 == lease.attempt
        assert await queue.return_unused(tx, lease)

    assert S.PLACED is await state_of(tx, "job")


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


# --- outlook ------------------------------------------------------------------------------------


async def told(tx, job: str, **changed) -> tuple[int, float]:
    """Its place and the seconds, without what is added for what others ask meanwhile."""
    outlook = await queue.outlook(tx, job, **({"rows": 1} | changed))
    return outlook.position, pytest.approx(outlook.wait_seconds / MEANWHILE)


async def test_what_runs_is_ahead_and_what_ended_or_is_rendered_is_not(tx):
    for job in ("running", "rendered", "ended", "without a place", "mine"):
        await waiting(tx, job, job, cost_seconds=2.0)
    await force(tx, "running", S.RUNNING)
    await force(tx, "rendered", S.RENDERED)
    await force(tx, "ended", S.CANCELLED)
    await force(tx, "without a place", S.ACCEPTED)

    assert (3, 6.0) == await told(tx, "mine")
    assert (0, 0.0) == await told(tx, "rendered")


async def test_what_has_run_half_takes_half_as_long_and_a_second_engine_shares_the_line(tx):
    await waiting(tx, "running", "mod", cost_seconds=8.0)
    await claim(tx)
    await waiting(tx, "waiting", "pia", cost_seconds=3.0)
    await waiting(tx, "mine", cost_seconds=2.0, now=1001)

    half = {"running": 0.5}.get

    assert (3, 9.0) == await told(tx, "mine", done=half)
    assert (3, 5.0) == await told(tx, "mine", done=half, engines=2)


async def test_who_runs_beside_others_is_told_how_long_that_takes(tx):
    await waiting(tx, "long", "mod", cost_seconds=30.0)
    await waiting(tx, "short", "pia", cost_seconds=1.0)
    await waiting(tx, "mine", cost_seconds=10.0)
    for _ in range(3):
        await claim(tx)

    assert (0, 21.0) == await told(tx, "mine", rows=4)
    assert (0, 3.0) == await told(tx, "short", rows=4)


async def test_behind_a_long_line_the_sum_of_it_is_told(tx):
    for number in range(100):
        await waiting(tx, f"{number}", f"person {number}", cost_seconds=2.0)
    await waiting(tx, "mine", now=1001)

    assert (101, 201.0) == await told(tx, "mine")
    assert (101, 51.0) == await told(tx, "mine", engines=4)


async def test_without_an_engine_the_wait_is_that_for_one(tx):
    await waiting(tx, "mine", cost_seconds=3.0)

    assert (1, 3.0) == await told(tx, "mine", engines=0)


asked = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.sampled_from(Speed),
        st.sampled_from([1.0, 2.0, 3.5, 8.0]),
        st.sampled_from([1.0, 2.0, 4.0]),
    ),
    min_size=1,
    max_size=14,
)


@given(before=st.integers(0, 6), asked=asked)
def test_position_and_wait_are_those_of_the_real_order_of_both_speeds(before, asked):
    """What is claimed first moves the clocks; of the rest, each is told its true place."""
    with straight.queue_in_memory() as tx:
        for number, (tenant, speed, cost, weight) in enumerate(asked):
            straight.run(
                waiting(
                    *(tx, f"job {number}", tenant),
                    cost_seconds=cost,
                    weight=weight,
                    speed=speed,
                    running_cap=100,
                )
            )
        for _ in range(before):
            lease = straight.run(claim(tx))
            if lease is not None:
                straight.run(queue.rendered(tx, lease))
        left = [row["id"] for row in straight.run(many(tx, PLACED))]
        places = {job: straight.run(told(tx, job)) for job in left}
        served = straight.run(order(tx))

    seconds = {f"job {number}": cost for number, (_, _, cost, _) in enumerate(asked)}
    ends = dict(zip(served, itertools.accumulate(seconds[job] for job in served), strict=True))
    assert {job: (served.index(job) + 1, ends[job]) for job in left} == places


PLACED = "SELECT id FROM jobs WHERE state = 'placed'"


# --- two speeds ---------------------------------------------------------------------------------


async def test_fast_goes_first_and_relaxed_jobs_keep_their_share(tx):
    for number in range(20):
        await waiting(tx, f"fast {number}", "pia", running_cap=100)
        await waiting(tx, f"relaxed {number}", "ana", speed=Speed.RELAX, running_cap=100)

    served = [job.split()[0] for job in await order(tx)]

    assert "fast" == served[0]
    assert [8, 2] == [served[:10].count("fast"), served[:10].count("relaxed")]
    assert [16, 4] == [served[:20].count("fast"), served[:20].count("relaxed")]


async def test_a_speed_that_was_alone_owes_one_job_and_one_that_was_idle_is_owed_none(tx):
    for number in range(20):
        await waiting(tx, f"relaxed {number}", "ana", speed=Speed.RELAX, running_cap=100)
    for _ in range(10):
        await claim(tx)
    for number in range(20):
        await waiting(tx, f"fast {number}", "pia", running_cap=100)

    served = [job.split()[0] for job in (await order(tx))[:20]]

    assert [17, 3] == [served.count("fast"), served.count("relaxed")]


async def test_a_share_is_seconds_and_not_jobs(tx):
    for number in range(30):
        await waiting(tx, f"fast {number}", "pia", cost_seconds=4.0, running_cap=100)
        await waiting(tx, f"relaxed {number}", speed=Speed.RELAX, running_cap=100)

    served = [job.split()[0] for job in (await order(tx))[:20]]

    assert [10, 10] == [served.count("fast"), served.count("relaxed")]


# --- as many at once as a plan lets run -----------------------------------------------------------


async def test_who_has_as_many_running_as_may_run_is_passed_over_and_keeps_their_turn(tx):
    for job in ("a1", "a2", "a3"):
        await waiting(tx, job, "ana", running_cap=1)
    await waiting(tx, "m1", "mod", now=1001, cost_seconds=9.0)
    await waiting(tx, "m2", "mod", now=1001)
    first = await claim(tx)

    assert ["a1", "m1", "m2"] == [first.job, *await order(tx)]
    await queue.rendered(tx, first)
    assert ["a2"] == await order(tx)


async def test_running_at_one_speed_counts_at_the_other(tx):
    await waiting(tx, "fast", "ana", running_cap=1)
    await waiting(tx, "relaxed", "ana", running_cap=1, speed=Speed.RELAX)

    assert ["fast"] == await order(tx)


async def test_a_suspect_is_not_overtaken_while_the_others_run_to_their_end(tx):
    await waiting(tx, "suspect", "ana")
    await queue.give_back(tx, await claim(tx))
    await waiting(tx, "m1", "mod", now=1001)

    assert await claim(tx, idle=False) is None
    assert ["suspect", "m1"] == await order(tx)


# --- relaxed use --------------------------------------------------------------------------------


async def relaxed(tx, job: str, tenant: str, **changed) -> None:
    await waiting(tx, job, tenant, speed=Speed.RELAX, **changed)


async def test_a_speed_that_had_the_gpu_to_itself_owes_nothing_once_nobody_waits(tx):
    await waiting(tx, "long", "ana", speed=Speed.RELAX, cost_seconds=100.0)
    await claim(tx)
    await queue.end(tx, "long", S.CANCELLED, 1001)
    await queue.forget_idle(tx)
    for number in range(3):
        await waiting(tx, f"fast {number}", "plum", cost_seconds=10.0)
    await waiting(tx, "relaxed", "zoe", speed=Speed.RELAX)

    assert ["fast 0", "relaxed"] == [(await claim(tx)).job for _ in range(2)]


async def used(tx, tenant: str, seconds: float, now: int = 1000) -> None:
    """Somebody has just been served so much, relaxed; then nobody waits, and the clock is reset."""
    await relaxed(tx, f"{tenant} at {now}", tenant, cost_seconds=seconds, now=now)
    await queue.end(tx, (await claim(tx, now=now)).job, S.CANCELLED, now)
    await queue.forget_idle(tx)


async def test_the_more_relaxed_use_the_longer_the_wait(tx):
    for tenant, seconds in (("pia", 500.0), ("ana", 5.0), ("mod", 50.0)):
        await used(tx, tenant, seconds)

    for tenant in ("pia", "mod", "ana", "zoe"):
        await relaxed(tx, tenant, tenant)

    assert ["zoe", "ana", "mod", "pia"] == await order(tx)


async def test_relaxed_use_is_forgotten_by_halves(tx):
    await used(tx, "pia", 500.0)
    await used(tx, "ana", 5.0, now=1000 + 10 * 3600)  # ten half-lives later

    for tenant in ("ana", "pia"):
        await relaxed(tx, tenant, tenant, now=1000 + 10 * 3600)

    assert ["pia", "ana"] == await order(tx)


async def test_no_use_makes_anybody_wait_for_more_than_half_a_minute_of_everybody_else(tx):
    await used(tx, "pia", 1e6)
    await relaxed(tx, "pia", "pia")
    for number in range(50):
        await relaxed(tx, f"{number}", "zoe", cost_seconds=1.0, running_cap=100)

    served = await order(tx)

    assert 20 < served.index("pia") <= MOST_DEBT_SECONDS + 1


async def test_who_always_has_relaxed_jobs_waiting_pays_once(tx):
    await used(tx, "pia", 1e6)
    await relaxed(tx, "p1", "pia")
    await relaxed(tx, "p2", "pia")

    first, second = await many(tx, "SELECT start_tag FROM jobs WHERE ended_at IS NULL")
    assert 1.0 == pytest.approx(second["start_tag"] - first["start_tag"])


async def test_relaxed_use_lengthens_no_fast_wait(tx):
    await used(tx, "pia", 500.0)
    await waiting(tx, "pia", "pia")
    await waiting(tx, "zoe", "zoe", now=1001)

    assert ["pia", "zoe"] == await order(tx)


async def test_a_clock_that_is_set_back_forgets_no_use_and_one_that_dies_adds_none(tx):
    await used(tx, "pia", 100.0, now=5000)
    await relaxed(tx, "again", "pia", now=1000)
    await queue.give_back(tx, await claim(tx, now=1000))
    await claim(tx, now=1000)

    rows = await many(tx, "SELECT seconds, used_at FROM relax_use")
    assert [(101.0, 600)] == [tuple(row) for row in rows]


async def test_what_is_returned_unused_is_no_use(tx):
    await relaxed(tx, "job", "pia")
    await queue.return_unused(tx, await claim(tx))
    await claim(tx)

    assert 1.0 == (await one(tx, "SELECT seconds FROM relax_use"))["seconds"]


async def test_old_use_is_forgotten_whole(tx):
    await used(tx, "pia", 500.0)

    assert 0 == await queue.relax_forgotten(tx, 600 + 12 * 3600 - 1)
    assert 1 == await queue.relax_forgotten(tx, 600 + 12 * 3600)
    assert [] == await many(tx, "SELECT * FROM relax_use")


async def test_relaxed_use_tells_nobody_when_a_job_was_made(tx):
    """Dated to ten minutes; within them none of it is forgotten, however often it is added to."""
    for second in range(1200, 1800, 60):
        await used(tx, "pia", 10.0, now=second)

    row = await one(tx, "SELECT seconds, used_at FROM relax_use")
    assert (100.0, 1200) == (row["seconds"], row["used_at"])


# --- what is forgotten, what is given back ------------------------------------------------------


async def test_a_speed_at_which_nobody_waits_forgets_its_people_whatever_the_other_does(tx):
    await waiting(tx, "fast", "ana", cost_seconds=9.0)
    await relaxed(tx, "relaxed", "ana", cost_seconds=9.0)
    await queue.end(tx, (await claim(tx)).job, S.CANCELLED, 1001)

    assert 1 == await queue.forget_idle(tx)
    assert [("ana", "relax")] == [
        (row["tenant"], row["speed"]) for row in await many(tx, "SELECT * FROM tenants")
    ]


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


async def test_no_question_about_the_order_reads_the_history(tx):
    await relaxed(tx, "job", "ana")
    await relaxed(tx, "mine", "ana")
    overheard = Overheard(tx)

    await claim(overheard)
    await queue.outlook(overheard, "mine")
    await relaxed(overheard, "another", "ana")

    for sql, values in overheard.said:
        plan = [row["detail"] for row in await many(tx, f"EXPLAIN QUERY PLAN {sql}", values)]
        scans = [line for line in plan if re.match(r"SCAN (jobs|tenants|relax_use)", line)]
        assert set(scans) <= {"SCAN jobs USING INDEX jobs_running"}, sql
        if "LIMIT 1" in sql and "running_cap" in sql:
            assert "SEARCH jobs USING INDEX jobs_claimable (speed=?)" == plan[0]
            assert "SEARCH other USING INDEX jobs_running (tenant=?)" == plan[-1]


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
