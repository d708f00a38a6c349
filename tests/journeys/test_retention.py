"""A moderator says how long their server keeps things; people see what applies; zoe's keeps all."""

from __future__ import annotations

import json

import pytest

from tests.journeys.hearing import asks, forges, presses, reads
from tests.journeys.house import House, has_picture
from tests.people import ClientRefuses, Seen

MODERATORS = pytest.mark.parametrize("name", ["mod", "boss"])


async def _posts(house: House, name: str = "ana", channel: str = "general") -> Seen:
    answer = await house[name].slash(channel, "imagine", prompt="a red star")
    await reads(house[name], answer.message, "Done")
    return await house[name].sees_until(channel, has_picture)


async def _sets(house: House, name: str, kind: str, duration: str, **where: str) -> Seen:
    options = {"class": kind, "duration": duration} | where
    return await asks(house[name], "general", "retention set", **options)


async def test_mod_sees_what_would_go_applies_it_and_ana_sees_what_applies(house: House) -> None:
    await _posts(house)

    asked = await _sets(house, "mod", "post", "7d")
    assert "Dry run: nothing has changed yet" in asked.content
    assert "would remove nothing now; it would let 1 post end sooner" in asked.content
    before = await asks(house["ana"], "general", "info")
    done = await presses(house["mod"], asked, "Apply")

    assert "Done. `post`" in done.content
    assert "1 post end sooner" in done.content
    after = await asks(house["ana"], "general", "info")
    in_dm = await asks(house["ana"], "dm", "info")
    assert "post 7 days by this server" in after.content
    assert "by this server" not in before.content + in_dm.content


async def test_a_server_that_keeps_no_posts_loses_those_that_stand_and_zoe_keeps_hers(
    house: House,
) -> None:
    theirs = await _posts(house, "zoe", "lobby")
    post = await _posts(house)

    asked = await _sets(house, "mod", "post", "0")
    assert "would remove 1 post now" in asked.content
    assert "within about a minute" in asked.content
    await house["ana"].again(post)
    await presses(house["mod"], asked, "Apply")

    shown = await asks(house["mod"], "general", "retention show")
    assert "**nothing is kept**, by this server" in shown.content
    await house["zoe"].again(theirs)
    hers = await asks(house["zoe"], "lobby", "retention show")
    assert "**while it stands**, by the operator" in hers.content


async def test_a_post_whose_time_is_over_is_removed_after_a_restart_too(
    closed_house: House,
) -> None:
    async with closed_house.bot():
        post = await _posts(closed_house)
        kept = await _posts(closed_house, "zoe", "lobby")
        asked = await _sets(closed_house, "mod", "post", "0")
        await presses(closed_house["mod"], asked, "Apply")
    async with closed_house.bot():
        await closed_house["ana"].sees_gone(post)
        await closed_house["zoe"].again(kept)


async def test_the_button_works_after_a_restart_and_twice_changes_nothing(
    closed_house: House,
) -> None:
    async with closed_house.bot():
        asked = await _sets(closed_house, "mod", "recipe", "1d", channel="gallery")
    async with closed_house.bot():
        first = await presses(closed_house["mod"], asked, "Apply")
        again = await forges(closed_house, "mod", asked, asked.find(2, label="Apply"))

    assert "24 hours" in first.content
    assert "It was so already: nothing changed" in again.content


@MODERATORS
async def test_what_cannot_be_is_refused_with_its_remedy(house: House, name: str) -> None:
    for kind, duration, remedy in (
        ("recipe", "soon", "0, 45m, 24h, 7d, 2w, 1y"),
        ("recipe", "-1d", "0, 45m, 24h, 7d, 2w, 1y"),
        ("recipe", "90d", "capped by the operator at 30 days"),
        ("picture", "0", "10 minutes at least"),
        ("picture", "2d", "capped by the operator at 24 hours"),
    ):
        said = await _sets(house, name, kind, duration)
        assert remedy in said.content
        assert [] == said.buttons


async def test_a_channel_is_capped_by_its_server_and_lifted_by_itself(house: House) -> None:
    await presses(house["mod"], await _sets(house, "mod", "recipe", "2d"), "Apply")

    capped = await _sets(house, "mod", "recipe", "3d", channel="gallery")
    options = {"class": "recipe", "channel": "gallery"}
    nothing = await asks(house["mod"], "general", "retention reset", **options)
    lifted = await asks(house["mod"], "general", "retention reset", **{"class": "recipe"})

    assert "capped by this server at 2 days" in capped.content
    assert "nothing changed" in nothing.content
    assert "is kept 30 days, by the operator" in lifted.content


async def test_whoever_is_no_moderator_is_not_let_in(house: House) -> None:
    with pytest.raises(ClientRefuses):
        await house["ana"].slash("general", "retention show")

    asked = await _sets(house, "mod", "post", "1d")
    place = await _posts(house)
    custom_id = asked.find(2, label="Apply")
    said = await forges(house, "ana", place, custom_id)

    assert "That is for this server's moderators" in said.content
    shown = await asks(house["mod"], "general", "retention show")
    assert "while it stands" in shown.content


async def test_a_moderator_reaches_no_other_server(house: House) -> None:
    place, theirs = await _posts(house), await _posts(house, "zoe", "lobby")

    for rest in (f"{theirs.channel}:post:1d", "99999999999999999999999:post:1d"):
        said = await forges(house, "mod", place, f"v1:limit:{rest}")
        assert "Nothing found here" in said.content
    for rest in ("0:audit:1d", "x:post:1d", "", "0:post:soon"):
        said = await forges(house, "mod", place, f"v1:limit:{rest}")
        assert "older version" in said.content or "no duration" in said.content

    hers = await asks(house["zoe"], "lobby", "retention show")
    assert "server: –" in hers.content
    assert "by this server" not in hers.content


async def test_the_export_is_a_file_for_its_moderator_alone(house: House) -> None:
    await presses(house["mod"], await _sets(house, "mod", "record", "2w"), "Apply")

    said = await asks(house["mod"], "general", "retention export")

    assert said.ephemeral
    assert ("server-settings.json",) == tuple(said.filenames)
    told = json.loads(await house["mod"].download(said.attachments[0]))
    assert {"record": "14d"} == told["retention"]["server"]
    assert [] == [one for one in await house["ana"].sees("general") if one.filenames]
