"""`python -m tests.prove.pressed FILE gated|open`: presses that fail, in a process of their own.

pia presses the buttons of a stealth result, which carry its only key, while the deed behind them
breaks with the key in its exception, while Discord cuts the connection inside discord.py, and while
it answers with an error. Every logger is at DEBUG. What this process prints is what an operator
could keep; the key itself goes to FILE, for whoever searches. `open`: without the house's log.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot import hush, log
from bot.sandbox.server import Sandbox
from bot.services.recall import Recall
from tests.fakes import FakeEngine
from tests.journeys.house import House, has_picture
from tests.people import ClientRefuses, People, Seen
from tests.prove.mutants import patched

TROUBLES: tuple[dict[str, Any], ...] = (
    {"method": "POST", "route": "/callback", "drop": True, "times": 2},
    {"method": "POST", "route": "/callback", "status": 500, "times": 2},
    {"method": "POST", "route": "/callback", "code": 50001, "times": 1},
    {"method": "PATCH", "route": "/webhooks", "drop": True, "times": 1},
)


async def _breaks(_: Recall, name: str, presser: int) -> None:
    raise RuntimeError(f"a deed broke over {name}")


async def main(tell: Callable[[str], object]) -> None:
    """Deliver, then press and press again."""
    asyncio.get_running_loop().set_debug(enabled=True)
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
            house = House(people, sandbox, FakeEngine(), Path(folder) / "data", {})
            async with house.bot():
                await house["pia"].slash("general", "imagine", prompt="a secret", count=1)
                result = await house["pia"].sees_until("dm", has_picture)
                again = result.find(2, label="Again")
                tell(again.split(":", 2)[2])
                for label in ("Again", "Recipe", "Remix", "Upscale 2×"):
                    await _press(house, result, label, Recall.__call__)
                    await _press(house, result, label, _breaks)
                for trouble in TROUBLES:
                    await people.weather(**trouble)
                    await _press(house, result, "Again", Recall.__call__)
                    await people.weather(clear=True)


async def _press(house: House, result: Seen, label: str, deed: Any) -> None:
    """Press, with a deed that breaks or with the real one."""
    with patched(Recall, __call__=deed), suppress(ClientRefuses):
        await house["pia"].press(result, label=label)


if __name__ == "__main__":
    if sys.argv[2] == "gated":
        hush.settle({})
        log.set_up("debug")
        for name in (None, "discord", "asyncio", "aiohttp", "darkroom"):
            logging.getLogger(name).setLevel(logging.DEBUG)
    else:
        logging.basicConfig(level=logging.DEBUG)
    asyncio.run(main(Path(sys.argv[1]).write_text))
