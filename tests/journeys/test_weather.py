"""First answers in bad weather: whoever was not answered has asked for nothing."""

from __future__ import annotations

from tests.journeys.house import House, has_picture, is_answer


async def test_an_ask_whose_first_answer_discord_did_not_take_costs_nothing(house: House) -> None:
    """Nobody would know of it: it is not queued, not counted and not posted."""
    await house.people.weather(method="POST", route="/callback", times=1, code=10062)
    await house["ana"].slash("general", "imagine", prompt="a red star")

    said = await house["ana"].sees_until("general", is_answer)

    assert "nothing was queued or counted" in said.content
    assert [] == house.engine.given
    assert [] == await house.everything_seen_by("mod")


async def test_a_first_answer_that_discord_heard_though_it_did_not_say_so_counts(
    house: House,
) -> None:
    await house.people.weather(method="POST", route="/callback", times=1, lost_answer=True)
    await house["ana"].slash("general", "imagine", prompt="a red star")

    await house["ana"].sees_until("general", lambda one: "Done" in one.content)

    assert 1 == len([one for one in await house["mod"].sees("general") if has_picture(one)])


async def test_whoever_discord_heard_twice_in_vain_is_told_that_nothing_is_queued(
    house: House,
) -> None:
    """Both attempts landed or not, no answer came: the one that stands says *try again*."""
    await house.people.weather(method="POST", route="/callback", times=1, lost_answer=True)
    await house.people.weather(method="POST", route="/callback", times=1, drop=True)
    await house["ana"].slash("general", "imagine", prompt="a red star")

    said = await house["ana"].sees_until("general", lambda one: "went wrong" in one.content)

    assert "nothing was queued or counted" in said.content
    assert [] == house.engine.given


async def test_an_ask_whose_queued_was_lost_is_delivered_all_the_same(house: House) -> None:
    await house.people.weather(method="PATCH", route="/webhooks/", times=1, drop=True)
    await house["ana"].slash("general", "imagine", prompt="a red star")

    await house["ana"].sees_until("general", lambda one: "Done" in one.content)

    assert 1 == len([one for one in await house["mod"].sees("general") if has_picture(one)])
