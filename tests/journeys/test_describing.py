"""`/describe`: there when the operator has a model for it, and only then."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bot import workers
from tests import tiny_captioner
from tests.journeys.hearing import asks
from tests.journeys.house import House
from tests.people import Upload


async def test_without_a_model_there_is_no_describe(house: House) -> None:
    world = await house.people.everything()

    assert "describe" not in {one["name"] for one in world["commands"]}


async def test_ana_has_her_picture_described_and_imagines_what_was_said(
    closed_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real captioning model of random weights, in a process of its own behind the doors."""
    monkeypatch.setenv("DESCRIBE_DIR", str(tiny_captioner.make(tmp_path / "captioner")))
    file = io.BytesIO()
    Image.new("RGB", (90, 60), "red").save(file, "PNG")
    async with closed_house.bot():
        ana = closed_house["ana"]
        await asks(ana, "general", "privacy declaration", what="give")
        await ana.slash("general", "describe", image=Upload("fox.png", file.getvalue()))
        told = await ana.sees_until(
            "general", lambda one: "What I see" in one.content, limit_seconds=60
        )
        form = (await ana.press(told, "Imagine 1")).modal

        (caption,) = [line for line in told.content.splitlines() if line.startswith("1. ")]
        assert caption.removeprefix("1. ") == form.fields["prompt"]["value"]
        for who in ("mod", "plum"):
            assert [] == [
                one for one in await closed_house[who].sees("general") if "see" in one.content
            ]


async def test_a_folder_that_is_no_captioning_model_says_nothing(tmp_path: Path) -> None:
    assert await workers.caption(tmp_path, b"") is None
