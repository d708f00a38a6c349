"""A whole house, its people and their weather: real deeds on real memory, judged at every step.

Each deed here is one step of a sequence. After it the judge has seen all that left the house, and
`check` tells what he found.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from bot import words
from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.domain import Ask, OptOut, PersonId, Private, Question, Receipt, Refusal, Visibility, Why
from bot.errors import Unreachable
from bot.policy.retention import DataClass
from bot.ports import Bell, Found, Post
from bot.services.erase import Erase, Scope
from bot.services.hands import Hands
from bot.services.move import Moved
from bot.services.retain import Retain
from bot.services.sweep import Sweep
from bot.services.walk import Walk
from bot.storage import deliveries
from bot.storage.database import many
from bot.storage.memory import open_memory
from gen.job import ENDED
from tests.asks import ask, dm, where
from tests.fakes import FakeClock, FakeIds
from tests.prove import presses
from tests.prove.canaries import canaries_in, canary
from tests.prove.easel import Easel
from tests.prove.judge import Judge, Known
from tests.prove.presses import Press
from tests.prove.weather import Snowflakes, Weather
from tests.services.conftest import PLUS_SKU, PRO_ROLE, House
from tests.services.erasing import Eraser

ANA, MOD, PIA = PersonId(11), PersonId(12), PersonId(13)
PEOPLE = (ANA, MOD, PIA)
GENERAL, GALLERY = 200, 201
STAGES = ("accepted", "placed", "running", "rendered", "delivered")
EACH_STEP = 4
"""Denoiser steps of a job: progress is shown between them."""

CALLS = {
    "accepted": ("send", "open_dm"),
    "running": ("edit",),
    "rendered": ("edit", "open_dm", "send"),
    "ended": ("whisper", "delete", "open_dm"),
}
"""What Discord is asked for jobs of a state."""

_LOOKS_BEFORE = {"accepted": 0, "running": 1, "rendered": 2, "ended": 3}
"""How many looks bring a new job to where a look for this state works on it."""

_PUBLIC, _STEALTH = Visibility.PUBLIC, Visibility.STEALTH


@dataclass
class Standing:
    """What one person holds and chose, as somebody who watched them would know it."""

    role: bool = False
    sku: bool = False
    chose: Visibility | None = None
    forbade: OptOut | None = None
    wordless: Visibility | None = None  #: what their last ask without a word became in a server
    pressed: bool = False  #: they have said /public since


@dataclass
class World:
    """Everything, in the hands of a sequence."""

    folder: Path
    house: House
    messenger: Weather
    engine: Easel
    clock: FakeClock
    judge: Judge
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: dict[int, Standing] = field(
        default_factory=lambda: {person: Standing() for person in PEOPLE}
    )
    waiting: dict[str, Ask] = field(default_factory=dict)  #: questions, by the name of their ask
    says: dict[str, str] = field(default_factory=dict)  #: the same → the canary
    numbers: int = 0

    def __post_init__(self) -> None:
        self.messenger.learn = self.learn
        self.eraser = Eraser(self.house)
        self.messenger._ids = Snowflakes(self.clock)
        self.wire()

    @property
    def erase(self) -> Erase:
        return self.eraser.erase

    def wire(self) -> None:
        """Wire the deeds that the house of the services' tests does not have."""
        house = self.house
        self.sweeping = Hands(house.clock, freed=Bell())
        self.retain = Retain(
            house.memory,
            house.lifetimes,
            Walk(house.memory, house.messenger),
            house.clock,
            UTC,
            house.holdings,
        )
        self.sweep = Sweep(
            memory=house.memory,
            messenger=house.messenger,
            conclude=house.conclude,
            lifetimes=house.lifetimes,
            clock=house.clock,
            calendar=house.calendar,
            hands=self.sweeping,
        )

    # --- what people do

    async def asks(
        self,
        person: PersonId,
        *,
        channel: int | None = GENERAL,
        said: Visibility | None = None,
        in_words: bool = False,
        count: int = 1,
        tail: str = "",
    ) -> Receipt | Refusal | Question:
        """Somebody asks; `channel` None is their DM, `in_words` says it inside the prompt."""
        self.numbers += 1
        word = canary(self.numbers)
        self.judge.owners[word] = person
        text = f"a {word} fox{tail}" + (f" --{said}" if said and in_words else "")
        return await self.submit(self.an_ask(person, text, channel, said, in_words, count), word)

    def an_ask(
        self,
        person: PersonId,
        text: str,
        channel: int | None,
        said: Visibility | None,
        in_words: bool,
        count: int,
    ) -> Ask:
        holds = self.people[person]
        return ask(
            text,
            negative=text.removesuffix(f" --{said}"),
            person=person,
            where=dm() if channel is None else where(channel_id=channel),
            visibility=None if in_words else said,
            count=count,
            steps=EACH_STEP,
            role_ids=frozenset({PRO_ROLE}) if holds.role else frozenset(),
            sku_ids=frozenset({PLUS_SKU}) if holds.sku else frozenset(),
            **self.interaction(person),
        )

    def interaction(self, person: PersonId) -> dict[str, object]:
        """A new interaction of somebody's: its id, and the token its answer is written with."""
        number = next(self.messenger._ids)
        token = f"token-{number}"
        self.judge.askers[token] = person
        return {"interaction_id": number, "interaction_token": Private(token)}

    async def submit(self, asked: Ask, word: str) -> Receipt | Refusal | Question:
        """Submit and answer, as the door does; check that nobody became more public unasked."""
        outcome = await self.house.submit(asked)
        token = asked.interaction_token.reveal()
        match outcome:
            case Refusal():
                said = Post(words.refused(outcome))
            case Question():
                self.waiting[outcome.id], self.says[outcome.id] = asked, word
                said = words.asked_back(outcome)
            case Receipt():
                await self.learn()
                known = self.judge.jobs[outcome.job]
                known.word = word
                if outcome.visibility is _PUBLIC:
                    known.channel = asked.where.channel_id
                self._judge_visibility(asked, outcome.visibility)
                said = words.accepted(outcome)
        await self.answers(token, said)
        if isinstance(outcome, Receipt):
            self.house.submit.answered(outcome.job)
        return outcome

    async def answers(self, token: str, said: Post) -> None:
        """Write an ephemeral answer, if Discord lets us; a door does not try twice."""
        with suppress(Unreachable):  # the deed was done; see `cogs._answers.answer`
            await self.messenger.whisper(token, said)

    def _judge_visibility(self, asked: Ask, became: Visibility) -> None:
        """Say so when a job is public that its owner could not expect to be."""
        person, said = self.people[asked.person], asked.visibility
        text = asked.prompt.reveal()
        said = _PUBLIC if "--public" in text else _STEALTH if "--stealth" in text else said
        pressed = Why.LOOSER in asked.confirmed or person.pressed
        if became is _PUBLIC:
            wrong = (
                asked.where.is_dm
                or person.forbade is not None
                or said is _STEALTH
                or (said is None and person.chose is _STEALTH)
                or (said is None and person.wordless is _STEALTH and not pressed)
            )
            if wrong:
                self.judge.breaches.append("submit: more public than was said")
        if said is None and not asked.where.is_dm:
            person.wordless, person.pressed = became, False

    async def chooses(self, person: PersonId, seen: Visibility) -> None:
        """/stealth or /public."""
        if seen is _STEALTH:
            await self._closed(person, await self.house.choose.stealth(person))
        elif self.people[person].forbade is None:
            await self.house.choose.public(person)
            self.people[person].pressed = True
        else:
            return
        self.people[person].chose = seen

    async def forbids(self, person: PersonId, level: OptOut) -> None:
        """Never public, or no processing at all."""
        if level is OptOut.NEVER_PUBLIC:
            if self.people[person].forbade is not OptOut.NO_PROCESSING:
                await self._closed(person, await self.house.choose.never_public(person))
                self.people[person].forbade = level
            return
        interaction = self.interaction(person)
        token = interaction["interaction_token"].reveal()
        await self.erase.opt_out_all(
            person, token, interaction_id=int(str(interaction["interaction_id"]))
        )
        self._forgotten(person, level)

    async def allows(self, person: PersonId) -> None:
        """Undo whatever they had forbidden."""
        await self.house.choose.opt_in(person)
        self.people[person].forbade = None

    async def erases(self, person: PersonId, scope: Scope = Scope.EVERYTHING) -> None:
        """/privacy delete; what is worked off is worked off by `looks`."""
        interaction = self.interaction(person)
        await self.erase.begin(
            person,
            scope,
            interaction["interaction_token"].reveal(),
            interaction_id=int(str(interaction["interaction_id"])),
        )
        self._forgotten(person, self.people[person].forbade)

    async def keeps_nothing(self, person: PersonId, kind: DataClass) -> None:
        """/privacy retention: nothing of this class is kept from now on."""
        with suppress(Unreachable):
            await self.retain(person, kind, "0")

    def _forgotten(self, person: PersonId, forbade: OptOut | None) -> None:
        """Everything of theirs is closed, and what they chose is forgotten."""
        self.close([job for job, known in self.judge.jobs.items() if known.owner == person])
        held = self.people[person]
        self.people[person] = Standing(role=held.role, sku=held.sku, forbade=forbade)

    async def presses(self, presser: PersonId, custom_id: str) -> bool:
        """Somebody presses a button, theirs or not, and is answered. Says whether it did anything.

        Whoever presses what stands in another person's DM has forged it, or was sent a copy.
        """
        _, verb, rest = custom_id.split(":", 2)
        owner = self.owner_of(custom_id)
        interaction = self.interaction(presser)
        token = interaction["interaction_token"].reveal()
        changed = await presses.VERBS[verb](self, Press(presser, rest, token, interaction))
        self.judge.press(presser, owner, changed)
        return changed

    # --- what the house does

    async def looks(self, stage: str, ticks: int = 1) -> None:
        """One of the loops looks once, and finishes what it took in hand."""
        house, self.messenger.doing = self.house, stage
        match stage:
            case "accepted":
                await house.places()
            case "running":
                await self.works(ticks)
            case "rendered":
                await house.delivers()
            case "ended":
                await house.tidies()
                await self.erase.look()
                await self.erase.hands.empty()
        self.messenger.doing = "accepted"

    async def works(self, ticks: int) -> None:
        """Hand over what waits, and let the worker do so many steps."""
        dispatch = self.house.dispatch
        await dispatch.step()
        for _ in range(ticks):
            await self.engine.still(dispatch._tasks)
            self.clock.turn(2)
            self.engine.tick()
        await self.engine.still(dispatch._tasks)
        await asyncio.gather(*self.house.board._edits.values(), return_exceptions=True)

    async def sweeps(self) -> None:
        self.messenger.doing = "ended"
        await self.sweep.look()
        await self.sweeping.empty()
        self.messenger.doing = "accepted"

    async def passes(self, seconds: int) -> None:
        """Time goes by; leases are kept meanwhile."""
        self.clock.turn(seconds)
        await self.house.dispatch.keep_leases()

    async def dies(self, *, power_off: bool = False) -> None:
        """The bot dies and starts again; a power-off forgets the keys in memory too."""
        for task in (tasks := list(self.house.dispatch._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        edits = list(self.house.board._edits.values())
        await asyncio.gather(*edits, return_exceptions=True)
        self.engine.crash()
        if power_off:
            for job, _ in list(self.house.memory.keys.stealth.items()):
                self.house.memory.keys.stealth.drop(job)
        self.eraser.start_again()
        self.wire()
        self.messenger.doing = "ended"
        await self.house.recover()
        await self.house.dispatch.keep_leases()
        self.messenger.doing = "accepted"

    async def settle(self) -> None:
        """Fair weather, and time enough for everything to come to its end."""
        self.fair()
        for _ in range(40):
            await self.passes(61)
            for stage in ("accepted", "running", "rendered", "ended"):
                await self.looks(stage, EACH_STEP + 2)
            await self.sweeps()
            if await self._is_idle():
                break
        else:
            self.judge.breaches.append("the house did not come to rest")
        self.judge.step += 1
        for channel, standing in self.messenger.channels.items():
            for message in standing:
                self.judge.post("standing", channel, message.post)

    async def stealth_owners(self, state: str) -> list[PersonId]:
        """Whose stealth jobs a look for this state would work on."""
        await self.learn()
        sources = {"running": {"placed", "running"}, "ended": {str(each) for each in ENDED}}
        return sorted(
            {
                PersonId(self.judge.jobs[job].owner)
                for job, (found, seen) in (await self.states()).items()
                if seen == _STEALTH and found in sources.get(state, {state})
            }
        )

    async def brings(self, person: PersonId, state: str) -> None:
        """See to it that a stealth job is where a look for this state finds it."""
        if not await self.stealth_owners(state):
            await self.asks(person, said=_STEALTH)
            for stage in ("accepted", "running", "rendered")[: _LOOKS_BEFORE[state]]:
                await self.looks(stage, EACH_STEP + 2)

    async def trouble(self, fault: str, state: str, which: int) -> None:
        """Order a fault for the calls that are made for stealth jobs of this state."""
        owners = await self.stealth_owners(state)
        person = owners[which % len(owners)] if owners else PIA
        messenger, calls = self.messenger, CALLS[state]
        call, in_dm = calls[which % len(calls)], messenger.dm(person)
        match fault:
            case "no answer":
                messenger.fail(call)
            case "answer lost":
                messenger.lose(call)
            case "DM closed":
                (messenger.shut if which % 2 else messenger.closed).add(person)
            case "gone":
                messenger.gone |= {in_dm, GALLERY}
            case "forbidden":
                messenger.forbidden |= {in_dm, GALLERY}
            case "too large":
                messenger.limit_bytes = 8
            case "token expired":
                messenger.expired |= set(self.judge.askers)

    def fair(self) -> None:
        """Discord works, and everybody's DM is open."""
        messenger = self.messenger
        for trouble in (messenger._failing, messenger._losing, messenger._meanwhile):
            trouble.clear()
        for trouble in (messenger.closed, messenger.shut, messenger.forbidden, messenger.gone):
            trouble.clear()
        messenger.limit_bytes = 10 << 20

    # --- what can be known

    async def learn(self) -> None:
        """Let the judge know every job there is."""
        unknown = [job for job in self.house.ids.given if job not in self.judge.jobs]
        if not unknown:
            return
        keys = self.house.memory.keys
        hashes = {keys.person(person): person for person in PEOPLE}
        async with self.house.memory.db.read() as tx:
            for found in await deliveries.those(tx, list(unknown)):
                self.judge.jobs[found.job] = Known(hashes[found.tenant], found.visibility)

    async def states(self) -> dict[str, tuple[str, str]]:
        """Every job's state and visibility."""
        async with self.house.memory.db.read() as tx:
            rows = await many(
                tx, "SELECT id, state, visibility FROM jobs JOIN deliveries ON job = id"
            )
        return {row["id"]: (row["state"], row["visibility"]) for row in rows}

    async def note(self, act: str) -> None:
        """Count that this happened while a stealth job was in each of these states."""
        await self.learn()
        for state, seen in set((await self.states()).values()):
            if seen == _STEALTH and state in STAGES:
                self.acts[act, state] += 1

    async def open_public_of(self, person: int) -> list[str]:
        """Somebody's public jobs that have not ended."""
        await self.learn()
        states = await self.states()
        return [
            job
            for job, (state, seen) in states.items()
            if seen == _PUBLIC and state not in ENDED and self.judge.jobs[job].owner == person
        ]

    def buttons(self) -> list[str]:
        """Every button that can be pressed somewhere, and those of waiting questions."""
        standing = [one.post for each in self.messenger.channels.values() for one in each]
        said = [posts[-1] for posts in self.messenger.whispers.values()]
        return sorted({button.custom_id for post in standing + said for button in post.buttons})

    def owner_of(self, custom_id: str) -> int:
        """Whose button it is."""
        name = custom_id.split(":", 2)[2]
        if name in self.judge.jobs:
            return self.judge.jobs[name].owner
        if name in self.waiting:
            return self.waiting[name].person
        for channel, post in self.messenger.seen:
            if any(custom_id == button.custom_id for button in post.buttons):
                return channel - self.messenger.DM
        raise LookupError("a button of nobody's")

    def in_dm_of(self, person: int, custom_id: str) -> Found | None:
        for one in self.messenger.channels.get(self.messenger.dm(person), []):
            ids = tuple(button.custom_id for button in one.post.buttons)
            if custom_id in ids:
                return Found(one.message_id, ids)
        return None

    async def _closed(self, person: int, moved: list[Moved]) -> None:
        """What was moved is closed now; nothing that is open may have stayed public."""
        self.close([one.job for one in moved])
        if left := await self.open_public_of(person):
            self.judge.breaches.append("an open job stayed public")
            self.close(left)

    def close(self, jobs: list[str]) -> None:
        for job in jobs:
            self.judge.close(job)

    async def _is_idle(self) -> bool:
        async with self.house.memory.db.read() as tx:
            rows = await many(
                tx,
                "SELECT id FROM jobs JOIN deliveries ON job = id"
                " WHERE ended_at IS NULL OR route IS NOT NULL UNION SELECT id FROM erasures",
            )
        return not rows

    def on_disk(self) -> set[str]:
        """Every canary that can be read in a file of the house."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return {word for path in files for word in canaries_in(path.read_bytes())}


class Seeds(FakeIds):
    """Ids that count up, and seeds that do too."""

    def __init__(self) -> None:
        super().__init__()
        self._seed = 0

    def seed(self) -> int:
        self._seed += 1
        return self._seed


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    """A new house in a folder in memory; everything that is logged is overheard."""
    shared = Path("/dev/shm")
    root = shared if is_memory(shared) else None
    folder = Path(tempfile.mkdtemp(prefix="darkroom-prove-", dir=root))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    memory = await open_memory(
        folder / "data", Source(folder / "root.key"), {"RUNTIME_DIRECTORY": str(runtime)}
    )
    clock, judge, engine = FakeClock(), Judge(), Easel()
    messenger = Weather(judge)
    world = World(
        folder,
        House(memory, messenger, engine, clock, Seeds()),
        messenger,
        engine,
        clock,
        judge,
    )
    try:
        yield world
    finally:
        for task in list(world.house.dispatch._tasks):
            task.cancel()
        await memory.close()
        shutil.rmtree(folder)
