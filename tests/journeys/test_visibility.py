"""Who sees a person's work: chosen once, or for one job; and always said."""

from __future__ import annotations

import pytest

from tests.journeys.hearing import asks, presses, reads, seen_since, ticks
from tests.journeys.house import House, has_picture, is_answer, is_place

TWO_LINES = ("**Who can see it:**", "**What it may be used for:**")


@pytest.mark.parametrize(("command", "place"), [("stealth", "general"), ("private", "dm")])
async def test_after_stealth_anas_jobs_go_to_her_dm(house: House, command: str, place: str) -> None:
    said = await asks(house["ana"], place, command)
    await house["ana"].slash("general", "imagine", prompt="a hidden star")

    await house["ana"].sees_until("dm", has_picture)
    assert "only to your DM" in said.content
    assert all(line in said.content for line in TWO_LINES)
    assert [] == await house.everything_seen_by("mod")


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_after_public_pias_jobs_go_to_the_channel_without_a_question(
    house: House, place: str
) -> None:
    await asks(house["pia"], "general", "stealth")
    said = await asks(house["pia"], place, "public")
    await house["pia"].slash("general", "imagine", prompt="a red star")

    await house["mod"].sees_until("general", has_picture)
    assert all(line in said.content for line in TWO_LINES)
    assert "In my DM every job stays stealth" in said.content


async def test_a_word_in_the_prompt_makes_one_job_stealth_and_is_not_painted(
    house: House,
) -> None:
    for word in ("--stealth", "--private", "—stealth"):
        said = await asks(house["ana"], "general", "imagine", prompt=f"a red star {word}")
        await reads(house["ana"], said, "Done: your picture stands in your DM")
    await house["ana"].slash("general", "imagine", prompt="a blue star")

    await house["mod"].sees_until("general", has_picture)
    painted = [spec.prompt for _, spec in house.engine.given]
    assert ["a red star"] * 3 + ["a blue star"] == painted
    assert "red" not in str(await house.everything_seen_by("mod"))


async def test_a_word_in_the_prompt_makes_one_job_of_pias_public(house: House) -> None:
    for word in ("--public", "—public"):
        said = await asks(house["pia"], "general", "imagine", prompt=f"a red star {word}")
        await reads(house["pia"], said, "Done: your picture stands in the channel")
    await house["pia"].slash("general", "imagine", prompt="a blue star")

    await house["pia"].sees_until("dm", has_picture)
    shown = await house["mod"].sees("general")
    assert ["**a red star**"] * 2 == [one.content.split(" – ")[0] for one in shown]


async def test_who_says_both_is_told_to_say_one(house: House) -> None:
    for options in (
        {"prompt": "a star --public --stealth"},
        {"prompt": "a star --public", "visibility": "stealth"},
        {"prompt": "a star --stealth", "visibility": "public"},
    ):
        said = await asks(house["ana"], "general", "imagine", **options)
        assert "You said both public and stealth. Say one of them" in said.content

    assert [] == house.engine.given
    assert [] == await house.everything_seen_by("mod")


async def test_info_tells_the_mode_and_why(house: House) -> None:
    by_plan = await asks(house["ana"], "general", "info")
    pro = await asks(house["pia"], "general", "info")
    await asks(house["ana"], "general", "stealth")
    chosen = await asks(house["ana"], "general", "info")

    assert "**Visibility Mode** public · by your plan" in by_plan.content
    assert "**Visibility Mode** stealth · by your plan" in pro.content
    assert "**Visibility Mode** stealth · you said /stealth" in chosen.content
    assert all(line in chosen.content for line in TWO_LINES)


async def test_in_the_dm_info_says_stealth_because_of_the_dm(house: House) -> None:
    await asks(house["ana"], "general", "public")

    said = await asks(house["ana"], "dm", "info")

    assert "**Visibility Mode** stealth · as every job in my DM" in said.content


@pytest.mark.parametrize(
    ("person", "place", "seen"), [("ana", "general", "public"), ("pia", "dm", "stealth")]
)
async def test_every_line_of_a_job_says_who_sees_it(
    slow_house: House, person: str, place: str, seen: str
) -> None:
    await slow_house[person].slash("general", "imagine", prompt="a star", steps=30)
    waiting = await slow_house[person].sees_until(place, is_place)
    await slow_house.engine.was_given(1)
    slow_house.engine.tick()
    running = await slow_house[person].sees_until(place, lambda one: "step" in one.content)

    assert [seen] * 2 == [one.content.split(" · ")[-1] for one in (waiting, running)]


@pytest.mark.parametrize("is_running", [False, True])
async def test_stealth_takes_open_public_jobs_along(slow_house: House, is_running: bool) -> None:
    if not is_running:  # four rows fill the machine
        await slow_house["plum"].slash("gallery", "imagine", prompt="before", count=4)
        await slow_house.engine.was_given(1)
    answer = await slow_house["ana"].slash("general", "imagine", prompt="a red star")
    place = await slow_house["mod"].sees_until("general", is_place)
    if is_running:
        await slow_house.engine.was_given(1)
        slow_house.engine.tick()
        await slow_house["mod"].sees_until("general", lambda one: "step" in one.content)

    said = await asks(slow_house["ana"], "general", "stealth")

    await slow_house["mod"].sees_gone(place)
    assert "One job that was waiting or running goes to your DM now, too." in said.content
    assert "Its place could be seen in the channel since" in said.content
    await reads(slow_house["ana"], answer.message, "This job goes to your DM now")
    async with slow_house["mod"].stream() as frames:
        await ticks(slow_house, given=1)
        await ticks(slow_house, given=2)
        await slow_house["ana"].sees_until("dm", has_picture)
        await reads(slow_house["ana"], answer.message, "picture stands in your DM")
        seen = await seen_since(slow_house["mod"], frames, "staff")
    assert [] == [one for one in seen if one.channel == place.channel]


async def test_public_leaves_jobs_alone_that_were_accepted_as_stealth(slow_house: House) -> None:
    await slow_house["pia"].slash("general", "imagine", prompt="a hidden moon")
    await slow_house["pia"].sees_until("dm", is_place)

    await asks(slow_house["pia"], "general", "public")
    await ticks(slow_house, given=1)

    await slow_house["pia"].sees_until("dm", has_picture)
    assert [] == await slow_house.everything_seen_by("mod")


async def test_a_stealth_job_is_nowhere_but_in_its_owners_dm_at_any_moment(house: House) -> None:
    async with house["mod"].stream() as mods, house["zoe"].stream() as zoes:
        for command in ("imagine", "imagine"):
            await house["pia"].slash("general", command, prompt="a secret moon")
            shown = await house["pia"].sees_until("dm", has_picture)
            await presses(house["pia"], shown, "Recipe")
            await presses(house["pia"], shown, "Delete")
            await house["pia"].sees_gone(shown)
        house.engine.break_next()
        await house["pia"].slash("general", "imagine", prompt="a secret moon")
        await house["pia"].sees_until("general", lambda one: "could not be made" in one.content)
        await house["pia"].change(dms="closed")
        await house["pia"].slash("general", "imagine", prompt="a secret moon")
        await house["pia"].sees_until("general", lambda one: "closed to me" in one.content)

        assert [] == await seen_since(house["mod"], mods, "staff")
        assert [] == await seen_since(house["zoe"], zoes, "lobby")


async def test_the_first_answer_ever_tells_of_ai_of_use_and_of_how_long(house: House) -> None:
    first = await asks(house["ana"], "general", "imagine", prompt="a red star")
    await house["ana"].sees_until("general", has_picture)
    second = await asks(house["ana"], "general", "imagine", prompt="a blue star")
    pias = await asks(house["pia"], "general", "imagine", prompt="a moon")

    for word in ("made by AI", "What it may be used for", "Kept:", "your words for 30 days"):
        assert word in first.content
    assert "made by AI" not in second.content
    assert "Kept:" not in second.content
    assert "your words for 7 days" in pias.content


async def test_a_question_is_not_the_first_answer(house: House) -> None:
    """Who is asked back, or refused, has not been told yet."""
    await asks(house["ana"], "general", "imagine", prompt="a star --public --stealth")
    asked = await asks(house["ana"], "general", "imagine", prompt="for ana@example.com")
    accepted = await presses(house["ana"], asked, "Post it")

    assert "made by AI" in accepted.content
    assert is_answer(accepted)
