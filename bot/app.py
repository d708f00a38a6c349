"""The composition root: opens everything, wires it by hand, runs it, closes it in reverse order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import aiohttp
import discord

from bot import log, wiring
from bot.client import endpoint
from bot.client.client import DarkroomClient, describe_application, register_commands
from bot.crypto import rootkey
from bot.disclosure import digest_of
from bot.errors import StartFault
from bot.ports import Bell
from bot.services.dispatch import RENEW_SECONDS
from bot.services.loop import forever
from bot.settings import Settings
from bot.shelf import read_plans
from bot.storage import house
from bot.storage.memory import open_memory
from bot.wiring import Parts
from cogs import add_all
from gen.engine import Engine, Phase
from gen.errors import ModelFault
from gen.messages import FailureCode, Ready

RECONNECT_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
STEADY_SECONDS = 60.0
"""A connection that lasted so long forgives all earlier failures."""

GOODBYE_SECONDS = 1.0
"""For last words at Discord when the program stops; what is left unsaid, the next start says."""


@dataclass
class App:
    """Everything that runs, wired. `run` is its whole life."""

    settings: Settings
    endpoint: endpoint.Endpoint
    parts: Parts

    async def run(self, announce: Callable[[Ready], None], stopping: asyncio.Event) -> None:
        """Connect and work until `stopping` is set; then finish what can be finished.

        `announce` is called once: when Discord knows our commands and the model is loaded.

        Raises:
            StartFault: Discord does not know the token, or the model cannot be loaded.
        """
        connected = asyncio.Event()
        async with asyncio.TaskGroup() as life:
            connecting = life.create_task(self._stay_connected(connected))
            working = life.create_task(self._work(connected, announce, stopping))
            await stopping.wait()
            await self._stop(working, connecting)

    async def _work(
        self,
        connected: asyncio.Event,
        announce: Callable[[Ready], None],
        stopping: asyncio.Event,
    ) -> None:
        await self.parts.engine.start()
        await connected.wait()
        await self.parts.recover()
        await self.parts.dispatch.keep_leases()
        async with asyncio.TaskGroup() as loops:
            for name, step, bell in (
                ("place", self.parts.place.look, self.parts.deeds.submit.placing),
                ("dispatch", self.parts.dispatch.step, self.parts.dispatch.dispatching),
                ("deliver", self.parts.deliver.look, self.parts.dispatch.delivering),
                ("tidy", self.parts.tidy.look, self.parts.deliver.tidying),
                ("reply", self.parts.reply.look, self.parts.reply.replying),
                ("erase", self.parts.erase.look, self.parts.erase.erasing),
                ("purge", self.parts.deeds.purge.look, self.parts.deeds.purge.purging),
                ("sweep", self.parts.sweep.look, Bell()),
                ("depart", self.parts.deeds.depart.look, Bell()),
                ("prune", self.parts.prune.look, Bell()),
                ("forget", self.parts.memory.keys.forget, Bell()),
            ):
                loops.create_task(forever(name, step, bell))
            loops.create_task(self._keep_leases())
            loops.create_task(self._learn_model_digest())
            announce(await self._first_ready(stopping))
            loops.create_task(self._watch_engine(stopping))

    async def _first_ready(self, stopping: asyncio.Event) -> Ready:
        """Wait for the worker. Later it may come and go; at the start somebody must be told."""
        while (ready := self.parts.engine.ready) is None:
            state = self.parts.engine.state
            if state.phase is Phase.DOWN and not stopping.is_set():
                if state.reason.startswith(FailureCode.CLASSIFIER):
                    raise StartFault(
                        f"the classifier could not be loaded ({state.reason}): check "
                        "CLASSIFIER_DIR; without one, leave it empty"
                    )
                raise StartFault(
                    f"the model could not be loaded ({state.reason}): check MODEL_DIR and DEVICE; "
                    "`darkroom doctor` looks at both"
                )
            await self.parts.engine.changed()
        return ready

    async def _learn_model_digest(self) -> None:
        try:
            digest = await asyncio.to_thread(digest_of, self.settings.model_dir)
        except OSError as fault:  # `/privacy show` then names the model without it
            log.event("model.unread", fault=fault)
            return
        self.parts.deeds.powers.account.learn_model_digest(digest)

    async def _watch_engine(self, stopping: asyncio.Event) -> None:
        while True:
            state = await self.parts.engine.changed()
            if state.phase is Phase.DOWN and not stopping.is_set():
                log.event("engine.down")

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.parts.dispatch.keep_leases()
            except Exception as fault:  # noqa: BLE001  # a dead loop would strand running jobs
                log.event("leases.failed", fault=fault)

    async def _stop(self, working: asyncio.Task[None], connecting: asyncio.Task[None]) -> None:
        """Let running jobs finish for a moment, give the others back, and say goodbye."""
        parts = self.parts
        parts.dispatch.stop()
        await parts.engine.stop(self.settings.stop_seconds)
        await parts.dispatch.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                for look in (parts.deliver.look, parts.tidy.look):
                    await look()
                    await parts.deliver.hands.empty()
                for deed in (parts.reply, parts.erase, parts.deeds.purge, parts.sweep):
                    await deed.hands.empty()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        connecting.cancel()

    async def _stay_connected(self, connected: asyncio.Event) -> None:
        """Connect, and connect anew with a fresh client whenever discord.py gives up."""
        token = self.settings.discord_token
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            client = DarkroomClient(self.endpoint, self._furnish)
            client.add_listener(_setter(connected), "on_ready")
            try:
                async with client:
                    self.parts.messenger.client = client
                    await client.start(token.get_secret_value() if token else "")
            except discord.LoginFailure:
                raise StartFault(
                    "Discord does not know this DISCORD_TOKEN: copy it again from the Developer "
                    "Portal (your application → Bot → Reset Token) into .env"
                ) from None
            except (discord.DiscordException, aiohttp.ClientError, OSError) as fault:
                log.event("client.disconnected", fault=fault)
            lasted = asyncio.get_running_loop().time() - began
            failures = 0 if lasted > STEADY_SECONDS else failures + 1
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])

    async def _furnish(self, client: DarkroomClient) -> None:
        """Open the doors and make Discord know them, before the first event."""
        await add_all(client, self.parts.deeds)
        async with self.parts.memory.db.read() as tx:
            known = await house.get(tx, "commands")
        registered = await register_commands(client, known)
        async with self.parts.memory.db.transaction() as tx:
            await house.put(tx, "commands", registered)
        await describe_application(client)


def _setter(event: asyncio.Event) -> Callable[[], Coroutine[None, None, None]]:
    async def set_event() -> None:
        event.set()

    return set_event


async def run(
    settings: Settings,
    sandbox_url: str | None,
    announce: Callable[[Ready], None],
    stopping: asyncio.Event,
    make_engine: Callable[[Settings], Engine] | None = None,
) -> None:
    """Build the house, live in it until `stopping` is set, and leave it clean.

    `make_engine` brings another engine than a worker process of this machine.

    Raises:
        StartFault: what the operator must mend first.
    """
    token = settings.discord_token.get_secret_value() if settings.discord_token else None
    chosen = endpoint.choose(token, sandbox_url)
    endpoint.point_discord_py(chosen)
    shelf = read_plans(settings)
    async with AsyncExitStack() as closing:
        source = rootkey.find(settings.root_key_file, settings.default_root_key, os.environ)
        memory = await open_memory(settings.data_dir, source, os.environ)
        closing.push_async_callback(memory.close)
        parts = wiring.wire(settings, memory, shelf, (make_engine or wiring.worker)(settings))
        closing.push_async_callback(parts.engine.stop, 0.0)
        await parts.publish()  # before anybody can ask: each is told of the policy that stands
        try:
            await App(settings, chosen, parts).run(announce, stopping)
        except* (StartFault, ModelFault) as faults:
            raise StartFault(str(next(_faults(faults)))) from None


def _faults(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _faults(fault)
        else:
            yield fault
