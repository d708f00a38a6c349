"""Reading what people send: JSON objects with known names, and files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Collection
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox import fields
from bot.sandbox.drafts import File
from bot.sandbox.entities import Json
from bot.sandbox.errors import ClientError

MOST_SECONDS = 100 * 365 * 86_400.0
FORM_BYTES = 1 << 16  # what a form says around its file
_CHUNK_BYTES = 1 << 16


async def body(request: web.Request, known: Collection[str], where: str) -> Json:
    """The JSON object of a request (at most 1 MiB), with only the names that `where` knows."""
    if request.body_exists and request.content_type != "application/json":
        raise ClientError("say it as JSON, with Content-Type: application/json", status=415)
    try:
        raw = await request.read()
        given = json.loads(raw, parse_constant=_no_number) if raw else {}
    except web.HTTPRequestEntityTooLarge:
        raise ClientError("the body is larger than 1 MiB", status=413) from None
    except (ValueError, RecursionError):
        raise ClientError("the body is not JSON") from None
    if not isinstance(given, dict):
        raise ClientError("the body must be a JSON object")
    fields.only_for_people(given, known, where)
    return given


def _no_number(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def need(given: Json, name: str) -> Any:
    """A value that must be there."""
    if given.get(name) is None:
        raise ClientError(f"{name!r} is missing")
    return given[name]


def seconds(given: Any, name: str) -> float:
    """A span of time that a calendar can hold: a longer one would stop the world for good."""
    length = float(given)
    if not abs(length) <= MOST_SECONDS:
        raise ClientError(f"{name!r} takes at most {MOST_SECONDS:.0f} seconds")
    return length


def number(request: web.Request, name: str, least: int, most: int) -> int | None:
    """A whole number of the query; None when it is not there."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ClientError(f"{name!r} takes a whole number from {least} to {most}")
    return int(text)


async def file(request: web.Request, most_bytes: int) -> File:
    """An uploaded file: the first part of a multipart form, or the raw body with ``?filename=``.

    What says itself that it is larger is refused before it has come.
    """
    is_form = request.content_type == "multipart/form-data"
    if (request.content_length or 0) > most_bytes + (FORM_BYTES if is_form else 0):
        raise too_large(most_bytes)
    if is_form:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.filename:
                return File(0, part.filename, await _whole(_chunks(part), most_bytes))
        raise ClientError("the form holds no file")
    content = await _whole(request.content.iter_chunked(_CHUNK_BYTES), most_bytes)
    return File(0, request.query.get("filename", "file.bin"), content)


def too_large(most_bytes: int) -> ClientError:
    """The refusal of a file, ready to be raised."""
    return ClientError(f"files may have {most_bytes >> 20} MiB here", status=413)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        yield chunk


async def _whole(chunks: AsyncIterable[bytes], most_bytes: int) -> bytes:
    raw = bytearray()
    async for chunk in chunks:
        raw += chunk
        if len(raw) > most_bytes:
            raise too_large(most_bytes)
    return bytes(raw)
