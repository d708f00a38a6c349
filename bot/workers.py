"""The processes beside the bot: a worker for each device, and the one that shrinks a picture."""

from __future__ import annotations

import asyncio
import os
import sys

from bot import log
from bot.settings import Settings
from gen import launch
from gen.engine import Engine
from gen.fleet import Fleet
from gen.messages import Setup
from gen.supervisor import Supervisor

SHRINK_SECONDS = 60.0
"""How long one picture may take; it takes some seconds."""


def worker(settings: Settings) -> Engine:
    """Give the engine that is a worker process of this machine, or one for each of DEVICES."""
    workers = [
        Supervisor(setup(settings, device), environ=os.environ, threads=settings.worker_threads)
        for device in settings.devices or (settings.device,)
    ]
    return Fleet(workers) if len(workers) > 1 else workers[0]


def setup(settings: Settings, device: str = "") -> Setup:
    """Say what a worker is told first; `device` is its own, where there are several.

    Where a classifier looks at results there are no previews: it has not seen those.
    """
    return Setup(
        folder=str(settings.model_dir),
        device=device or settings.device,
        reproducible=settings.reproducible,
        row_cap=settings.worker_rows,
        classifier=str(settings.classifier_dir or ""),
        preview_every=0 if settings.classifier_dir else Setup.preview_every,
    )


async def shrink(
    content: bytes, limit_bytes: int, patience_seconds: float = SHRINK_SECONDS
) -> bytes | None:
    """Encode a picture again in a process of its own: the bot itself decodes no pictures."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gen.shrink", str(limit_bytes)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=launch.environment(os.environ),
    )
    try:
        async with asyncio.timeout(patience_seconds):
            smaller, _ = await process.communicate(content)
    except TimeoutError:
        log.event("shrink.hung")
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return smaller if process.returncode == 0 else None
