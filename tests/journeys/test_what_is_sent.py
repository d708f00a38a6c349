"""Every request that carries something to read: what it may ping, what it shows, what it is called.

Hostile words, errors that quote them, and people of every plan; read off the wire, and through the
eyes of those who should see nothing.
"""

from __future__ import annotations

import io
import json
import logging
import re
import struct
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import log
from bot.sandbox.shipped_world import ANA_ID, PIA_ID
from bot.sandbox.wire import Record
from gen import images
from gen.job import Spec
from tests.asks import plans_text
from tests.fakes import FakeEngine
from tests.journeys.hearing import asks
from tests.journeys.house import House, has_picture, is_answer, is_place
from tests.seen import Json
from tests.test_words import HOSTILE, READ_BY_DISCORD

CANARY = "xylophone"
PLENTY = plans_text(
    "Free", pictures_per_day=999, waiting_jobs=99, stealth_per_day=999, max_steps=100
)


@pytest.fixture
async def busy_house(closed_house: House, tmp_path: Path) -> AsyncIterator[House]:
    """A house that lets everybody ask as often as they like."""
    plans = tmp_path / "plans.toml"
    plans.write_text(PLENTY)
    closed_house.options |= {"plans_file": plans, "role_plans": {}}
    async with closed_house.bot():
        yield closed_house


def _bodies(house: House) -> list[tuple[Record, Json]]:
    """Each request with something to read in it; an answer's is one level further down."""
    return [
        (record, told)
        for record in house.sandbox.wire.records
        if isinstance(record.body, dict)
        for told in [record.body.get("data") or record.body]
        if told.get("content")
    ]


SHORT = [each for each in HOSTILE if len(each) < 100]
AT_ONCE = 8


async def test_hostile_words_ping_nobody_and_are_no_link_in_any_request(busy_house: House) -> None:
    prompts = [" star ".join(SHORT[at : at + AT_ONCE]) for at in range(0, len(SHORT), AT_ONCE)]
    for words in prompts:
        await asks(
            busy_house["ana"], "general", "imagine", prompt=f"{words} star", negative_prompt=words
        )
        await asks(busy_house["ana"], "general", "imagine", prompt=f"{words} star", steps=100)
    await busy_house["ana"].sees_all_until(
        "general", lambda seen: not any(map(is_place, seen)), limit_seconds=30
    )

    bodies = _bodies(busy_house)

    assert 3 * len(prompts) < len(bodies)
    for record, told in bodies:
        allowed = told["allowed_mentions"]
        assert [] == allowed["parse"], record.route
        assert {str(ANA_ID)} >= set(map(str, allowed.get("users", []))), record.route
        if "/channels/" in record.path:
            said = told["content"].replace(f"<@{ANA_ID}>", "")
            assert [] == [what for what, looks in READ_BY_DISCORD.items() if re.search(looks, said)]
        assert not told.get("embeds"), record.route


async def test_files_are_called_alike_and_hold_the_same_mark_whoever_asks(house: House) -> None:
    """The mark is the same for everybody, every job and every visibility: it tells nobody apart."""
    found = []
    for name, place, seed in (("ana", "general", 5), ("plum", "dm", 15), ("pia", "general", 25)):
        await house[name].slash(place, "imagine", prompt=f"{CANARY} {name}", seed=seed, count=2)
        shown = await house[name].sees_until("general" if name == "ana" else "dm", has_picture)
        found += [(one, await house[name].download(one)) for one in shown.attachments]

    assert ["image-1.webp", "image-2.webp"] * 3 == [one["filename"] for one, _ in found]
    assert 1 == len({one["description"] for one, _ in found})
    assert 6 == len({data for _, data in found})
    for _, data in found:
        chunks = dict(_chunks(data))
        assert {"VP8X", "VP8L", "XMP "} == set(chunks)
        assert images.XMP == chunks["XMP "]


def _chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 12
    while at < len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        yield name.decode(), data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


# --- a fault that quotes the words it was given --------------------------------------------------


class Quoting(FakeEngine):
    """An engine that breaks, and repeats what it was given in what it raises."""

    def run(self, job_id: str, spec: Spec, inputs: tuple[bytes, ...] = ()):  # type: ignore[no-untyped-def]
        super().run(job_id, spec, inputs)
        raise ValueError(f"Cannot forward both prompt: {spec.prompt} of {job_id}")


class Muttering(FakeEngine):
    """An engine that breaks whenever it is asked how it is."""

    @property
    def state(self):  # type: ignore[no-untyped-def]
        raise ValueError(f"there was a {CANARY}")


@contextmanager
def printed() -> Iterator[io.StringIO]:
    """Log as `darkroom run` does, into a string; afterwards everything is as it was."""
    root, said = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level, logging.getLogRecordFactory(), root.manager.disable)
    level, raises = logging.getLogger("darkroom").level, logging.raiseExceptions
    shows = warnings.showwarning
    log.set_up("info", said)
    try:
        yield said
    finally:
        logging.captureWarnings(capture=False)
        warnings.showwarning = shows
        root.handlers[:], logging.raiseExceptions = before[0], raises
        root.setLevel(before[1])
        logging.setLogRecordFactory(before[2])
        logging.disable(before[3])
        logging.getLogger("darkroom").setLevel(level)
        logging.getLogger("dotenv.main").disabled = False


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_a_fault_that_quotes_a_prompt_is_repeated_to_nobody(
    closed_house: House, place: str
) -> None:
    with printed() as said:
        async with closed_house.bot(Quoting()):
            await closed_house["ana"].slash(place, "imagine", prompt=f"a {CANARY} star")
            told = await closed_house["ana"].sees_until(
                place, lambda one: "was given up" in one.content
            )
            others = await closed_house.everything_seen_by("mod")

    assert is_answer(told)
    assert CANARY not in told.content
    assert [] == others
    assert CANARY not in said.getvalue()
    assert "ValueError" in said.getvalue()


async def test_a_command_that_fails_says_so_to_its_author_without_a_word_of_it(
    closed_house: House,
) -> None:
    with printed() as said:
        async with closed_house.bot(Muttering()):
            told = await asks(closed_house["ana"], "general", "imagine", prompt=f"a {CANARY} star")
            others = await closed_house.everything_seen_by("mod")

    assert "again" in told.content
    assert CANARY not in told.content
    assert [] == others
    assert CANARY not in said.getvalue()
    assert '"fault": "ValueError"' in said.getvalue()


async def test_no_refusal_repeats_the_words_it_refuses(house: House) -> None:
    refused = [
        {"prompt": "🦊", "negative_prompt": CANARY},
        {"prompt": CANARY, "steps": 100},
        {"prompt": CANARY, "aspect_ratio": "17:5"},
        {"prompt": f"{CANARY} --stealth --public"},
    ]

    said = [await asks(house["ana"], "general", "imagine", **each) for each in refused]

    assert [] == house.engine.given
    assert [] == [one for one in said if CANARY in json.dumps(one.raw)]


async def test_nobody_is_told_of_anothers_jobs_in_the_queue(slow_house: House) -> None:
    """There is no list of jobs: a position and an estimate are all that one hears of others."""
    await slow_house["pia"].slash("general", "imagine", prompt=f"{CANARY} moon", seed=5)
    await slow_house.engine.was_given(1)

    said = [
        await asks(slow_house["ana"], "general", "imagine", prompt="a star", steps=30),
        await asks(slow_house["ana"], "general", "info"),
        await asks(slow_house["ana"], "general", "privacy data"),
        await asks(slow_house["ana"], "general", "privacy history"),
    ]

    told = json.dumps([one.raw for one in said])
    assert CANARY not in told
    assert str(PIA_ID) not in told
    assert "pia" not in told


async def test_a_reaction_of_somebody_else_does_nothing(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt=f"a {CANARY} star")
    result = await house["mod"].sees_until("general", has_picture)

    for emoji in ("❌", "✉️", "⭐", "🔒"):
        await house["mod"].react(result, emoji)
    await asks(house["mod"], "general", "info")

    assert has_picture(await house["ana"].again(result))
    assert [] == await house["mod"].sees("dm")
    assert 1 == len(house.engine.given)
