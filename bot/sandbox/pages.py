"""The page in the browser: plain files of ours, under a policy that lets nothing else in."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

from bot.sandbox.guard import HOST

_FOLDER = Path(__file__).parent / "page"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_KINDS = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_NAME = re.compile(rf"(?:[a-z]+/)?[a-z_]+\.({'|'.join(_KINDS)})")


def add_to(app: web.Application) -> None:
    """Add the routes: `/` and each file of the folder under `/page/`."""
    app.router.add_get("/", _index)
    app.router.add_get("/page/{name:.+}", _file)


async def _index(request: web.Request) -> web.Response:
    """The page, at one address only: its pictures come from there too."""
    name, _, port = request.host.rpartition(":")
    if name != HOST:
        raise web.HTTPTemporaryRedirect(f"http://{HOST}:{port}{request.path_qs}")
    return _served(request, "index.html")


async def _file(request: web.Request) -> web.Response:
    return _served(request, request.match_info["name"])


def _served(request: web.Request, name: str) -> web.Response:
    named = _NAME.fullmatch(name)
    path = _FOLDER / name
    if named is None or not path.is_file():
        raise web.HTTPNotFound(text="There is no such page.")
    headers = {
        "Content-Security-Policy": _POLICY.format(host=request.host),
        "Content-Type": f"{_KINDS[named[1]]}; charset=utf-8",
        "Cache-Control": "no-cache",
    }
    return web.Response(body=path.read_bytes(), headers=headers)
