"""A real browser on the sandbox's page. Without Chromium these tests skip, and say so loudly.

All of them share one loop and one browser; each has a sandbox and a browser profile of its own. A
test fails, too, when the page wrote an error to its console, broke its own policy or asked
anything but the sandbox for anything.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from bot.sandbox.clock import Clock
from bot.sandbox.server import Sandbox
from tests.browser.page import PATIENCE_MS, Windows, chromium
from tests.fakes import FakeEngine
from tests.journeys.house import House
from tests.people import People
from tests.sandbox.conftest import Rest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One loop for all of them: a browser belongs to the loop that started it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if os.environ.get("SKIP_BROWSER"):
        pytest.skip("NO BROWSER: the page is NOT tested here, because of SKIP_BROWSER")
    if found := chromium():
        return found
    pytest.skip("NO BROWSER: the page is NOT tested here. Install Chromium (`make chromium`)")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=["--disable-quic", "--disable-gpu"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(browser: Browser) -> AsyncIterator[Sandbox]:
    """A sandbox without a bot, whose clock the test turns; open its page with `windows`."""
    async with Sandbox(clock=Clock(owned=True), rate_limits=False) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def people(sandbox: Sandbox) -> AsyncIterator[People]:
    async with People(sandbox.url) as people:
        yield people


@pytest_asyncio.fixture(loop_scope="session")
async def rest(sandbox: Sandbox) -> AsyncIterator[Rest]:
    """A bot's raw requests to that sandbox."""
    async with aiohttp.ClientSession() as session:
        yield Rest(session, sandbox.url)


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Windows]:
    """Opens windows on that sandbox: `window = await windows.open("ana", "general")`."""
    async with Windows(browser, sandbox.url) as windows:
        yield windows


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser, tmp_path: Path) -> AsyncIterator[House]:
    """The real bot over a sandbox, with an engine that paints by itself."""
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        house = House(people, sandbox, FakeEngine(), tmp_path / "data", {})
        async with house.bot():
            yield house


@pytest_asyncio.fixture(loop_scope="session")
async def house_windows(browser: Browser, house: House) -> AsyncIterator[Windows]:
    """Opens windows on the house's sandbox."""
    async with Windows(browser, house.sandbox.url) as windows:
        yield windows
