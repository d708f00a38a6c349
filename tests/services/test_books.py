"""The books balance: what was taken is what delivered and partly cancelled jobs took, and no more.

Real deeds, real SQLite files. Whatever becomes of a job, in whatever state, its owner has paid for
it whole, for its steps, or not at all.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.domain import Ending, Receipt, Visibility
from bot.policy.plans import Usage
from bot.policy.refund import NOTHING, Taken
from bot.services.cancel import Outcome
from bot.storage.database import many
from bot.storage.memory import open_memory
from gen.job import ENDED, JobState, Speed
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger
from tests.services.conftest import ANA, PLUS_SKU, House

DAY = 24 * 3600
PLUS = {"sku_ids": frozenset({PLUS_SKU})}
SHARED = Path("/dev/shm")
REFUNDED = [one for one in Ending if one not in {Ending.CANCELLED, Ending.MOVED, Ending.POISON}]


@dataclass
class Life:
    """Ana's jobs, and what she has been told that each of them took."""

    house: House
    took: dict[str, Taken] = field(default_factory=dict)
    paid: Taken = NOTHING  #: for the steps of what she cancelled

    async def ask(self, which: int) -> None:
        speed = (Speed.FAST, Speed.RELAX)[which % 2]
        await self.house.choose.change(ANA, lambda old: old.__class__(speed=speed))
        seen = (Visibility.PUBLIC, Visibility.STEALTH)[which % 3 % 2]
        asked = await self.house.ask(visibility=seen, count=1 + which % 4, **PLUS)
        if isinstance(asked, Receipt):
            self.took[asked.job] = (await self.house.delivery(asked.job)).taken

    async def step(self, act: str, which: int) -> None:
        deeds: dict[str, Callable[[], Awaitable[object]]] = {
            "ask": lambda: self.ask(which),
            "places": lambda: self.house.places(),
            "begin": lambda: self.work(1 + which % 3),
            "work": lambda: self.work(5),
            "tick": lambda: self.hear(self.house.engine.tick),
            "crash": lambda: self.hear(self.house.engine.crash),
            "break": lambda: self.hear(self.house.engine.break_next),
            "delivers": lambda: self.house.delivers(),
            "tidies": lambda: self.house.tidies(),
            "restart": self.restart,
            "cancel": lambda: self.cancel(which),
            "cancel all": lambda: self.cancel(None),
            "end": lambda: self.end(which),
            "stealth": self.stealth,
            "day": lambda: self.hear(lambda: self.house.clock.turn(DAY)),
            "jump": lambda: self.hear(lambda: self.house.clock.jump((-3, 40)[which % 2] * DAY)),
        }
        await deeds[act]()

    async def work(self, ticks: int) -> None:
        await self.house.dispatch.step()
        for _ in range(ticks):
            await self.hear(self.house.engine.tick)

    async def restart(self) -> None:
        self.house.engine.crash()
        await self.house.quiet()
        self.house.start_again()

    async def cancel(self, which: int | None) -> None:
        one = None if which is None else await self.one(which)
        if which is not None and one is None:
            return
        states = [await self.house.state(job) for job in ([one] if one else self.took)]
        CANCELLED.update(state for state in states if state not in ENDED)
        ended = await (self.house.cancel.all(ANA) if one is None else self.house.cancel(one, ANA))
        if ended.outcome is Outcome.CANCELLED:
            self.paid += ended.spent

    async def end(self, which: int) -> None:
        if job := await self.one(which):
            await self.house.conclude(
                await self.house.delivery(job), REFUNDED[which % len(REFUNDED)]
            )
            self.house.engine.cancel(job)

    async def stealth(self) -> None:
        for moved in await self.house.choose.stealth(ANA):
            was = self.took.pop(moved.job)
            self.took[moved.twin] = Taken(was.pictures, 1, was.gpu_milliseconds)

    async def one(self, which: int) -> str | None:
        """One of her jobs: of three presses, two are on one that is open."""
        jobs = list(self.took)
        if which % 3:
            jobs = [job for job in jobs if await self.house.state(job) not in ENDED]
        return jobs[which % len(jobs)] if jobs else None

    async def hear(self, deed: Callable[[], object]) -> None:
        """Do it, and let what the worker tells of it be heard."""
        deed()
        if self.house.dispatch._tasks:
            await asyncio.wait(self.house.dispatch._tasks, timeout=0.005)

    async def expected(self) -> Taken:
        total = self.paid
        for job, taken in self.took.items():
            state = await self.house.state(job)
            if state not in ENDED or state == JobState.DELIVERED:
                total += taken
        return total

    async def books(self) -> Taken:
        async with self.house.memory.db.read() as tx:
            days = await many(tx, "SELECT pictures, stealth_jobs FROM usage")
            months = await many(tx, "SELECT milliseconds FROM gpu_usage")
        return Taken(
            sum(row["pictures"] for row in days),
            sum(row["stealth_jobs"] for row in days),
            sum(row["milliseconds"] for row in months),
        )


ACTS = [
    "ask", "ask", "ask", "ask", "places", "places", "places", "begin", "begin", "tick", "work",
    "work", "delivers", "tidies", "cancel", "cancel", "cancel all", "end", "stealth", "crash",
    "break", "restart", "day", "jump",
]  # fmt: skip


def acts_of(seed: int) -> list[tuple[str, int]]:
    chance = random.Random(seed)
    return [(chance.choice(ACTS), chance.randrange(36)) for _ in range(60)]


async def live(folder: Path, acts: list[tuple[str, int]]) -> Life:
    memory = await open_memory(
        folder / "data", Source(folder / "root.key"), {"RUNTIME_DIRECTORY": str(folder)}
    )
    try:
        engine = FakeEngine(rows=64, auto=False)
        life = Life(House(memory, FakeMessenger(), engine, FakeClock(), FakeIds()))
        for act, which in acts:
            await life.step(act, which)
            assert await life.expected() == await life.books(), act
        return life
    finally:
        engine.crash()
        await life.house.quiet()
        await memory.close()


CANCELLED: Counter[str] = Counter()  #: how many jobs were cancelled, by the state they were in


@settings(
    max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.integers(0, 2**32 - 1).map(acts_of))
def every_life(acts):
    quick = SHARED if is_memory(SHARED) else None
    with tempfile.TemporaryDirectory(dir=quick, prefix="darkroom-test-") as folder:
        life = asyncio.run(live(Path(folder), acts))
    note(f"{len(life.took)} jobs, {life.paid} paid for steps")


def test_whatever_becomes_of_anas_jobs_she_has_paid_for_what_they_took():
    CANCELLED.clear()

    every_life()

    assert {"accepted", "placed", "running", "rendered"} == set(CANCELLED)


@pytest.mark.parametrize("ending", REFUNDED)
async def test_whoever_else_ends_a_job_gives_all_of_it_back_wherever_it_is(house: House, ending):
    house.engine = FakeEngine(rows=64, auto=False)
    house.start_again()
    rendered = await house.placed(visibility=Visibility.STEALTH, count=2, **PLUS)
    await house.dispatch.step()
    while await house.state(rendered) != "rendered":
        house.engine.tick()
        await asyncio.wait([asyncio.current_task()], timeout=0.01)  # its own may be over by now
    running = await house.placed(visibility=Visibility.STEALTH, **PLUS)
    await house.dispatch.step()
    house.engine.tick()
    placed = await house.placed(**PLUS)
    jobs = [await house.accepted(**PLUS), placed, running, rendered]
    states = [await house.state(job) for job in jobs]

    for job in jobs:
        assert await house.conclude(await house.delivery(job), ending)
        house.engine.cancel(job)
    house.engine.tick()
    await house.quiet()

    assert ["accepted", "placed", "running", "rendered"] == states
    assert Usage() == await house.usage()


async def test_a_job_that_was_given_up_after_three_attempts_gives_all_of_it_back(house: House):
    house.engine = FakeEngine(auto=False)
    house.start_again()
    job = await house.placed(visibility=Visibility.STEALTH, **PLUS)
    for _ in range(3):
        await house.dispatch.step()
        house.engine.tick()
        house.engine.crash()
        await house.quiet()

    assert "dead" == await house.state(job)
    assert Usage() == await house.usage()
