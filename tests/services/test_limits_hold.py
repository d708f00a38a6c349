"""Whoever says what, and in whatever order: nothing ends later than the least that was ever said.

Operator, servers, channels and people say things at random while public and stealth jobs are made.
Of everything that lies there we keep, by our own count, the least of all words since it was made.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.crypto.rootkey import Source
from bot.domain import Moderator, PersonId, Receipt, Refusal, Visibility
from bot.policy.retention import DAY, HOUR, MINUTE, OF_SERVERS, DataClass, written
from bot.services.limit import Limit
from bot.services.retain import Retain
from bot.services.walk import Walk
from bot.storage.database import many
from bot.storage.memory import open_memory
from tests.asks import where
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger
from tests.services.conftest import ANA, MOD, House
from tests.services.test_sweep import sweeper

PLACES = ((100, 200), (100, 201), (101, 300))
PLUS = frozenset({901})
PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
SHIPPED = {
    DataClass.PICTURE: DAY,
    DataClass.RECIPE: 30 * DAY,
    DataClass.POST: None,
    DataClass.RECORD: 30 * DAY,
}
DURATIONS = (0, 10 * MINUTE, HOUR, 5 * HOUR, DAY, 29 * DAY)
HELD = {
    DataClass.PICTURE: "SELECT job, made_at, expires_at FROM pictures",
    DataClass.RECIPE: "SELECT job, made_at, expires_at FROM recipes",
    DataClass.POST: "SELECT job, posted_at, expires_at FROM posts",
    DataClass.RECORD: "SELECT job, ended_at, expires_at FROM deliveries JOIN jobs ON id = job"
    " WHERE ended_at IS NOT NULL",
}


@dataclass
class Words:
    """Everything that is said at the moment, and the least that was said of each thing."""

    house: House
    operator: dict[DataClass, int] = field(default_factory=dict)
    said: dict[tuple[int, DataClass], int] = field(default_factory=dict)  #: by server or channel
    wished: dict[tuple[PersonId, DataClass], int] = field(default_factory=dict)
    asked: dict[str, tuple[PersonId, tuple[int, int] | None]] = field(default_factory=dict)
    least: dict[tuple[DataClass, str], float] = field(default_factory=dict)

    def now(self, kind: DataClass, job: str) -> float:
        """The least of all words on one thing, as they are now."""
        person, place = self.asked[job]
        all_said = [
            self.operator.get(kind, SHIPPED[kind]),
            self.wished.get((person, kind)),
            *(self.said.get((at, kind)) for at in place or ()),
        ]
        return min((one for one in all_said if one is not None), default=float("inf"))

    async def check(self) -> None:
        """Look at everything that lies there, and at when each ends."""
        for kind, query in HELD.items():
            async with self.house.memory.db.read() as tx:
                rows = await many(tx, query)
            for job, made_at, ends_at in map(tuple, rows):
                now = self.now(kind, job)
                least = self.least[kind, job] = min(self.least.get((kind, job), now), now)
                if self.asked[job][1] is None:  # of a stealth record only the day is kept
                    assert ends_at <= made_at + DAY + least
                else:
                    assert (ends_at or float("inf")) == made_at + least, (kind, job)

    # --- what happens

    async def ask(self, person: PersonId, place: tuple[int, int], seen: Visibility) -> None:
        guild_id, channel_id = place
        there = where(guild_id=guild_id, channel_id=channel_id)
        receipt = await self.house.ask(person=person, where=there, visibility=seen, sku_ids=PLUS)
        if isinstance(receipt, Receipt):
            self.asked[receipt.job] = (person, place if seen is PUBLIC else None)

    async def paint(self) -> None:
        await self.house.places()
        await self.house.work()

    async def finish(self) -> None:
        """All is delivered, and something new waits to be, in two servers."""
        await self.house.finish()
        for person, place in ((ANA, PLACES[0]), (MOD, PLACES[2])):
            await self.ask(person, place, PUBLIC)
        await self.paint()

    async def wait(self, seconds: int) -> None:
        self.house.clock.turn(seconds)

    async def server(
        self, place: tuple[int, int], kind: DataClass, seconds: int | None, narrow: bool
    ) -> None:
        """A server or one of its channels says something, or takes it back."""
        guild_id, channel_id = place
        at = channel_id if narrow else guild_id
        who = Moderator(person=MOD, guild_id=guild_id)
        limit = Limit(self.house.memory, self.house.lifetimes, self.house.clock, UTC)
        named = channel_id if narrow else None
        if seconds is None:
            await limit.lift(who, kind, named)
            self.said.pop((at, kind), None)
        elif not isinstance(await limit(who, kind, written(seconds), named), Refusal):
            self.said[at, kind] = seconds

    async def person(self, person: PersonId, kind: DataClass, seconds: int) -> None:
        house = self.house
        walk = Walk(house.memory, house.messenger)
        retain = Retain(house.memory, house.lifetimes, walk, house.clock, UTC, house.holdings)
        if not isinstance(await retain(person, kind, written(seconds)), Refusal):
            self.wished[person, kind] = seconds

    async def operates(self, kind: DataClass, seconds: int) -> None:
        """The operator sets a lifetime, and starts the bot again."""
        if kind is DataClass.PICTURE:
            seconds = min(max(seconds, 10 * MINUTE), DAY)
        self.operator[kind] = self.house.limits[kind] = seconds
        self.house.start_again()
        await sweeper(self.house).tighten_all()


kinds, durations = st.sampled_from(OF_SERVERS), st.sampled_from(DURATIONS)
people, places = st.sampled_from([ANA, MOD]), st.sampled_from(PLACES)
acts = st.one_of(
    st.tuples(st.just("ask"), people, places, st.sampled_from([PUBLIC, PUBLIC, STEALTH])),
    st.tuples(st.just("paint")),
    st.tuples(st.just("finish")),
    st.tuples(st.just("wait"), st.sampled_from([60, HOUR, 2 * DAY])),
    st.tuples(st.just("server"), places, kinds, durations | st.none(), st.booleans()),
    st.tuples(st.just("server"), places, kinds, durations | st.none(), st.booleans()),
    st.tuples(st.just("person"), people, kinds, durations),
    st.tuples(st.just("operates"), kinds, durations),
)


async def _play(played: list[tuple], folder: Path) -> Words:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    memory = await open_memory(
        folder / "data", Source(folder / "root.key"), {"RUNTIME_DIRECTORY": str(runtime)}
    )
    try:
        words = Words(House(memory, FakeMessenger(), FakeEngine(), FakeClock(), FakeIds()))
        for act, *given_to in played:
            await getattr(words, act)(*given_to)
            await words.check()
        return words
    finally:
        await memory.close()


def _beginnings() -> Iterator[tuple]:
    """Something of each kind to begin with, so that words have something to reach."""
    for person, place in ((ANA, PLACES[0]), (MOD, PLACES[1]), (ANA, PLACES[2])):
        yield "ask", person, place, PUBLIC
    yield "ask", MOD, PLACES[0], STEALTH
    yield ("finish",)


@settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(acts, min_size=15, max_size=30))
def test_nothing_ends_later_than_the_least_word_and_nothing_sooner(played):
    shared = Path("/dev/shm")
    root = shared if shared.is_dir() else None
    with tempfile.TemporaryDirectory(dir=root, prefix="darkroom-test-") as folder:
        words = asyncio.run(_play([*_beginnings(), *played], Path(folder)))

    assert set(OF_SERVERS) == {kind for kind, _ in words.least}
