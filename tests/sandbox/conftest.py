"""What the sandbox's own tests share: a sandbox on an owned clock, its people, a raw client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.server import Sandbox
from tests.people import People
from tests.sandbox.bots import TOKEN
from tests.sandbox.openapi import assert_wire_valid


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose clock the test turns. Whatever crosses its wire must be valid."""
    async with Sandbox(clock=Clock(owned=True), rate_limits=False, secret="open") as sandbox:
        yield sandbox
    assert_wire_valid(sandbox)


@pytest.fixture
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.url) as people:
        yield people


class Rest:
    """A bot's REST requests without a bot: to look at statuses and bodies themselves."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._base = f"{url}/api/v10"

    async def __call__(
        self, method: str, path: str, body: Any = None, **request: Any
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {TOKEN}"} | request.pop("headers", {})
        if body is not None:
            request["json"] = body
        url = self._base + path
        async with self._session.request(method, url, headers=headers, **request) as response:
            text = await response.read()
            kind = response.headers.get("Content-Type")
            return response.status, await response.json() if kind == "application/json" else text


@pytest.fixture
async def rest(sandbox: Sandbox) -> AsyncIterator[Rest]:
    async with aiohttp.ClientSession() as session:
        yield Rest(session, sandbox.url)
