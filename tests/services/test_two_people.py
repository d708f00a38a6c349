"""Whatever two people do, in whatever order: what is stealth is seen by its owner alone.

Real deeds, real SQLite files, the Discord of the conformance suite. Every prompt and every seed is
used once, so that each word and each picture that anybody could ever read tells whose it is.
"""

import asyncio
import string
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.domain import PersonId, Receipt, Visibility
from bot.ports import Post
from bot.services.withdraw import Withdrawal
from bot.storage.memory import open_memory
from tests.asks import CHANNEL
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger, picture_of
from tests.services.conftest import ANA, MOD, PLUS_SKU, House

PUBLIC, STEALTH = Visibility.PUBLIC, Visibility.STEALTH
PEOPLE = (ANA, MOD)
PLUS = frozenset({PLUS_SKU})
SHARED = Path("/dev/shm")
Deed = Callable[[], Awaitable[object]]


@dataclass
class Asked:
    """One accepted ask; `word` and `picture` are in no other."""

    owner: PersonId
    job: str
    word: str
    picture: bytes
    private_from: int | None
    """From which message of all on only its owner may see it; None: it may be public."""

    def is_in(self, post: Post) -> bool:
        return self.word in post.content or any(self.picture == file.content for file in post.files)


@dataclass
class World:
    """A house, and what two people asked of it."""

    house: House
    asked: list[Asked] = field(default_factory=list)
    stands: list[Asked] = field(default_factory=list)  #: Discord did not let their posts go yet

    async def ask(self, person: PersonId, visibility: Visibility | None) -> None:
        number = len(self.asked)
        word = "".join(string.ascii_lowercase[int(digit)] for digit in f"{number + 1000}") * 3
        receipt = await self.house.ask(
            word, person=person, visibility=visibility, seed=number, sku_ids=PLUS
        )
        if isinstance(receipt, Receipt):
            begins = 0 if receipt.visibility is STEALTH else None
            picture = picture_of(number, 64, 64)
            self.asked.append(Asked(person, receipt.job, word, picture, begins))

    async def only_me(self, person: PersonId, which: int) -> None:
        """Press 🔒 on any job at all; only on one's own does it do anything."""
        if not self.asked:
            return
        asked = self.asked[which % len(self.asked)]
        if Withdrawal.STANDS is await self.house.withdraw(asked.job, person, "press"):
            self.stands.append(asked)
        if asked.owner == person and asked.private_from is None:
            self._is_private_now(asked)

    async def tightens(self, person: PersonId, deed: str) -> None:
        moved = {one.job for one in await getattr(self.house.choose, deed)(person)}
        for asked in self.asked:
            if asked.job in moved:
                self._is_private_now(asked)

    async def step(self, person: PersonId, act: str, which: int) -> None:
        """Do one thing."""
        deeds = self._theirs(person, which) | self._houses(which)
        await deeds[act]()

    def _theirs(self, person: PersonId, which: int) -> dict[str, Deed]:
        house = self.house
        job = self.asked[which % len(self.asked)].job if self.asked else ""
        return {
            "ask": lambda: self.ask(person, (None, PUBLIC, STEALTH)[which % 3]),
            "only me": lambda: self.only_me(person, which),
            "stealth": lambda: self.tightens(person, "stealth"),
            "never public": lambda: self.tightens(person, "never_public"),
            "public": lambda: house.choose.public(person),
            "opt in": lambda: house.choose.opt_in(person),
            "cancel": lambda: house.cancel(job, person),
            "delete": lambda: house.remove(job, person),
            "closes": lambda: self._closes(person),
        }

    def _houses(self, which: int) -> dict[str, Deed]:
        house = self.house
        return {
            "places": house.places,
            "work": house.work,
            "delivers": house.delivers,
            "tidies": house.tidies,
            "finish": house.finish,
            "restarts": self._restarts,
            "fails": lambda: self._weather("fail", which),
            "loses": lambda: self._weather("lose", which),
            "waits": lambda: self._waits((1, 2, 61, 3600)[which % 4]),
        }

    async def _closes(self, person: PersonId) -> None:
        self.house.messenger.closed ^= {person}

    async def _restarts(self) -> None:
        self.house.start_again()
        await self.house.recover()

    async def _weather(self, kind: str, which: int) -> None:
        calls = ("send", "edit", "delete", "open_dm", "find", "whisper")
        getattr(self.house.messenger, kind)(calls[which % len(calls)])

    async def _waits(self, seconds: int) -> None:
        self.house.clock.turn(seconds)

    async def settle(self) -> None:
        """Discord is well again, and all there is to do is done."""
        self.house.messenger.closed.clear()
        self.house.messenger._failing.clear()
        self.house.messenger._losing.clear()
        for asked in self.stands:
            await self.house.withdraw(asked.job, asked.owner, "press")
        for _ in range(6):
            self.house.clock.turn(61)
            await self.house.finish()

    def _is_private_now(self, asked: Asked) -> None:
        asked.private_from = len(self.house.messenger.seen)


def check(world: World) -> None:
    """Who could ever read what."""
    messenger = world.house.messenger
    for number, (channel, post) in enumerate(messenger.seen):
        assert channel != CHANNEL or "stealth" not in post.content
        for asked in filter(lambda one, post=post: one.is_in(post), world.asked):
            if channel == CHANNEL:
                assert asked.private_from is None or number < asked.private_from
            else:
                assert messenger.dm(asked.owner) == channel


ACTS = [
    "ask", "ask", "ask", "only me", "stealth", "never public", "public", "opt in", "cancel",
    "delete", "closes", "fails", "loses", "waits", "restarts", "places", "places", "work", "work",
    "delivers", "delivers", "tidies", "finish",
]  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTS), st.integers(0, 11)),
    min_size=20,
    max_size=40,
)


async def play(folder: Path, taken: list[tuple[PersonId, str, int]]) -> World:
    memory = await open_memory(
        folder / "data", Source(folder / "root.key"), {"RUNTIME_DIRECTORY": str(folder)}
    )
    try:
        house = House(memory, FakeMessenger(), FakeEngine(), FakeClock(), FakeIds())
        world = World(house)
        for person, act, which in taken:
            await world.step(person, act, which)
            check(world)
        await world.settle()
        check(world)
        await _is_clean(world)
        return world
    finally:
        await memory.close()


async def _is_clean(world: World) -> None:
    """Everything has ended, and nothing is kept of it but what stands in public."""
    house = world.house
    rows = await house.rows()
    standing = house.messenger.stands(CHANNEL)
    private = [asked for asked in world.asked if asked.private_from is not None]
    assert [] == [asked for asked in private if any(asked.is_in(post) for post in standing)]
    assert set() == {row[2] for row in rows["db.jobs"]} & {"accepted", "placed", "running"}
    assert [] == house.files()
    assert [] == house.memory.keys.stealth.items()
    kept = {(row[0], "recipe") for row in rows["db.recipes"]}
    assert kept == set(await house.keys_of_jobs())


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(steps)
def test_what_is_stealth_is_seen_by_its_owner_alone_whatever_two_people_do(taken):
    quick = SHARED if is_memory(SHARED) else None
    with tempfile.TemporaryDirectory(dir=quick, prefix="darkroom-test-") as folder:
        world = asyncio.run(play(Path(folder), taken))
    note(f"{len(world.asked)} asks, {len(world.house.messenger.seen)} messages")
