"""The tour would notice: its checks fail when somebody sees what they should not."""

import asyncio
from pathlib import Path

import pytest

from bot import tour
from bot.errors import StartFault
from tests.journeys.house import House, has_picture


async def test_the_tour_is_content_with_the_product_as_it_is(house: House, tmp_path: Path) -> None:
    await tour.play(house.sandbox.url, tmp_path / "tour")

    assert 2 == len(list((tmp_path / "tour").iterdir()))  # two small files


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ("a house under a moon", "words of a stealth job"),
        ("look what <@1191168000000000022> asked for", "sees that pia asked"),
    ],
)
async def test_the_tour_notices_a_leak(house: House, tmp_path: Path, leak: str, said: str) -> None:
    leaking = asyncio.create_task(_leak_during_the_scene(house, leak))

    with pytest.raises(StartFault, match=said):
        await tour.play(house.sandbox.url, tmp_path / "tour")
    await leaking


async def _leak_during_the_scene(house: House, leak: str) -> None:
    await house["boss"].sees_until("general", has_picture)
    await house["boss"].say("gallery", leak)
