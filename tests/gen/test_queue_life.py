"""The queue under everything that can happen to it, in any order.

No job is lost, none runs twice under a live lease, what ended stays ended, nobody has more running
than they may, no jump of the calendar's clock touches a lease, and a tenant with waiting work is
served within a number of claims that others cannot raise. Two engines ask for work.
"""

import asyncio
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.storage.database import Database, many, one, open_database
from gen import queue
from gen.fairness import SHARING
from gen.job import ENDED, TRANSITIONS, JobState, Speed
from gen.queue import MAX_ATTEMPTS, Lease, Returned

S = JobState
TENANTS = ("ana", "mod", "pia", "zoe")
COSTS, WEIGHTS = (1.0, 2.0, 4.0), (1.0, 2.0, 4.0)
CAPS = (1, 2, 4, 4)  #: how many of each tenant's may run
ENGINES = (0, 1)
LEAST_STEP = min(COSTS) / max(WEIGHTS)  #: two start tags of one tenant are never closer
LEASE_SECONDS = 30.0

picks = st.integers(0, 1_000_000)


@dataclass
class Job:
    """What a job must be, by the book."""

    tenant: str
    speed: Speed
    state: JobState = S.ACCEPTED
    engine: int = 0
    attempts: int = 0
    lease: Lease | None = None
    until: float = 0.0


@dataclass
class Turn:
    """How long a tenant has waited for the job that is their next, and how long they may."""

    head: str
    bound: float
    claims: int = 0


@dataclass
class Book:
    """What must be true of the queue now."""

    jobs: dict[str, Job] = field(default_factory=dict)
    leases: list[Lease] = field(default_factory=list)  #: all that were ever given
    turns: dict[tuple[str, Speed], Turn] = field(default_factory=dict)
    owner: int = 0
    now: float = 0.0  #: monotonic
    calendar: int = 1_800_000_000  #: seconds of the day's clock

    def running(self, tenant: str) -> int:
        return sum(job.tenant == tenant and job.state is S.RUNNING for job in self.jobs.values())

    def has_room(self, tenant: str) -> bool:
        return self.running(tenant) < CAPS[TENANTS.index(tenant)]

    def batch(self, engine: int) -> list[Job]:
        running = [job for job in self.jobs.values() if job.state is S.RUNNING]
        return [job for job in running if job.engine == engine]


def with_the_other(speed: Speed) -> float:
    """A claim at one speed lets the other have so many, and is one itself."""
    share = SHARING.weight(speed)
    return 2 + (1 - share) / share * max(COSTS) / min(COSTS)


class Life(RuleBasedStateMachine):
    """Enqueue, place, claim, renew, render, give back, move, end, sweep, crash, tick."""

    db: Database
    loop: asyncio.AbstractEventLoop

    @initialize()
    def an_empty_queue(self) -> None:
        self.book = Book()
        for table in ("jobs", "tenants", "relax_use"):
            self.do(lambda tx, table=table: tx.execute(f"DELETE FROM {table}"))
        nought = "UPDATE fair_clocks SET virtual_time = 0, start_tag = 0, finish_tag = 0"
        self.do(lambda tx: tx.execute(nought))

    def do(self, deed):
        """Do one thing in a transaction of its own."""

        async def done():
            async with self.db.transaction() as tx:
                return await deed(tx)

        return self.loop.run_until_complete(done())

    @property
    def owner(self) -> str:
        return f"process {self.book.owner}"

    def any_job(self, pick: int) -> str:
        return sorted(self.book.jobs)[pick % len(self.book.jobs)]

    def any_lease(self, pick: int) -> Lease:
        return self.book.leases[pick % len(self.book.leases)]

    def holds(self, lease: Lease) -> bool:
        return self.book.jobs[lease.job].lease == lease

    def leaves(self, lease: Lease, state: JobState) -> None:
        job = self.book.jobs[lease.job]
        job.state, job.lease = state, None

    # --- what happens

    @rule(
        tenant=st.sampled_from(TENANTS),
        cost=st.sampled_from(COSTS),
        speed=st.sampled_from(Speed),
        place=st.booleans(),
        times=st.integers(1, 3),
    )
    def somebody_asks(self, tenant, cost, speed, place, times) -> None:
        for _ in range(times):
            self.asks(tenant, cost, speed, place)

    def asks(self, tenant, cost, speed, place) -> None:
        name = f"job {len(self.book.jobs):03}"
        weight = WEIGHTS[TENANTS.index(tenant) % len(WEIGHTS)]
        self.do(
            lambda tx: queue.enqueue(
                tx,
                job=name,
                tenant=tenant,
                rows=1,
                cost_seconds=cost,
                weight=weight,
                speed=speed,
                running_cap=CAPS[TENANTS.index(tenant)],
                payload=b"sealed",
                now=self.book.calendar,
            )
        )
        self.book.jobs[name] = Job(tenant, speed)
        if place:
            self.a_place_stands_for(name)

    @precondition(lambda self: self.book.jobs)
    @rule(pick=picks)
    def a_place_stands(self, pick) -> None:
        self.a_place_stands_for(self.any_job(pick))

    def a_place_stands_for(self, name: str) -> None:
        job = self.book.jobs[name]

        assert self.do(lambda tx: queue.placed(tx, name)) is (job.state is S.ACCEPTED)

        if job.state is S.ACCEPTED:
            job.state = S.PLACED

    @rule(engine=st.sampled_from(ENGINES), times=st.integers(1, 4))
    def an_engine_has_room(self, engine, times) -> None:
        for _ in range(times):
            self.asks_for_work(engine)

    def asks_for_work(self, engine) -> None:
        until, batch = self.book.now + LEASE_SECONDS, self.book.batch(engine)
        if any(job.attempts > 1 for job in batch):
            return  # nothing is put beside a suspect
        idle = not batch
        lease = self.do(
            lambda tx: queue.claim(
                tx, owner=self.owner, until=until, idle=idle, now=self.book.calendar
            )
        )

        placed = [job for job in self.book.jobs.values() if job.state is S.PLACED]
        if lease is None:
            claimable = [job for job in placed if self.book.has_room(job.tenant)]
            assert not claimable or (not idle and any(job.attempts for job in claimable))
            return
        job = self.book.jobs[lease.job]
        assert job.lease is None, "it runs already"
        assert job.state is S.PLACED
        assert job.attempts + 1 == lease.attempt <= MAX_ATTEMPTS
        assert idle or lease.attempt == 1
        assert self.book.has_room(job.tenant), "more of theirs run than may"
        job.state, job.lease, job.until, job.engine = S.RUNNING, lease, until, engine
        job.attempts += 1
        self.book.leases.append(lease)
        self.a_turn_is_taken_by(job)

    @precondition(lambda self: self.book.leases)
    @rule(pick=picks)
    def a_lease_is_renewed(self, pick) -> None:
        lease, until = self.any_lease(pick), self.book.now + LEASE_SECONDS
        self.do(lambda tx: queue.renew(tx, [lease], until))

        if self.holds(lease):
            self.book.jobs[lease.job].until = until

    @precondition(lambda self: self.book.leases)
    @rule(pick=picks)
    def a_worker_has_pictures(self, pick) -> None:
        lease = self.any_lease(pick)

        assert self.do(lambda tx: queue.rendered(tx, lease)) is self.holds(lease)

        if self.holds(lease):
            self.leaves(lease, S.RENDERED)

    @precondition(lambda self: self.book.leases)
    @rule(pick=picks)
    def a_worker_dies(self, pick) -> None:
        self.is_given_back(self.any_lease(pick))

    def is_given_back(self, lease: Lease) -> None:
        poison = lease.attempt >= MAX_ATTEMPTS
        expected = Returned.POISON if poison else Returned.WAITING
        held = self.holds(lease)

        returned = self.do(lambda tx: queue.give_back(tx, lease))

        assert (expected if held else Returned.NOT_OURS) is returned
        if returned is Returned.WAITING:
            self.leaves(lease, S.PLACED)
        if returned is Returned.POISON:
            assert self.do(lambda tx: queue.end(tx, lease.job, S.DEAD, 1001))
            self.leaves(lease, S.DEAD)

    @precondition(lambda self: self.book.leases)
    @rule(pick=picks)
    def the_program_stops_before_a_job_began(self, pick) -> None:
        lease = self.any_lease(pick)

        assert self.do(lambda tx: queue.return_unused(tx, lease)) is self.holds(lease)

        if self.holds(lease):
            self.leaves(lease, S.PLACED)
            self.book.jobs[lease.job].attempts -= 1
            self.so_many_more_may_be_claimed(1)

    def so_many_more_may_be_claimed(self, claims: int) -> None:
        for (_, speed), turn in self.book.turns.items():
            turn.bound += claims * with_the_other(speed)

    @precondition(lambda self: self.book.jobs)
    @rule(pick=picks)
    def a_job_moves_to_its_owners_dm(self, pick) -> None:
        name, new = self.any_job(pick), f"job {len(self.book.jobs):03}"
        job = self.book.jobs[name]

        moved = self.do(lambda tx: queue.twin(tx, name, new, b"anew", self.book.calendar))

        assert moved is (job.state not in ENDED)
        if moved:
            job.state, job.lease = S.CANCELLED, None
            self.book.jobs[new] = Job(job.tenant, job.speed)
            self.so_many_more_may_be_claimed(MAX_ATTEMPTS)

    @rule()
    def the_sweeper_comes(self) -> None:
        self.do(queue.forget_idle)
        self.do(lambda tx: queue.relax_forgotten(tx, self.book.calendar))

    @rule(seconds=st.sampled_from([-100_000, 100_000]))
    def the_calendars_clock_jumps(self, seconds) -> None:
        lapse = lambda tx: queue.lapsed(tx, owner=self.owner, monotonic=self.book.now)  # noqa: E731
        before = self.do(lapse)
        self.book.calendar += seconds

        assert before == self.do(lapse)

    @precondition(lambda self: self.book.jobs)
    @rule(pick=picks, state=st.sampled_from(sorted(ENDED)))
    def a_job_ends(self, pick, state) -> None:
        name = self.any_job(pick)
        job = self.book.jobs[name]
        expected = state in TRANSITIONS[job.state]

        assert expected is self.do(lambda tx: queue.end(tx, name, state, 1002))

        if expected:
            job.state, job.lease = state, None

    @rule()
    def the_bot_crashes_and_starts_again(self) -> None:
        self.book.owner += 1
        self.what_lapsed_is_given_back()

    @rule(seconds=st.sampled_from([1.0, LEASE_SECONDS, LEASE_SECONDS + 1]))
    def time_passes(self, seconds) -> None:
        self.book.now += seconds
        self.what_lapsed_is_given_back()

    def what_lapsed_is_given_back(self) -> None:
        lapsed = self.do(lambda tx: queue.lapsed(tx, owner=self.owner, monotonic=self.book.now))

        expected = {
            job.lease
            for job in self.book.jobs.values()
            if job.lease and (job.lease.owner != self.owner or job.until < self.book.now)
        }
        assert expected == set(lapsed)
        for lease in lapsed:
            self.is_given_back(lease)

    # --- what stays true

    @invariant()
    def no_job_is_lost_and_what_ended_stays_ended(self) -> None:
        rows = self.do(lambda tx: many(tx, "SELECT id, state, attempts FROM jobs"))

        stored = {row["id"]: (row["state"], row["attempts"]) for row in rows}
        assert {name: (job.state, job.attempts) for name, job in self.book.jobs.items()} == stored

    @invariant()
    def turns_are_counted_from_the_job_that_is_next(self) -> None:
        heads = self.do(
            lambda tx: many(
                tx,
                "SELECT tenant, speed, id, min(start_tag) AS start FROM jobs"
                " WHERE state = 'placed' GROUP BY tenant, speed",
            )
        )
        kept = {}
        for row in heads:
            whose = (row["tenant"], Speed(row["speed"]))
            turn = self.book.turns.get(whose)
            if turn is None or turn.head != row["id"]:
                bound = self.do(lambda tx, row=row: self.most_claims_before(tx, row))
                turn = Turn(row["id"], bound)
            kept[whose] = turn
        self.book.turns = kept

    def a_turn_is_taken_by(self, job: Job) -> None:
        self.book.turns.pop((job.tenant, job.speed), None)
        for (tenant, _), turn in self.book.turns.items():
            if self.book.has_room(tenant):
                turn.claims += 1
                assert turn.claims <= turn.bound, "others can keep a tenant waiting"

    async def most_claims_before(self, tx, head) -> float:
        """Count what may still go first: what is tagged earlier, and what others may yet tag so.

        A tenant's next job starts at the virtual time or where what they have in the queue ends,
        and each of their jobs spans at least LEAST_STEP: so few of them fit before this start.
        The other speed is ahead of this one by so much, and has its share beside each claim.
        """
        tenant, speed, start = head["tenant"], Speed(head["speed"]), head["start"]
        earlier = await many(
            tx,
            "SELECT attempts FROM jobs WHERE tenant <> ? AND speed = ? AND start_tag <= ?"
            " AND ended_at IS NULL",
            (tenant, speed, start),
        )
        clock = await one(tx, "SELECT * FROM fair_clocks WHERE speed = ?", (speed,))
        together = (await one(tx, "SELECT max(start_tag) FROM fair_clocks"))[0]
        known = sum(MAX_ATTEMPTS - row["attempts"] for row in earlier)
        each = max(0.0, start - clock["virtual_time"]) // LEAST_STEP + 1
        behind = max(0.0, clock["finish_tag"] - together) * (1 - SHARING.weight(speed))
        same = known + MAX_ATTEMPTS * each * (len(TENANTS) - 1)
        return behind / min(COSTS) + 1 + same * with_the_other(speed)


def test_the_queue_keeps_its_word_whatever_happens(quick_disk):
    loop = asyncio.new_event_loop()
    db = loop.run_until_complete(open_database(quick_disk / "darkroom.db", "darkroom"))
    life = type("LifeOfOneQueue", (Life,), {"db": db, "loop": loop})

    try:
        run_state_machine_as_test(
            life,
            settings=settings(
                max_examples=30,
                stateful_step_count=50,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(db.close())
        loop.close()
