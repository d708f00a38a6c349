"""Sockets that only speak: the page listens on them, and none of them can slow the sandbox down.

What is said waits in a queue of its own for each line. Who does not read loses the line, and hears
what there is when they come back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Iterable

from aiohttp import WSMsgType, web

from bot.sandbox.entities import Json, User

MOST_LINES, MOST_LINES_EACH = 256, 64
MOST_WAITING_BYTES = 16 << 20
CLOSE_SECONDS = 0.3  # how long a closing line waits for the other side
_MOST_HEARD_BYTES = 1 << 10  # nobody has anything to say here


class Line:
    """One socket, and what waits to be said on it. Without a person it is a line of the wire."""

    def __init__(self, request: web.Request, whose: User | None) -> None:
        self.whose = whose
        self._request = request
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._news = asyncio.Event()
        self._is_over = False

    def say(self, frame: Json) -> None:
        """Say this as soon as the other side listens; cut the line when too much waits."""
        if self._is_over:
            return
        text = json.dumps(frame)
        self._waiting.append(text)
        self._waiting_bytes += len(text)
        self._news.set()
        if self._waiting_bytes > MOST_WAITING_BYTES:
            self.end()
            if self._request.transport is not None:
                self._request.transport.abort()

    def end(self) -> None:
        """Say nothing more, and close."""
        self._is_over = True
        self._news.set()

    async def speak(self) -> web.WebSocketResponse:
        """Keep the line open until it is ended, or the other side goes."""
        socket = web.WebSocketResponse(
            max_msg_size=_MOST_HEARD_BYTES, timeout=CLOSE_SECONDS, compress=False
        )
        await socket.prepare(self._request)
        reader = asyncio.create_task(_until_closed(socket, self.end))
        try:
            with contextlib.suppress(ConnectionError):
                await self._say_all(socket)
        finally:
            reader.cancel()
            await socket.close()
        return socket

    async def _say_all(self, socket: web.WebSocketResponse) -> None:
        while not self._is_over:
            while self._waiting and not self._is_over:
                text = self._waiting.popleft()
                self._waiting_bytes -= len(text)
                await socket.send_str(text)
            self._news.clear()
            if not self._is_over:
                await self._news.wait()


class Lines:
    """All open lines of a sandbox."""

    def __init__(self) -> None:
        self.open: list[Line] = []

    async def serve(
        self, request: web.Request, whose: User | None, first: Iterable[Json]
    ) -> web.StreamResponse:
        """Open a line, say these frames first, and keep it; 503 when there are too many."""
        theirs = sum(line.whose == whose for line in self.open)
        if len(self.open) >= MOST_LINES or theirs >= MOST_LINES_EACH:
            words = "too many live views are open here: close some windows of the page"
            return web.json_response({"error": words}, status=503)
        line = Line(request, whose)
        self.open.append(line)
        for frame in first:
            line.say(frame)
        try:
            return await line.speak()
        finally:
            self.open.remove(line)

    def close(self) -> None:
        """End every line."""
        for line in self.open:
            line.end()


async def _until_closed(socket: web.WebSocketResponse, done: Callable[[], None]) -> None:
    """Read, and throw away, until the other side goes."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            break
    done()
