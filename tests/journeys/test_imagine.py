"""From a word to a picture in the right place."""

from __future__ import annotations

import pytest

from bot.services import usher
from tests.asks import plans_text
from tests.fakes import FakeEngine
from tests.journeys.house import House, has_picture, is_answer, is_place
from tests.people import ClientRefuses


async def test_ana_asks_and_everybody_in_the_channel_sees_the_picture(house: House) -> None:
    answer = await house["ana"].slash("general", "imagine", prompt="a red star")

    assert answer.message.ephemeral
    seen = await house["mod"].sees_until("general", has_picture)
    assert ["image-1.webp"] == seen.filenames
    assert "a red star" in seen.content


async def test_the_answer_says_who_sees_it_and_what_it_is_used_for(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star")

    said = await house["ana"].sees_until("general", is_answer)

    assert "Who can see it" in said.content
    assert "What it may be used for" in said.content


async def test_only_the_first_answer_tells_that_pictures_are_made_by_ai(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star")
    first = await house["ana"].sees_until("general", lambda one: "Done" in one.content)
    await house["ana"].slash("general", "imagine", prompt="a blue star")
    second = await house["ana"].sees_until(
        "general", lambda one: "Done" in one.content and one.id != first.id
    )

    assert "made by AI" in first.content
    assert "made by AI" not in second.content


async def test_the_profile_says_ai(house: House) -> None:
    world = await house.people.everything()

    assert "AI" in world["bot"]["description"]


async def test_pia_on_pro_gets_it_in_her_dm_and_nobody_else_sees_anything(house: House) -> None:
    await house["pia"].slash("general", "imagine", prompt="a house under a moon")

    seen = await house["pia"].sees_until("dm", has_picture)
    assert "moon" not in seen.text
    for other in ("ana", "plum", "mod", "boss", "zoe"):
        assert [] == await house.everything_seen_by(other)


async def test_ana_may_ask_for_stealth_three_times_a_day(house: House) -> None:
    for number in range(3):
        await house["ana"].slash(
            "general", "imagine", prompt=f"star {number}", visibility="stealth"
        )
        await house["ana"].sees_all_until(
            "dm",
            lambda seen, so_far=number: len([one for one in seen if has_picture(one)]) > so_far,
        )

    await house["ana"].slash("general", "imagine", prompt="one more", visibility="stealth")
    said = await house["ana"].sees_until("general", lambda one: "used up" in one.content)

    assert said.ephemeral
    assert 3 == len(house.engine.given)


async def test_a_job_asked_for_in_the_dm_is_stealth(house: House) -> None:
    await house["ana"].slash("dm", "imagine", prompt="a boat on the sea")

    await house["ana"].sees_until("dm", has_picture)
    assert [] == await house["mod"].sees("general")


async def test_public_in_the_dm_is_refused_at_no_cost(house: House) -> None:
    await house["ana"].slash("dm", "imagine", prompt="a boat", visibility="public")

    said = await house["ana"].sees_until("dm", is_answer)
    assert "every job is stealth" in said.content
    assert [] == house.engine.given


async def test_a_plan_without_stealth_refuses_in_the_dm_while_help_keeps_working(
    closed_house: House,
) -> None:
    plans = closed_house.data.parent / "plans.toml"
    plans.write_text(plans_text("Free", stealth="never"))
    closed_house.options |= {"plans_file": plans, "role_plans": {}}
    async with closed_house.bot():
        await closed_house["ana"].slash("dm", "imagine", prompt="a boat")
        refusal = await closed_house["ana"].sees_until("dm", is_answer)
        await closed_house["ana"].slash("dm", "help")
        help_said = await closed_house["ana"].sees_until(
            "dm", lambda one: "/imagine" in one.content
        )

    assert refusal.ephemeral
    assert "no stealth" in refusal.content
    assert help_said.ephemeral
    assert [] == closed_house.engine.given


async def test_a_closed_dm_refuses_the_stealth_job_and_posts_nothing_anywhere(
    house: House,
) -> None:
    await house["pia"].change(dms="closed")

    await house["pia"].slash("general", "imagine", prompt="a secret")

    said = await house["pia"].sees_until("general", lambda one: "closed" in one.content)
    assert said.ephemeral
    assert "cost you nothing" in said.content
    assert [] == house.engine.given
    assert [] == await house["mod"].sees("general")


async def test_four_pictures_come_as_one_message(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="four stars", count=4)

    seen = await house["ana"].sees_until("general", has_picture)

    assert [f"image-{number}.webp" for number in (1, 2, 3, 4)] == seen.filenames


async def test_the_place_shows_progress_and_a_preview_in_public(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a slow star", steps=30)
    waiting = await slow_house["ana"].sees_until("general", is_place)
    assert "Waiting to start" in waiting.content

    await slow_house.engine.was_given(1)
    slow_house.engine.tick()

    running = await slow_house["mod"].sees_until("general", lambda one: "step" in one.content)
    assert ["preview.jpg"] == running.filenames
    assert "▱" in running.content


async def test_a_stealth_place_shows_progress_without_words_or_preview(slow_house: House) -> None:
    await slow_house["pia"].slash("general", "imagine", prompt="a slow secret", steps=30)
    await slow_house["pia"].sees_until("dm", is_place)

    await slow_house.engine.was_given(1)
    slow_house.engine.tick()

    running = await slow_house["pia"].sees_until("dm", lambda one: "step" in one.content)
    assert [] == running.filenames
    assert "secret" not in running.text


async def test_ana_cancels_a_running_job_and_it_leaves_no_trace(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a mistake")
    place = await slow_house["ana"].sees_until("general", is_place)

    answer = await slow_house["ana"].press(place, label="Cancel")

    assert answer.message.ephemeral
    await slow_house["mod"].sees_gone(place)
    slow_house.engine.tick()
    assert [] == await slow_house["mod"].sees("general")


async def test_nobody_cancels_the_job_of_another(slow_house: House) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="mine")
    place = await slow_house["mod"].sees_until("general", is_place)

    await slow_house["mod"].press(place, label="Cancel")

    said = await slow_house["mod"].sees_until("general", is_answer)
    assert "Only the person who asked" in said.content
    assert is_place(await slow_house["mod"].again(place))


async def test_a_job_can_be_cancelled_from_the_ephemeral_answer(slow_house: House) -> None:
    await slow_house["pia"].slash("general", "imagine", prompt="a mistake")
    place = await slow_house["pia"].sees_until("dm", is_place)
    said = await slow_house["pia"].sees_until(
        "general", lambda one: is_answer(one) and bool(one.buttons)
    )

    await slow_house["pia"].press(said, label="Cancel")

    await slow_house["pia"].sees_gone(place)


async def test_the_owner_deletes_a_result_and_nobody_else_can(house: House) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star")
    result = await house["mod"].sees_until("general", has_picture)

    await house["plum"].press(result, label="Delete")
    assert has_picture(await house["plum"].again(result))
    await house["ana"].press(result, label="Delete")

    await house["mod"].sees_gone(result)


async def test_buttons_work_after_a_restart(closed_house: House) -> None:
    async with closed_house.bot():
        await closed_house["ana"].slash("general", "imagine", prompt="a red star")
        result = await closed_house["ana"].sees_until("general", has_picture)

    async with closed_house.bot():
        await closed_house["ana"].press(result, label="Delete")
        await closed_house["ana"].sees_gone(result)


async def test_the_aspect_ratio_is_offered_as_the_model_has_it(house: House) -> None:
    choices = await house["ana"].autocomplete(
        "general", "imagine", focused="aspect_ratio", prompt="x", aspect_ratio="1"
    )

    assert ["1:1"] == [choice["value"] for choice in choices]


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"prompt": "   "}, "no word"),
        ({"prompt": "\u200b\u200d"}, "no word"),
        ({"prompt": "🎉🎉"}, "in words"),
        ({"prompt": "a star", "aspect_ratio": "7:1"}, "It knows"),
        ({"prompt": "a" * 4000, "negative_prompt": "b" * 4000}, "Shorten"),
        ({"prompt": "a star", "steps": 90}, "allows up to 30 steps"),
    ],
)
async def test_bad_input_is_answered_with_its_remedy_and_costs_nothing(
    house: House, options: dict[str, object], remedy: str
) -> None:
    await house["ana"].slash("general", "imagine", **options)

    said = await house["ana"].sees_until("general", is_answer)

    assert remedy in said.content
    assert [] == said.buttons
    assert [] == house.engine.given


@pytest.mark.parametrize(
    "options",
    [
        {"prompt": "a" * 6001},
        {"prompt": "x", "steps": 0},
        {"prompt": "x", "steps": 101},
        {"prompt": "x", "guidance": 0.5},
        {"prompt": "x", "seed": -1},
        {"prompt": "x", "seed": 2**32},
        {"prompt": "x", "count": 0},
        {"prompt": "x", "count": 5},
    ],
)
async def test_what_is_out_of_range_is_stopped_by_discords_own_client(
    house: House, options: dict[str, object]
) -> None:
    with pytest.raises(ClientRefuses):
        await house["ana"].slash("general", "imagine", **options)


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone <@1191168000000000021> <@&1> look",
        "[free](https://example.com) https://example.com discord.gg/x",
        "# big **bold** ||spoiler|| `code`",
        "\u202egnihtemos \u200bhidden",
    ],
)
async def test_a_hostile_prompt_pings_nobody_and_links_nowhere(house: House, prompt: str) -> None:
    await house["ana"].slash("general", "imagine", prompt=prompt)

    seen = await house["mod"].sees_until("general", has_picture)

    assert [] == [name for name in seen.mentions if name != "ana"]
    assert "://" not in seen.content
    assert not seen.raw["mentions_everyone"]


async def test_a_place_that_was_deleted_stops_its_job_and_tells_the_owner(
    slow_house: House,
) -> None:
    await slow_house["ana"].slash("general", "imagine", prompt="a star", steps=30)
    place = await slow_house["mod"].sees_until("general", is_place)
    await slow_house.engine.was_given(1)
    await slow_house["mod"].delete(place)

    for _ in range(31):
        slow_house.engine.tick()

    said = await slow_house["ana"].sees_until("general", lambda one: "gone" in one.content)
    assert said.ephemeral
    assert "cost you nothing" in said.content


async def test_the_engine_that_loads_is_named_in_the_answer(closed_house: House) -> None:
    async with closed_house.bot():
        engine = closed_house.engine
        engine._ready = None
        await closed_house["ana"].slash("general", "imagine", prompt="a star")
        said = await closed_house["ana"].sees_until("general", is_answer)
        engine.load()

        assert "loading" in said.content
        await closed_house["ana"].sees_until("general", has_picture)


async def test_a_job_that_fails_costs_nothing_and_its_place_is_gone(house: House) -> None:
    house.engine.break_next()

    await house["ana"].slash("general", "imagine", prompt="a star")

    said = await house["ana"].sees_until("general", lambda one: "could not be made" in one.content)
    assert said.ephemeral
    assert [said.id] == [one.id for one in await house["ana"].sees("general")]


async def test_a_job_that_kills_the_worker_says_so_and_is_given_up_the_third_time(
    closed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usher, "LOOK_SECONDS", 3600.0)  # it says so at once, or not at all
    house = closed_house
    async with house.bot(FakeEngine(auto=False)):
        await house["ana"].slash("general", "imagine", prompt="poison", steps=30)
        await house.engine.was_given(1)
        house.engine._ready = None
        house.engine.crash()
        await house["mod"].sees_until(
            "general", lambda one: "begins again by itself" in one.content
        )
        house.engine.load()
        for attempt in range(2, 4):
            await house.engine.was_given(attempt)
            house.engine.crash()

        said = await house["ana"].sees_until("general", lambda one: "three times" in one.content)

        assert said.ephemeral
