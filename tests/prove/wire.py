"""P1 once more, over the wire: the real discord.py, the real doors, the sandbox's own eyes.

Short random sequences by several people, all in one sandbox; the bot dies and starts again in
between. Afterwards everything that every other person sees, and every request that went to a
channel, is searched for what was asked for in stealth.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.server import Sandbox
from bot.sandbox.wire import Record
from tests.journeys.house import House
from tests.people import ClientRefuses, People, Seen
from tests.prove import mutants
from tests.prove.canaries import canaries_in, canary
from tests.prove.easel import Easel
from tests.prove.judge import JOB, Judge, overheard, quiet
from tests.prove.mutants import patched
from tests.prove.report import Proof

ACTORS = ("ana", "plum", "pia", "mod")
CHANNELS = ("general", "gallery", "dm")
FAULTS: tuple[dict[str, Any], ...] = (
    {"method": "POST", "route": "/messages", "status": 500},
    {"method": "POST", "route": "/messages", "lost_answer": True},
    {"method": "PATCH", "route": "/messages", "drop": True},
    {"method": "PATCH", "route": "/messages", "code": 50001},
    {"method": "POST", "route": "/users/@me/channels", "code": 50278},
    {"method": "POST", "route": "/messages", "code": 50007},
    {"method": "PATCH", "route": "/messages", "too_large": True},
    {"method": "PATCH", "route": "/webhooks", "expired_token": True},
    {"method": "POST", "route": "/callback", "drop": True},
)
PATIENCE_SECONDS, CONTROL_PATIENCE_SECONDS = 30.0, 2.0

CONTROLS = {"fall back to the channel on 50007": "closed", "a preview to the channel": "open"}
"""What others would see if it were so, whoever they are; and how DMs are meanwhile."""

CONTROL_SEQUENCES, CONTROL_SECONDS = 8, 10.0


@dataclass
class Heard:
    """What the sequences came to. `secret` are the words that only their owner may ever see."""

    sequences: int = 0
    acts: int = 0
    seen: int = 0
    requests: int = 0
    pictures: int = 0
    restless: int = 0  #: sequences after which something was still not done
    owners: dict[str, str] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)
    breaches: list[str] = field(default_factory=list)


@dataclass
class Street:
    """One sandbox, one bot, and the dice."""

    house: House
    dice: random.Random
    heard: Heard
    dms: str
    patience_seconds: float
    chose: dict[str, str] = field(default_factory=dict)
    readers: dict[str, str] = field(default_factory=dict)

    async def sequence(self) -> None:
        """A few acts by several people, one after the other, then rest."""
        for name in ACTORS:
            await self.house[name].change(dms=self.dms)
        for _ in range(self.dice.randint(4, 7)):
            with suppress(ClientRefuses):  # such as a press on what has just gone
                await self._act()
            self.heard.acts += 1
        await self._rests()
        self.heard.sequences += 1

    async def _act(self) -> None:
        name = self.dice.choice(ACTORS)
        deed = self.dice.choice(
            (self._asks, self._asks, self._asks, self._chooses, self._presses, self._changes)
        )
        await deed(name)

    async def _asks(self, name: str) -> None:
        word = canary(len(self.heard.owners) + 1)
        channel = self.dice.choice(CHANNELS)
        said = self.dice.choice(("stealth", "--stealth", "public", None))
        self.heard.owners[word] = name
        text, options = f"a {word} fox", {}
        if said == "--stealth":
            text += " --stealth"
        elif said is not None:
            options["visibility"] = said
        wordless = said is None and self.chose.get(name) == "stealth"
        if channel == "dm" or wordless or (said and "stealth" in said):
            self.heard.secret.add(word)
        await self.house[name].slash(channel, "imagine", prompt=text, steps=4, **options)

    async def _chooses(self, name: str) -> None:
        seen = self.dice.choice(("stealth", "stealth", "public"))
        self.chose.pop(name, None)  # until it is answered, nobody can tell
        answer = await self.house[name].slash("general", seen)
        if answer.has_message:
            with suppress(AssertionError):
                await self.house[name].sees_until(
                    "general",
                    lambda one: one.id == answer.message.id and "From now on" in one.content,
                    limit_seconds=1,
                )
                self.chose[name] = seen

    async def _presses(self, name: str) -> None:
        """Whatever can be pressed by this person, theirs or not."""
        seen = await self.house.everything_seen_by(name)
        buttons = [(one, each["custom_id"]) for one in seen for each in one.usable(2)]
        if buttons:
            message, custom_id = self.dice.choice(buttons)
            await self.house[name].press(message, custom_id=custom_id)

    async def _changes(self, name: str) -> None:
        match self.dice.randint(0, 5):
            case 0:
                await self.house[name].change(dms=self.dice.choice(("closed", "open")))
            case 1 | 2:
                fault = self.dice.choice(FAULTS)
                await self.house.people.weather(times=self.dice.randint(1, 2), **fault)
            case 3:
                self.house.engine.break_next()
            case 4:
                self.house.engine.crash()
            case 5:
                await self.house[name].change(roles=self.dice.choice(([], ["Plus"], ["Pro"])))

    async def _rests(self) -> None:
        """Fair weather, until every job has ended and is cleared up."""
        await self.house.people.weather(clear=True)
        await self._until_idle()

    async def _until_idle(self) -> None:
        """Look again after every request; jobs that failed rest longer each time."""
        happened = asyncio.Event()
        listeners = self.house.sandbox.wire.listeners
        listeners.append(lambda _: happened.set())
        until = time.monotonic() + self.patience_seconds
        while not (is_idle := self._is_idle()) and time.monotonic() < until:
            happened.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(happened.wait(), 0.1)
        listeners.pop()
        self.heard.restless += not is_idle

    def _is_idle(self) -> bool:
        return not self._rows(
            "SELECT id FROM jobs JOIN deliveries ON job = id"
            " WHERE ended_at IS NULL OR route IS NOT NULL"
        )

    def _rows(self, query: str) -> list[str]:
        with sqlite3.connect(f"file:{self.house.data / 'darkroom.db'}?mode=ro", uri=True) as base:
            found = [row[0] for row in base.execute(query)]
        base.close()
        return found

    # --- looking

    async def look(self) -> None:
        """Look through everybody's eyes, and at every request."""
        heard = self.heard
        jobs = set(self._rows("SELECT job FROM deliveries WHERE visibility = 'stealth'"))
        world = await self.house.people.everything()
        for name in [person["name"] for person in world["users"] if not person.get("bot")]:
            for one in await self.house.everything_seen_by(name):
                heard.seen += 1
                self._judge(f"{name} sees", name, await self._content(name, one), jobs)
        dms = {
            channel.id
            for channel in self.house.sandbox.world.channels.values()
            if channel.guild_id is None
        }
        for record in self.house.sandbox.wire.records:
            heard.requests += 1
            if _channel_of(record) not in {None, *map(str, dms)}:
                said = json.dumps([record.path, record.query, record.body], default=str)
                self._judge("a request to a channel", "everybody", said.encode(), jobs)

    async def _content(self, name: str, one: Seen) -> bytes:
        parts = [json.dumps(one.raw, ensure_ascii=False, default=str).encode()]
        for attachment in one.attachments:
            self.heard.pictures += 1
            parts.append(await self.house[name].download(attachment))
        return b"\n".join(parts)

    def _judge(self, what: str, reader: str, content: bytes, jobs: set[str]) -> None:
        """A secret is its owner's; of a stealth job one person at most knows that there is one."""
        for word in canaries_in(content) & self.heard.secret:
            if self.heard.owners[word] != reader:
                self.heard.breaches.append(f"{what}: a secret of another's")
        for job in {each.decode() for each in JOB.findall(content)} & jobs:
            self.readers.setdefault(job, reader)
            if self.readers[job] != reader:
                self.heard.breaches.append(f"{what}: a stealth job of another's")


def _channel_of(record: Record) -> str | None:
    parts = record.path.split("/")
    return parts[parts.index("channels") + 1] if "channels" in parts[:-1] else None


async def play(seed: int, sequences: int, budget_seconds: float, *, broken: str = "") -> Heard:
    """Play so many sequences, or fewer if the time is over. `broken` is the mutant that plays."""
    heard, dice = Heard(), random.Random(seed)
    until = time.monotonic() + budget_seconds
    judge = Judge()
    with tempfile.TemporaryDirectory(prefix="darkroom-prove-") as folder:
        async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
            house = House(people, sandbox, Easel(auto=True), Path(folder) / "data", {})
            street = Street(
                house,
                dice,
                heard,
                dms=CONTROLS.get(broken, "open"),
                patience_seconds=CONTROL_PATIENCE_SECONDS if broken else PATIENCE_SECONDS,
            )
            general = (await people.everything())["channels"][0]["id"]
            with overheard(judge), patched(mutants, CHANNEL=int(general)):
                while heard.sequences < sequences and time.monotonic() < until:
                    async with house.bot(Easel(auto=True)):
                        for _ in range(10):
                            await street.sequence()
                            if heard.sequences >= sequences:
                                break
                await street.look()
    heard.breaches += judge.breaches
    return heard


def caught(mutant: str, seed: int, seeds: int = 4) -> str:
    """Say what a mutant shows to others; empty if nothing is noticed."""
    for number in range(seed, seed + seeds):
        with mutants.STEALTH[mutant]():
            heard = asyncio.run(play(number, CONTROL_SEQUENCES, CONTROL_SECONDS, broken=mutant))
        if heard.breaches:
            return f"{heard.breaches[0]}; {len(heard.breaches)} in all"
    return ""


def prove(seed: int, sequences: int, budget_seconds: float) -> Proof:
    """Play over the wire."""
    began = time.monotonic()
    with quiet():
        heard = asyncio.run(play(seed, sequences, budget_seconds))
        controls = {name: caught(name, seed) for name in CONTROLS}
    short = [] if heard.sequences >= sequences else [f"only {heard.sequences} sequences"]
    restless = [f"{heard.restless} times the house did not come to rest"] if heard.restless else []
    blind = [] if heard.secret and heard.pictures else ["nothing was there to be seen"]
    return Proof(
        promise="P1  Stealth stays with its owner (over the wire, with discord.py and the sandbox)",
        tried=heard.sequences,
        seeds=f"SEED={seed}",
        figures=[
            f"{heard.acts} acts; {len(heard.owners)} asks, {len(heard.secret)} of them in stealth",
            f"{heard.seen} messages with {heard.pictures} pictures seen by all people, and "
            f"{heard.requests} requests searched: {len(heard.breaches)} leaks",
        ],
        controls=controls,
        failures=sorted(set(heard.breaches)) + short + restless + blind,
        seconds=time.monotonic() - began,
    )
