"""Reading a request's body: JSON, or multipart with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.drafts import File
from bot.sandbox.errors import GapError, refuse

_FILE_PART = re.compile(r"^files\[(\d+)\]$")
HARD_CAP_BYTES = 160 << 20


async def read_body(request: web.Request) -> tuple[Any, list[File], int]:
    """The JSON body (None when there is none), the files, and the number of bytes in all."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await _read_capped(request)
    if not raw:
        return None, [], 0
    if request.content_type != "application/json":
        raise GapError(f"the content type {request.content_type!r}")
    return _parse(raw), [], len(raw)


async def _read_capped(request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        if len(raw) + len(chunk) > HARD_CAP_BYTES:
            raise refuse(40005)
        raw += chunk
    return bytes(raw)


async def _read_multipart(request: web.Request) -> tuple[Any, list[File], int]:
    body: Any = None
    files: list[File] = []
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise GapError("multipart inside multipart")
        raw = await _read_part(part, HARD_CAP_BYTES - total)
        total += len(raw)
        found = _FILE_PART.match(part.name or "")
        if part.name == "payload_json":
            body = _parse(raw)
        elif found is not None:
            files.append(File(int(found[1]), part.filename or "unknown", raw))
        else:
            raise GapError(f"the multipart field {part.name!r}")
    return body, files, total


async def _read_part(part: BodyPartReader, most: int) -> bytes:
    raw = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        if len(raw) + len(chunk) > most:
            raise refuse(40005)
        raw += chunk
    return bytes(raw)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise refuse(50109) from None
