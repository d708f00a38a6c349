"""Reading what people send: JSON objects with known names, and files."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox import fields
from bot.sandbox.drafts import File
from bot.sandbox.entities import Json
from bot.sandbox.errors import ClientError

MOST_UPLOAD_BYTES = 101 << 20


async def body(request: web.Request, known: Collection[str], where: str) -> Json:
    """The JSON object of a request (at most 1 MiB), with only the names that `where` knows."""
    try:
        raw = await request.read()
        given = json.loads(raw) if raw else {}
    except web.HTTPRequestEntityTooLarge:
        raise ClientError("the body is larger than 1 MiB", status=413) from None
    except ValueError:
        raise ClientError("the body is not JSON") from None
    if not isinstance(given, dict):
        raise ClientError("the body must be a JSON object")
    fields.only_for_people(given, known, where)
    return given


def need(given: Json, name: str) -> Any:
    """A value that must be there."""
    if given.get(name) is None:
        raise ClientError(f"{name!r} is missing")
    return given[name]


async def file(request: web.Request) -> File:
    """An uploaded file: the first part of a multipart form, or the raw body with ``?filename=``."""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return File(0, part.filename, await _capped(part))
        raise ClientError("the form holds no file")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        raw += _check(raw, chunk)
    return File(0, request.query.get("filename", "file.bin"), bytes(raw))


async def _capped(part: BodyPartReader) -> bytes:
    raw = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        raw += _check(raw, chunk)
    return bytes(raw)


def _check(raw: bytearray, chunk: bytes) -> bytes:
    if len(raw) + len(chunk) > MOST_UPLOAD_BYTES:
        raise ClientError("the file is too large for any server", status=413)
    return chunk
