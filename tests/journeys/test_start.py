"""What stands before anybody can ask."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bot import app, settings
from tests.fakes import FakeEngine
from tests.journeys.house import TOKEN


async def test_the_policy_stands_before_discord_is_reached(tmp_path: Path) -> None:
    """Else an early ask would be told later of a change that never was."""
    data, stopping = tmp_path / "data", asyncio.Event()
    stopping.set()
    chosen = settings.load(tmp_path / "no.env", discord_token=TOKEN, data_dir=data)
    nobody_there = "http://127.0.0.1:1"

    await app.run(chosen, nobody_there, print, stopping, make_engine=lambda _: FakeEngine())

    with sqlite3.connect(data / "darkroom.db") as db:
        assert [(1,)] == db.execute("SELECT version FROM policies").fetchall()
    db.close()
