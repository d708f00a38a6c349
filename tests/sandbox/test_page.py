"""The page in the browser is served as it lies on disk, and lets nothing else in."""

import aiohttp
import pytest

from bot.sandbox.server import Sandbox


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page/main.js", "text/javascript"), ("/page/css/look.css", "text/css")],
)
async def test_every_file_of_the_page_comes_under_a_strict_policy(path: str, kind: str) -> None:
    answer = await _get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert (200, kind) == (answer.status, answer.content_type)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path", ["/page/..%2Fserver.py", "/page/%2Fetc%2Fpasswd", "/page/css", "/page/x%00.js"]
)
async def test_nothing_but_the_page_is_served(path: str) -> None:
    assert 404 == (await _get(path)).status


async def test_a_foreign_origin_is_turned_away() -> None:
    assert 403 == (await _get("/", Origin="http://evil.example")).status


async def _get(path: str, **headers: str) -> aiohttp.ClientResponse:
    async with (
        Sandbox() as sandbox,
        aiohttp.ClientSession(sandbox.url) as session,
        session.get(path, headers=headers) as answer,
    ):
        return answer
