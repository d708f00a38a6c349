"""One house per test, with the engine in the test's own hands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.server import Sandbox
from tests.fakes import FakeEngine
from tests.journeys.house import House
from tests.people import People
from tests.sandbox.openapi import assert_wire_valid


@pytest.fixture
async def closed_house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose bot does not run yet; at the end every byte on the wire is checked."""
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        yield House(people, sandbox, FakeEngine(), tmp_path / "data", {})
        assert_wire_valid(sandbox)


@pytest.fixture
async def house(closed_house: House) -> AsyncIterator[House]:
    """A house that works by itself."""
    async with closed_house.bot():
        yield closed_house


@pytest.fixture
async def slow_house(closed_house: House) -> AsyncIterator[House]:
    """A house whose engine does a step only when the test says so."""
    async with closed_house.bot(FakeEngine(auto=False)):
        yield closed_house
