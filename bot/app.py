"""The composition root: opens everything, wires it by hand, runs it, closes it in reverse order."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bot import log, wiring, workers
from bot.client import endpoint
from bot.client.client import DarkroomClient, describe_application, register_commands
from bot.client.connection import Connection, Pauses
from bot.client.identify import PER_HOUR, Budget
from bot.client.watchdog import Patience, Watchdog
from bot.crypto import rootkey
from bot.disclosure import digest_of
from bot.errors import StartFault, Stuck
from bot.health import Health
from bot.ports import SystemClock
from bot.services import usher
from bot.services.dispatch import RENEW_SECONDS
from bot.services.loop import Loops
from bot.services.starts import Starts
from bot.settings import Settings
from bot.shelf import read_models, read_shelf
from bot.storage import house
from bot.storage.memory import open_memory
from bot.wiring import Parts
from cogs import add_all
from gen.engine import Engine, Phase
from gen.errors import ModelFault
from gen.messages import FailureCode, Ready

LOOK_SECONDS = 0.25
"""How often progress that was held back looks whether it may be shown."""

GOODBYE_SECONDS = 1.0
"""For last words at Discord when the program stops; what is left unsaid, the next start says."""


@dataclass
class App:
    """Everything that runs, wired. `run` is its whole life."""

    settings: Settings
    parts: Parts
    connection: Connection
    loops: Loops
    patience: Patience
    at_once: asyncio.Event
    is_stuck: bool = False

    async def run(self, announce: Callable[[Ready], None], stopping: asyncio.Event) -> None:
        """Connect and work until `stopping` is set; then finish what can be finished.

        `announce` is called once: when Discord knows our commands and the model is loaded.

        Raises:
            StartFault: Discord does not let us in, or the model cannot be loaded.
            Stuck: the connection is dead, and nothing in this process could mend it.
        """
        health = self._watch(stopping)
        try:
            async with asyncio.TaskGroup() as life:
                breaking = life.create_task(self.loops.broken())
                working = life.create_task(self._work(announce, stopping))
                await stopping.wait()
                await self._stop(working)
                breaking.cancel()
        finally:
            await self.loops.stop()
            health.take_down()
        if self.is_stuck:
            raise Stuck("the connection to Discord is dead and cannot be mended from inside")

    def _watch(self, stopping: asyncio.Event) -> Health:
        """Connect, and look after the connection and the process from the first moment."""

        def give_up() -> None:
            self.is_stuck = True
            stopping.set()

        watchdog = Watchdog(self.connection, self.loops.clock, give_up, self.patience)
        health = Health(
            connection=self.connection,
            watchdog=watchdog,
            engine=self.parts.engine,
            memory=self.parts.memory,
            room=self.parts.deeds.submit.room,
            loops=self.loops,
            data=self.settings.data_dir,
            clock=self.loops.clock,
        )
        self.loops.keep("connection", self.connection.stay)
        self.loops.repeat("watchdog", watchdog.look, every_seconds=self.patience.look_seconds)
        self.loops.repeat("lag", health.measure_lag, every_seconds=0.01)
        self.loops.repeat("health", health.write, every_seconds=self.patience.report_seconds)
        if self.settings.health_port:
            self.loops.keep("health.http", lambda: health.serve(self.settings.health_port))
        return health

    async def _work(self, announce: Callable[[Ready], None], stopping: asyncio.Event) -> None:
        parts = self.parts
        await parts.engine.start()
        await self.connection.ready.wait()
        await parts.recover()
        for name, step, bell in (
            ("place", parts.place.look, parts.deeds.submit.placing),
            ("deliver", parts.deliver.look, parts.dispatch.delivering),
            ("tidy", parts.tidy.look, parts.deliver.tidying),
            ("reply", parts.reply.look, parts.reply.replying),
            ("erase", parts.erase.look, parts.erase.erasing),
            ("purge", parts.deeds.purge.look, parts.deeds.purge.purging),
            ("sweep", parts.sweep.look, None),
            ("depart", parts.deeds.depart.look, None),
            ("prune", parts.prune.look, None),
            ("forget", parts.memory.keys.forget, None),
            ("disk", parts.deeds.submit.room.disk.shortage, None),
        ):
            self.loops.repeat(name, step, bell)
        self.loops.repeat("progress", parts.dispatch.board.look, every_seconds=LOOK_SECONDS)
        self.loops.repeat(
            "usher",
            parts.usher.look,
            parts.dispatch.ushering,
            every_seconds=usher.LOOK_SECONDS,
        )
        await parts.dispatch.keep_leases()
        self.loops.repeat("leases", parts.dispatch.keep_leases, every_seconds=RENEW_SECONDS)
        self.loops.repeat(
            "dispatch",
            parts.dispatch.step,
            parts.dispatch.dispatching,
            pulse=parts.dispatch.pulse,
        )
        async with asyncio.TaskGroup() as rest:
            rest.create_task(self._learn_model_digest())
            ready = await self._first_ready(stopping)
            await self.parts.measured.keep()
            announce(ready)
        self.loops.keep("engine", lambda: self._watch_engine(stopping))

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
        default = Path(read_models(self.settings).sources[0].path)
        try:
            digest = await asyncio.to_thread(digest_of, default)
        except OSError as fault:  # `/privacy show` then names the model without it
            log.event("model.unread", fault=fault)
            return
        self.parts.deeds.powers.account.learn_model_digest(digest)

    async def _watch_engine(self, stopping: asyncio.Event) -> None:
        before, known = None, len(self.parts.engine.profiles)
        while True:
            state = await self.parts.engine.changed()
            if known < len(self.parts.engine.profiles):
                known = len(self.parts.engine.profiles)
                await self.parts.measured.keep()
            if state != before and state.reason and not stopping.is_set():
                log.event("engine.down" if state.phase is Phase.DOWN else "engine.part_down")
            before = state

    async def _stop(self, working: asyncio.Task[None]) -> None:
        """Let running jobs finish for a moment, give the others back, and say goodbye."""
        parts = self.parts
        parts.deeds.submit.room.close()
        parts.dispatch.stop()
        await self._stop_engine()
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

    async def _stop_engine(self) -> None:
        """Let running jobs have their time, unless we are told to stop at once."""
        stopped = asyncio.create_task(self.parts.engine.stop(self.settings.stop_seconds))
        hurried = asyncio.create_task(self.at_once.wait())
        await asyncio.wait({stopped, hurried}, return_when=asyncio.FIRST_COMPLETED)
        if hurried.done():
            await self.parts.engine.stop(0)
        hurried.cancel()
        await stopped


def _furnish(parts: Parts) -> Callable[[DarkroomClient], Awaitable[None]]:
    """Open the doors of each fresh client and make Discord know them, before its first event."""

    async def furnish(client: DarkroomClient) -> None:
        await add_all(client, parts.deeds)
        async with parts.memory.db.read() as tx:
            known = await house.get(tx, "commands")
        registered = await register_commands(client, known)
        async with parts.memory.db.transaction() as tx:
            await house.put(tx, "commands", registered)
        await describe_application(client)

    return furnish


async def run(
    settings: Settings,
    sandbox_url: str | None,
    announce: Callable[[Ready], None],
    stopping: asyncio.Event,
    make_engine: Callable[[Settings], Engine] | None = None,
    pauses: Pauses | None = None,
    patience: Patience | None = None,
    at_once: asyncio.Event | None = None,
) -> None:
    """Build the house, live in it until `stopping` is set, and leave it clean.

    While it stops, running jobs have their time unless `at_once` is set; what is not done then is
    given back at no attempt. `make_engine` brings another engine than a worker process of this
    machine; `pauses` and `patience` say how long is waited for the connection, if not as shipped.

    Raises:
        StartFault: what the operator must mend first.
        Stuck: only a fresh process may mend the connection.
    """
    token = settings.discord_token.get_secret_value() if settings.discord_token else None
    chosen = endpoint.choose(token, sandbox_url)
    endpoint.point_discord_py(chosen)
    shelf = read_shelf(settings)
    async with AsyncExitStack() as closing:
        source = rootkey.find(settings.root_key_file, settings.default_root_key, os.environ)
        memory = await open_memory(settings.data_dir, source, os.environ)
        closing.push_async_callback(memory.close)
        engine = (make_engine or workers.worker)(settings)
        parts = wiring.wire(settings, memory, shelf, engine, chosen)
        closing.push_async_callback(parts.engine.stop, 0.0)
        await parts.publish()  # before anybody can ask: each is told of the policy that stands
        await parts.measured.recall()
        loops = Loops(SystemClock())
        connection = _connection(chosen, token or "", parts, pauses or Pauses())
        try:
            await App(
                settings=settings,
                parts=parts,
                connection=connection,
                loops=loops,
                patience=patience or Patience(),
                at_once=at_once or asyncio.Event(),
            ).run(announce, stopping)
        except* (StartFault, ModelFault) as faults:
            fault = next(_faults(faults))
            raise fault if isinstance(fault, StartFault) else StartFault(str(fault)) from None


def _connection(chosen: endpoint.Endpoint, token: str, parts: Parts, pauses: Pauses) -> Connection:
    clock = SystemClock()
    per_hour = None if chosen.is_sandbox else PER_HOUR
    return Connection(
        endpoint=chosen,
        token=token,
        furnish=_furnish(parts),
        messenger=parts.messenger,
        budget=Budget(Starts(parts.memory, clock), clock, per_hour),
        breaker=parts.breaker,
        clock=clock,
        pauses=pauses,
    )


def _faults(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _faults(fault)
        else:
            yield fault
