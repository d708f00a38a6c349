"""The whole product in one test: sandbox, bot and an engine, and the people who use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import app, settings
from bot.client.connection import Pauses
from bot.client.watchdog import Patience
from bot.sandbox.server import Sandbox
from tests.fakes import FakeEngine
from tests.people import People, Person, Seen

TOKEN = "sandbox.journey"
START_SECONDS = 60.0


@dataclass
class House:
    """A running product. `engine` does one step at each `tick()` unless it is `auto`."""

    people: People
    sandbox: Sandbox
    engine: FakeEngine
    data: Path
    options: dict[str, object]

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    @asynccontextmanager
    async def bot(
        self,
        engine: FakeEngine | None = None,
        *,
        pauses: Pauses | None = None,
        patience: Patience | None = None,
    ) -> AsyncIterator[None]:
        """Run the bot until the block ends; it is stopped as by SIGTERM."""
        self.engine = engine or FakeEngine()
        ready, stopping = asyncio.Event(), asyncio.Event()
        chosen = settings.load(
            self.data / "no.env",
            discord_token=TOKEN,
            data_dir=self.data,
            stop_seconds=0.0,
            **{"role_plans": _role_plans(self.sandbox)} | self.options,
        )
        running = asyncio.create_task(
            app.run(
                chosen,
                self.sandbox.url,
                lambda _: ready.set(),
                stopping,
                make_engine=lambda _: self.engine,
                pauses=pauses,
                patience=patience,
            )
        )
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait(
            {running, waiting}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if running.done():
            running.result()
        assert ready.is_set(), "the bot did not start"
        try:
            yield
        finally:
            waiting.cancel()
            stopping.set()
            await running

    async def everything_seen_by(self, name: str) -> list[Seen]:
        """All that one person sees anywhere."""
        world = await self.people.everything()
        seen = await self[name].sees("dm")
        for channel in world["channels"]:
            seen += await self[name].sees(channel["id"])
        return seen


def _role_plans(sandbox: Sandbox) -> dict[int, str]:
    return {
        role.id: role.name
        for guild in sandbox.world.guilds.values()
        for role in guild.roles.values()
        if role.name in {"Plus", "Pro"}
    }


def has_picture(seen: Seen) -> bool:
    """Whether a message holds a finished picture."""
    return any(name.startswith("image-") for name in seen.filenames)


def is_place(seen: Seen) -> bool:
    """Whether a message is the place of a job that waits or runs, for everybody to see."""
    return not seen.ephemeral and "Cancel" in seen.buttons


def is_answer(seen: Seen) -> bool:
    """Whether a message is an ephemeral answer that has been written."""
    return seen.ephemeral and not seen.loading
