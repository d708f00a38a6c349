"""A secret, in every writing it could be found in. Pure: text and bytes in, patterns out."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

from ahocorasick_rs import BytesAhoCorasick

WINDOW_BYTES = 64
MAX_WINDOWS = 16_384
"""Of one picture. Up to 1 MB every byte lies in a window; of a larger one an even sample does."""

_SHORTEST_PATTERN_BYTES = 8
"""A shorter one would be found by chance."""

_VARIED = 16
"""Different bytes a window must have: flat colour is found in every file."""

_CODED_WINDOWS = 32
"""So many windows of a picture are also looked for in base64 and in hex."""


def of_text(text: str) -> frozenset[bytes]:
    """Give the patterns of words: each way to write letters, in each way to write bytes."""
    json_ascii = json.dumps(text)[1:-1]
    spelt = {
        text.encode(),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        json_ascii.encode(),
        _upper_escapes(json_ascii).encode(),
        json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        text.encode("unicode_escape"),
    }
    percent = {quote(text, safe=""), quote_plus(text), _lower_escapes(quote(text, safe=""))}
    patterns = spelt | {each.encode() for each in percent}
    return _long_enough(patterns.union(*map(_coded, spelt)))


def of_key(key: bytes) -> frozenset[bytes]:
    """Give the patterns of random bytes: as they are, in hex, in base64."""
    return _long_enough({key} | _coded(key) | _coded_text(key))


def of_number(number: int) -> frozenset[bytes]:
    """Give the patterns of an id: its digits, and its eight bytes.

    Not in base64, where ids that differ in the last digit alone can look alike.
    """
    digits = str(number)
    spelt = {digits.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    raw = {number.to_bytes(8), number.to_bytes(8, "little"), f"{number:x}".encode()}
    return _long_enough(spelt | raw | {digits.encode().hex().encode()})


def of_picture(content: bytes, *, unlike: bytes) -> frozenset[bytes]:
    """Give windows of a picture's bytes, from its beginning to its end.

    Windows that another picture (`unlike`) holds as well say nothing: metadata, flat colour.
    """
    windows = _windows(content)
    if not windows:
        return frozenset()
    common = BytesAhoCorasick(windows).find_matches_as_indexes(unlike, overlapping=True)
    shared = {number for number, _, _ in common}
    own = [window for number, window in enumerate(windows) if number not in shared]
    step = max(1, len(own) // _CODED_WINDOWS)
    return frozenset(own).union(*map(_coded, own[::step][:_CODED_WINDOWS]))


def _windows(content: bytes) -> list[bytes]:
    starts = range(0, len(content) - WINDOW_BYTES + 1, WINDOW_BYTES)
    sample = starts[:: -(-len(starts) // MAX_WINDOWS) or 1]
    windows = dict.fromkeys(content[start : start + WINDOW_BYTES] for start in sample)
    return [window for window in windows if len(set(window)) >= _VARIED]


def _coded(raw: bytes) -> set[bytes]:
    """Give hex in both cases, and base64 in both alphabets at each of the three offsets."""
    patterns = {raw.hex().encode(), raw.hex().upper().encode()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            patterns.add(_base64_inside(encode(bytes(offset) + raw), offset, len(raw)))
    return patterns


def _base64_inside(encoded: bytes, offset: int, size_bytes: int) -> bytes:
    """Keep the digits that depend on our bytes alone, whatever stands before and behind."""
    first = -(-offset * 8 // 6)
    return encoded[first : (offset + size_bytes) * 8 // 6]


def _coded_text(key: bytes) -> set[bytes]:
    """Give hex and base64 of a key as texts are kept by some programs: two bytes a letter."""
    texts = (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode())
    return {text.rstrip("=").encode(way) for text in texts for way in ("utf-16-le", "utf-16-be")}


def _upper_escapes(text: str) -> str:
    return "".join(
        f"\\u{part[:4].upper()}{part[4:]}" if number else part
        for number, part in enumerate(text.split("\\u"))
    )


def _lower_escapes(text: str) -> str:
    return "".join(
        f"%{part[:2].lower()}{part[2:]}" if number else part
        for number, part in enumerate(text.split("%"))
    )


def _long_enough(patterns: set[bytes]) -> frozenset[bytes]:
    return frozenset(pattern for pattern in patterns if len(pattern) >= _SHORTEST_PATTERN_BYTES)
