"""Several workers as one engine: one for each GPU.

A job goes to the worker with the most room among those that have its model loaded, or else among
all. A worker that dies loses its own jobs and no other's;
the rest work on, and the fleet can work while any of them can. Who claims jobs sees one engine: a
job that may be what ended a worker runs alone, not only on its own worker but in the whole fleet.
That idles the other GPUs for the length of one job, and only after a worker died.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from gen.engine import Engine, EngineState, Event, Phase
from gen.job import Spec
from gen.messages import Ready
from gen.profile import Profile


class Fleet:
    """The engine that is several engines (see `gen.engine.Engine`)."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        if not engines:
            raise ValueError("a fleet has at least one engine")
        self.engines = tuple(engines)
        self._watching: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    @property
    def state(self) -> EngineState:
        """Ready while any is; else loading while any loads. The reason is the first that is down's.

        While some are ready the reason says how many, unless all are.
        """
        states = [engine.state for engine in self.engines]
        able = sum(state.phase in (Phase.READY, Phase.CHANGING) for state in states)
        if able and all(state.phase is not Phase.READY for state in states):
            return EngineState(Phase.CHANGING)
        if able == len(states):
            return EngineState(Phase.READY)
        if able:
            return EngineState(Phase.READY, f"{able} of {len(states)} workers")
        loading = any(state.phase is Phase.LOADING for state in states)
        return EngineState(Phase.LOADING) if loading else states[0]

    @property
    def ready(self) -> Ready | None:
        """What the workers that can work say of themselves, as one.

        A job costs what it costs on the quickest of them: one price, wherever it runs. Doors are
        closed when all hold them closed. A model is unfit when none of them could load it; memory
        is what the smallest has.
        """
        said = [ready for engine in self.engines if (ready := engine.ready) is not None]
        if len(said) < 2:
            return said[0] if said else None
        shut = frozenset.intersection(*(frozenset(one.closed) for one in said))
        return replace(
            said[0],
            device=", ".join(one.device for one in said),
            device_name=", ".join(dict.fromkeys(one.device_name for one in said)),
            profile=self.profiles[said[0].card.name],
            row_cap=sum(one.row_cap for one in said),
            closed=tuple(door for door in said[0].closed if door in shut),
            memory_bytes=min(one.memory_bytes for one in said),
            unfit=tuple(name for name in said[0].unfit if all(name in one.unfit for one in said)),
        )

    @property
    def residents(self) -> frozenset[str]:
        """What those have loaded that have room; what any has, while none has room."""
        free = [engine for engine in self.engines if engine.room] or self.engines
        return frozenset().union(*(engine.residents for engine in free))

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """What all of them measured, by model."""
        names = dict.fromkeys(name for engine in self.engines for name in engine.profiles)
        return {
            name: Profile(
                tuple(
                    time
                    for engine in self.engines
                    if name in engine.profiles
                    for time in engine.profiles[name].times
                )
            )
            for name in names
        }

    @property
    def workers(self) -> int:
        """How many can work now; 1 while none can."""
        return sum(engine.ready is not None for engine in self.engines) or 1

    @property
    def room(self) -> int:
        """For how many pictures there is room in all."""
        return sum(engine.room for engine in self.engines)

    def holds(self, job_id: str) -> bool:
        """Say whether a job of this id is running in any of them."""
        return any(engine.holds(job_id) for engine in self.engines)

    async def changed(self) -> EngineState:
        """Wait until anything about any worker has changed."""
        self._changed.clear()
        await self._changed.wait()
        return self.state

    async def start(self) -> None:
        """Begin to load all. Raises ModelFault when the model folder cannot be used."""
        for engine in self.engines:
            await engine.start()
        self._watching = [asyncio.create_task(self._watch(engine)) for engine in self.engines]

    async def wait_ready(self) -> Ready:
        """Wait until any can work."""
        while (ready := self.ready) is None:
            await self.changed()
        return ready

    async def want(self) -> int:
        """Wait until any has room, and return for how many pictures there is room in all."""
        while not (room := self.room):
            await self.changed()
        return room

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()) -> AsyncIterator[Event]:
        """Hand a job to the worker that suits it best (see `gen.engine.Engine`)."""
        if self.holds(job_id):
            raise ValueError("a job of this id is running")
        able = [engine for engine in self.engines if engine.ready] or self.engines
        has = [engine for engine in able if engine.room and spec.model in engine.residents]
        return max(has or able, key=lambda engine: engine.room).run(job_id, spec, inputs)

    def cancel(self, job_id: str) -> None:
        """Take a job out at its next step, wherever it runs."""
        for engine in self.engines:
            engine.cancel(job_id)

    async def stop(self, grace_seconds: float) -> None:
        """Let running jobs finish for so long, then end all workers."""
        await asyncio.gather(*(engine.stop(grace_seconds) for engine in self.engines))
        for task in self._watching:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._watching = []
        self._changed.set()

    async def _watch(self, engine: Engine) -> None:
        """Pass on what changes. Told first, then waited for: what changes between is not lost."""
        while True:
            self._changed.set()
            await engine.changed()
