"""Rate limits, as real Discord shows and keeps them: a bucket per route and major parameter.

The numbers are seen values, not promises (`message create and edit 5 per 5 s per channel`). They
count real seconds, because discord.py really waits. Besides stands the global limit of 50 a second,
to which interaction endpoints are not bound.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from bot.sandbox.rest.table import Route
from bot.sandbox.weather import TooFast

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id")
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_REACTION = _MESSAGE + "/reactions/{emoji}/{user_id}"
# route -> (how many, in how many seconds)
SEEN: dict[str, tuple[int, float]] = {
    "POST /channels/{channel_id}/messages": (5, 5.0),
    f"PATCH {_MESSAGE}": (5, 5.0),
    f"DELETE {_MESSAGE}": (5, 1.0),
    "POST /channels/{channel_id}/messages/bulk-delete": (1, 1.0),
    f"PUT {_REACTION}": (4, 1.0),
    f"DELETE {_REACTION}": (4, 1.0),
}
WEBHOOK = (5, 2.0)
OTHERS = (50, 5.0)
EVERYTHING = (50, 1.0)
MOST_BUCKETS = 1000


@dataclass
class Bucket:
    """A window of requests."""

    limit: int
    seconds: float
    ends_at: float = 0.0
    used: int = 0

    def take(self, now: float) -> float:
        """Count one request; answers how long to wait (0 when it was let through)."""
        if now >= self.ends_at:
            self.ends_at, self.used = now + self.seconds, 0
        if self.used >= self.limit:
            return self.ends_at - now
        self.used += 1
        return 0.0


class RateLimits:
    """All buckets of the one bot."""

    def __init__(self, *, on: bool = True) -> None:
        self.on = on
        self._buckets: dict[str, Bucket] = {}
        self._global = Bucket(*EVERYTHING)

    def take(self, route: Route, path: dict[str, str]) -> tuple[dict[str, str], TooFast | None]:
        """Count a request; answers the headers that it gets, and the 429 when it was too fast."""
        if not self.on or "/callback" in route.template:
            return {}, None
        now = asyncio.get_running_loop().time()
        is_webhook = route.template.startswith("/webhooks/")
        if not is_webhook:
            wait = self._global.take(now)
            if wait > 0:
                return {}, TooFast(wait, "global")
        limit, seconds = SEEN.get(route.name, WEBHOOK if is_webhook else OTHERS)
        key = route.name + "".join(f"|{path[name]}" for name in MAJOR if name in path)
        self._forget_old(now)
        bucket = self._buckets.setdefault(key, Bucket(limit, seconds))
        wait = bucket.take(now)
        name = hashlib.blake2s(route.name.encode(), digest_size=16).hexdigest()
        headers = {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - bucket.used)),
            "X-RateLimit-Reset-After": f"{bucket.ends_at - now:.3f}",
        }
        return headers, TooFast(wait) if wait > 0 else None

    def _forget_old(self, now: float) -> None:
        """Each interaction has a bucket of its own; those whose time is over can go."""
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets = {k: b for k, b in self._buckets.items() if b.ends_at > now}


def answer(too_fast: TooFast) -> tuple[dict[str, str], dict[str, object]]:
    """The headers and the body of a 429. Without `Via` it looks like a ban at the edge."""
    headers = {
        "X-RateLimit-Scope": too_fast.scope,
        "Retry-After": str(max(1, round(too_fast.retry_after))),
    }
    if too_fast.scope == "global":
        headers["X-RateLimit-Global"] = "true"
    if too_fast.via:
        headers["Via"] = "1.1 sandbox"
    body = {
        "message": "You are being rate limited.",
        "retry_after": round(too_fast.retry_after, 3),
        "global": too_fast.scope == "global",
    }
    return headers, body
