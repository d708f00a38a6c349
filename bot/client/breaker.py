"""When Discord shuts us out, or is about to, no more is asked of it for a while.

A ban of the edge (Cloudflare), and too many requests that Discord calls invalid, would only grow
worse by asking on. The breaker then stops every REST request for minutes, before it is sent; the
gateway stays. What was to be sent waits in its job, and goes when the rest is over.

It stands in every request's way as an aiohttp trace, discord.py's own seam for that (`http_trace`),
so that answers to interactions pass it like everything else.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import SimpleNamespace

import aiohttp
import discord
from aiohttp import TraceRequestEndParams, TraceRequestStartParams

from bot import log
from bot.ports import Clock

INVALID_SECONDS = 10 * 60
INVALID_MOST = 500
"""Discord shuts out an address for 10,000 invalid requests in 10 minutes: 401, 403, and 429 unless
shared (https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
We stop at a twentieth of it: others may send from the same address."""

FIRST_REST_SECONDS = 2 * 60.0
MOST_REST_SECONDS = 30 * 60.0

LONGEST_WAIT_SECONDS = 30.0
"""How long a request may wait for its rate limit; the least that discord.py takes for its own."""

_JSON = "application/json"


class Held(aiohttp.ClientError):
    """A request that is not sent now, or whose answer discord.py must not see."""


@dataclass
class Breaker:
    """Stops all REST while Discord shuts us out. Rests double while it goes on doing so."""

    clock: Clock
    jitter: Callable[[], float] = random.random
    _rests_until: float = float("-inf")
    _rests: int = 0
    _invalid: deque[float] = field(default_factory=deque)

    @property
    def is_open(self) -> bool:
        """Whether nothing is sent now: not a fault of the connection, which need not be mended."""
        return self.rest_seconds > 0

    @property
    def rest_seconds(self) -> float:
        """How long nothing is sent yet."""
        return max(0.0, self._rests_until - self.clock.monotonic())

    @property
    def invalid_requests(self) -> int:
        """How many requests of the last ten minutes Discord called invalid."""
        since = self.clock.monotonic() - INVALID_SECONDS
        while self._invalid and self._invalid[0] <= since:
            self._invalid.popleft()
        return len(self._invalid)

    def trace(self) -> aiohttp.TraceConfig:
        """Give what one client is to send its requests through."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._before)
        config.on_request_end.append(self._after)
        return config

    def heard(self, status: int, *, shared: bool = False, banned: bool = False) -> None:
        """Learn from an answer whether we may go on asking. `shared`: the limit was not ours."""
        limited = status == HTTPStatus.TOO_MANY_REQUESTS and not shared
        invalid = limited or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        if invalid:
            self._invalid.append(self.clock.monotonic())
        if banned or (invalid and self.invalid_requests >= INVALID_MOST):
            self._stop()
        elif status < HTTPStatus.BAD_REQUEST and not self.is_open:
            self._rests = 0

    def _stop(self) -> None:
        if self.is_open:  # an answer to what was sent before
            return
        rest = min(MOST_REST_SECONDS, FIRST_REST_SECONDS * 2**self._rests)
        rest *= 1 + self.jitter() / 4
        self._rests = min(self._rests + 1, 8)
        self._rests_until = self.clock.monotonic() + rest
        log.event("rest.stopped", count=round(rest))

    async def _before(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, asked: TraceRequestStartParams
    ) -> None:
        if self.is_open and _is_rest(str(asked.url)):
            raise Held("nothing is sent to Discord now")

    async def _after(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, told: TraceRequestEndParams
    ) -> None:
        """Learn from an answer, and keep it from discord.py where that would wait or ask again.

        Raises:
            Held: a page of the edge; a wait too long, of which discord.py bounds only some; a
                fault after a followup, the one message that has no nonce and must not be repeated.
        """
        if not _is_rest(str(told.url)):
            return
        response = told.response
        status, headers = response.status, response.headers
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        banned = limited and ("Via" not in headers or response.content_type != _JSON)
        shared = headers.get("X-RateLimit-Scope") == "shared"
        self.heard(status, shared=shared, banned=banned)
        if banned:
            raise Held("Discord's edge shuts us out")
        if limited and _seconds(headers.get("Retry-After")) > LONGEST_WAIT_SECONDS:
            raise Held("Discord asks to wait for long")
        broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if broken and _is_followup(told.method, told.url.path):
            raise Held("whether a followup was sent is not known")


def _is_rest(url: str) -> bool:
    """Whether this is the API: neither the gateway nor a file of the CDN."""
    return url.startswith(discord.http.Route.BASE)


def _is_followup(method: str, path: str) -> bool:
    return method == "POST" and path.split("/")[-3:-2] == ["webhooks"]


def _seconds(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
