"""A secret is recognised however it was written down."""

from __future__ import annotations

import base64
import json
import random
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.selfcheck import canary

WORD = "bdfghjklmnpq"
AWKWARD = 'bdfghj"ü🙂klmnpq'

WRITINGS = {
    "as it is": lambda text: text.encode(),
    "utf-16, little": lambda text: text.encode("utf-16-le"),
    "utf-16, big": lambda text: text.encode("utf-16-be"),
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "json": lambda text: json.dumps({"prompt": text}).encode(),
    "json, upper-case escapes": lambda text: (
        json.dumps(text)
        .replace("\\ud83d\\ude42", "\\uD83D\\uDE42")
        .replace("00fc", "00FC")
        .encode()
    ),
    "json, letters kept": lambda text: json.dumps({"prompt": text}, ensure_ascii=False).encode(),
    "python": lambda text: text.encode("unicode_escape"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex, upper case": lambda text: text.encode().hex().upper().encode(),
    "hex of utf-16": lambda text: text.encode("utf-16-le").hex().encode(),
    "percent": lambda text: urllib.parse.quote(text, safe="").encode(),
    "percent, a form": lambda text: urllib.parse.urlencode({"prompt": text}).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 of utf-16": lambda text: base64.b64encode(text.encode("utf-16-le")),
    "base64 of json": lambda text: base64.b64encode(json.dumps({"prompt": text}).encode()),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
}


def _found(patterns: frozenset[bytes], where: bytes) -> bool:
    return any(pattern in where for pattern in patterns)


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("text", [WORD, AWKWARD])
def test_words_are_found_in_every_writing(writing: str, text: str) -> None:
    written = WRITINGS[writing](f"a house, {text}, at night")

    assert _found(canary.of_text(text), b"before" + written + b"behind")


@given(before=st.binary(max_size=9), behind=st.binary(max_size=9), for_addresses=st.booleans())
def test_words_are_found_in_base64_whatever_stands_around_them(
    before: bytes, behind: bytes, for_addresses: bool
) -> None:
    encode = base64.urlsafe_b64encode if for_addresses else base64.b64encode

    for text in (WORD, AWKWARD):
        assert _found(canary.of_text(text), encode(before + text.encode() + behind))


@given(key=st.binary(min_size=32, max_size=32), before=st.binary(max_size=5))
def test_a_key_is_found_as_it_is_in_hex_and_in_base64(key: bytes, before: bytes) -> None:
    patterns = canary.of_key(key)

    for written in (
        before + key,
        key.hex().encode(),
        key.hex().upper().encode(),
        base64.b64encode(before + key),
        base64.urlsafe_b64encode(before + key),
        base64.b64encode(key).decode().encode("utf-16-le"),
    ):
        assert _found(patterns, written)


def test_an_id_is_found_as_digits_and_as_bytes() -> None:
    number = 1191168000000000022

    for written in (f"<@{number}>".encode(), number.to_bytes(8), str(number).encode("utf-16-le")):
        assert _found(canary.of_number(number), written)


def test_an_id_is_not_mistaken_for_its_neighbour() -> None:
    patterns = canary.of_number(1191168000000000022)

    for other in (b"1191168000000000021", base64.b64encode(b"1191168000000000021")):
        assert not _found(patterns, other)


def test_words_of_somebody_else_are_not_found() -> None:
    assert not _found(canary.of_text(WORD), canary_like := b"qpnmlkjhgfdb" * 20), canary_like


@given(start=st.integers(0, 4000))
def test_a_piece_of_a_picture_is_found_wherever_it_was_cut(start: int) -> None:
    picture, other = random.Random(1).randbytes(5000), random.Random(2).randbytes(5000)

    piece = picture[start : start + 2 * canary.WINDOW_BYTES]

    assert _found(canary.of_picture(picture, unlike=other), b"\0" * 7 + piece)


def test_a_piece_of_a_picture_is_found_in_base64() -> None:
    picture = random.Random(1).randbytes(5000)

    assert _found(canary.of_picture(picture, unlike=b""), base64.b64encode(b"x" + picture))


def test_what_two_pictures_share_is_no_sign_of_either() -> None:
    shared = random.Random(3).randbytes(500)
    picture = random.Random(1).randbytes(640) + shared
    other = b"odd" + shared + random.Random(2).randbytes(640)

    assert not _found(canary.of_picture(picture, unlike=other), other)


def test_flat_colour_is_no_sign_of_a_picture() -> None:
    assert frozenset() == canary.of_picture(bytes(10_000) + b"\x10\x20\x30" * 3000, unlike=b"")


def test_of_a_large_picture_a_sample_is_enough() -> None:
    picture = random.Random(1).randbytes(3 * 1024 * 1024)

    patterns = canary.of_picture(picture, unlike=b"")

    assert canary.MAX_WINDOWS < len(patterns) < canary.MAX_WINDOWS + 32 * 8 + 1
    assert _found(patterns, picture[2_000_000:2_001_000])
