"""The page in the browser: plain files of ours, under a policy that lets nothing else in."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "page"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def add_to(app: web.Application) -> None:
    """Add the routes: `/` and each file of the folder under `/page/`."""
    app.router.add_get("/", _index)
    app.router.add_get("/page/{name}", _file)


async def _index(_: web.Request) -> web.Response:
    return _served("index.html")


async def _file(request: web.Request) -> web.Response:
    return _served(request.match_info["name"])


def _served(name: str) -> web.Response:
    known = {path.name: path for path in _FOLDER.iterdir()}
    if name not in known:
        raise web.HTTPNotFound(text="There is no such page.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return web.Response(body=known[name].read_bytes(), headers=_HEADERS | {"Content-Type": kind})
