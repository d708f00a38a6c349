"""What a listener has not yet heard of its job. Bounded: at most one progress waits.

A slow listener (Discord allows a message edit every few seconds) hears the newest progress, with
the newest preview; nothing else is ever dropped.
"""

import asyncio
from collections import deque
from dataclasses import replace

from gen.engine import Event, WorkerLost
from gen.messages import Cancelled, Failed, Finished, Progress


class Inbox:
    """The events of one job, as an asynchronous iterator that ends after the ending."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._arrived = asyncio.Event()
        self._ended = False

    def put(self, event: Event) -> None:
        """Add an event; a waiting progress gives way to a newer one. After the ending: nothing."""
        if self._ended:
            return
        if isinstance(event, Progress) and self._events:
            waiting = self._events[-1]
            if isinstance(waiting, Progress):
                self._events.pop()
                event = replace(event, preview=event.preview or waiting.preview)
        self._events.append(event)
        self._ended = isinstance(event, Finished | Cancelled | Failed | WorkerLost)
        self._arrived.set()

    def __aiter__(self) -> "Inbox":
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._ended:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()
