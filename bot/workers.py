"""The processes beside the bot: a worker for each device, and those that have one picture each."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.domain import Input
from bot.settings import Settings
from bot.shelf import read_models
from gen import launch
from gen.engine import Engine
from gen.fleet import Fleet
from gen.inbound import Flaw
from gen.messages import Setup
from gen.supervisor import Supervisor

SHRINK_SECONDS = 60.0
"""How long one picture may take; it takes some seconds."""

CAPTION_SECONDS = 120.0
"""How long a picture may take to be put into words; a model of a gigabyte takes some seconds."""

INTAKE_SECONDS = 20.0
"""How long a picture from outside may take; it takes a second at most."""

LONGEST_CAPTIONS_BYTES = 1 << 16
"""A few sentences, whatever their letters."""

_CHUNK_BYTES = 1 << 16


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
    models = read_models(settings).sources if settings.models_file else ()
    return Setup(
        folder=models[0].path if models else str(settings.model_dir),
        device=device or settings.device,
        reproducible=settings.reproducible,
        row_cap=settings.worker_rows,
        dtype=settings.worker_dtype,
        picture_format=settings.picture_format,
        classifier=str(settings.classifier_dir or ""),
        models=models,
        preview_every=0 if settings.classifier_dir else Setup.preview_every,
    )


async def shrink(
    content: bytes, limit_bytes: int, patience_seconds: float = SHRINK_SECONDS
) -> bytes | None:
    """Encode a picture again in a process of its own: the bot itself decodes no pictures."""
    ended = await _ended(launch.shrink(limit_bytes), content, patience_seconds, limit_bytes)
    if ended is None:
        log.event("shrink.hung")
    return ended.said if ended and ended.is_well else None


async def take_in(
    content: bytes, longest_side_px: int, patience_seconds: float = INTAKE_SECONDS
) -> Input | Flaw:
    """Have a picture from outside looked at and written anew, or hear why it cannot be used."""
    command, most_bytes = launch.intake(longest_side_px), _most_bytes(longest_side_px)
    ended = await _ended(command, content, patience_seconds, most_bytes, threads=1)
    if ended is None:
        log.event("intake.hung")
        return Flaw.BROKEN
    try:
        if ended.is_well:
            return _taken_in(ended.said, longest_side_px)
        return Flaw(ended.said.decode("ascii", "replace"))
    except ValueError:  # it was ended by its limits, or it is not what it was
        return Flaw.BROKEN


def _taken_in(said: bytes, longest_side_px: int) -> Input:
    """Read what `gen.intake` says of a good picture; who decoded it is not believed blindly."""
    size, _, written = said.partition(b"\n")
    width, height = map(int, size.split())
    if not written or not 1 <= min(width, height) <= max(width, height) <= longest_side_px:
        raise ValueError
    return Input(written, width, height)


def _most_bytes(longest_side_px: int) -> int:
    """Give how long a picture written anew can be: lossless WebP of noise is 3 bytes a pixel."""
    return 4 * longest_side_px**2 + (1 << 16)


async def caption(
    folder: Path, content: bytes, patience_seconds: float = CAPTION_SECONDS
) -> list[str] | None:
    """Have a clean picture put into words; None when that could not be done."""
    ended = await _ended(launch.describe(folder), content, patience_seconds, LONGEST_CAPTIONS_BYTES)
    if ended is None or not ended.is_well:
        log.event("describe.failed" if ended else "describe.hung")
        return None
    try:
        return [str(one) for one in json.loads(ended.said)]
    except (ValueError, TypeError) as fault:
        log.event("describe.failed", fault=fault)
        return None


@dataclass(frozen=True)
class _Ended:
    """What a process said, and whether it ended well, having said no more than it may."""

    said: bytes
    is_well: bool


async def _ended(
    command: Sequence[str],
    content: bytes,
    patience_seconds: float,
    most_bytes: int,
    threads: int = 0,
) -> _Ended | None:
    """Have one picture to a process of its own, until its end; None when patience ended it."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=launch.environment(os.environ, threads=threads),
    )
    try:
        async with asyncio.timeout(patience_seconds):
            said, _ = await asyncio.gather(_heard(process, most_bytes), _feed(process, content))
            await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _Ended(said, process.returncode == 0 and len(said) <= most_bytes)


async def _feed(process: Process, content: bytes) -> None:
    """Give a process all it is to read, or as much as it takes."""
    if process.stdin is not None:
        with suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(content)
            await process.stdin.drain()
        process.stdin.close()


async def _heard(process: Process, most_bytes: int) -> bytes:
    """Hear a process to its end, which comes at once where it says too much."""
    said = bytearray()
    while process.stdout and (chunk := await process.stdout.read(_CHUNK_BYTES)):
        if len(said) <= most_bytes:
            said += chunk
        elif process.returncode is None:
            process.kill()
    return bytes(said)
