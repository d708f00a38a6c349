"""P8: nobody waits for ever, shares are by weight, and what people are told of their wait is true.

A thousand people of mixed plans, sizes and speeds live on a virtual clock around the real queue: at
half load, at nearly full load, overloaded, and with some who always have as many jobs waiting as
they may. What must hold is judged from who asked and who was served, never from the queue's tags:

    turns     While a job waits, each other person of its speed is served at most their weight times
              what its owner asked for before it (and relaxed use, at most half a minute), and one
              job more. So nobody's wait grows with how much others ask for.
    beside    Meanwhile the other speed is served at most its share, and one job of each more.
    wait      From both follows how long a job may wait; no engine rests meanwhile.
    shares    Of those who always wait, everybody has the same seconds by weight (Jain's index);
              both speeds have their share while both wait, and either has everything when alone.
    outlook   What people are told when they ask is right within a factor of 1.5, or 5 seconds.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from gen import fairness
from gen.fairness import MOST_DEBT_SECONDS, SHARING, Tags
from gen.job import Speed
from gen.queue import Outlook
from tests.prove.mutants import patched
from tests.prove.report import Proof
from tests.prove.seeds import spread
from tests.prove.simulator import MOST_COST, House, Job, Person, crowd, poisson

PEOPLE, ASKS = 1000, 2000
LOADS, ENGINES = (0.5, 0.8, 1.2), (1, 2)
TOLD_LOAD = 0.8
"""Up to this load fast jobs must be told the truth so often:"""
TOLD_SHARE = 0.8
FACTOR, SECONDS = 1.5, 5.0

BACKLOGGED, TURNS = 30, 20
"""So many people of each speed always wait, until each was served so many jobs."""
MOST_CLAIMS = 4000
FAIR = 0.99
SHARE_ERROR = 0.01

Told = Counter[tuple[float, int, Speed, bool]]


@dataclass
class Came:
    """What one seed came to. Plain numbers: they cross from process to process."""

    jobs: int = 0
    told: Told = field(default_factory=Counter)
    waits: dict[tuple[float, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    turns: float = 0.0  #: the most that anybody was served, of what they might be
    beside: float = 0.0
    wait: float = 0.0  #: the longest wait, of what it might be
    longest: tuple[float, float] = (0.0, 0.0)  #: the longest wait in seconds, and its bound
    jain: dict[Speed, float] = field(default_factory=dict)
    fast_share: float = 0.0
    alone: dict[Speed, float] = field(default_factory=dict)
    normal: dict[Speed, list[float]] = field(default_factory=dict)  #: seconds by weight, each
    fewest: int = MOST_CLAIMS
    failures: list[str] = field(default_factory=list)


# --- who was served while somebody waited ---------------------------------------------------------


class Claims:
    """Who was served what, in order."""

    def __init__(self, house: House) -> None:
        served = [house.jobs[number] for number in house.claims]
        self.people = len(house.people)
        self.weights = np.array([person.weight for person in house.people])
        self.speeds = np.array([person.speed is Speed.FAST for person in house.people])
        self.who = np.array([job.person for job in served], dtype=np.int64)
        self.cost = np.array([job.cost for job in served])

    def during(self, job: Job) -> Any:
        """Seconds served to each person while a job waited."""
        wait = slice(job.claims_before, job.claim)
        return np.bincount(self.who[wait], self.cost[wait], self.people)


def judge_turns(house: House, came: Came) -> None:
    """Hold every job's wait against what it may be."""
    claims = Claims(house)
    for job in (one for one in house.jobs if one.claim >= 0):
        person = house.people[job.person]
        fast = person.speed is Speed.FAST
        mine, other = SHARING.weight(person.speed), 1 - SHARING.weight(person.speed)
        owed = (job.own_ahead + job.owed) / person.weight + (0 if fast else MOST_DEBT_SECONDS)
        served = claims.during(job)
        same = claims.speeds == fast
        beside = float(served[~same].sum())
        slack = MOST_COST * (1 / mine + 1 / other)
        came.beside = max(came.beside, beside / other / (served[same].sum() / mine + slack))
        own, served[job.person] = float(served[job.person]), 0.0
        most = claims.weights * owed + MOST_COST
        came.turns = max(came.turns, float((served / most)[same].max()))
        first = own + float(most[same & (served > 0)].sum())
        bound = (job.left + first + other * (first / mine + slack)) / len(house.engines)
        wait = job.claimed - job.accepted
        came.wait = max(came.wait, wait / bound if bound else float(wait > 0))
        came.longest = max(came.longest, (wait, bound))


# --- what they were told ------------------------------------------------------------------------


def judge_outlook(house: House, load: float, came: Came) -> None:
    """Compare what everybody was told when they asked with what came."""
    for job in (one for one in house.jobs if one.ended >= 0):
        person = house.people[job.person]
        took, told = job.ended - job.accepted, job.foreseen.wait_seconds
        near = abs(took - told) <= SECONDS or 1 / FACTOR <= took / max(told, 1e-9) <= FACTOR
        came.told[load, len(house.engines), person.speed, near] += 1
        came.waits[load, f"{person.plan}, {person.speed}"].append(job.claimed - job.accepted)


# --- those who always wait ------------------------------------------------------------------------


def jain(values: Sequence[float]) -> float:
    """1 when all are equal, 1/n when one has everything (Jain, Chiu and Hawe, 1984)."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0


def always_waiting(people: Sequence[Person], speed: Speed) -> list[int]:
    """Choose people of a speed, of every plan that has it and of every size, in turn."""
    kinds = defaultdict(list)
    for number, person in enumerate(people):
        if person.speed is speed:
            kinds[person.plan, person.sizes].append(number)
    turns = itertools.zip_longest(*kinds.values())
    return [one for turn in turns for one in turn if one is not None][:BACKLOGGED]


def judge_shares(seed: int, came: Came, **told: Any) -> None:
    """Let some of both speeds always wait, while others come and go: each speed has its share."""
    people = crowd(PEOPLE, seed)
    always = {one for speed in Speed for one in always_waiting(people, speed)}
    guests = [one for one in range(PEOPLE) if one not in always]
    come = poisson([people[one] for one in guests], 0.3, MOST_CLAIMS, seed)
    house = House(people, seed=seed, **told).live(
        ((at, guests[one]) for at, one in come),
        backlogged=always,
        until=lambda house: len(house.claims) >= MOST_CLAIMS,
    )
    came.jobs += len(house.claims)
    seconds = Counter[Speed]()
    for number in house.claims:
        job = house.jobs[number]
        seconds[people[job.person].speed] += job.cost
    came.fast_share = seconds[Speed.FAST] / seconds.total()
    judge_turns(house, came)


def judge_weights(seed: int, came: Came, **told: Any) -> None:
    """Let people of one speed alone always wait: each has the same by weight, and all have all."""
    people = crowd(PEOPLE, seed)
    for speed in Speed:
        always = always_waiting(people, speed)
        house = House(people, seed=seed, **told)
        house.live((), backlogged=always, until=partial(_all_served, always))
        came.jobs += len(house.claims)
        came.alone[speed] = sum(job.cost for job in house.jobs if job.ended >= 0) / house.now
        first = max(house.first_claims.get(one, 0) for one in always)
        claims = Claims(house)
        seconds = np.bincount(claims.who[first:], claims.cost[first:], PEOPLE)
        came.normal[speed] = [float(seconds[one]) / people[one].weight for one in always]
        came.jain[speed] = jain(came.normal[speed])
        came.fewest = min(came.fewest, *(house.served[one] - 1 for one in always))


def _all_served(some: Sequence[int], house: House) -> bool:
    """Whether everybody had their turns, or it takes too long."""
    had = min(house.served[one] for one in some)
    return had > TURNS or len(house.claims) >= 3 * MOST_CLAIMS


async def _untold(*_: Any, **__: Any) -> Outlook:
    """Tell nobody anything: that would take longer than all the rest."""
    return Outlook(0, 0.0)


# --- one seed -------------------------------------------------------------------------------------


def play(seed: int, *, asks: int = ASKS, engines: Sequence[int] = ENGINES, **told: Any) -> Came:
    """Everything once."""
    came = Came()
    for load, count in itertools.product(LOADS, engines):
        people = crowd(PEOPLE, seed)
        house = House(people, seed=seed, engines=count, regret=0.02, **told)
        house.live(poisson(people, load, asks, seed, engines=count))
        came.jobs += len(house.jobs)
        judge_turns(house, came)
        judge_outlook(house, load, came)
        lost = sum(job.ended < 0 and not job.cancelled for job in house.jobs)
        if lost:
            came.failures.append(f"{lost} jobs were never served at load {load}")
    judge_shares(seed, came, **told | {"foresee": _untold})
    judge_weights(seed, came, **told | {"foresee": _untold})
    return came


def faults(cames: Sequence[Came]) -> list[str]:
    """Say what of the promise did not hold."""
    found = [fault for came in cames for fault in came.failures]
    for name, most in (("turns", "turn"), ("beside", "other speed's turn"), ("wait", "wait")):
        worst = max(getattr(came, name) for came in cames)
        if worst > 1 + 1e-6:
            found.append(f"the longest {most} was {worst:.2f} of its bound")
    for came in cames:
        found += [
            f"Jain's index of {speed} jobs is {index:.4f}"
            for speed, index in came.jain.items()
            if index < FAIR
        ]
        if came.fewest < TURNS:
            found.append(f"somebody who always waited was served {came.fewest} jobs")
        if abs(came.fast_share - SHARING.weight(Speed.FAST)) > SHARE_ERROR:
            found.append(f"fast jobs had {came.fast_share:.1%} of the time")
        found += [
            f"{speed} jobs alone had {share:.1%} of the time"
            for speed, share in came.alone.items()
            if share < 1 - SHARE_ERROR
        ]
    told = sum((came.told for came in cames), Counter())
    for (load, engines, speed), share in told_shares(told).items():
        if speed is Speed.FAST and load <= TOLD_LOAD and share < TOLD_SHARE:
            found.append(f"{share:.0%} were told the truth at load {load} with {engines} GPU")
    return list(dict.fromkeys(found))


def told_shares(told: Told) -> dict[tuple[float, int, Speed], float]:
    """Say how often what was told was right, by load, engines and speed."""
    kinds = sorted({key[:3] for key in told})
    return {
        kind: told[(*kind, True)] / (told[(*kind, True)] + told[(*kind, False)]) for kind in kinds
    }


# --- broken queues --------------------------------------------------------------------------------


def first_come() -> AbstractContextManager[None]:
    """Tags are numbers in the order of asking."""
    numbers = itertools.count()

    def tag(**_: float) -> Tags:
        number = float(next(numbers))
        return Tags(number, number)

    return patched(fairness, tag=tag)


def fast_before_all() -> AbstractContextManager[None]:
    """While a fast job waits no relaxed one is served."""
    return patched(fairness, next_speed=lambda tags: min(tags, key=lambda one: one != Speed.FAST))


def idleness_is_credit() -> AbstractContextManager[None]:
    """Who was away starts where they left, however far the others have come."""

    def tag(*, last_finish: float, cost_seconds: float, weight: float, **_: float) -> Tags:
        return Tags(last_finish, last_finish + cost_seconds / weight)

    return patched(fairness, tag=tag)


async def own_cost_alone(tx: Any, job: str, **_: Any) -> Outlook:
    """Tell people as if nobody else asked."""
    async with tx.execute("SELECT cost FROM jobs WHERE id = ?", (job,)) as cursor:
        return Outlook(1, (await cursor.fetchone())["cost"])


BROKEN: Mapping[str, tuple[Callable[[], AbstractContextManager[None]], dict[str, Any]]] = {
    "first come, first served": (first_come, {"told_speed": lambda _: Speed.FAST}),
    "fast before all others": (fast_before_all, {}),
    "no weights": (nullcontext, {"told_weight": lambda _: 1.0}),
    "idleness is credit": (idleness_is_credit, {}),
    "told their own cost alone": (nullcontext, {"foresee": own_cost_alone}),
}


def caught(name: str, seed: int, *, asks: int = ASKS) -> list[str]:
    """What is found wrong with a broken queue."""
    breaks, told = BROKEN[name]
    with breaks():
        return faults([play(seed, asks=asks, engines=(1,), **told)])


# --- the proof ------------------------------------------------------------------------------------


def prove(seed: int, seconds: float) -> Proof:
    """Play seeds until the time is over, then the broken queues."""
    began = time.monotonic()
    controls_seconds = 12.0
    came = spread(play, seed, budget_seconds=max(5.0, seconds - controls_seconds), at_least=2)
    cames = [each for _, each in came]
    controls = dict(spread_controls(seed))
    return Proof(
        promise="P8  Nobody waits for ever: shares by weight, and true words about the wait",
        tried=sum(each.jobs for each in cames),
        trials="jobs",
        seeds=f"SEED={seed}…{seed + len(cames) - 1}, {PEOPLE} people each",
        figures=list(figures(cames)),
        controls=controls,
        failures=faults(cames),
        seconds=time.monotonic() - began,
    )


def spread_controls(seed: int) -> Iterator[tuple[str, str]]:
    """Run each broken queue, on every core."""
    names = list(BROKEN)
    found = spread(partial(_control, seed), 0, budget_seconds=0, at_least=len(names))
    for number, faults_found in found[: len(names)]:
        yield names[number], f"{len(faults_found)} finds: {faults_found[0]}" if faults_found else ""


def _control(seed: int, number: int) -> list[str]:
    return caught(list(BROKEN)[number % len(BROKEN)], seed, asks=ASKS // 2)


def figures(cames: Sequence[Came]) -> Iterator[str]:
    """Write the tables and the plots."""
    yield "who always waits          people   jobs, at least   Jain's index, least   share of time"
    for speed in Speed:
        share = statistics.mean(
            came.fast_share if speed is Speed.FAST else 1 - came.fast_share for came in cames
        )
        least = min(came.jain[speed] for came in cames)
        alone = min(came.alone[speed] for came in cames)
        yield (
            f"  {speed:22} {len(cames[0].normal[speed]):7} {min(c.fewest for c in cames):16}"
            f" {least:21.4f}   {share:.1%} of {SHARING.weight(speed):.0%}; alone {alone:.1%}"
        )
    yield "seconds by weight, each of them (a line from 0 to twice the mean):"
    for speed in Speed:
        yield f"  {speed:6} {sparks(cames[0].normal[speed])}"
    yield "of its bound: " + ", ".join(
        f"{what} {max(getattr(came, name) for came in cames):.2f}"
        for name, what in (
            ("turns", "the most anybody was served while another waited"),
            ("beside", "the other speed"),
            ("wait", "the longest wait"),
        )
    )
    wait, bound = max(came.longest for came in cames)
    yield f"the longest wait of all: {wait:,.0f} s, which may have been {bound:,.0f} s"
    yield from wait_lines(cames)
    yield from told_lines(cames)


def sparks(values: Sequence[float]) -> str:
    """Draw a line of small bars."""
    mean = statistics.mean(values)
    return "".join("▁▂▃▄▅▆▇█"[min(7, int(value / mean * 4))] for value in values)


def wait_lines(cames: Sequence[Came]) -> Iterator[str]:
    """Draw how long people waited, on a logarithmic line: – to the median, = to the 99th."""
    yield "waits until served, seconds         p50      p99      max   1 s . . 10 . . 100 . . 1000"
    for load, kind in sorted({key for came in cames for key in came.waits}):
        waits = sorted(wait for came in cames for wait in came.waits.get((load, kind), ()))
        median, late, most = waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1]
        first, then = _columns(median), _columns(late)
        bar = "–" * first + "=" * (then - first) + " " * (_columns(most) - then) + "|"
        yield f"  load {load}, {kind:20} {median:8,.0f} {late:8,.0f} {most:8,.0f}   {bar}"


def _columns(seconds: float) -> int:
    return int(8 * math.log10(max(1.0, seconds)))


def told_lines(cames: Sequence[Came]) -> Iterator[str]:
    """Say how often what people were told was right."""
    shares = told_shares(sum((came.told for came in cames), Counter()))
    yield f"told the truth (within {FACTOR} or {SECONDS:.0f} s)      " + "".join(
        f"{f'{speed}, {engines} GPU':>14}" for speed in Speed for engines in ENGINES
    )
    for load in LOADS:
        cells = "".join(
            f"{shares[load, engines, speed]:14.0%}" for speed in Speed for engines in ENGINES
        )
        yield f"  load {load}{'':27}{cells}"
