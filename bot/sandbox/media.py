"""The kind and size of an uploaded picture, read from its first bytes."""

from __future__ import annotations

import mimetypes
import struct
from collections.abc import Callable

Size = tuple[int, int]


def content_type_of(filename: str, content: bytes) -> str:
    """The media type: by the bytes when they are a picture we know, else by the name."""
    for signature, kind, _ in _KINDS:
        if signature(content):
            return kind
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def size_of(content: bytes) -> Size | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP; None for anything else."""
    for signature, _, measure in _KINDS:
        if signature(content):
            try:
                return measure(content)
            except (struct.error, IndexError):
                return None
    return None


def _png(content: bytes) -> Size | None:
    return struct.unpack(">II", content[16:24])


def _gif(content: bytes) -> Size | None:
    return struct.unpack("<HH", content[6:10])


def _jpeg(content: bytes) -> Size | None:
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None


def _webp(content: bytes) -> Size | None:
    chunk = content[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        return width, int.from_bytes(content[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", content[26:30])
    return width & 0x3FFF, height & 0x3FFF


_KINDS: list[tuple[Callable[[bytes], bool], str, Callable[[bytes], Size | None]]] = [
    (lambda b: b.startswith(b"\x89PNG\r\n\x1a\n"), "image/png", _png),
    (lambda b: b[:4] == b"GIF8", "image/gif", _gif),
    (lambda b: b[:3] == b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (lambda b: b[:4] == b"RIFF" and b[8:12] == b"WEBP", "image/webp", _webp),
]
