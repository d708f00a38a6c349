"""🔒 Only me takes a public job out of everybody's sight, before it is posted and after."""

from __future__ import annotations

import asyncio

import pytest

from tests.journeys.hearing import asks, forges, presses, reads, seen_since, ticks
from tests.journeys.house import House, has_picture, is_place
from tests.people import ClientRefuses, Seen


async def _posts(house: House, prompt: str = "a red star") -> tuple[Seen, Seen]:
    """Ana has a picture in the channel: her own answer about it, and the post."""
    answer = await house["ana"].slash("general", "imagine", prompt=prompt)
    done = await reads(house["ana"], answer.message, "Done")
    return done, await house["mod"].sees_until("general", has_picture)


@pytest.mark.parametrize("is_running", [False, True])
async def test_before_it_is_posted_it_goes_to_anas_dm_instead(
    slow_house: House, is_running: bool
) -> None:
    if not is_running:  # four rows fill the machine
        await slow_house["plum"].slash("gallery", "imagine", prompt="before", count=4)
        await slow_house.engine.was_given(1)
    queued = await asks(slow_house["ana"], "general", "imagine", prompt="a red star")
    place = await slow_house["mod"].sees_until("general", is_place)
    if is_running:
        await slow_house.engine.was_given(1)
        slow_house.engine.tick()
        await slow_house["mod"].sees_until("general", lambda one: "step" in one.content)

    said = await presses(slow_house["ana"], queued, "Only me")
    await slow_house["mod"].sees_gone(place)
    async with slow_house["mod"].stream() as frames:
        await ticks(slow_house, given=1)
        await ticks(slow_house, given=2)
        shown = await slow_house["ana"].sees_until("dm", has_picture)
        seen = await seen_since(slow_house["mod"], frames, "staff")

    assert "goes on in your DM" in said.content
    assert [] == [one for one in seen if one.channel == place.channel]
    assert "red" not in shown.text
    assert "a red star" == slow_house.engine.given[-1][1].prompt


async def test_it_can_be_pressed_the_moment_it_is_accepted(slow_house: House) -> None:
    queued = await asks(slow_house["ana"], "general", "imagine", prompt="a red star")
    await presses(slow_house["ana"], queued, "Only me")
    moved = await slow_house["ana"].sees_until("dm", is_place)

    assert "Your stealth job" in moved.content
    assert [] == await slow_house.everything_seen_by("mod")


async def test_after_it_was_posted_the_post_goes_and_the_same_picture_comes_by_dm(
    house: House,
) -> None:
    done, post = await _posts(house)

    said = await presses(house["ana"], done, "Only me")

    await house["mod"].sees_gone(post)
    shown = await house["ana"].sees_until("dm", has_picture)
    first, second = (spec for _, spec in house.engine.given)
    assert "the post, its record and its recipe are gone" in said.content
    assert first == second
    assert [] == await house.everything_seen_by("mod")
    assert await house["mod"].sees("general") == []
    assert {"Again", "Recipe", "Delete"} <= set(shown.buttons)


async def test_what_was_withdrawn_leaves_no_record_and_costs_one_stealth_job(
    house: House,
) -> None:
    done, post = await _posts(house)
    before = await asks(house["ana"], "general", "info")
    said = await presses(house["ana"], done, "Only me")
    await house["ana"].sees_until("dm", has_picture)

    after = await asks(house["ana"], "general", "info")
    life = await asks(house["ana"], "general", "privacy show", job=post.id)
    assert "one stealth job more today, and no picture more" in said.content
    assert "**Pictures today** 1 of 40" in before.content
    assert "**Pictures today** 1 of 40" in after.content
    assert "**Stealth jobs** 2 left today" in after.content
    assert "You have no such job" in life.content


async def test_two_presses_at_once_make_one_picture(house: House) -> None:
    done, post = await _posts(house)

    both = await asyncio.gather(*[presses(house["ana"], done, "Only me") for _ in range(2)])

    await house["mod"].sees_gone(post)
    await house["ana"].sees_until("dm", has_picture)
    assert 2 == len(house.engine.given)
    assert any("made again" in one.content for one in both)


async def test_two_presses_on_a_waiting_job_move_it_once(slow_house: House) -> None:
    queued = await asks(slow_house["ana"], "general", "imagine", prompt="a red star")
    place = await slow_house["mod"].sees_until("general", is_place)

    await asyncio.gather(*[slow_house["ana"].press(queued, label="Only me") for _ in range(2)])

    await slow_house["mod"].sees_gone(place)
    await slow_house["ana"].sees_until("dm", is_place)
    seen = await slow_house["ana"].sees("dm")
    assert 1 == len(seen)


async def test_it_works_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        done, post = await _posts(closed_house)

    async with closed_house.bot():
        await presses(closed_house["ana"], done, "Only me")

        await closed_house["mod"].sees_gone(post)
        await closed_house["ana"].sees_until("dm", has_picture)


async def test_a_waiting_job_is_moved_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        closed_house.engine.auto = False
        queued = await asks(closed_house["ana"], "general", "imagine", prompt="a red star")
        place = await closed_house["mod"].sees_until("general", is_place)

    async with closed_house.bot():
        closed_house.engine.auto = False
        await presses(closed_house["ana"], queued, "Only me")
        await closed_house["mod"].sees_gone(place)
        closed_house.engine.auto = True
        await ticks(closed_house, given=1)
        await closed_house["ana"].sees_until("dm", has_picture)

    assert [] == await closed_house.everything_seen_by("mod")


async def test_nobody_else_can_press_it(house: House) -> None:
    done, post = await _posts(house)

    with pytest.raises(ClientRefuses):
        await house["mod"].press(done, label="Only me")
    said = await forges(house, "mod", post, done.find(2, label="Only me"))

    assert "Only the person who asked for it can do that, while it is there." == said.content
    assert has_picture(await house["plum"].again(post))
    assert 1 == len(house.engine.given)


async def test_with_a_closed_dm_the_post_goes_all_the_same(house: House) -> None:
    done, post = await _posts(house)
    await house["ana"].change(dms="closed")

    said = await presses(house["ana"], done, "Only me")

    await house["mod"].sees_gone(post)
    await reads(house["ana"], said, "Your DM is closed to me")
    assert [] == await house.everything_seen_by("mod")


async def test_when_the_day_has_no_stealth_left_it_works_all_the_same(house: House) -> None:
    for number in range(3):
        said = await asks(
            house["ana"], "general", "imagine", prompt=f"star {number}", visibility="stealth"
        )
        await reads(house["ana"], said, "Done")
    done, post = await _posts(house)

    await presses(house["ana"], done, "Only me")

    await house["mod"].sees_gone(post)
    await house["ana"].sees_all_until(
        "dm", lambda seen: 4 == len([one for one in seen if has_picture(one)])
    )


async def test_a_stealth_job_needs_no_such_button(house: House) -> None:
    queued = await asks(house["pia"], "general", "imagine", prompt="a moon")
    done = await reads(house["pia"], queued, "Done")

    assert "Only me" not in queued.buttons
    assert [] == done.buttons


async def test_a_post_that_discord_keeps_is_said_to_stand_and_goes_later(house: House) -> None:
    done, post = await _posts(house)
    await house.people.weather(method="DELETE", route="/channels/", status=503, times=1)

    said = await presses(house["ana"], done, "Only me")

    assert "Discord did not let me delete that message" in said.content
    await house["ana"].sees_until("dm", has_picture)
    again = await presses(house["ana"], post, "Delete")
    await house["mod"].sees_gone(post)
    assert "Deleted." == again.content
