"""A whole house of deeds on real memory, with a Discord, an engine and a clock that are fakes."""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC
from importlib import resources
from pathlib import Path

import pytest

from bot.domain import DmId, Input, PersonId, Private, Question, Receipt, Refusal
from bot.policy.plans import Usage
from bot.policy.plansfile import read_shelf
from bot.policy.retention import DataClass
from bot.policy.server import Rule
from bot.ports import Bell, Found, Unfetched, day_of
from bot.services.block import Block
from bot.services.calendar import Calendar
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.conclude import Conclude
from bot.services.copy import Copy
from bot.services.declare import Declare
from bot.services.deliver import Deliver
from bot.services.develop import Develop
from bot.services.dispatch import Dispatch
from bot.services.enqueue import Enqueue
from bot.services.foresee import Foresee
from bot.services.hands import Hands
from bot.services.hasten import Hasten
from bot.services.heed import Heed
from bot.services.holdings import Holdings
from bot.services.houserules import HouseRules
from bot.services.inform import Inform
from bot.services.intake import Intake
from bot.services.lifetimes import Lifetimes
from bot.services.meet import Meet
from bot.services.moderate import Moderate
from bot.services.move import Move
from bot.services.place import Place
from bot.services.progress import Board
from bot.services.questions import Questions
from bot.services.react import React
from bot.services.recall import Recall
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.room import Room
from bot.services.star import Star
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.survey import Survey
from bot.services.tidy import Tidy
from bot.services.vet import Vet
from bot.services.withdraw import Withdraw
from bot.storage import deliveries, people
from bot.storage.database import Database, many
from bot.storage.deliveries import Delivery
from bot.storage.disk import Disk
from bot.storage.keyring import CHOICES, SERVER
from bot.storage.memory import Memory
from gen.card import Card
from gen.fairness import SHARING
from gen.inbound import Flaw
from gen.intake import Unusable, clean
from tests.asks import ask
from tests.fakes import FakeClock, FakeEngine, FakeIds, FakeMessenger

ANA, MOD = PersonId(11), PersonId(12)
PRO_ROLE, PLUS_SKU = 900, 901
SHIPPED = read_shelf((resources.files("bot.policy") / "plans.toml").read_text()).plans
CARD = Card(
    name="Pocket",
    family="sd",
    width=64,
    height=64,
    steps=4,
    guidance=3.0,
    sizes=((64, 64), (96, 64)),
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
    others: tuple[Card, ...] = ()  #: models besides
    values: dict[str, int] = field(default_factory=dict)  #: how many numbers each model has
    shrunk: list[int] = field(default_factory=list)  #: the limits pictures were shrunk to
    limits: dict[DataClass, int] = field(default_factory=dict)  #: the operator's, at next start
    policy_version: int = 0
    rules: tuple[Rule, ...] = ()  #: the operator's, at next start
    adult_stealth: bool = False
    classified: dict[str, float] = field(default_factory=dict)  #: the classifier's limits
    free: int = 1 << 30  #: bytes on the disk
    brought: dict[str, bytes | Unfetched] = field(default_factory=dict)  #: by address
    fetched: list[str] = field(default_factory=list)  #: addresses, in order
    starts: int = 0
    interactions: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """Wire everything anew, as a new process would."""
        self.starts += 1
        placing, dispatching, delivering, tidying = Bell(), Bell(), Bell(), Bell()
        self.lifetimes = Lifetimes(self.limits, SHIPPED)
        self.calendar = Calendar(self.clock, UTC)
        self.hands = Hands(self.clock, freed=tidying)
        self.questions = Questions(self.clock)
        self.conclude = Conclude(self.memory, self.clock, self.lifetimes, tidying)
        self.move = Move(self.memory, self.engine, self.clock, self.ids, placing, tidying)
        self.heed = Heed(self.memory, self.conclude, self.move)
        house_rules = HouseRules(self.lifetimes, self.rules, self.adult_stealth)
        studio = Studio(self.card, self.engine, self.others, self.values)
        self.holdings = holdings = Holdings(SHIPPED, {PRO_ROLE: "Pro"}, {PLUS_SKU: "Plus"})
        databases = self.memory.databases
        disk = Disk(self.memory.blobs.folder, databases, self.clock, 0, free=lambda _: self.free)
        self.room = Room(disk, max_open_jobs=20, max_open_jobs_per_server=20)
        foresee = Foresee(studio, SHARING, lambda job: self.dispatch.done(job))
        self.declare = Declare(self.memory, self.clock, UTC)
        self.intake = Intake(
            memory=self.memory,
            house_rules=house_rules,
            declare=self.declare,
            questions=self.questions,
            clock=self.clock,
            fetch=self.fetch,
            take_in=self.take_in,
        )
        self.submit = Submit(
            memory=self.memory,
            studio=studio,
            meet=Meet(self.memory, studio, holdings, self.clock, self.ids, self.calendar),
            enqueue=Enqueue(self.memory, studio, SHARING, self.clock),
            foresee=foresee,
            lifetimes=self.lifetimes,
            house_rules=house_rules,
            intake=self.intake,
            questions=self.questions,
            clock=self.clock,
            ids=self.ids,
            hands=self.hands,
            calendar=self.calendar,
            room=self.room,
            policy_version=lambda: self.policy_version,
            placing=placing,
        )
        self.board = Board(self.messenger, self.clock)
        self.dispatch = Dispatch(
            memory=self.memory,
            engine=self.engine,
            board=self.board,
            conclude=self.conclude,
            heed=self.heed,
            vet=Vet(self.memory, self.conclude, self.lifetimes, self.clock, self.classified),
            lifetimes=self.lifetimes,
            clock=self.clock,
            owner=f"process {self.starts}",
            dispatching=dispatching,
            delivering=delivering,
            ushering=Bell(),
        )
        self.place = Place(
            memory=self.memory,
            messenger=self.messenger,
            conclude=self.conclude,
            heed=self.heed,
            clock=self.clock,
            placing=placing,
            hands=self.hands,
            dispatching=dispatching,
        )
        self.recall = Recall(self.memory, self.clock, UTC)
        self.copy = Copy(self.messenger, self.recall, self.fetch, self.shrink, self.clock)
        self.deliver = Deliver(
            memory=self.memory,
            messenger=self.messenger,
            conclude=self.conclude,
            heed=self.heed,
            lifetimes=self.lifetimes,
            clock=self.clock,
            zone=UTC,
            delivering=delivering,
            hands=self.hands,
            shrink=self.shrink,
            card_of=studio.card_of,
            copy=self.copy,
            tidying=tidying,
        )
        self.tidy = Tidy(self.memory, self.messenger, self.clock, self.hands)
        self.cancel = Cancel(self.memory, self.engine, self.conclude, self.dispatch.done)
        self.remove = Remove(self.memory, self.messenger, self.conclude, self.clock)
        self.withdraw = Withdraw(
            self.memory, self.move, self.recall, self.remove, self.submit, self.clock
        )
        self.choose = Choose(self.memory, self.move, self.clock, UTC)
        self.develop = Develop(self.recall, self.choose, studio.card_of)
        self.star = Star(self.memory, self.lifetimes, self.clock)
        self.react = React(
            self.memory, self.messenger, self.cancel, self.remove, self.star, self.copy
        )
        self.inform = Inform(
            self.memory, holdings, self.lifetimes, self.clock, self.calendar, SHARING
        )
        self.hasten = Hasten(self.inform, self.choose)
        self.survey = Survey(self.memory, foresee)
        self.moderate = Moderate(self.memory, house_rules, self.heed, self.clock, UTC)
        self.block = Block(self.memory, self.lifetimes, self.clock, UTC)
        self.recover = Recover(self.memory, self.conclude)

    async def fetch(self, url: Private) -> bytes | Unfetched:
        self.fetched.append(url.reveal())
        if url.reveal().startswith("fake:"):  # what stands in a message of ours
            return await self.messenger.fetch(url)
        return self.brought.get(url.reveal(), Unfetched.GONE)

    async def take_in(self, content: bytes, longest_side_px: int) -> Input | Flaw:
        """In this process: the bytes are the tests' own (`gen.intake` has tests of its own)."""
        try:
            return Input(*clean(content, longest_side_px))
        except Unusable as unusable:
            return unusable.flaw

    async def shrink(self, content: bytes, limit_bytes: int) -> bytes | None:
        self.shrunk.append(limit_bytes)
        return b"\xff\xd8 smaller" if limit_bytes > 100 else None

    # --- what people do

    async def ask(self, prompt: str = "a red fox", **changed) -> Receipt | Refusal | Question:
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

    async def delivered(self, prompt: str = "a red fox", **changed) -> str:
        job = await self.accepted(prompt, **changed)
        await self.finish()
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

    async def keys_of_jobs(self) -> list[tuple[str, str]]:
        """Every key there is, but for those of what people and servers chose."""
        chosen = (CHOICES, SERVER)
        return [held for held in await self.memory.keys.items() if held[1] not in chosen]

    async def in_dm(self, person: PersonId = ANA) -> Found:
        """The newest message of ours in somebody's DM, as it is read back."""
        return (await self.messenger.ours(DmId(self.messenger.dm(person))))[0]

    async def ticket(self, person: PersonId = ANA) -> str:
        """What 🔄 of the newest result in somebody's DM carries."""
        ids = (await self.in_dm(person)).custom_ids
        return next(each for each in ids if each.startswith("v1:recipe:")).split(":", 2)[2]


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
