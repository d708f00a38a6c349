"""P6, P8: for an hour nothing grows: not memory, tasks, files, sockets, threads or databases.

The real bot over the sandbox with a worker that needs no torch. Twelve people keep asking, in
channels and in their DMs; they cancel, press what stands on their results, and erase everything; a
moderator purges; the worker is killed and Discord fails now and then. What is counted is counted
from outside. `make soak` runs it for an hour, `SECONDS=60 make soak` for a minute.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
import psutil

from bot.crypto.stealthkeys import is_memory
from bot.sandbox import acts, components, presses, shipped_world
from bot.sandbox.entities import Channel, Json, Message, User
from bot.sandbox.errors import ClientError, DiscordError
from bot.sandbox.server import Sandbox
from bot.sandbox.weather import Rule
from tests.prove.judge import quiet
from tests.prove.load import Crowd, LoadedBot, generous_plans
from tests.prove.report import Proof
from tests.prove.soak_gauges import HEAD, Drift, Sample, drifts, sample

PEOPLE = 12
STEP_MILLISECONDS = "30"
SECONDS, QUICK_SECONDS, FLAWED_SECONDS = 3600.0, 30.0, 12.0
SAMPLE_SECONDS = 1.0
SAY_SECONDS = 60.0
KEPT_SECONDS = 180.0
"""So long a message stays in the sandbox: this process must not grow without end either."""

KEPT_RECORDS = 500
PAUSE_SECONDS = 0.4
"""Between two deeds of people's."""

DEEDS = {
    "ask public": 30,
    "ask stealth": 14,
    "ask in the DM": 6,
    "cancel": 8,
    "press": 24,
    "look": 10,
    "erase": 2,
    "purge": 1,
}
"""What people do, and how often beside each other."""

MISSING_SHARE = 0.3
LOOKS = ("info", "help", "privacy show", "queue")
TROUBLES: tuple[dict[str, object], ...] = (
    {"status": 503},
    {"drop": True},
    {"lost_answer": True},
    {"delay_ms": 400},
)
STORMS = {"worker killed": 120.0, "REST fails": 20.0, "gateway reconnects": 60.0}
"""What happens besides, and every so many seconds; a short soak has each at least once. A worker
that is killed within a minute of its start waits longer each time: that would be another test."""

_OWNER = re.compile(r"<@!?(\d+)>")
_CONFIRMS = ("Erase", "Purge")


@dataclass
class Soaked:
    """What one soak came to."""

    seconds: float
    every_seconds: float  #: between two samples
    moments: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    deeds: Counter[str] = field(default_factory=Counter)
    storms: Counter[str] = field(default_factory=Counter)
    jobs: Counter[str] = field(default_factory=Counter)
    tasks: list[tuple[str, int]] = field(default_factory=list)  #: what most of them run
    ended: bool = False  #: the bot ended before it was told to

    @property
    def drifts(self) -> list[Drift]:
        """How each figure moved."""
        return drifts(self.moments, self.samples)

    def failures(self) -> list[str]:
        """Name what grew, and what never happened."""
        grown = [f"{one.gauge.name} grows by {one.drift:.1f}" for one in self.drifts if one.grows]
        missing = [f"nobody ever did: {deed}" for deed in DEEDS if not self.deeds[deed]]
        calm = [f"never happened: {storm}" for storm in STORMS if not self.storms[storm]]
        return grown + missing + calm + ["the bot ended by itself"] * self.ended

    def lines(self) -> list[str]:
        """Write it down."""
        done = ", ".join(f"{self.deeds[deed]} {deed}" for deed in DEEDS)
        storms = ", ".join(f"{self.storms[storm]} {storm}" for storm in STORMS)
        return [
            f"{self.seconds:.0f} s, {len(self.samples)} samples; {done}",
            f"{storms}; jobs left in the books: {dict(self.jobs)}",
            "most tasks at last: " + ", ".join(f"{count} {name}" for name, count in self.tasks),
            HEAD,
            *(one.line() for one in self.drifts),
        ]


class Life:
    """People who do things, one after the other, by the seed."""

    def __init__(self, sandbox: Sandbox, bot: LoadedBot, seed: int, came: Soaked) -> None:
        self.sandbox, self.world, self.bot, self.came = sandbox, sandbox.world, bot, came
        self.crowd, self.dice = Crowd(sandbox, PEOPLE), random.Random(seed)
        self.mod = self.world.users[shipped_world.MOD_ID]
        self.confirmed: set[int] = set()

    def act(self) -> None:
        """Somebody does something; what the client would not let them do they do not."""
        deed = self._next_deed()
        who = self.dice.choice(self.crowd.people)
        with suppress(ClientError, DiscordError, LookupError, StopIteration):
            self.came.deeds[deed] += self._do(deed, who)

    def confirm(self) -> None:
        """Whoever was asked whether they mean it, does, once."""
        for channel, message in list(self._messages()):
            if message.ephemeral_for is None or message.id in self.confirmed:
                continue
            for button in self._buttons(message):
                if button.get("label") in _CONFIRMS:
                    who = self.world.users[message.ephemeral_for]
                    self.confirmed.add(message.id)
                    with suppress(ClientError, DiscordError, LookupError):
                        presses.press(self.world, who, channel, message, button["custom_id"])

    def forget(self) -> None:
        """Let old messages and files go without a word, so that the sandbox stays small."""
        limit = self.world.clock.now() - KEPT_SECONDS
        for standing in self.world.messages.values():
            for message in [one for one in standing.values() if one.sent_at < limit]:
                for file in message.attachments:
                    self.world.files.drop(file.id)
                del standing[message.id]
        for old in [one.id for one in self.world.interactions.values() if one.created_at < limit]:
            del self.world.interactions[old]
        for kept in (self.crowd.acknowledged_ms, self.crowd.answered_ms):
            kept.clear()

    def storm(self, kind: str) -> None:
        """Something breaks."""
        self.came.storms[kind] += 1
        match kind:
            case "worker killed":
                worker = self.bot.worker()
                with suppress(psutil.Error):
                    if worker is not None:
                        worker.kill()
            case "REST fails":
                trouble = self.dice.choice(TROUBLES)
                self.sandbox.weather.rules = [Rule(times=3, **trouble)]  # type: ignore[arg-type]
            case _:
                self.sandbox.gateway.ask_to_reconnect()

    def _next_deed(self) -> str:
        """What nobody did yet comes up more often, so that also a short soak has all."""
        missing = [deed for deed in DEEDS if not self.came.deeds[deed]]
        if missing and self.dice.random() < MISSING_SHARE:
            return self.dice.choice(missing)
        return self.dice.choices(list(DEEDS), list(DEEDS.values()))[0]

    def _do(self, deed: str, who: User) -> bool:
        match deed:
            case "ask public":
                return self._asks(who, self.dice.choice(self.crowd.channels), "public")
            case "ask stealth":
                return self._asks(who, self.dice.choice(self.crowd.channels), "stealth")
            case "ask in the DM":
                dm = self.world.dm_of(who.id)
                return dm is not None and self._asks(who, dm, None)
            case "cancel":
                return self._presses(only="v1:cancel:")
            case "press":
                return self._presses(only="v1:")
            case "look":
                channel = self.dice.choice(self.crowd.channels)
                acts.slash(self.world, who, channel, self.dice.choice(LOOKS), {})
                return True
            case "erase":
                room, all_of_it = self.crowd.channels[0], {"what": "everything"}
                acts.slash(self.world, who, room, "privacy delete", all_of_it)
                return True
            case _:
                acts.slash(
                    self.world,
                    self.mod,
                    self.crowd.channels[0],
                    "purge user",
                    {"user": str(who.id)},
                )
                return True

    def _asks(self, who: User, channel: Channel, visibility: str | None) -> bool:
        given = {
            "prompt": "a red star",
            "steps": self.dice.randint(4, 12),
            "count": self.dice.choice((1, 1, 1, 2, 4)),
        }
        said = {"visibility": visibility} if visibility else {}
        acts.slash(self.world, who, channel, "imagine", given | said)
        return True

    def _presses(self, only: str) -> bool:
        """Press one of the newest buttons of this kind, as whom the message is of."""
        found = [
            (channel, message, button["custom_id"])
            for channel, message in self._messages()
            for button in self._buttons(message)
            if str(button.get("custom_id", "")).startswith(only)
        ]
        if not found:
            return False
        channel, message, custom_id = self.dice.choice(found[-60:])
        presses.press(self.world, self._owner(channel, message), channel, message, custom_id)
        return True

    def _owner(self, channel: Channel, message: Message) -> User:
        if message.ephemeral_for is not None:
            return self.world.users[message.ephemeral_for]
        if channel.guild_id is None:
            return next(one for one in self.crowd.people if self.world.dm_of(one.id) is channel)
        named = _OWNER.search(message.content)
        return self.world.users[int(named[1])] if named else self.dice.choice(self.crowd.people)

    def _messages(self) -> Iterator[tuple[Channel, Message]]:
        for channel_id, standing in self.world.messages.items():
            for message in standing.values():
                yield self.world.channels[channel_id], message

    @staticmethod
    def _buttons(message: Message) -> Iterator[Json]:
        for one in components.walk(message.components):
            if one.get("type") == components.BUTTON and not one.get("disabled"):
                yield one


async def soak(
    seconds: float,
    seed: int,
    *sabotages: str,
    sample_seconds: float = SAMPLE_SECONDS,
    loud: bool = False,
) -> Soaked:
    """Live for so long; say what it came to. `loud`: say it every minute."""
    came = Soaked(seconds, sample_seconds)
    with tempfile.TemporaryDirectory() as name, _in_memory(Path(name)) as shared:
        folder = Path(name)
        generous_plans(folder)
        async with Sandbox() as sandbox:
            sandbox.wire.records = deque(maxlen=KEPT_RECORDS)
            bot = LoadedBot(sandbox.url, folder, STEP_MILLISECONDS, *sabotages)
            life = Life(sandbox, bot, seed, came)
            try:
                await bot.start()
                await _live(life, folder / "data", shared, came, loud=loud)
                came.ended = bot.process is not None and bot.process.returncode is not None
                came.jobs = _jobs(folder / "data")
            finally:
                await bot.stop()
    return came


async def _live(life: Life, data: Path, shared: Path, came: Soaked, *, loud: bool) -> None:
    began = time.monotonic()
    every = {kind: min(pause, came.seconds / 2.5) for kind, pause in STORMS.items()}
    due = {kind: began + pause for kind, pause in every.items()}
    sampled = said = began
    while (now := time.monotonic()) - began < came.seconds and not came.ended:
        life.act()
        life.confirm()
        for kind in [kind for kind, moment in due.items() if now >= moment]:
            life.storm(kind)
            due[kind] = now + every[kind]
        if now - sampled >= came.every_seconds:
            sampled = now
            life.forget()
            with suppress(psutil.Error):
                jobs = sum(count for state, count in _jobs(data).items() if state not in _ENDED)
                came.samples.append(sample(life.bot, data, shared, jobs))
                came.moments.append(now)
                came.tasks = life.bot.said[-1]["most"] if life.bot.said else []
            process = life.bot.process
            came.ended = process is not None and process.returncode is not None
        if loud and now - said >= SAY_SECONDS and len(came.samples) > 2:
            said = now
            click.echo(f"\n  after {now - began:.0f} s")
            for line in came.lines():
                click.echo(f"  {line}")
        await _passes(life.dice.uniform(0, 2 * PAUSE_SECONDS))


_ENDED = {"delivered", "refused", "cancelled", "dead", "lost"}


def _jobs(data: Path) -> Counter[str]:
    with closing(sqlite3.connect(data / "darkroom.db", timeout=10)) as connection:
        return Counter(
            dict(connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())
        )


@contextmanager
def _in_memory(otherwise: Path) -> Iterator[Path]:
    """Give the bot a folder in memory of its own, if this machine has one."""
    shared = Path("/dev/shm")
    where = shared if is_memory(shared) else otherwise
    with tempfile.TemporaryDirectory(dir=where, prefix="darkroom-soak-") as folder:
        before = os.environ.get("RUNTIME_DIRECTORY")
        os.environ["RUNTIME_DIRECTORY"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["RUNTIME_DIRECTORY"]
            if before is not None:
                os.environ["RUNTIME_DIRECTORY"] = before


async def _passes(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


FLAWS = ("memory", "tasks", "files", "sockets", "threads")


def prove(seed: int, seconds: float = QUICK_SECONDS) -> Proof:
    """Soak; and a bot that lets everything grow, which must be noticed."""
    began = time.monotonic()
    with quiet():
        came = asyncio.run(soak(seconds, seed, loud=seconds > SAY_SECONDS))
        flawed = asyncio.run(soak(FLAWED_SECONDS, seed, *FLAWS)).drifts
    seen = {one.gauge.name: one for one in flawed if one.grows}
    names = {
        "memory": "resident memory",
        "tasks": "asyncio tasks",
        "files": "open files",
        "sockets": "sockets",
        "threads": "threads",
    }
    return Proof(
        promise="P6, P8  Nothing grows while the bot lives",
        seeds=f"seed {seed}",
        figures=came.lines(),
        controls={
            f"a bot that leaks {flaw}": f"{seen[name].drift:+.0f}" if name in seen else ""
            for flaw, name in names.items()
        },
        failures=came.failures(),
        seconds=time.monotonic() - began,
    )


def main() -> None:
    """`python -m tests.prove.soak`: SECONDS and SEED from the environment; the verdict at last."""
    seconds, seed = float(os.environ.get("SECONDS") or SECONDS), int(os.environ.get("SEED") or 1)
    proof = prove(seed, seconds)
    proof.show()
    raise SystemExit(1 if proof.faults else 0)


if __name__ == "__main__":
    main()
