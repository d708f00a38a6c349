"""What lies inside compressed data: zlib, gzip and raw deflate that begin at any offset.

Bounded: so much is inflated from one place and in all, and raw deflate, which has no mark to know
it by, is tried at so many offsets. What lies behind a beginning that was overwritten is lost to us.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 3  #: streams inside streams
MAX_STREAM_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 256
_SHORTEST_BYTES = 8

_ZLIB, _GZIP, _RAW = 15, 31, -15
"""How zlib's `wbits` names the three containers."""

_GZIP_MARK = re.compile(rb"\x1f\x8b\x08")
_ZLIB_MARK = re.compile(rb"[\x08\x18\x28\x38\x48\x58\x68\x78](?=.)", re.DOTALL)


@dataclass
class Budget:
    """What may still be spent, over all that is searched."""

    inflated_bytes: int = 256 * 1024 * 1024
    raw_offsets: int = 6 * 1024 * 1024
    untried_bytes: int = 0  #: for which no raw offset was left


def inflated(content: bytes, budget: Budget, depth: int = MAX_DEPTH) -> Iterator[bytes]:
    """Give everything that can be inflated out of some bytes, and out of that in turn."""
    if depth == 0:
        return
    for start in _marked(content):
        wbits = _GZIP if content[start] == 0x1F else _ZLIB
        if found := _inflate(content, start, wbits, budget):
            yield found
            yield from inflated(found, budget, depth - 1)
    if depth < MAX_DEPTH:
        return  # a raw stream is looked for in what lies on the disk, not in what we made of it
    for start in _unmarked(content, budget):
        if found := _inflate(content, start, _RAW, budget):
            yield found
            yield from inflated(found, budget, depth - 1)


def _marked(content: bytes) -> Iterator[int]:
    for match in _GZIP_MARK.finditer(content):
        yield match.start()
    for match in _ZLIB_MARK.finditer(content):
        start = match.start()
        needs_dictionary = content[start + 1] & 0x20
        if int.from_bytes(content[start : start + 2]) % 31 == 0 and not needs_dictionary:
            yield start


def _unmarked(content: bytes, budget: Budget) -> Iterator[int]:
    """Give the offsets at which a compressed block could begin (RFC 1951, 3.2.3)."""
    tried = min(len(content), budget.raw_offsets)
    budget.raw_offsets -= tried
    budget.untried_bytes += len(content) - tried
    for start in range(tried):
        if content[start] & 0b110 in (0b010, 0b100):  # fixed or dynamic codes
            yield start


def _inflate(content: bytes, start: int, wbits: int, budget: Budget) -> bytes:
    """Inflate piece by piece, so that what came before a damaged place is kept."""
    machine, found = zlib.decompressobj(wbits), bytearray()
    view = memoryview(content)
    most = min(MAX_STREAM_BYTES, budget.inflated_bytes)
    position = start
    while position < len(content) and not machine.eof and len(found) < most:
        piece: bytes | memoryview = view[position : position + _PIECE_BYTES]
        position += _PIECE_BYTES
        try:
            while piece and not machine.eof and len(found) < most:
                found += machine.decompress(piece, most - len(found))
                piece = machine.unconsumed_tail
        except zlib.error:
            break
    budget.inflated_bytes -= len(found)
    return bytes(found) if len(found) >= _SHORTEST_BYTES else b""
