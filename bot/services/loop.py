"""A loop is a step repeated. It wakes at a bell, looks anyway now and then, and never dies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot import log
from bot.ports import Bell

LOOK_SECONDS = 5.0
"""How long a loop sleeps through silence: a missed ring costs this much, never a job."""


async def forever(name: str, step: Callable[[], Awaitable[object]], bell: Bell) -> None:
    """Repeat a step until cancelled. A fault is logged by its class and tried again."""
    while True:
        try:
            await step()
        except Exception as fault:  # noqa: BLE001  # a dead loop would strand accepted jobs
            log.event(f"{name}.failed", fault=fault)
        await bell.heard(LOOK_SECONDS)
