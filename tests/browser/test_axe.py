"""Who hears the page, reads it in another light or on a phone: axe finds nothing serious."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page, expect

from tests.browser.page import PHONE, Window, Windows
from tests.journeys.house import House, has_picture

SERIOUS = ("serious", "critical")
# What depends on the light alone is looked at in both lights, the rest once.
IN_ANOTHER_LIGHT = {"runOnly": ["color-contrast", "link-in-text-block"]}


async def _found(page: Page, options: dict[str, Any]) -> list[str]:
    found = await page.evaluate(
        "options => axe.run(document, {resultTypes: ['violations'], ...options})", options
    )
    return [
        f"{one['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else ''}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


async def nothing_serious(window: Window, light: str = "light") -> None:
    """Look at what stands there now, then at its colours in another light."""
    page = window.page
    if not await window.run("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    assert [] == await _found(page, {})
    await page.emulate_media(color_scheme="light" if light == "light" else "dark")
    assert [] == await _found(page, IN_ANOTHER_LIGHT)
    await page.emulate_media(color_scheme="dark" if light == "light" else "light")


async def test_the_page_by_day_and_by_night(house: House, house_windows: Windows) -> None:
    await house["ana"].slash("general", "imagine", prompt="a red star")
    await house["ana"].sees_until("general", has_picture)
    await house["pia"].say("general", "**look**, <@1> `code` ||hidden|| [there](https://a.example)")
    ana = await house_windows.open("ana", "general")
    pane, keys = ana.look("ana"), ana.page.keyboard
    await expect(pane.locator("img").first).to_be_visible()
    await nothing_serious(ana)

    await ana.composer("ana").get_by_role("textbox").press_sequentially("/im")
    await expect(pane.get_by_role("option").first).to_be_visible()
    await nothing_serious(ana)

    await keys.press("Enter")
    await expect(pane.locator(".command")).to_be_visible()
    await nothing_serious(ana)

    await keys.press("Enter")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    await nothing_serious(ana)

    await keys.press("Escape")
    await ana.page.get_by_role("button", name="Side by side").click()
    await ana.page.get_by_role("button", name="Wire").click()
    await expect(ana.page.locator("#drawers li").first).to_be_visible()
    await nothing_serious(ana)

    await ana.page.get_by_role("button", name="Weather").click()
    await ana.page.get_by_role("button", name="Tour", exact=True).click()
    await expect(ana.page.locator("#tour h3")).to_be_visible()
    await nothing_serious(ana)


async def test_the_page_on_a_phone(house: House, house_windows: Windows) -> None:
    await house["pia"].slash("general", "imagine", prompt="a red star --stealth")
    await house["pia"].sees_until("dm", has_picture)
    pia = await house_windows.open("pia", "dm", size=PHONE, theme="light")
    await expect(pia.look("pia").locator("img").first).to_be_visible()
    await nothing_serious(pia, "dark")

    await pia.page.get_by_role("button", name="Channels").click()
    await nothing_serious(pia, "dark")

    await pia.page.keyboard.press("Escape")
    await pia.page.get_by_role("button", name="Side by side").click()
    await pia.page.get_by_role("button", name="Tour", exact=True).click()
    await expect(pia.page.locator("#tour h3")).to_be_visible()
    await nothing_serious(pia, "dark")
