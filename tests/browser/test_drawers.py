"""The drawers: what the network carries, as it passes; and weather that anybody may order."""

from __future__ import annotations

from typing import Any

from playwright.async_api import WebSocket, expect

from tests.browser.page import Windows
from tests.journeys.hearing import reads
from tests.journeys.house import House, has_picture
from tests.people import People

# how many rows there are, and all of them open; another may come right after
OPEN_ALL = """(drawer) => {
  for (let row; (row = drawer.querySelector(".wire-row[aria-expanded=false]"));) row.click();
  return drawer.querySelectorAll(".wire-row").length;
}"""


async def test_whoever_opens_the_wire_sees_requests_pass_and_no_secret(
    house: House, house_windows: Windows
) -> None:
    window = await house_windows.open("ana", "general")
    page, lines = window.page, list[WebSocket]()
    page.on("websocket", lambda line: lines.append(line) if "/wire/" in line.url else None)
    await page.get_by_role("button", name="Wire").click()
    drawer = page.get_by_role("region", name="Behind the scenes")
    rows = drawer.locator(".wire-row")
    await expect(
        drawer.get_by_text("What the network carries; no member sees this")
    ).to_be_visible()

    answer = await house["pia"].slash("general", "imagine", prompt="xylophone quartz")
    await reads(house["pia"], answer.message, "Done")
    callback = rows.filter(has_text="/callback").first
    await expect(callback).to_contain_text("POST")
    await expect(callback).to_contain_text("ok")
    await expect(rows.filter(has_text="length only").first).to_be_visible()

    await drawer.get_by_role("searchbox").press_sequentially("patch /webhooks")  # it stays there
    await expect(rows.filter(has_text="/callback")).to_have_count(0)
    await rows.first.focus()
    await page.keyboard.press("Enter")
    await expect(rows.first).to_have_attribute("aria-expanded", "true")
    detail = drawer.locator(".wire-detail").first
    await expect(detail).to_contain_text("characters›")
    await expect(detail).to_contain_text("‹token›")
    await drawer.get_by_role("searchbox").fill("")
    opened = await drawer.evaluate(OPEN_ALL)
    await expect(drawer.locator(".wire-detail")).to_have_count(opened)
    assert "xylophone" not in await drawer.inner_text()

    await drawer.get_by_role("button", name="Pause").click()
    before = await rows.count()
    await house["ana"].slash("general", "imagine", prompt="a red star")
    await house["ana"].sees_until("general", has_picture)
    await expect(drawer.get_by_role("button", name="came)")).to_be_visible()
    assert before == await rows.count()
    await drawer.get_by_role("button", name="came)").click()
    await expect(rows.nth(before)).to_be_attached()
    await drawer.get_by_role("button", name="Clear").click()
    await expect(rows).to_have_count(0)

    async with lines[0].expect_event("close"):
        await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(page.get_by_role("button", name="Wire")).to_be_focused()
    assert 1 == len(lines)


async def test_whoever_orders_weather_sees_what_holds_and_can_calm_it(
    house: House, house_windows: Windows
) -> None:
    window = await house_windows.open("pia", "general")
    page, people = window.page, house.people
    await page.get_by_role("button", name="Weather").click()
    drawer = page.get_by_role("region", name="Behind the scenes")
    holds = drawer.locator(".weather-now")

    await drawer.get_by_role("switch", name="pia").click()
    await expect(holds).to_contain_text("Closed DMs: pia")
    assert "closed" == next(one for one in await _users(people) if one["name"] == "pia")["dms"]

    for act, said in (
        ("Delay by 1 s", "Delay by 1 s: until it is calm"),
        ("Too many requests", "Too many requests: 5 more"),
        ("Lose answers", "Lose answers: 3 more"),
        ("Refuse an upload", "Refuse an upload: 2 more (/channels/ over 4000 bytes)"),
    ):
        await drawer.get_by_role("button", name=act).click()
        await expect(holds).to_contain_text(said)
        await expect(drawer.get_by_role("button", name=f"{act}: holds now")).to_be_disabled()
    assert 4 == len((await _weather(people))["rules"])

    before = (await _weather(people))["now"]
    await drawer.get_by_role("button", name="Clock +20 min").click()
    await expect(drawer.get_by_role("button", name="Drop the gateway")).to_be_enabled()
    assert 20 * 60 <= (await _weather(people))["now"] - before

    await drawer.get_by_role("button", name="Calm").click()
    await expect(holds).to_contain_text("No fault is ordered")
    await expect(holds).not_to_contain_text("Closed DMs")
    assert [] == (await _weather(people))["rules"]

    logins = len(house.sandbox.gateway.identifies)
    await drawer.get_by_role("button", name="Drop the gateway").click()
    await house["pia"].slash("general", "imagine", prompt="a red star")
    await house["pia"].sees_until("dm", has_picture)
    await expect(holds).to_contain_text("The bot is connected")
    assert logins == len(house.sandbox.gateway.identifies)  # it went on where it was


async def _users(people: People) -> list[dict[str, Any]]:
    return list((await people.everything())["users"])


async def _weather(people: People) -> dict[str, Any]:
    return dict(await people.call("GET", "/weather"))
