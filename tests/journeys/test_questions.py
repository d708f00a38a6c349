"""Nobody becomes more public without pressing for it, and nobody else can press."""

from __future__ import annotations

import pytest

from bot.sandbox.events import Event
from tests.journeys.hearing import asks, forges, presses, reads, seen_since
from tests.journeys.house import House, has_picture
from tests.people import ClientRefuses, Seen

LOOSER = "Your last job would have gone only to your DM"
PERSONAL = "Your words hold something like"
CHOICES = ["Post it", "Only to me", "Cancel"]


async def _pia_loses_pro(house: House, prompt: str = "a red star", **options: str) -> Seen:
    """Pia works on Pro once, loses her role, and asks again; what she is told then."""
    await house["pia"].slash("general", "imagine", prompt="a hidden moon")
    await house["pia"].sees_until("dm", has_picture)
    await house["pia"].change(roles=[])
    return await asks(house["pia"], "general", "imagine", prompt=prompt, **options)


async def _used(house: House, person: str) -> str:
    said = await asks(house[person], "general", "info")
    return next(line for line in said.content.splitlines() if "Pictures today" in line)


async def test_pia_is_asked_when_her_plan_ends_and_without_an_answer_nothing_happens(
    house: House,
) -> None:
    asked = await _pia_loses_pro(house)
    again = await asks(house["pia"], "general", "imagine", prompt="a blue star")

    for one in (asked, again):
        assert LOOSER in one.content
        assert "**Who could see it:**" in one.content
        assert "**What it may be used for:**" in one.content
        assert CHOICES == one.buttons
    assert "**Pictures today** 1 of 40" == await _used(house, "pia")
    assert 1 == len(house.engine.given)
    assert [] == await house.everything_seen_by("mod")


async def test_pia_posts_it_and_is_not_asked_again(house: House) -> None:
    asked = await _pia_loses_pro(house)
    await presses(house["pia"], asked, "Post it")

    await house["mod"].sees_until("general", has_picture)
    said = await asks(house["pia"], "general", "imagine", prompt="a blue star")
    assert LOOSER not in said.content
    await house["mod"].sees_until("general", lambda one: has_picture(one) and "blue" in one.content)


async def test_a_command_that_is_told_again_after_its_press_makes_nothing_more(
    house: House,
) -> None:
    told: list[Event] = []
    house.sandbox.world.listen(told.append)
    asked = await _pia_loses_pro(house)
    (*_, command) = [one for one in told if getattr(one, "name", "") == "INTERACTION_CREATE"]
    await presses(house["pia"], asked, "Post it")
    await house["mod"].sees_until("general", has_picture)

    house.sandbox.world.emit(command)
    await asks(house["pia"], "general", "imagine", prompt="a blue star")
    await house["mod"].sees_until("general", lambda one: has_picture(one) and "blue" in one.content)

    assert "**Pictures today** 3 of 40" == await _used(house, "pia")


async def test_pia_keeps_it_to_herself_and_is_asked_again_next_time(house: House) -> None:
    asked = await _pia_loses_pro(house)
    async with house["mod"].stream() as frames:
        await presses(house["pia"], asked, "Only to me")
        await house["pia"].sees_all_until(
            "dm", lambda seen: 2 == len([one for one in seen if has_picture(one)])
        )
        said = await asks(house["pia"], "general", "imagine", prompt="a blue star")

        assert LOOSER in said.content
        assert [] == await seen_since(house["mod"], frames, "staff")


async def test_pia_drops_it_and_it_costs_nothing(house: House) -> None:
    asked = await _pia_loses_pro(house)
    dropped = await presses(house["pia"], asked, "Cancel")
    late = await presses(house["pia"], asked, "Post it")

    assert "Dropped. Nothing was queued or counted." == dropped.content
    assert "I have forgotten that question" in late.content
    assert "**Pictures today** 1 of 40" == await _used(house, "pia")
    assert [] == await house.everything_seen_by("mod")


async def test_a_question_can_be_answered_once(house: House) -> None:
    asked = await _pia_loses_pro(house)
    await presses(house["pia"], asked, "Post it")
    second = await presses(house["pia"], asked, "Post it")

    await house["mod"].sees_until("general", has_picture)
    assert "I have forgotten that question" in second.content
    assert 2 == len(house.engine.given)


async def test_a_restart_forgets_the_question_and_posts_nothing(closed_house: House) -> None:
    async with closed_house.bot():
        asked = await _pia_loses_pro(closed_house)

    async with closed_house.bot():
        late = await presses(closed_house["pia"], asked, "Post it")

        assert "I have forgotten that question" in late.content
        assert [] == closed_house.engine.given
        assert [] == await closed_house.everything_seen_by("mod")


@pytest.mark.parametrize("options", [{"visibility": "public"}, {"prompt": "a red star --public"}])
async def test_who_says_public_is_not_asked_whether_they_mean_it(
    house: House, options: dict[str, str]
) -> None:
    said = await _pia_loses_pro(house, **options)

    assert LOOSER not in said.content
    await house["mod"].sees_until("general", has_picture)


async def test_the_command_public_is_a_press_for_it(house: House) -> None:
    await _pia_loses_pro(house)
    await asks(house["pia"], "general", "public")
    said = await asks(house["pia"], "general", "imagine", prompt="a blue star")

    assert LOOSER not in said.content
    await house["mod"].sees_until("general", has_picture)


async def test_personal_details_are_asked_about_before_they_stand_in_public(
    house: House,
) -> None:
    for prompt in (
        "a card for ana.example@example.com",
        "call me at +49 30 901820",
        "a house at 221 Baker Street, London",
        "pay to DE89 3704 0044 0532 0130 00",
        "pay with 4111 1111 1111 1111",
    ):
        asked = await asks(house["ana"], "general", "imagine", prompt=prompt)
        assert PERSONAL in asked.content
        assert prompt not in asked.content
        assert CHOICES == asked.buttons

    assert [] == house.engine.given
    assert [] == await house.everything_seen_by("mod")


async def test_ordinary_words_are_not_asked_about(house: House) -> None:
    for prompt in ("a red star", "3 stars at 12:30", "route 66 in 1955"):
        said = await asks(house["ana"], "general", "imagine", prompt=prompt)
        assert PERSONAL not in said.content
        await reads(house["ana"], said, "Done")


async def test_personal_details_posted_on_purpose_are_posted(house: House) -> None:
    asked = await asks(house["ana"], "general", "imagine", prompt="for ana@example.com")
    await presses(house["ana"], asked, "Post it")

    await house["mod"].sees_until("general", has_picture)


@pytest.mark.parametrize("options", [{"visibility": "stealth"}, {"prompt": "ana@e.org --stealth"}])
async def test_personal_details_are_nobodys_business_in_stealth(
    house: House, options: dict[str, str]
) -> None:
    given = {"prompt": "ana@example.com"} | options
    said = await asks(house["ana"], "general", "imagine", **given)

    assert PERSONAL not in said.content
    await house["ana"].sees_until("dm", has_picture)


async def test_personal_details_that_will_not_be_shown_are_not_asked_about(house: House) -> None:
    await asks(house["ana"], "general", "privacy prompt hide")
    said = await asks(house["ana"], "general", "imagine", prompt="for ana@example.com")

    assert PERSONAL not in said.content
    shown = await house["mod"].sees_until("general", has_picture)
    assert "example" not in shown.text


async def test_two_reasons_are_asked_about_one_after_the_other(house: House) -> None:
    first = await _pia_loses_pro(house, "for pia@example.com")
    second = await presses(house["pia"], first, "Post it")
    assert [] == await house.everything_seen_by("mod")
    third = await presses(house["pia"], second, "Post it")

    assert LOOSER in first.content
    assert PERSONAL in second.content
    assert CHOICES == second.buttons
    await reads(house["pia"], third, "Done")
    await house["mod"].sees_until("general", has_picture)


async def test_nobody_answers_a_question_of_somebody_else(house: House) -> None:
    asked = await asks(house["ana"], "general", "imagine", prompt="for ana@example.com")
    hello = await house["mod"].say("general", "hello")
    for label in CHOICES:
        with pytest.raises(ClientRefuses):
            await house["mod"].press(asked, label=label)
        said = await forges(house, "mod", hello, asked.find(2, label=label))
        assert "I have forgotten that question" in said.content

    assert [] == house.engine.given
    done = await presses(house["ana"], asked, "Cancel")
    assert "Dropped" in done.content


async def test_a_remade_stealth_recipe_does_not_become_public_by_itself(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a hidden star", visibility="stealth")
    shown = await house["ana"].sees_until("dm", has_picture)
    await asks(house["ana"], "general", "public")
    async with house["mod"].stream() as frames:
        await presses(house["ana"], shown, "Again")
        await house["ana"].sees_all_until(
            "dm", lambda seen: 2 == len([one for one in seen if has_picture(one)])
        )

        assert [] == await seen_since(house["mod"], frames, "staff")
