"""An engine whose pictures and previews carry their job's canary, and that can stand still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace

from gen.engine import Event
from gen.job import Spec
from gen.messages import Finished, Progress
from tests.fakes import FakeEngine
from tests.prove.canaries import CANARY

ROWS = 256
"""Room for every job of a sequence: nobody here waits for the engine."""


class Easel(FakeEngine):
    """A fake engine. What it paints for a prompt with a canary can be recognised anywhere.

    Without `auto` it works at `tick()` only; `still` waits until everybody who listens has heard
    all there was to hear.
    """

    def __init__(self, *, auto: bool = False) -> None:
        super().__init__(rows=ROWS, auto=auto)
        self._listening: set[str] = set()
        self._heard = asyncio.Event()

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()) -> AsyncIterator[Event]:
        inner = super().run(job_id, spec, inputs)
        return self._painted(job_id, spec, inner)

    async def still(self, followers: Iterable[asyncio.Task[None]]) -> None:
        """Wait until each of these tasks has ended, or waits for the next tick."""
        followers = list(followers)
        async with asyncio.timeout(20):
            while len(live := [task for task in followers if not task.done()]) > self._waiting():
                self._heard.clear()
                heard = asyncio.ensure_future(self._heard.wait())
                await asyncio.wait({*live, heard}, return_when=asyncio.FIRST_COMPLETED)
                heard.cancel()

    def _waiting(self) -> int:
        """How many listeners wait for news while there is none."""
        return sum(not self._running[job].events for job in self._listening if job in self._running)

    async def _painted(
        self, job_id: str, spec: Spec, inner: AsyncIterator[Event]
    ) -> AsyncIterator[Event]:
        mark = b"".join(CANARY.findall(spec.prompt.encode()))
        while True:
            self._listening.add(job_id)
            self._heard.set()
            try:
                event = await anext(inner)
            except StopAsyncIteration:
                return
            finally:
                self._listening.discard(job_id)
            yield _marked(event, mark)


def _marked(event: Event, mark: bytes) -> Event:
    """The same news, with the canary in every picture."""
    match event:
        case Progress(preview=bytes()):
            return Progress(event.job_id, event.step, event.steps, event.preview + mark)
        case Finished():
            files = tuple(content + mark for content in event.pictures)
            return replace(event, pictures=files)
    return event
