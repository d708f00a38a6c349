"""Where a public result may not stand it is refused; stealth needs no channel."""

from __future__ import annotations

import pytest

from tests.journeys.house import House, has_picture, is_answer

CAFE = "Darkroom Café"


async def _channel_without(house: House, who: str, *denied: str) -> str:
    """Make a channel in which a role or the bot lacks permissions."""
    overwrite = {"person": who, "deny": list(denied)}
    await house.people.world(channel={"guild": CAFE, "name": "strict", "overwrites": [overwrite]})
    return "strict"


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("attach_files", "Attach Files"),
        ("embed_links", "Embed Links"),
        ("send_messages", "Send Messages"),
    ],
)
async def test_a_missing_permission_of_the_bot_is_named(house: House, flag: str, said: str) -> None:
    channel = await _channel_without(house, "Darkroom", flag)

    await house["ana"].slash(channel, "imagine", prompt="a star")

    answer = await house["ana"].sees_until(channel, is_answer)
    assert f"I am missing a permission in this channel: {said}" in answer.content
    assert [] == house.engine.given


async def test_who_may_not_attach_files_gets_nothing_posted(house: House) -> None:
    channel = await _channel_without(house, "ana", "attach_files")

    await house["ana"].slash(channel, "imagine", prompt="a star")

    answer = await house["ana"].sees_until(channel, is_answer)
    assert "you need Attach Files yourself" in answer.content
    assert [] == house.engine.given


async def test_stealth_works_where_the_bot_may_not_post(house: House) -> None:
    channel = await _channel_without(house, "Darkroom", "send_messages", "attach_files")

    await house["ana"].slash(channel, "imagine", prompt="a star", visibility="stealth")

    await house["ana"].sees_until("dm", has_picture)
    assert [] == await house["mod"].sees(channel)
