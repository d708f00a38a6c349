"""The deeds around an erasure, wired over a `House`, and what tests of them ask for."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC

from bot.crypto.receipts import Erasure, Scope
from bot.domain import Visibility
from bot.ports import Bell
from bot.services.aim import Aim
from bot.services.attest import Attest, Verify
from bot.services.erase import Erase
from bot.services.hands import Hands
from bot.services.unsay import Unsay
from bot.services.walk import Walk, first_id_at
from bot.storage import erasures
from tests.services.conftest import ANA, PRO_ROLE, House

TOKEN = "press-token"
PRO = frozenset({PRO_ROLE})


@dataclass
class Eraser:
    """An erasing house. Its messages have ids that carry the time, as Discord's do."""

    house: House
    erase: Erase = field(init=False)
    verify: Verify = field(init=False)

    def __post_init__(self) -> None:
        self.house.messenger._ids = itertools.count(first_id_at(self.house.clock.now()))
        self.start_again()

    def start_again(self) -> None:
        """Wire everything anew, as a new process would."""
        self.house.start_again()
        house, memory, clock = self.house, self.house.memory, self.house.clock
        walk = Walk(memory, house.messenger)
        self.erase = Erase(
            memory=memory,
            engine=house.engine,
            conclude=house.conclude,
            aim=Aim(memory, walk, clock, UTC),
            unsay=Unsay(memory, house.messenger, walk),
            attest=Attest(
                memory=memory,
                messenger=house.messenger,
                walk=walk,
                lifetimes=house.lifetimes,
                clock=clock,
                zone=UTC,
                software="0.1.0",
                policy_version=lambda: 3,
            ),
            lifetimes=house.lifetimes,
            questions=house.questions,
            clock=clock,
            zone=UTC,
            hands=Hands(clock, freed=Bell()),
            erasing=Bell(),
        )
        self.verify = Verify(memory)

    def now_id(self) -> int:
        """An id such as Discord gives a press now: younger than every message that stands."""
        return next(self.house.messenger._ids)

    def turn_days(self, days: int) -> None:
        self.house.clock.turn(days * 86400)
        self.house.messenger._ids = itertools.count(first_id_at(self.house.clock.now()))

    async def begin(self, scope: Scope, person=ANA, job: str | None = None) -> bool:
        return await self.erase.begin(person, scope, TOKEN, interaction_id=self.now_id(), job=job)

    async def looks(self) -> None:
        """One look of everybody who has a part in it."""
        await self.erase.look()
        await self.erase.hands.empty()
        await self.house.tidies()

    async def is_under_way(self) -> bool:
        async with self.house.memory.db.read() as tx:
            return bool(await erasures.begun(tx))

    async def finish(self) -> None:
        """Look, rest and look again until no erasure is under way."""
        for _ in range(40):
            if not await self.is_under_way():
                return
            await self.looks()
            self.house.clock.turn(61)
        raise AssertionError("an erasure never ended")

    async def erased(self, scope: Scope, person=ANA, job: str | None = None) -> Erasure:
        """Erase, and give what the receipt states."""
        assert await self.begin(scope, person, job)
        await self.finish()
        return await self.receipt()

    def line(self, said: str | None = None) -> str:
        """The signed line of a receipt as a person copies it, of the ephemeral answer at first."""
        text = self.house.messenger.whispered(TOKEN) if said is None else said
        return text.splitlines()[-1]

    async def receipt(self, said: str | None = None) -> Erasure:
        found = await self.verify(self.line(said))
        assert isinstance(found, Erasure), found
        return found

    async def hash_of(self, person: int) -> str:
        return self.house.memory.keys.person(person)

    async def mentions(self, person: int) -> set[str]:
        """The tables that hold a row with the hash of a person."""
        name = self.house.memory.keys.person(person)
        tables = await self.house.rows()
        return {table for table, rows in tables.items() if any(name in row for row in rows)}

    async def delivered(self, prompt: str = "a red fox", seen: str = "public", **asked) -> str:
        job = await self.house.accepted(prompt, visibility=Visibility(seen), role_ids=PRO, **asked)
        await self.house.finish()
        return job

    async def waiting(self, prompt: str, **asked) -> str:
        """A public job whose place stands."""
        public = {"visibility": Visibility.PUBLIC, "role_ids": PRO}
        return await self.house.placed(prompt, **(public | asked))
