"""A loop is a step repeated. It wakes at a bell, looks anyway now and then, and never dies.

`Loops` keeps all of a process: one that ended, however it did, is started again. Each has a
`Pulse`, so that one that hangs can be told of: nothing from inside a step could.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any

from bot import log
from bot.errors import StartFault
from bot.ports import Bell, Clock

LOOK_SECONDS = 5.0
"""How long a loop sleeps through silence: a missed ring costs this much, never a job."""

LATE_SECONDS = 120.0
"""A step that takes longer is told of; the longest honest one, rewriting a keystore, is shorter."""

AGAIN_SECONDS = 0.5
"""How long after its end a loop is started again."""


@dataclass
class Pulse:
    """How a loop is: when it last finished a step, and what went wrong since it began."""

    name: str
    clock: Clock
    late_seconds: float = LATE_SECONDS
    fault: str = ""  #: the class of the last step's fault; empty when it went well
    faults: int = 0
    deaths: int = 0
    _beat_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin alive."""
        self._beat_at = self.clock.monotonic()

    def beat(self, fault: BaseException | None = None) -> None:
        """Say that a step has ended, or that waiting is all there is to do."""
        self._beat_at = self.clock.monotonic()
        self.fault = type(fault).__name__ if fault is not None else ""
        self.faults += fault is not None

    @property
    def age_seconds(self) -> float:
        """Say how long ago the last beat was."""
        return self.clock.monotonic() - self._beat_at

    @property
    def is_late(self) -> bool:
        """Say whether a step takes so long that it may never end."""
        return self.age_seconds > self.late_seconds


async def forever(
    step: Callable[[], Awaitable[object]],
    bell: Bell,
    pulse: Pulse,
    every_seconds: float | None = None,
) -> None:
    """Repeat a step until cancelled. A fault is logged by its class and tried again."""
    while True:
        fault: BaseException | None = None
        try:
            await step()
        except (Exception, asyncio.CancelledError) as caught:  # a dead loop would strand jobs
            task = asyncio.current_task()
            if isinstance(caught, asyncio.CancelledError) and (task is None or task.cancelling()):
                raise  # it is we who are meant, not something that the step waited for
            fault = caught
            log.event(f"{pulse.name}.failed", fault=fault)
        pulse.beat(fault)
        await bell.heard(every_seconds or LOOK_SECONDS)


class Loops:
    """Every loop of the process, by name. What raises StartFault ends the process: see `broken`."""

    def __init__(self, clock: Clock, again_seconds: float = AGAIN_SECONDS) -> None:
        self.pulses: dict[str, Pulse] = {}
        self.clock = clock
        self._again_seconds = again_seconds
        self._lives: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._broken: StartFault | None = None
        self._breaking = asyncio.Event()
        self._stopped = False

    def repeat(
        self,
        name: str,
        step: Callable[[], Awaitable[object]],
        bell: Bell | None = None,
        *,
        every_seconds: float | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        """Repeat a step, at each ring and now and then. A step with a pulse of its own brings it.

        It is late when neither a step nor its pause has ended for long.
        """
        own = pulse or Pulse(name, self.clock, LATE_SECONDS + (every_seconds or 0.0))
        self._keep(own, lambda: forever(step, bell or Bell(), own, every_seconds))

    def keep(self, name: str, life: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Keep alive what waits for the world, and so can be ended but never late."""
        self._keep(Pulse(name, self.clock, inf), life)

    def late(self) -> list[str]:
        """Name the loops whose step seems to hang."""
        return [pulse.name for pulse in self.pulses.values() if pulse.is_late]

    async def broken(self) -> None:
        """Wait until a loop finds what the operator must mend, and raise that.

        Raises:
            StartFault: what it found.
        """
        await self._breaking.wait()
        if self._broken is not None:
            raise self._broken

    async def stop(self) -> None:
        """End them all."""
        self._stopped = True
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _keep(self, pulse: Pulse, life: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.pulses[pulse.name] = pulse
        self._lives[pulse.name] = life
        self._start(pulse.name)

    def _start(self, name: str) -> None:
        if self._stopped:
            return
        task = asyncio.create_task(self._lives[name](), name=name)
        self._tasks[name] = task  # else it could be collected while it waits
        task.add_done_callback(partial(self._ended, name))

    def _ended(self, name: str, task: asyncio.Task[None]) -> None:
        fault = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self._stopped:
            return
        if isinstance(fault, StartFault):
            self._broken = fault
            self._breaking.set()
            return
        pulse = self.pulses[name]
        pulse.deaths += 1
        pulse.beat(fault)
        log.event(f"{name}.ended", fault=fault)
        asyncio.get_running_loop().call_later(self._again_seconds, self._start, name)
