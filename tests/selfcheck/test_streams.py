"""What was compressed is found again, within bounds."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from bot.selfcheck.streams import MAX_STREAM_BYTES, Budget, inflated

SECRET = b"the words that nobody may find, bdfghjklmnpq"


def _raw(content: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(content) + machine.flush()


CONTAINERS = {
    "zlib": zlib.compress,
    "zlib, best": lambda content: zlib.compress(content, 9),
    "zlib, small window": lambda content: (
        (machine := zlib.compressobj(wbits=9)).compress(content) + machine.flush()
    ),
    "gzip": gzip.compress,
    "raw deflate": _raw,
}


def _noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(1009)


def _letters(seed: int) -> bytes:
    """Something that can be compressed, so that it is."""
    return bytes(random.Random(seed).choices(b"abcdefgh ", k=4000))


def _finds(content: bytes) -> bool:
    return any(SECRET in found for found in inflated(content, Budget()))


@pytest.mark.parametrize("outer", CONTAINERS)
def test_a_stream_is_found_in_the_middle_of_anything(outer: str) -> None:
    assert _finds(_noise(1) + CONTAINERS[outer](SECRET) + _noise(2))


@pytest.mark.parametrize("outer", CONTAINERS)
@pytest.mark.parametrize("inner", ["zlib", "gzip"])
def test_a_stream_is_found_inside_another(outer: str, inner: str) -> None:
    content = _noise(1) + CONTAINERS[inner](_noise(3) + SECRET) + _noise(4)

    assert _finds(_noise(2) + CONTAINERS[outer](content))


@pytest.mark.parametrize("outer", ["zlib", "gzip", "raw deflate"])
def test_what_comes_before_a_damaged_place_is_found(outer: str) -> None:
    packed = bytearray(CONTAINERS[outer](SECRET + _letters(1)))
    packed[-900:] = _noise(3)[:900]

    assert _finds(bytes(packed))


@pytest.mark.parametrize("outer", ["zlib", "gzip", "raw deflate"])
def test_a_stream_that_was_cut_off_is_found(outer: str) -> None:
    assert _finds(_noise(5) + CONTAINERS[outer](SECRET + _letters(1))[:-500])


def test_nothing_is_found_in_noise() -> None:
    assert not _finds(_noise(1) + _noise(2))


def test_a_bomb_does_not_burst() -> None:
    bomb = zlib.compress(bytes(64 * 1024 * 1024))

    assert MAX_STREAM_BYTES >= sum(map(len, inflated(bomb, Budget(raw_offsets=0))))


def test_what_may_be_inflated_in_all_is_bounded() -> None:
    budget = Budget(inflated_bytes=1000, raw_offsets=0)

    found = list(inflated(zlib.compress(bytes(900)) * 5, budget))

    assert 1000 == sum(map(len, found))


def test_what_was_not_tried_is_counted() -> None:
    budget = Budget(raw_offsets=100)

    list(inflated(_noise(1), budget))

    assert (0, 909) == (budget.raw_offsets, budget.untried_bytes)
