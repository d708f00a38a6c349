"""People take a copy of everything that is held of them: a ZIP in their DM, once a day."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest

from tests.journeys.hearing import asks, presses, reads
from tests.journeys.house import House, has_picture, is_place
from tests.people import Seen

PARTS = {
    *("schema", "made_on", "choices", "people", "usage", "opt_out", "exports", "acts"),
    *("records", "posts", "recipes", "pictures", "pictures_left_out", "not_held"),
    *("reports", "contests", "declaration", "blocks", "strikes", "counters", "audit"),
    *("gpu_usage", "grants", "entitlements", "relax_use"),
}


def _is_copy(seen: Seen) -> bool:
    return ["darkroom-export.zip"] == seen.filenames


async def _copy(house: House, name: str) -> tuple[Seen, zipfile.ZipFile, dict[str, Any]]:
    message = await house[name].sees_until("dm", _is_copy)
    content = await house[name].download(message.attachments[0])
    packed = zipfile.ZipFile(io.BytesIO(content))
    return message, packed, json.loads(packed.read("data.json"))


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_ana_gets_all_of_hers_in_her_dm_and_nothing_of_others(
    house: House, place: str
) -> None:
    for name, options in (
        ("ana", {"prompt": "a red star"}),
        ("ana", {"prompt": "a hidden star", "visibility": "stealth"}),
        ("plum", {"prompt": "a blue house"}),
    ):
        said = await asks(house[name], "general", "imagine", **options)
        await reads(house[name], said, "Done")

    said = await asks(house["ana"], place, "privacy export")
    message, packed, data = await _copy(house, "ana")

    assert "Your copy is in your DM." in said.content
    assert "**Who can see it:**" in message.content
    assert "**What it may be used for:**" in message.content
    assert ["README.txt", "data.json"] == packed.namelist()
    assert 1 == data["schema"]
    assert set(data) == PARTS
    assert [("a red star", "public"), ("a hidden star", "stealth")] == [
        (one["prompt"], one["visibility"]) for one in data["recipes"]
    ]
    assert "blue" not in json.dumps(data)
    assert 1 == len(data["posts"])
    assert not any("export" in str(one.filenames) for one in await house.everything_seen_by("mod"))


async def test_pictures_that_are_not_delivered_yet_are_in_it(house: House) -> None:
    await house.people.weather(method="PATCH", route="/channels/", status=503)
    await house["ana"].slash("general", "imagine", prompt="a red star")
    place = await house["ana"].sees_until("general", is_place)
    job = place.find(2, label="Cancel").rpartition(":")[2]
    async with asyncio.timeout(10):
        while "painted; its pictures are sealed" not in await _life(house, job):
            continue  # each look is a whole command, so this does not spin

    await asks(house["ana"], "general", "privacy export")
    _, packed, data = await _copy(house, "ana")

    assert [{"job": job, "file": "pictures/image-1.webp"}] == data["pictures"]
    assert packed.read("pictures/image-1.webp").startswith(b"RIFF")
    assert ["a red star"] == [one["prompt"] for one in data["recipes"]]


async def _life(house: House, job: str) -> str:
    return (await asks(house["ana"], "general", "privacy show", job=job)).content


async def test_there_is_one_a_day(house: House) -> None:
    first = await asks(house["ana"], "general", "privacy export")
    second = await asks(house["ana"], "general", "privacy export")

    assert "Your copy is in your DM." in first.content
    assert "One export a day" in second.content
    assert 1 == len([one for one in await house["ana"].sees("dm") if _is_copy(one)])


async def test_a_closed_dm_gets_no_copy_and_uses_no_export_up(house: House) -> None:
    await house["ana"].change(dms="closed")
    refused = await asks(house["ana"], "general", "privacy export")
    await house["ana"].change(dms="open")
    sent = await asks(house["ana"], "general", "privacy export")

    assert "Your DM is closed to me" in refused.content
    assert "today's export is not used up" in refused.content
    assert "Your copy is in your DM." in sent.content
    assert [] == await house.everything_seen_by("mod")


async def test_a_discord_that_does_not_take_it_uses_no_export_up(house: House) -> None:
    await asks(house["ana"], "dm", "info")
    await house.people.weather(method="POST", route="/messages", status=503, times=1)
    refused = await asks(house["ana"], "general", "privacy export")
    sent = await asks(house["ana"], "general", "privacy export")

    assert "Please try again in a while" in refused.content
    assert "Your copy is in your DM." in sent.content


async def test_the_copy_can_be_taken_away_again_by_its_button(house: House) -> None:
    await asks(house["ana"], "general", "privacy export")
    message = await house["ana"].sees_until("dm", _is_copy)

    said = await presses(house["ana"], message, "Delete")

    await house["ana"].sees_gone(message)
    assert "Deleted." == said.content


async def test_an_erasure_takes_the_copy_too(house: House) -> None:
    said = await asks(house["ana"], "general", "imagine", prompt="a red star")
    await reads(house["ana"], said, "Done")
    assert has_picture(await house["ana"].sees_until("general", has_picture))
    await asks(house["ana"], "general", "privacy export")
    message = await house["ana"].sees_until("dm", _is_copy)

    question = await asks(house["ana"], "general", "privacy delete", what="everything")
    await house["ana"].press(question, label="Erase")

    await house["ana"].sees_gone(message)


async def test_the_history_tells_of_it(house: House) -> None:
    await asks(house["ana"], "general", "privacy export")

    said = await asks(house["ana"], "general", "privacy history")

    assert "exported" in said.content
