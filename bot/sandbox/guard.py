"""Who may knock: only this machine, under its loopback names, and no page of somebody else's.

A web page anywhere can send requests to 127.0.0.1. The Host check stops names that were bent to
point here; the Origin check stops pages of other origins. Both hold for every route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

NAMES = ("127.0.0.1", "localhost", "[::1]")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(port: Callable[[], int]) -> Middleware:
    """The middleware that refuses foreign hosts and origins with 403."""

    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        hosts = {f"{name}:{port()}" for name in NAMES}
        origin = request.headers.get("Origin")
        if request.headers.get("Host", "").lower() not in hosts:
            return web.json_response({"error": "this host name is not the sandbox's"}, status=403)
        if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
            return web.json_response({"error": "this origin is not the sandbox's"}, status=403)
        return await handler(request)

    return check
