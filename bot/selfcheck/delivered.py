"""What a delivered message teaches: its picture's bytes and pixels, and the keys in its buttons."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import sys
from collections.abc import Iterator

from bot.crypto.envelope import KEY_BYTES
from bot.errors import StartFault
from bot.selfcheck import canary
from bot.selfcheck.people import Json, buttons
from gen import launch


def of_keys(message: Json) -> frozenset[bytes]:
    """Give the patterns of the keys that travel in the buttons of a message."""
    patterns = (canary.of_key(key) | canary.of_text(text) for text, key in _keys_in(message))
    return frozenset[bytes]().union(*patterns)


async def of_pictures(ours: bytes, theirs: bytes) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Give the patterns of two pictures, encoded and in pixels, that tell them apart.

    Raises:
        StartFault: one of them is no picture.
    """
    raw_ours, raw_theirs = await _pixels(ours), await _pixels(theirs)
    return (
        canary.of_picture(ours, unlike=theirs) | canary.of_picture(raw_ours, unlike=raw_theirs),
        canary.of_picture(theirs, unlike=ours) | canary.of_picture(raw_theirs, unlike=raw_ours),
    )


def _keys_in(message: Json) -> Iterator[tuple[str, bytes]]:
    """Give the last part of `v1:again:<row>:<key>`, as text and as bytes."""
    for button in buttons(message):
        text = button.get("custom_id", "").rpartition(":")[2]
        try:
            key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            continue
        if len(key) == KEY_BYTES:
            yield text, key


async def _pixels(picture: bytes) -> bytes:
    """Decode a picture in a process of its own, as the bot does with what it must shrink."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gen.pixels"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=launch.environment(os.environ),
    )
    raw, _ = await process.communicate(picture)
    if process.returncode != 0:
        raise StartFault("a delivered picture could not be decoded")
    return raw
