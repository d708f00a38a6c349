"""The guided tour: its six steps by its own buttons, and marks that a leak takes away."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, expect

from bot.sandbox import shipped_world as shipped
from tests.browser.page import Window, Windows
from tests.journeys.hearing import asks
from tests.journeys.house import House, has_picture
from tests.people import Seen

STEPS = 6
AS_PROMISED = "Seen, as promised."


def _tour(window: Window) -> Locator:
    return window.page.get_by_role("region", name="Guided tour")


async def _play(window: Window, deed: str) -> None:
    """Press the step's button by keyboard, and wait for its mark."""
    await _tour(window).get_by_role("button", name=deed).press("Enter")
    await expect(_tour(window)).to_contain_text(AS_PROMISED)


async def _next(window: Window) -> None:
    await _tour(window).get_by_role("button", name="Next").press("Enter")


async def _sees_alone(window: Window, name: str) -> None:
    """Only what one person sees is shown, to the end."""
    await expect(window.page.locator(".look")).to_have_count(1)
    await expect(window.look(name).locator(".message").last).to_be_in_viewport()
    assert "beside" not in window.page.url


async def _public(house: House, name: str, place: str = "general") -> list[Seen]:
    return [one for one in await house[name].sees(place) if has_picture(one)]


async def _allowance(house: House, name: str) -> str:
    """What is left to somebody today, as the bot says it."""
    said = await asks(house[name], "gallery", "info")
    return "\n".join(line for line in said.content.split("\n") if "today" in line)


@pytest.mark.timeout(180)
async def test_all_six_steps_do_what_they_say_and_everybody_sees_what_they_should(
    house: House, house_windows: Windows
) -> None:
    house.sandbox.hands["kill-worker"] = lambda: _kill(house)
    window = await house_windows.open("plum", "general")
    await window.page.get_by_role("button", name="Tour").first.click()

    await _play(window, "Let ana ask in public")
    [post] = await _public(house, "ana")
    assert [post.id] == [one.id for one in await _public(house, "mod")]

    await _next(window)
    await _play(window, "Let pia ask in stealth")
    assert 1 == len(await _public(house, "pia", "dm"))
    seen = str([one.raw for one in await house.everything_seen_by("mod")])
    for hers in ("house", "moon", str(shipped.PIA_ID)):
        assert hers not in seen
    assert [post.id] == [one.id for one in await _public(house, "mod")]

    await _next(window)
    before = await _allowance(house, "pia")
    await _play(window, "Close pia's DM, and ask")
    [refusal] = [one for one in await house["pia"].sees("general") if "closed to me" in one.content]
    assert refusal.ephemeral
    assert 1 == len(await _public(house, "pia", "dm"))
    assert 1 == len(await _public(house, "mod"))
    assert before == await _allowance(house, "pia")
    assert ["open"] * STEPS == [one["dms"] for one in (await house.people.everything())["users"]]

    await _next(window)
    await _play(window, "Let mod purge")
    assert [[], []] == [await _public(house, name) for name in ("ana", "mod")]
    assert [True] == [
        one.ephemeral for one in await house["mod"].sees("general") if "receipt." in one.content
    ]

    await _next(window)
    await _play(window, "Let ana erase everything")
    assert [[], []] == [await _public(house, name) for name in ("ana", "mod")]
    erased = [one for one in await house["ana"].sees("general") if "receipt." in one.content]
    assert [True] == [one.ephemeral for one in erased]
    assert "Messages deleted: 1 of 1." in erased[0].content  # the one made for this step

    await _next(window)
    given = len(house.engine.given)
    house.engine.auto = False
    button = _tour(window).get_by_role("button", name="Ask, and kill the worker")
    await window.page.clock.install()
    await button.press("Enter")
    await house.engine.was_given(given + 1)
    await window.page.clock.fast_forward(21_000)
    told = _tour(window).locator(".tour-line")
    await expect(told).to_have_text(re.compile(r"about to be painted\.2\d s$"))
    await expect(told.get_by_role("status")).to_have_text("ana's picture is about to be painted.")
    house.engine.tick()
    await expect(_tour(window)).to_contain_text(AS_PROMISED)
    assert given + 2 == len(house.engine.given)  # painted again
    assert 1 == len(await _public(house, "ana")) == len(await _public(house, "mod"))

    marks = _tour(window).locator(".tour-steps button")
    assert ["✓"] * STEPS == await marks.all_inner_texts()
    await expect(told).to_have_text(AS_PROMISED)
    await expect(_tour(window).locator(".primary")).to_have_text("Finish")  # the way on is meant
    await _tour(window).get_by_role("button", name="Finish").press("Enter")
    await expect(window.page.locator(".tool-tour")).to_be_focused()
    await _sees_alone(window, "plum")
    await window.page.keyboard.press("Enter")
    await expect(_tour(window)).to_contain_text("step 1 of 6")


def _kill(house: House) -> None:
    house.engine.auto = True
    house.engine.crash()


async def test_it_begins_anywhere_and_again_with_old_pictures_around(
    house: House, house_windows: Windows
) -> None:
    """No hand is there for the sixth step, and the third is left halfway."""
    window = await house_windows.open("ana", "general", tour="1")
    tour = _tour(window)

    await tour.get_by_role("button", name="Step 6").click()
    await expect(tour.get_by_role("button", name="Ask, and kill the worker")).to_be_disabled()
    await expect(tour).to_contain_text("make demo")

    await tour.get_by_role("button", name="Step 4").click()
    await _play(window, "Let mod purge")
    await tour.get_by_role("button", name="Step 1").click()
    await _play(window, "Let ana ask in public")
    await _play(window, "Again")
    assert 2 == len(await _public(house, "ana"))
    await window.look("ana").locator(".messages").press("Home")
    await expect(window.look("ana").locator(".to-end")).to_be_visible()
    await tour.get_by_role("button", name="Close the tour").click()
    await _sees_alone(window, "ana")
    await window.page.locator(".tool-tour").click()

    await house.people.weather(method="POST", route="/users/@me/channels", drop=True)
    await window.page.get_by_role("button", name="Weather").click()
    pias_dm = window.page.get_by_role("switch", name="pia")
    await tour.get_by_role("button", name="Step 3").click()
    await tour.get_by_role("button", name="Close pia's DM, and ask").click()
    await expect(pias_dm).to_have_text("pia: closed")
    await tour.get_by_role("button", name="Previous").click()  # left before its end
    await expect(pias_dm).to_have_text("pia: open")
    await house.people.weather(clear=True)

    await window.look("mod").get_by_label("Who looks, instead of mod").select_option("boss")
    await tour.get_by_role("button", name="Close the tour").click()
    await expect(tour).to_be_hidden()
    for person in ("pia", "boss"):  # they were chosen by hand
        await expect(window.look(person)).to_be_visible()


async def test_a_leak_while_pia_asks_in_stealth_takes_the_mark_away(
    house: House, house_windows: Windows
) -> None:
    house.engine.auto = False
    window = await house_windows.open("ana", "general", tour="1")
    tour = _tour(window)
    await tour.get_by_role("button", name="Step 2").click()
    await tour.get_by_role("button", name="Let pia ask in stealth").click()
    await house.engine.was_given(1)
    await expect(tour.locator(".tour-deed")).to_have_text("Watching …")

    leak = await house["boss"].say("general", "look: a house under a moon")
    await expect(tour).to_contain_text("mod saw something of pia's")
    await house["boss"].delete(leak)
    house.engine.auto = True
    house.engine.tick()
    await house["pia"].sees_until("dm", has_picture)

    await expect(tour.locator(".tour-promises .kept")).to_have_count(1)
    await expect(tour.locator(".tour-promises .kept")).to_contain_text("pia has her picture")
    await expect(tour).not_to_contain_text(AS_PROMISED)
    assert "2" == await tour.locator(".tour-steps [aria-current]").inner_text()
