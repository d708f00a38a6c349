"""A house in the weather: real deeds, the real messenger and the real discord.py over a sandbox.

Nothing waits: the house's clock and the sandbox's are turned together. `CALLS` names what is asked
of Discord at each moment of a job.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.client.breaker import Breaker
from bot.client.client import DarkroomClient
from bot.client.endpoint import choose
from bot.client.messenger import DiscordMessenger
from bot.crypto.rootkey import Source
from bot.crypto.stealthkeys import is_memory
from bot.domain import PersonId, Private, Visibility
from bot.sandbox import interactions, shipped_world
from bot.sandbox.clock import Clock
from bot.sandbox.entities import Channel, Message
from bot.sandbox.server import Sandbox
from bot.storage.memory import open_memory
from tests.asks import where
from tests.fakes import FakeClock, FakeEngine, FakeIds
from tests.sandbox.bots import pointed_at
from tests.services.conftest import House

TOKEN = "sandbox.weather"
ANA = PersonId(shipped_world.ANA_ID)
CAFE, GENERAL = shipped_world.CAFE_ID, shipped_world.GENERAL_ID
LOOKED_AWAY_SECONDS = 61

CALLS = {
    "opening the DM": ("POST", "/users/@me/channels"),
    "placing": ("POST", "/messages"),
    "showing": ("PATCH", "/channels/"),
    "editing": ("PATCH", "/channels/"),
    "looking": ("GET", "/messages"),
    "sending": ("POST", "/messages"),
    "removing": ("DELETE", "/messages"),
    "telling": ("PATCH", "/webhooks/"),
}
REPLACES = {"looking", "sending", "removing"}
"""Here the result is a new message, since its owner has looked away."""


@dataclass
class Outside:
    """A house, and hands on its weather. `turn` turns every clock there is."""

    house: House
    sandbox: Sandbox
    breaker: Breaker

    def turn(self, seconds: float) -> None:
        self.house.clock.turn(seconds)
        self.sandbox.clock.advance(seconds)

    def weather(self, moment: str, **fault: object) -> None:
        method, route = CALLS[moment]
        self.sandbox.weather.add({"method": method, "route": route} | fault)

    def refuse_all(self, seen: Visibility, **fault: object) -> None:
        """Let nothing new stand where a job's result is to stand, for good."""
        place = f"/channels/{GENERAL}/" if seen is Visibility.PUBLIC else "/channels/"
        for method in ("POST", "PATCH"):
            self.sandbox.weather.add({"method": method, "route": place} | fault)

    async def asks(self, seen: Visibility, channel: int = GENERAL) -> str:
        """Ana asks in a channel, and has got the ephemeral answer that says *thinking*."""
        world = self.sandbox.world
        here = world.channels[channel]
        data = {"id": "1", "name": "imagine", "type": 1, "options": []}
        made = interactions.create(world, here, ANA, interactions.COMMAND, data)
        kind = interactions.DEFERRED_MESSAGE
        interactions.answer(world, made.id, made.token, kind, {"flags": 64}, [])
        return await self.house.accepted(
            person=ANA,
            interaction_id=made.id,
            interaction_token=Private(made.token),
            where=where(guild_id=CAFE, channel_id=channel, is_thread=here.is_thread),
            visibility=seen,
        )

    async def until(self, moment: str, seen: Visibility, channel: int = GENERAL) -> str:
        """Bring a job to just before a moment."""
        job = await self.asks(seen, channel)
        if moment in ("opening the DM", "placing"):
            return job
        await self.house.places()
        if moment == "showing":
            return job
        await self.house.work()
        if moment in REPLACES:
            self.turn(LOOKED_AWAY_SECONDS)
        return job

    async def goes_on(self) -> None:
        """Everything is tried, again and again, while the clocks turn."""
        for seconds in (0, 2, 6, 16, 200):
            self.turn(seconds)
            await self.house.finish()

    # --- what can be read

    def read(self) -> list[Message]:
        world = self.sandbox.world
        return [message for here in world.messages.values() for message in here.values()]

    def told(self) -> list[str]:
        """All that Ana alone can read, her ephemeral answers first."""
        answers = [one for one in self.read() if one.ephemeral_for == ANA]
        return [one.content for one in [*answers, *self.in_dm()]]

    def in_dm(self) -> list[Message]:
        """What stands in Ana's DM."""
        return [one for one in self.read() if one.ephemeral_for is None and self._is_dm(one)]

    def in_channels(self) -> list[Message]:
        """All that others could read anywhere."""
        return [one for one in self.read() if one.ephemeral_for is None and not self._is_dm(one)]

    def results(self, channel: Channel | None = None) -> list[Message]:
        """The finished pictures, anywhere or in a channel."""
        return [
            message
            for message in self.read()
            if any(one.filename.startswith("image-") for one in message.attachments)
            and (channel is None or message.channel_id == channel.id)
        ]

    def _is_dm(self, message: Message) -> bool:
        here = self.sandbox.world.channels.get(message.channel_id)
        return here is not None and here.recipient_id == ANA


@asynccontextmanager
async def outdoors(kind: type[DiscordMessenger] = DiscordMessenger) -> AsyncIterator[Outside]:
    """A new house in a folder in memory, with a messenger of this kind."""
    shared = Path("/dev/shm")
    root = shared if is_memory(shared) else None
    folder = Path(tempfile.mkdtemp(prefix="darkroom-outside-", dir=root))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    memory = await open_memory(
        folder / "data", Source(folder / "root.key"), {"RUNTIME_DIRECTORY": str(runtime)}
    )
    clock = FakeClock()
    breaker = Breaker(clock, jitter=lambda: 0.0)
    try:
        async with _sandbox(clock) as sandbox, _client(sandbox, breaker) as client:
            messenger = kind(clock)
            messenger.client = client
            house = House(memory, messenger, FakeEngine(), clock, FakeIds())
            yield Outside(house, sandbox, breaker)
            await asyncio.gather(*house.dispatch._tasks, return_exceptions=True)
        assert [] == sandbox.gaps
    finally:
        await memory.close()
        shutil.rmtree(folder)


@asynccontextmanager
async def _sandbox(clock: FakeClock) -> AsyncIterator[Sandbox]:
    owned = Clock(owned=True, start=clock.now())
    async with Sandbox(clock=owned, rate_limits=False) as sandbox:
        yield sandbox


@asynccontextmanager
async def _client(sandbox: Sandbox, breaker: Breaker) -> AsyncIterator[DarkroomClient]:
    with pointed_at(sandbox.url):
        async with DarkroomClient(choose(TOKEN, sandbox.url), _nothing, breaker) as client:
            await client.login(TOKEN)
            yield client


async def _nothing(_: DarkroomClient) -> None:
    return
