"""The composition root: opens everything, wires it by hand, runs it, closes it in reverse order."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import discord

from bot import log
from bot.client import endpoint
from bot.client.client import DarkroomClient, describe_application, register_commands
from bot.client.messenger import DiscordMessenger
from bot.errors import StartFault
from bot.policy import plans
from bot.policy.plans import Plan, PlansUnreadable
from bot.ports import Bell, RandomIds, SystemClock
from bot.services.cancel import Cancel
from bot.services.conclude import Conclude
from bot.services.deliver import Deliver
from bot.services.dispatch import RENEW_SECONDS, Dispatch
from bot.services.hands import Hands
from bot.services.loop import forever
from bot.services.place import Place
from bot.services.progress import Board
from bot.services.recover import Recover
from bot.services.remove import Remove
from bot.services.studio import Studio
from bot.services.submit import Holdings, Submit
from bot.services.tidy import Tidy
from bot.settings import Settings
from bot.storage import house
from bot.storage.memory import Memory, open_memory
from cogs import Deeds, add_all
from gen import launch, models
from gen.engine import Engine, Phase
from gen.errors import ModelFault
from gen.messages import Ready, Setup
from gen.supervisor import Supervisor

RECONNECT_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
STEADY_SECONDS = 60.0
"""A connection that lasted so long forgives all earlier failures."""

GOODBYE_SECONDS = 1.0
"""For last words at Discord when the program stops; what is left unsaid, the next start says."""

SHIPPED_PLANS = Path(plans.__file__).parent / "plans.toml"


@dataclass
class App:
    """Everything that runs, wired. `run` is its whole life."""

    settings: Settings
    endpoint: endpoint.Endpoint
    memory: Memory
    engine: Engine
    messenger: DiscordMessenger
    deeds: Deeds
    place: Place
    dispatch: Dispatch
    deliver: Deliver
    tidy: Tidy
    recover: Recover

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
        await self.engine.start()
        await connected.wait()
        await self.recover()
        await self.dispatch.keep_leases()
        async with asyncio.TaskGroup() as loops:
            for name, step, bell in (
                ("place", self.place.look, self.deeds.submit.placing),
                ("dispatch", self.dispatch.step, self.dispatch.dispatching),
                ("deliver", self.deliver.look, self.dispatch.delivering),
                ("tidy", self.tidy.look, self.deliver.tidying),
                ("forget", self.memory.keys.forget, Bell()),
            ):
                loops.create_task(forever(name, step, bell))
            loops.create_task(self._keep_leases())
            announce(await self._first_ready(stopping))
            loops.create_task(self._watch_engine(stopping))

    async def _first_ready(self, stopping: asyncio.Event) -> Ready:
        """Wait for the worker. Later it may come and go; at the start somebody must be told."""
        while (ready := self.engine.ready) is None:
            state = self.engine.state
            if state.phase is Phase.DOWN and not stopping.is_set():
                raise StartFault(
                    f"the model could not be loaded ({state.reason}): check MODEL_DIR and DEVICE; "
                    "`darkroom doctor` looks at both"
                )
            await self.engine.changed()
        return ready

    async def _watch_engine(self, stopping: asyncio.Event) -> None:
        while True:
            state = await self.engine.changed()
            if state.phase is Phase.DOWN and not stopping.is_set():
                log.event("engine.down")

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.dispatch.keep_leases()
            except Exception as fault:  # noqa: BLE001  # a dead loop would strand running jobs
                log.event("leases.failed", fault=fault)

    async def _stop(self, working: asyncio.Task[None], connecting: asyncio.Task[None]) -> None:
        """Let running jobs finish for a moment, give the others back, and say goodbye."""
        self.dispatch.stop()
        await self.engine.stop(self.settings.stop_seconds)
        await self.dispatch.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                for look in (self.deliver.look, self.tidy.look):
                    await look()
                    await self.deliver.hands.empty()
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
                    self.messenger.client = client
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
        await add_all(client, self.deeds)
        async with self.memory.db.read() as tx:
            known = await house.get(tx, "commands")
        registered = await register_commands(client, known)
        async with self.memory.db.transaction() as tx:
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
        memory = await open_memory(settings.data_dir, settings.root_key, dict(os.environ))
        closing.push_async_callback(memory.close)
        app = _wire(settings, chosen, memory, shelf, (make_engine or _worker)(settings))
        closing.push_async_callback(app.engine.stop, 0.0)
        try:
            await app.run(announce, stopping)
        except* (StartFault, ModelFault) as faults:
            raise StartFault(str(next(_faults(faults)))) from None


def read_plans(settings: Settings) -> tuple[Plan, ...]:
    """Read the plans file and check that roles and SKUs name plans of it.

    Raises:
        StartFault: naming every problem.
    """
    path = settings.plans_file or SHIPPED_PLANS
    try:
        shelf = plans.read_plans(path.read_text())
    except OSError as fault:
        raise StartFault(f"PLANS_FILE {path} cannot be read: {fault.strerror}") from None
    except PlansUnreadable as fault:
        raise StartFault(f"{path}: {fault}") from None
    names = {plan.name for plan in shelf}
    mapped = {*settings.role_plans.values(), *settings.sku_plans.values()}
    if unknown := sorted(mapped - names):
        raise StartFault(
            f"ROLE_PLANS or SKU_PLANS name unknown plans: {', '.join(unknown)}; "
            f"{path.name} has {', '.join(sorted(names))}"
        )
    return shelf


def _worker(settings: Settings) -> Supervisor:
    setup = Setup(
        folder=str(settings.model_dir),
        device=settings.device,
        reproducible=settings.reproducible,
        row_cap=settings.worker_rows,
    )
    return Supervisor(setup, environ=os.environ, threads=settings.worker_threads)


def _wire(
    settings: Settings,
    chosen: endpoint.Endpoint,
    memory: Memory,
    shelf: tuple[Plan, ...],
    engine: Engine,
) -> App:
    try:
        card = models.demand(settings.model_dir)
    except ModelFault as fault:
        raise StartFault(f"MODEL_DIR cannot be used: {fault}") from None
    clock, messenger = SystemClock(), DiscordMessenger()
    placing, dispatching, delivering, tidying = Bell(), Bell(), Bell(), Bell()
    studio = Studio(card, engine)
    conclude = Conclude(memory, clock, tidying)
    hands = Hands(clock, freed=tidying)
    dispatch = Dispatch(
        memory=memory,
        engine=engine,
        board=Board(messenger, clock),
        conclude=conclude,
        clock=clock,
        owner=secrets.token_hex(8),
        dispatching=dispatching,
        delivering=delivering,
    )
    submit = Submit(
        memory=memory,
        studio=studio,
        holdings=Holdings(shelf, settings.role_plans, settings.sku_plans),
        clock=clock,
        ids=RandomIds(),
        hands=hands,
        zone=settings.zone,
        max_open_jobs=settings.max_open_jobs,
        placing=placing,
    )
    deeds = Deeds(
        submit=submit,
        cancel=Cancel(memory, engine, conclude),
        remove=Remove(memory, conclude),
        studio=studio,
        messenger=messenger,
        plans=shelf,
    )
    return App(
        settings=settings,
        endpoint=chosen,
        memory=memory,
        engine=engine,
        messenger=messenger,
        deeds=deeds,
        place=Place(memory, messenger, conclude, clock, hands, dispatching),
        dispatch=dispatch,
        deliver=Deliver(memory, messenger, conclude, clock, hands, _shrink, tidying),
        tidy=Tidy(memory, messenger, hands),
        recover=Recover(memory, conclude),
    )


async def _shrink(content: bytes, limit_bytes: int) -> bytes | None:
    """Encode a picture again in a process of its own: the bot itself decodes no pictures."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gen.shrink", str(limit_bytes)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=launch.environment(os.environ),
    )
    smaller, _ = await process.communicate(content)
    return smaller if process.returncode == 0 else None


def _faults(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _faults(fault)
        else:
            yield fault
