"""People who ask at random times: how long each waits, served by each of the four ways.

Who asks when is drawn once, by a seed, and the same for all (a Poisson process: the pauses between
two are exponential). What is computed is real. The clock is played: it counts the seconds in which
something is computed, and leaps over those in which nobody is served.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from statistics import mean

from gen.bench.subject import Subject
from gen.bench.ways import MOST_ROWS, Steps, Threads
from gen.job import Spec

COLLECT_SECONDS = 0.02
"""How long request batching waits for company: vLLM-Omni's own example
(`--request-batch-max-wait-ms 20`, docs.vllm.ai, *request batching*)."""

_LOOK_SECONDS = 0.001

SHORTER = 4
"""Every fourth asks for half the steps: not everybody asks for the same."""


@dataclass(frozen=True)
class Arrival:
    """Somebody asks, so many seconds after the start."""

    at: float
    spec: Spec


@dataclass(frozen=True)
class Played:
    """How it went: seconds from each ask to its picture, and pictures in the average call."""

    waits: list[float]
    pictures_a_call: float


def drawn(
    subject: Subject, size: tuple[int, int], count: int, a_second: float, seed: int
) -> list[Arrival]:
    """Draw who asks when."""
    work = 1 - 0.5 / SHORTER  # of a picture with all its steps, on average
    dice, at, found = random.Random(seed), 0.0, list[Arrival]()
    for number in range(count):
        at += dice.expovariate(a_second / work)
        steps = max(1, subject.card.steps // (1 if number % SHORTER else 2))
        found.append(Arrival(at, subject.spec(number, size, steps)))
    return found


def one_by_one(subject: Subject, arrivals: Sequence[Arrival]) -> Played:
    """First come, first served."""
    now, waits = 0.0, list[float]()
    for one in arrivals:
        now = max(now, one.at) + subject.timed(partial(subject.call, [one.spec]))
        waits.append(now - one.at)
    return Played(waits, 1.0)


def by_requests(subject: Subject, arrivals: Sequence[Arrival]) -> Played:
    """Those of one shape who come within a moment share a call; the others wait for its end."""
    waiting, now, waits, calls = deque(arrivals), 0.0, list[float](), list[int]()
    while waiting:
        first = waiting[0]
        until = max(now, first.at + COLLECT_SECONDS)
        alike = [one for one in waiting if one.at <= until and _shape(one) == _shape(first)]
        group = alike[:MOST_ROWS]
        begins = max(now, group[-1].at) if len(group) == MOST_ROWS else until
        specs = [one.spec for one in group]
        now = begins + subject.timed(partial(subject.call, specs))
        waits += [now - one.at for one in group]
        calls.append(len(group))
        waiting = deque(one for one in waiting if one not in group)
    return Played(waits, mean(calls))


def by_steps(subject: Subject, arrivals: Sequence[Arrival]) -> Played:
    """Whoever comes joins at the next step, if there is a row free."""
    steps, waiting, now = Steps(subject), deque(enumerate(arrivals)), 0.0
    waits = list[float]()
    while waiting or steps.batcher.pictures:
        if not steps.batcher.pictures:
            now = max(now, waiting[0][1].at)
        began = subject.clock()
        while waiting and waiting[0][1].at <= now and steps.batcher.pictures < steps.rows:
            number, one = waiting.popleft()
            steps.join(str(number), one.spec)
        done = steps.tick()
        now += subject.clock() - began
        waits += [now - arrivals[int(name)].at for name in done]
    return Played(waits, mean(steps.calls))


def by_threads(subject: Subject, arrivals: Sequence[Arrival]) -> Played:
    """Each in a thread, all on the one model."""
    threads, began, leapt = Threads(subject), subject.clock(), 0.0

    def now() -> float:
        return subject.clock() - began + leapt

    def serve(one: Arrival) -> float:
        threads.serve(one.spec)
        return now() - one.at

    served: list[Future[float]] = []
    for one in arrivals:
        while (early := one.at - now()) > 0:
            if all(each.done() for each in served):
                leapt += early
            time.sleep(_LOOK_SECONDS)
        served.append(threads.pool.submit(serve, one))
    waits = [each.result() for each in served]
    threads.close()
    return Played(waits, 1.0)


WAYS: dict[str, Callable[[Subject, Sequence[Arrival]], Played]] = {
    "diffusers, one by one": one_by_one,
    "diffusers, server-async threads": by_threads,
    "diffusers, request batching": by_requests,
    "ours, step batching": by_steps,
}


def _shape(one: Arrival) -> Hashable:
    """What one `__call__` must have in common (one step count, one guidance, one size)."""
    return one.spec.width, one.spec.height, one.spec.steps, one.spec.guidance
