"""Staying connected: a fresh client whenever one gives up, is given up, or may not log in.

discord.py resumes by itself after a dropped socket. What it does not survive ends its client: then
another is made, after a pause that grows and is never the same for two bots. What no retry mends
ends the program, in one line.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

import discord

from bot import log
from bot.client.breaker import Breaker
from bot.client.client import DarkroomClient
from bot.client.endpoint import Endpoint
from bot.client.identify import Budget, Overdrawn
from bot.client.messenger import DiscordMessenger
from bot.errors import NotLetIn, StartFault
from bot.ports import Clock

CLOSE_SECONDS = 5.0
"""How long a client may take to say goodbye; a wedged socket never answers."""

_SHARDS = frozenset({4010, 4011})
"""Invalid shard, sharding required: a fresh client asks anew how many there should be."""

_NOT_LET_IN = {
    4004: "Discord does not know this DISCORD_TOKEN: copy it again from the Developer Portal (your "
    "application → Bot → Reset Token) into .env",
    4010: "Discord refuses this bot's shard (close code 4010): start it again, and if it says so "
    "again, install the newest Darkroom",
    4011: "Discord wants this bot in more shards (close code 4011): start it again, and if it says "
    "so again, install the newest Darkroom",
    4012: "Discord does not speak this version of its gateway any more (close code 4012): install "
    "the newest Darkroom",
    4013: "Discord does not know the intents that this bot asks for (close code 4013): install an "
    "unchanged Darkroom",
    4014: "Discord does not allow this bot the intents that it asks for (close code 4014): an "
    "unchanged Darkroom asks for no privileged one; if yours does, switch it on in the Developer "
    "Portal (your application → Bot → Privileged Gateway Intents)",
}
"""Close codes that no retry mends
(https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway)."""


class Phase(StrEnum):
    """How far the connection is."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"  #: for Discord to allow another login


@dataclass(frozen=True)
class Pauses:
    """How long is waited before the next client."""

    after_failures_seconds: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    steady_seconds: float = 60.0  #: a connection that lasted so long forgives earlier failures
    look_again_seconds: float = 600.0  #: at most, before it is asked again whether a login is left


@dataclass
class Connection:
    """The one connection to Discord. `furnish` opens the doors of each fresh client."""

    endpoint: Endpoint
    token: str
    furnish: Callable[[DarkroomClient], Awaitable[None]]
    messenger: DiscordMessenger
    budget: Budget
    breaker: Breaker
    clock: Clock
    pauses: Pauses = field(default_factory=Pauses)
    phase: Phase = Phase.CONNECTING
    client: DarkroomClient | None = None
    waits_until: float = 0.0  #: while it waits: the monotonic moment at which it looks again
    ready: asyncio.Event = field(default_factory=asyncio.Event)  #: set once, at the first READY
    _began_at: float = 0.0
    _overdrawn: Overdrawn | None = None
    _replaced: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def age_seconds(self) -> float:
        """Say how long the present client has been there."""
        return self.clock.monotonic() - self._began_at

    def replace(self) -> None:
        """Give the present client up, and have a fresh one."""
        self._replaced.set()

    async def stay(self) -> None:
        """Be connected, for ever.

        Raises:
            NotLetIn: Discord refuses this bot, and no retry changes that.
        """
        failures = 0
        while True:
            self._began_at = self.clock.monotonic()
            fault = await self._live_once()
            self.phase = Phase.CONNECTING
            if isinstance(fault, Overdrawn):
                await self._wait(fault.wait_seconds)
                continue
            refusal = _why_not_let_in(fault)
            if refusal is not None and not (refusal in _SHARDS and failures == 0):
                raise NotLetIn(_NOT_LET_IN[refusal])
            log.event("client.disconnected", fault=fault)
            steady = self.age_seconds > self.pauses.steady_seconds
            failures = 0 if steady else failures + 1
            await asyncio.sleep(self._pause(failures))

    async def _live_once(self) -> Exception | None:
        """Live with one client to its end, and say what ended it."""
        client = DarkroomClient(self.endpoint, self._furnish, self.breaker, self._admit)
        client.add_listener(self._on_ready, "on_ready")
        self._replaced.clear()
        self._overdrawn = None
        serving: asyncio.Task[None] | None = None
        replaced = asyncio.create_task(self._replaced.wait())
        try:
            await client.__aenter__()
            self.client = self.messenger.client = client
            serving = asyncio.create_task(client.start(self.token))
            await asyncio.wait({serving, replaced}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            replaced.cancel()
            await self._close(client)
            if serving is not None:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
        fault = None if serving.cancelled() else serving.exception()
        if isinstance(fault, StartFault):
            raise fault
        return self._overdrawn or (fault if isinstance(fault, Exception) else None)

    async def _close(self, client: DarkroomClient) -> None:
        """Say goodbye, but not for longer than a moment."""
        client.dispatch("disconnect")  # discord.py tells nobody that it closed by our own will
        task = asyncio.create_task(client.close())
        self._closing.add(task)  # it goes on by itself when the moment is over
        task.add_done_callback(self._closed)
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.event("client.unclosed", fault=fault)

    async def _furnish(self, client: DarkroomClient) -> None:
        """Look whether a login is left, before anything is asked of Discord for it."""
        await self._spend(client, self.budget.check)
        await self.furnish(client)

    async def _admit(self, client: DarkroomClient) -> None:
        await self._spend(client, self.budget.spend)

    async def _spend(
        self, client: DarkroomClient, entry: Callable[[DarkroomClient], Awaitable[None]]
    ) -> None:
        """Enter a login; one that is refused ends this client: discord.py would try on and on."""
        try:
            await entry(client)
        except Overdrawn as refusal:
            self._overdrawn = refusal
            self.replace()
            raise

    async def _on_ready(self) -> None:
        self.phase = Phase.CONNECTED
        self.ready.set()

    async def _wait(self, seconds: float) -> None:
        """Wait for a login to be left, looking again now and then: it may be sooner."""
        log.event("gateway.logins.spent", count=int(seconds))
        pause = min(seconds, self.pauses.look_again_seconds)
        self.phase, self.waits_until = Phase.WAITING, self.clock.monotonic() + pause
        await asyncio.sleep(pause)
        self.phase = Phase.CONNECTING

    def _pause(self, failures: int) -> float:
        """Say how long to pause: bots that fell together do not come back together."""
        steps = self.pauses.after_failures_seconds
        return steps[min(failures, len(steps) - 1)] * random.uniform(0.5, 1.0)


def _why_not_let_in(fault: Exception | None) -> int | None:
    """Give the close code that says so, if no retry mends this."""
    match fault:
        case discord.LoginFailure():
            return 4004
        case discord.PrivilegedIntentsRequired():
            return 4014
        case discord.ConnectionClosed(code=code) if code in _NOT_LET_IN:
            return code
    return None
