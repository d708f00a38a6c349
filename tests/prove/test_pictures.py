"""P10: every file that leaves the house, parsed chunk by chunk: a picture, our mark, nothing else.

Real deliveries over the wire, with the real encoder: public and stealth, one and many, previews of
running jobs, and a picture that was too large and is encoded again.
"""

from __future__ import annotations

import re
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.sandbox.server import Sandbox
from gen import images
from gen.messages import Finished, Progress
from tests.fakes import FakeEngine
from tests.journeys.house import House, has_picture, is_place
from tests.people import People, Seen
from tests.prove.canaries import canaries_in, canary

WORDS, NOT_WORDS, SEED = canary(1), canary(2), 2_718_281_828
LARGE_PX = 2000
"""A side whose noise does not fit into 10 MiB without loss."""


class Painter(FakeEngine):
    """Paints noise of its own size, with the encoder of the worker."""

    side_px = 64

    def tick(self) -> None:
        super().tick()
        for run in self._running.values():
            run.events.extend(self._painted(event) for event in _taken(run.events))

    def _end(self, run, ending):
        if isinstance(ending, Finished):
            dice = np.random.default_rng(run.spec.seeds[0])
            size = (self.side_px, self.side_px, 3)
            files = tuple(
                images.encode(dice.integers(0, 256, size, dtype=np.uint8)).data
                for _ in run.spec.seeds
            )
            ending = replace(ending, pictures=files)
        super()._end(run, ending)

    def _painted(self, event):
        if isinstance(event, Progress):
            small = images.preview_jpeg(
                [np.full((32, 32, 3), 40 * (event.step % 6), dtype=np.uint8)]
            )
            return Progress(event.job_id, event.step, event.steps, small)
        return event


def _taken(events):
    held = list(events)
    events.clear()
    return held


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[House]:
    async with Sandbox(rate_limits=False) as sandbox, People(sandbox.url) as people:
        yield House(people, sandbox, Painter(), tmp_path / "data", {})


async def asks(house: House, name: str, **options) -> None:
    await house[name].slash(
        "general",
        "imagine",
        prompt=f"a {WORDS} fox",
        negative_prompt=f"no {NOT_WORDS}",
        seed=SEED,
        **options,
    )


async def files_of(house: House, name: str, seen: Seen) -> dict[str, bytes]:
    return {one["filename"]: await house[name].download(one) for one in seen.attachments}


def about_its_maker(house: House, seen: Seen, content: bytes) -> list[str]:
    """What a file says of who made it, from which words, seeds and job."""
    ids = [str(person.id) for person in house.sandbox.world.users.values()]
    jobs = {part for one in seen.usable(2) for part in re.split(":", one["custom_id"])[2:]}
    found = [word for word in (*ids, *jobs, str(SEED)) if word.encode() in content]
    return found + sorted(canaries_in(content))


def webp_chunks(data: bytes) -> list[tuple[str, bytes]]:
    assert (b"RIFF", b"WEBP", len(data) - 8) == (
        data[:4],
        data[8:12],
        struct.unpack("<I", data[4:8])[0],
    )
    chunks, at = [], 12
    while at < len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        chunks.append((name.decode(), data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    assert at == len(data), "bytes behind the last chunk"
    return chunks


def jpeg_segments(data: bytes) -> list[int]:
    """The markers up to the picture's own data, which must be the last thing in the file."""
    markers, at = [], 2
    assert b"\xff\xd8" == data[:2]
    while markers[-1:] != [0xDA]:
        assert 0xFF == data[at]
        markers.append(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    assert data.index(b"\xff\xd9", at) == len(data) - 2, "bytes behind the picture"
    return markers


def is_only_a_marked_picture(data: bytes) -> bool:
    chunks = webp_chunks(data)
    names = [name for name, _ in chunks]
    return names in (["VP8X", "VP8L", "XMP "], ["VP8X", "VP8 ", "XMP "]) and (
        dict(chunks)["XMP "] == images.XMP
    )


@pytest.mark.parametrize(("name", "channel"), [("ana", "general"), ("pia", "dm")])
async def test_a_result_is_a_picture_and_our_mark_under_a_name_that_says_nothing(
    studio: House, name: str, channel: str
) -> None:
    async with studio.bot(Painter()):
        await asks(studio, name, count=4)
        seen = await studio[name].sees_until(channel, has_picture)
        files = await files_of(studio, name, seen)

    assert [f"image-{number}.webp" for number in (1, 2, 3, 4)] == list(files)
    assert {"Picture made by AI"} == {one["description"] for one in seen.attachments}
    for content in files.values():
        assert is_only_a_marked_picture(content)
        assert b"trainedAlgorithmicMedia" in content
        assert [] == about_its_maker(studio, seen, content)


async def test_a_picture_that_is_too_large_is_encoded_again_with_the_mark_alone(
    studio: House,
) -> None:
    painter = Painter()
    painter.side_px = LARGE_PX
    async with studio.bot(painter):
        await asks(studio, "ana")
        seen = await studio["ana"].sees_until("general", has_picture, limit_seconds=40)
        (content,) = (await files_of(studio, "ana", seen)).values()

    assert len(content) < 10 * 1024 * 1024 < LARGE_PX * LARGE_PX * 3
    assert "VP8 " in [name for name, _ in webp_chunks(content)], "it was not encoded again"
    assert is_only_a_marked_picture(content)
    assert [] == about_its_maker(studio, seen, content)


async def test_a_preview_is_a_small_picture_without_any_text(studio: House) -> None:
    painter = Painter(auto=False)
    async with studio.bot(painter):
        await asks(studio, "ana", steps=20)
        await studio["ana"].sees_until("general", is_place)
        await painter.was_given(1)
        painter.tick()
        seen = await studio["mod"].sees_until("general", lambda one: bool(one.attachments))
        files = await files_of(studio, "mod", seen)

    assert ["preview.jpg"] == list(files)
    (content,) = files.values()
    # JFIF header, tables, frame, scan: no EXIF (0xE1), no other application data, no comment (0xFE)
    assert {0xE0, 0xDB, 0xC0, 0xC4, 0xDA} == set(jpeg_segments(content))
    assert [] == about_its_maker(studio, seen, content)


def test_a_word_in_a_picture_would_be_noticed() -> None:
    content = images.encode(np.zeros((8, 8, 3), dtype=np.uint8)).data
    extra = b"EXIF" + struct.pack("<I", 18) + WORDS.encode().ljust(18, b" ")
    spoilt = b"RIFF" + struct.pack("<I", len(content) - 8 + len(extra)) + content[8:] + extra

    assert is_only_a_marked_picture(content)
    assert not is_only_a_marked_picture(spoilt)
    assert {WORDS} == canaries_in(spoilt)
