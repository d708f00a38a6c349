"""Who works on which job: one deed at a time for a job, many jobs side by side.

place, deliver and tidy look for jobs and take them in hand. A job in hand is left alone by the
others, so no deed ever meets the half-done work of another; a channel that does not answer holds
up only its own jobs; and a job that failed rests, longer each time, before it is tried again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from bot import log
from bot.errors import Unreachable
from bot.ports import Bell, Clock

Deed = Callable[[str], Awaitable[None]]

SIDE_BY_SIDE = 32
"""Jobs that one deed works on at once: a long line of places must not hold up a result."""

REST_SECONDS = (1.0, 5.0, 15.0, 60.0)


@dataclass
class Hands:
    """The jobs in hand. `freed` rings whenever one is let go.

    While `paused`, as when Discord shuts us out, nothing is taken: no job fails for it, and none
    rests longer than that.
    """

    clock: Clock
    freed: Bell
    paused: Callable[[], bool] = lambda: False
    _held: dict[str, asyncio.Task[None] | None] = field(default_factory=dict, repr=False)
    _failures: dict[str, int] = field(default_factory=dict, repr=False)
    _rests_until: dict[str, float] = field(default_factory=dict, repr=False)
    _at_work: Counter[Callable[..., Awaitable[None]]] = field(default_factory=Counter, repr=False)
    _bells: dict[Callable[..., Awaitable[None]], Bell] = field(default_factory=dict, repr=False)

    def is_free(self, job: str) -> bool:
        """Say whether somebody may take this job now."""
        rested = self.clock.monotonic() >= self._rests_until.get(job, 0.0)
        return job not in self._held and rested

    def hold(self, job: str) -> None:
        """Keep everybody else off a job until `release`."""
        self._held[job] = None

    def release(self, job: str) -> None:
        """Let a job go."""
        self._held.pop(job, None)
        self.freed.ring()

    def busy(self) -> list[str]:
        """Name the jobs that nobody may take now: in hand, or at rest."""
        return [*self._held, *(job for job in self._rests_until if not self.is_free(job))]

    def room(self, deed: Callable[..., Awaitable[None]], bell: Bell | None = None) -> int:
        """Say how many jobs more a deed may take; the bell rings once it may again."""
        if bell is not None:
            self._bells[deed] = bell
        return 0 if self.paused() else SIDE_BY_SIDE - self._at_work[deed]

    def take(self, job: str, deed: Deed) -> None:
        """Work on a free job in a task of its own."""
        self._at_work[_kind(deed)] += 1
        self._held[job] = asyncio.create_task(self._work(job, deed))

    def take_all(self, jobs: Iterable[str], deed: Deed) -> None:
        """Work on the free ones of these jobs, as many as there is room for; none while paused."""
        for job in islice(filter(self.is_free, jobs), self.room(deed)):
            self.take(job, deed)

    async def empty(self) -> None:
        """Wait until everything that was taken is done."""
        while tasks := [task for task in self._held.values() if task is not None]:
            await asyncio.gather(*tasks)

    async def _work(self, job: str, deed: Deed) -> None:
        try:
            await deed(job)
        except Exception as fault:  # noqa: BLE001  # one job must not hold up the others
            unanswered = isinstance(fault, Unreachable)
            log.event("discord.unreachable" if unanswered else "deed.failed", fault=fault)
            self._rest(job)
        else:
            self._failures.pop(job, None)
            self._rests_until.pop(job, None)
        finally:
            self._leave(_kind(deed))
            self.release(job)

    def _leave(self, deed: Callable[..., Awaitable[None]]) -> None:
        was_full = self._at_work[deed] >= SIDE_BY_SIDE
        self._at_work[deed] -= 1
        if not self._at_work[deed]:
            del self._at_work[deed]
        if was_full and deed in self._bells:
            self._bells[deed].ring()

    def _rest(self, job: str) -> None:
        failures = self._failures.get(job, 0)
        self._failures[job] = failures + 1
        rest = REST_SECONDS[min(failures, len(REST_SECONDS) - 1)]
        self._rests_until[job] = self.clock.monotonic() + rest


def _kind(deed: Deed) -> Callable[..., Awaitable[None]]:
    """Tell deeds apart: one that brings what it works on is the same for all its jobs."""
    return deed.func if isinstance(deed, partial) else deed
