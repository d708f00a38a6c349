"""A whole house of deeds on real memory, with a Discord, an engine and a clock that are fakes."""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC
from importlib import resources
from pathlib import Path

import pytest

from bot.domain import PersonId, Private, Receipt, Refusal
from bot.policy.plans import Usage, read_plans
from bot.ports import Bell, day_of
from bot.services.cancel import Cancel
from bot.services.conclude import Conclude
from bot.services.deliver import Deliver
from bot.services.dispatch import Dispatch
from bot.services.hands import Hands
from bot.services.place import Place
from bot.services.progress import Board
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.studio import Studio
from bot.services.submit import Holdings, Submit
from bot.services.tidy import Tidy
from bot.storage import deliveries, people
from bot.storage.database import Database, many
from bot.storage.deliveries import Delivery
from bot.storage.memory import Memory
from gen.card import Card
from tests.asks import ask
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger

ANA, MOD = PersonId(11), PersonId(12)
PRO_ROLE, PLUS_SKU = 900, 901
SHIPPED = read_plans((resources.files("bot.policy") / "plans.toml").read_text())
CARD = Card(
    name="fake", family="sd", width=64, height=64, steps=4, guidance=3.0, sizes=((64, 64), (96, 64))
)


@dataclass
class House:
    """Every deed, wired as in `bot.app`. `start_again` is a crash of the bot: memory stays."""

    memory: Memory
    messenger: FakeMessenger
    engine: FakeEngine
    clock: FakeClock
    ids: FakeIds
    card: Card = CARD
    shrunk: list[int] = field(default_factory=list)  #: the limits pictures were shrunk to
    starts: int = 0
    interactions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """Wire everything anew, as a new process would."""
        self.starts += 1
        self.hands = Hands(self.clock, freed=Bell())
        self.conclude = Conclude(self.memory, self.clock, Bell())
        self.submit = Submit(
            memory=self.memory,
            studio=Studio(self.card, self.engine),
            holdings=Holdings(SHIPPED, {PRO_ROLE: "Pro"}, {PLUS_SKU: "Plus"}),
            clock=self.clock,
            ids=self.ids,
            zone=UTC,
            max_open_jobs=20,
            hands=self.hands,
            placing=Bell(),
        )
        self.board = Board(self.messenger, self.clock)
        self.dispatch = Dispatch(
            memory=self.memory,
            engine=self.engine,
            board=self.board,
            conclude=self.conclude,
            clock=self.clock,
            owner=f"process {self.starts}",
            dispatching=Bell(),
            delivering=Bell(),
        )
        self.place = Place(
            self.memory, self.messenger, self.conclude, self.clock, self.hands, Bell()
        )
        self.deliver = Deliver(
            memory=self.memory,
            messenger=self.messenger,
            conclude=self.conclude,
            clock=self.clock,
            hands=self.hands,
            shrink=self.shrink,
            tidying=Bell(),
        )
        self.tidy = Tidy(self.memory, self.messenger, self.hands)
        self.cancel = Cancel(self.memory, self.engine, self.conclude)
        self.remove = Remove(self.memory, self.conclude)
        self.recover = Recover(self.memory, self.conclude)

    async def shrink(self, content: bytes, limit_bytes: int) -> bytes | None:
        self.shrunk.append(limit_bytes)
        return b"\xff\xd8 smaller" if limit_bytes > 100 else None

    # --- what people do

    async def ask(self, prompt: str = "a red fox", **changed) -> Receipt | Refusal:
        """Ana asks; each time with another interaction, `token-1`, `token-2`, and so on."""
        number = next(self.interactions)
        plain = {"interaction_id": number, "interaction_token": Private(f"token-{number}")}
        outcome = await self.submit(ask(prompt, **(plain | changed)))
        if isinstance(outcome, Receipt):
            self.submit.answered(outcome.job)
        return outcome

    async def accepted(self, prompt: str = "a red fox", **changed) -> str:
        """The id of a job that was accepted."""
        receipt = await self.ask(prompt, **changed)
        assert isinstance(receipt, Receipt), receipt
        return receipt.job

    async def placed(self, prompt: str = "a red fox", **changed) -> str:
        job = await self.accepted(prompt, **changed)
        await self.places()
        return job

    async def rendered(self, prompt: str = "a red fox", **changed) -> str:
        job = await self.placed(prompt, **changed)
        await self.work()
        return job

    # --- what the house does

    async def places(self) -> None:
        await self.place.look()
        await self.hands.empty()

    async def delivers(self) -> None:
        await self.deliver.look()
        await self.hands.empty()

    async def tidies(self) -> None:
        await self.tidy.look()
        await self.hands.empty()
        await self.memory.keys.forget()

    async def work(self) -> None:
        """Hand over what waits, and hear of it to its end."""
        await self.dispatch.step()
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the worker has nothing more to tell."""
        async with asyncio.timeout(10):
            await asyncio.gather(*self.dispatch._tasks)

    async def finish(self) -> None:
        """Do all there is to do."""
        await self.places()
        await self.work()
        await self.delivers()
        await self.tidies()

    # --- what can be seen from inside

    async def delivery(self, job: str) -> Delivery:
        async with self.memory.db.read() as tx:
            found = await deliveries.get(tx, job)
        assert found is not None
        return found

    async def state(self, job: str) -> str:
        return str((await self.delivery(job)).state)

    async def usage(self, person: int = ANA) -> Usage:
        day = day_of(self.clock.now(), UTC)
        async with self.memory.db.read() as tx:
            return await people.usage(tx, self.memory.keys.person(person), day)

    async def rows(self) -> dict[str, list[tuple]]:
        """Every row of both databases."""
        return {
            f"{name}.{table}": rows
            for name, database in (("db", self.memory.db), ("keys", self.memory.keys._database))
            for table, rows in (await _tables(database)).items()
        }

    def files(self) -> list[str]:
        return self.memory.blobs.names()


async def _tables(database: Database) -> dict[str, list[tuple]]:
    async with database.read() as tx:
        names = await many(
            tx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        return {
            row["name"]: [tuple(one) for one in await many(tx, f"SELECT * FROM {row['name']}")]
            for row in names
        }


@pytest.fixture
def tmp_path(quick_disk: Path) -> Path:
    """Hundreds of databases are made here; a busy disk would make each commit take long."""
    return quick_disk


@pytest.fixture
def house(memory, messenger, engine, clock, ids) -> House:
    return House(memory, messenger, engine, clock, ids)


@pytest.fixture
def on_disk(tmp_path: Path):
    """Every byte of the data folder, logs and pictures included."""

    def read() -> bytes:
        folder = tmp_path / "data"
        return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    return read
