"""The prompt line: several jobs from one, parameters, and one clear line for what is wrong."""

from __future__ import annotations

import pytest

from tests.journeys.hearing import asks, heard, presses
from tests.journeys.house import House, has_picture

FOUR = "{red, blue} star --repeat 2"
MANY = "Your line makes 4 jobs with 4 pictures in all."


async def _used(house: House, person: str) -> str:
    said = await asks(house[person], "general", "info")
    return next(line for line in said.content.splitlines() if "Pictures today" in line)


async def test_plum_asks_for_two_colours_twice_confirms_and_gets_four(house: House) -> None:
    asked = await asks(house["plum"], "general", "imagine", prompt=FOUR)
    assert MANY in asked.content
    assert "Nothing is queued or counted until you choose." in asked.content
    assert ["Go ahead", "Cancel"] == asked.buttons
    assert [] == house.engine.given

    said = await presses(house["plum"], asked, "Go ahead")

    shown = await house["mod"].sees_all_until(
        "general", lambda seen: 4 == len([one for one in seen if has_picture(one)])
    )
    assert "Your line made 4 jobs" in said.content
    assert "**Who can see it:**" in said.content
    assert sorted(["red star", "blue star"] * 2) == sorted(
        spec.prompt for _, spec in house.engine.given
    )
    assert all("repeat" not in one.text for one in shown)


async def test_plum_thinks_better_of_it_and_nothing_is_made(house: House) -> None:
    asked = await asks(house["plum"], "general", "imagine", prompt=FOUR)
    before = await _used(house, "plum")

    dropped = await presses(house["plum"], asked, "Cancel")
    late = await presses(house["plum"], asked, "Go ahead")

    assert "Nothing was queued or counted" in dropped.content
    assert "I have forgotten that question" in late.content
    assert before == await _used(house, "plum")
    assert [] == house.engine.given


async def test_a_second_press_makes_nothing_more(house: House) -> None:
    asked = await asks(house["plum"], "general", "imagine", prompt=FOUR)
    await presses(house["plum"], asked, "Go ahead")
    late = await presses(house["plum"], asked, "Go ahead")

    await house["mod"].sees_all_until(
        "general", lambda seen: 4 == len([one for one in seen if has_picture(one)])
    )
    assert "I have forgotten that question" in late.content
    assert 4 == len(house.engine.given)


async def test_anas_braces_are_too_many_for_her_plan(house: House) -> None:
    said = await asks(
        house["ana"], "general", "imagine", prompt="{0,1,2,3,4,5,6,7,8,9}" * 4 + " stars"
    )

    assert "Your braces make 10,000 jobs, and the plan Free allows 4 from one line." in said.content
    assert [] == house.engine.given
    assert [] == await house.everything_seen_by("mod")


async def test_stealth_anywhere_in_the_line_is_stealth_for_all_of_it(house: House) -> None:
    asked = await asks(
        house["pia"], "general", "imagine", prompt="{a red --stealth, a blue} star --ar 1:1"
    )
    await presses(house["pia"], asked, "Go ahead")

    await house["pia"].sees_all_until(
        "dm", lambda seen: 2 == len([one for one in seen if has_picture(one)])
    )
    assert [] == await house.everything_seen_by("mod")


async def test_a_restart_between_question_and_press_makes_nothing(closed_house: House) -> None:
    async with closed_house.bot():
        asked = await asks(closed_house["plum"], "general", "imagine", prompt=FOUR)

    async with closed_house.bot():
        late = await presses(closed_house["plum"], asked, "Go ahead")

        assert "I have forgotten that question" in late.content
        assert [] == closed_house.engine.given


async def test_who_wants_no_processing_any_more_has_none_of_them_made(house: House) -> None:
    asked = await asks(house["plum"], "general", "imagine", prompt=FOUR)
    which = await asks(house["plum"], "general", "privacy opt-out")
    sure = await presses(house["plum"], which, "No processing")
    await presses(house["plum"], sure, sure.buttons[0])

    said = await presses(house["plum"], asked, "Go ahead")

    assert "not to process" in said.content or "forgotten that question" in said.content
    assert [] == house.engine.given


@pytest.mark.parametrize("place", ["general", "dm"])
async def test_each_fault_of_a_line_is_one_clear_line(house: House, place: str) -> None:
    for prompt, said in (
        ("a star --steps 0", "`--steps` (at character 8) takes a whole number from 1 to 100"),
        ("a star --seed", "`--seed` (at character 8) needs a value"),
        ("a star --tile --tile", "`--tile` is there twice, the second time at character 15"),
        ("a star --chaos 9", "`--chaos` (at character 8) is of another bot"),
        ("a star --sed 9", "Did you mean `--seed`?"),
        ("a {red, blue star", "A brace is opened and never closed (at character 3)"),
        ("a star::1.2.3", "That weight (at character 7) is no number"),
        ("a __weather__ star", "You keep no list"),
        ("a star --iw 1", "`--iw` (at character 8) says how far a picture is changed"),
        ("a star --lora ink", "has no such LoRA"),
        ("a star —ar 7:1", "It knows"),
    ):
        answer = await asks(house["ana"], place, "imagine", prompt=prompt)
        assert said in answer.content, prompt
        assert "\n" not in answer.content

    assert [] == house.engine.given


async def test_options_of_the_command_and_of_the_line_come_together(house: House) -> None:
    said = await asks(
        house["pia"],
        "general",
        "imagine",
        prompt="a red star --seed 5 —no moons --s 1000",
        sampler="ddim",
        stop=50,
        tile=True,
        speed="relax",
        visibility="public",
    )
    await house["mod"].sees_until("general", has_picture)

    (spec,) = [spec for _, spec in house.engine.given]
    assert ("a red star", "moons", (5,)) == (spec.prompt, spec.negative_prompt, spec.seeds)
    assert ("ddim", 0.5, True) == (spec.sampler, spec.stop, spec.tile)
    assert "relaxed" in said.content
    assert "`--stylize 1000` is read as guidance" in said.content


async def test_an_option_that_disagrees_with_the_line_is_refused(house: House) -> None:
    said = await asks(house["ana"], "general", "imagine", prompt="a star --steps 5", steps=6)

    assert "`--steps` and the command's own option (at character 8)" in said.content
    assert [] == house.engine.given


@pytest.mark.parametrize(
    ("asked", "says", "stands"),
    [("general", "", "general"), ("dm", "", "dm"), ("general", "--stealth", "dm")],
)
async def test_a_spoiler_is_covered_until_somebody_clicks(
    house: House, asked: str, says: str, stands: str
) -> None:
    await asks(house["plum"], asked, "imagine", prompt=f"a red star --spoiler {says}")

    await house["plum"].sees_until(
        stands, lambda one: ["SPOILER_image-1.webp"] == list(one.filenames)
    )


async def test_the_form_begins_with_what_was_chosen(house: House) -> None:
    answer = await house["plum"].slash(
        "general", "imagine", sampler="euler", stop=80, tile=True, repeat=2, speed="fast", steps=7
    )
    asked = await heard(
        house["plum"],
        await house["plum"].fill(
            answer.modal, prompt="a red star --sampler euler --stop 80 --tile --repeat 2 --fast"
        ),
    )

    assert "Your line makes 2 jobs" in asked.content
    assert "--sampler euler --stop 80 --tile --repeat 2 --fast" in str(answer.modal)


async def test_slow_jobs_of_a_line_can_be_cancelled_together(slow_house: House) -> None:
    asked = await asks(slow_house["plum"], "general", "imagine", prompt=FOUR)
    await presses(slow_house["plum"], asked, "Go ahead")

    said = await asks(slow_house["plum"], "general", "cancel", job="all")

    assert "4 jobs cancelled." in said.content
