"""Who may knock: only this machine, under its loopback names, and no page of somebody else's.

A web page anywhere can send requests to 127.0.0.1. The Host check stops names that were bent to
point here, the Origin check stops pages of other origins, and what the browser itself says about
where a request comes from (Fetch Metadata) stops those that carry no origin: pictures, scripts and
frames. All hold for every route; only a link to the page itself may be followed from elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

HOST = "127.0.0.1"
NAMES = (HOST, "localhost", "[::1]")
_NEAR = (None, "same-origin", "none")  # no browser, our own page, somebody who typed the address
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(port: Callable[[], int]) -> Middleware:
    """The middleware that refuses foreign hosts, origins and pages with 403."""

    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        wrong = _foreign(request, port())
        if wrong is not None:
            return web.json_response({"error": f"this {wrong} is not the sandbox's"}, status=403)
        return await handler(request)

    return check


def _foreign(request: web.Request, port: int) -> str | None:
    """What is foreign about a request; None when nothing is."""
    hosts = {f"{name}:{port}" for name in NAMES}
    origin = request.headers.get("Origin")
    if request.headers.get("Host", "").lower() not in hosts:
        return "host name"
    if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
        return "origin"
    if request.headers.get("Sec-Fetch-Site") not in _NEAR and not _follows_a_link(request):
        return "page"
    return None


def _follows_a_link(request: web.Request) -> bool:
    """Whether a whole tab goes to the page itself."""
    said = (request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
    return request.method == "GET" and request.path == "/" and said == ("navigate", "document")


async def close_up(_: web.Request, response: web.StreamResponse) -> None:
    """Say on every answer that no other page may show, run, guess or keep it."""
    for name, value in _CLOSED.items():
        response.headers.setdefault(name, value)


_CLOSED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
