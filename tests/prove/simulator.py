"""A house of people and engines on a virtual clock, around the real queue.

Only time, people and engines are made up: who is next is said by `gen.queue` over a real SQLite.
An engine works off one denoiser second a second, shared by the jobs in its batch row by row, and
wants another job while it has a row free, as the worker does.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gen import queue
from gen.job import JobState, Speed
from gen.queue import Outlook
from tests import straight

ROWS = 4
EPOCH = 1_800_000_000

Sizes = tuple[tuple[int, float], ...]
"""Pictures of one job, and the denoiser seconds each takes: any of these, by chance."""

SMALL: Sizes = ((1, 3.0), (1, 6.0))
PLAIN: Sizes = ((1, 3.0), (1, 6.0), (1, 9.0), (2, 6.0), (4, 6.0), (4, 9.0))
LARGE: Sizes = ((4, 6.0), (4, 9.0))
MOST_COST = 36.0


@dataclass(frozen=True)
class Person:
    """Somebody with a plan, who asks at one speed for pictures of some sizes."""

    name: str
    plan: str
    weight: float
    speed: Speed
    activity: float  #: how often they ask, beside others
    waiting_cap: int
    sizes: Sizes

    @property
    def load(self) -> float:
        """Denoiser seconds they ask for, beside others."""
        cost = sum(rows * seconds for rows, seconds in self.sizes) / len(self.sizes)
        return self.activity * cost


@dataclass
class Job:
    """What became of one job, in seconds of the simulation."""

    person: int
    rows: int
    cost: float
    accepted: float
    own_ahead: float  #: cost of its owner's own jobs that waited then
    owed: float  #: cost of the job of its owner's that was claimed last
    left: float  #: what the engines still had to do then
    foreseen: Outlook
    claim: int = -1  #: which claim it was, of all
    claims_before: int = 0  #: how many there were when it was accepted
    claimed: float = -1.0
    ended: float = -1.0
    cancelled: bool = False


@dataclass
class Engine:
    """Jobs in one batch: each gets its rows' share of the time."""

    rows: int = 0
    per_row: float = 0.0  #: seconds that each row has been worked on
    at: float = 0.0
    batch: list[tuple[float, int]] = field(default_factory=list)  #: row seconds at the end; job

    def go_on(self, now: float) -> None:
        if self.rows:
            self.per_row += (now - self.at) / self.rows
        self.at = now

    def take(self, number: int, job: Job) -> None:
        self.rows += job.rows
        heapq.heappush(self.batch, (self.per_row + job.cost / job.rows, number))

    def next_end(self) -> float:
        if not self.batch:
            return float("inf")
        return self.at + (self.batch[0][0] - self.per_row) * self.rows


class House:
    """People, engines and the queue between them.

    `regret` is the share of asks that make their owner cancel a job that waits. `told_speed` and
    `told_weight` are what the queue is told of a person, and `foresee` what they are told.
    """

    def __init__(
        self,
        people: list[Person],
        *,
        seed: int,
        engines: int = 1,
        regret: float = 0.0,
        told_speed: Callable[[Person], Speed] = lambda person: person.speed,
        told_weight: Callable[[Person], float] = lambda person: person.weight,
        foresee: Callable[..., Coroutine[Any, Any, Outlook]] = queue.outlook,
    ) -> None:
        self.people, self.jobs, self.claims = people, list[Job](), list[int]()
        self.served, self.first_claims = [0 for _ in people], dict[int, int]()
        self.engines = [Engine() for _ in range(engines)]
        self.now, self.refused = 0.0, 0
        self._dice, self._regret = random.Random(seed), regret
        self._told_speed, self._told_weight = told_speed, told_weight
        self._outlook = foresee
        self._waiting = [set[int]() for _ in people]
        self._last_claimed = [0.0 for _ in people]
        self._tx: Any = None

    def live(
        self,
        arrivals: Iterable[tuple[float, int]],
        *,
        backlogged: Iterable[int] = (),
        until: Callable[[House], bool] = lambda _: False,
    ) -> House:
        """Let people ask when they do, and those who are backlogged whenever they may.

        It ends with the last arrival and the last job, or when `until` says so.
        """
        always, comes = set(backlogged), iter(arrivals)
        arrival = next(comes, None)
        with straight.queue_in_memory() as self._tx:
            for person in sorted(always):
                self._ask_all(person)
            self._feed(always)
            while not until(self):
                engine = min(self.engines, key=Engine.next_end)
                if arrival is not None and arrival[0] <= engine.next_end():
                    self.now = arrival[0]
                    self._ask(arrival[1])
                    arrival = next(comes, None)
                elif engine.batch:
                    self.now = engine.next_end()
                    self._end(engine)
                else:
                    break
                self._feed(always)
        return self

    def _ask_all(self, person: int) -> None:
        while len(self._waiting[person]) < self.people[person].waiting_cap:
            self._ask(person)

    def _ask(self, number: int) -> None:
        person, mine = self.people[number], self._waiting[number]
        if len(mine) >= person.waiting_cap:
            self.refused += 1
            return
        rows, seconds = self._dice.choice(person.sizes)
        job, cost = len(self.jobs), rows * seconds
        straight.run(
            queue.enqueue(
                self._tx,
                job=str(job),
                tenant=person.name,
                rows=rows,
                cost_seconds=cost,
                weight=self._told_weight(person),
                speed=self._told_speed(person),
                running_cap=100,
                payload=b"sealed",
                now=EPOCH + int(self.now),
            )
        )
        straight.run(queue.placed(self._tx, str(job)))
        self.jobs.append(
            Job(
                number,
                rows,
                cost,
                self.now,
                sum(self.jobs[one].cost for one in mine),
                self._last_claimed[number],
                sum(self._left().values()),
                self._foresee(job),
                claims_before=len(self.claims),
            )
        )
        mine.add(job)
        if self._dice.random() < self._regret:
            self._cancel(self._dice.choice(sorted(mine)))

    def _foresee(self, job: int) -> Outlook:
        left = self._left()
        return straight.run(
            self._outlook(
                self._tx,
                str(job),
                engines=len(self.engines),
                rows=ROWS,
                done=lambda one: 1 - left[int(one)] / self.jobs[int(one)].cost,
            )
        )

    def _left(self) -> dict[int, float]:
        """What the engines still have to do of each running job."""
        for engine in self.engines:
            engine.go_on(self.now)
        return {
            job: (end - engine.per_row) * self.jobs[job].rows
            for engine in self.engines
            for end, job in engine.batch
        }

    def _cancel(self, number: int) -> None:
        job = self.jobs[number]
        straight.run(queue.end(self._tx, str(number), JobState.CANCELLED, EPOCH))
        job.cancelled = True
        self._waiting[job.person].discard(number)

    def _feed(self, always: set[int]) -> None:
        """Give the emptiest engine the next job, as long as one has room and somebody waits."""
        while (engine := min(self.engines, key=lambda one: one.rows)).rows < ROWS:
            lease = straight.run(
                queue.claim(self._tx, owner="o", until=0.0, idle=False, now=EPOCH + int(self.now))
            )
            if lease is None:
                return
            number = int(lease.job)
            job = self.jobs[number]
            job.claimed, job.claim = self.now, len(self.claims)
            self.first_claims.setdefault(job.person, len(self.claims))
            self.claims.append(number)
            self.served[job.person] += 1
            self._last_claimed[job.person] = job.cost
            self._waiting[job.person].discard(number)
            engine.go_on(self.now)
            engine.take(number, job)
            if job.person in always:
                self._ask_all(job.person)

    def _end(self, engine: Engine) -> None:
        engine.go_on(self.now)
        _, number = heapq.heappop(engine.batch)
        job = self.jobs[number]
        engine.rows -= job.rows
        job.ended = self.now
        straight.run(queue.end(self._tx, str(number), JobState.CANCELLED, EPOCH + int(self.now)))


PLANS = {"Free": (1.0, 1.0, 3, 1.0), "Plus": (2.0, 2.5, 6, 0.25), "Pro": (4.0, 7.0, 12, 0.1)}
"""Weight, activity, how many may wait, and which share of its people is relaxed."""


def crowd(count: int, seed: int) -> list[Person]:
    """Seven in ten Free, two Plus, one Pro; of each some ask for small and some for large ones."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        plan = (("Free",) * 7 + ("Plus",) * 2 + ("Pro",))[number % 10]
        weight, activity, cap, relaxed = PLANS[plan]
        speed = Speed.RELAX if dice.random() < relaxed else Speed.FAST
        sizes = (SMALL, PLAIN, LARGE)[number // 10 % 3]
        found.append(Person(f"person {number}", plan, weight, speed, activity, cap, sizes))
    return found


def poisson(
    people: list[Person], load: float, jobs: int, seed: int, *, engines: int = 1
) -> Iterator[tuple[float, int]]:
    """So many asks, as often as fills the engines to this load."""
    dice = random.Random(seed)
    activity = sum(person.activity for person in people)
    rate = load * engines * activity / sum(person.load for person in people)
    sums = list(itertools.accumulate(person.activity for person in people))
    now = 0.0
    for _ in range(jobs):
        now += dice.expovariate(rate)
        yield now, dice.choices(range(len(people)), cum_weights=sums)[0]
