"""The rooms around the messages: where one can go, who else is there, what came, what is lost."""

import re
from pathlib import Path

from playwright.async_api import Browser, Locator, expect

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.browser.page import PHONE, WIDE, Window, Windows
from tests.fakes import FakeEngine
from tests.journeys.house import House
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, sent

CAFE = "Darkroom Café"
CUT_OFF = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => one.id || one.textContent)"""
LINE_IS_LOST = ["WebSocket connection", "ERR_CONNECTION_REFUSED"]


def place(window: Window, name: str) -> Locator:
    """A channel in the list on the left."""
    return window.page.locator("#channels").get_by_role("button", name=re.compile(rf"^{name}"))


def title(window: Window) -> Locator:
    return window.page.locator(".look-title b")


async def stands_new(window: Window, person: str) -> str:
    """The text of the message that stands under the "new" line."""
    line = window.look(person).locator(".divider.new")
    return await line.locator("xpath=following-sibling::li[1]").inner_text()


async def test_what_came_for_ana_is_marked_until_any_tab_of_hers_shows_it(
    windows: Windows, people: People
) -> None:
    await people["pia"].say("gallery", "seen long ago")
    ana = await windows.open("ana", "general")
    other = await windows.open_beside(ana, "ana", "general")
    mod = await windows.open("mod", "general")
    await expect(place(ana, "gallery").locator(".dot, .count")).to_have_count(0)

    await people["pia"].say("gallery", "for nobody in particular")
    await expect(place(ana, "gallery").locator(".dot")).to_be_visible()
    await people["pia"].say("gallery", f"<@{shipped.ANA_ID}> look here")

    for tab in (ana, other):
        await expect(place(tab, "gallery").locator(".count")).to_contain_text("1 unread for you")
        await expect(tab.page).to_have_title("(1) ana · Darkroom")
    await expect(place(mod, "gallery").locator(".dot")).to_be_visible()

    await people["pia"].say("gallery", f"<@&{shipped.MODERATOR_ROLE_ID}> help")
    await expect(place(mod, "gallery").locator(".count")).to_contain_text("1 unread for you")

    await place(other, "gallery").click()
    await expect(other.look("ana").locator(".divider.new")).to_be_visible()
    assert "for nobody in particular" in await stands_new(other, "ana")
    await expect(place(ana, "gallery").locator(".dot, .count")).to_have_count(0)
    await expect(ana.page).to_have_title("ana · Darkroom")
    await expect(place(mod, "gallery").locator(".count")).to_be_visible()
    kept = await ana.run("JSON.stringify(localStorage)")
    assert "look here" not in kept
    assert "read:ana" in kept


AWAY = """async () => {
  (await import("/page/look/room.js")).Room.KEPT = 60;
  Object.defineProperty(document, "hidden", { value: true });
}"""


async def test_ana_reads_back_and_is_told_what_came_meanwhile(
    windows: Windows, people: People, rest: Rest
) -> None:
    lines = [await people["pia"].say("general", f"line {n:03}") for n in range(130)]
    ana = await windows.open("ana", "general")
    pane = ana.look("ana")
    await ana.page.keyboard.press("Tab")
    await expect(ana.page.get_by_role("link", name="To the messages")).to_be_focused()
    await expect(ana.message("ana", "line 129")).to_be_in_viewport()
    await expect(ana.message("ana", "line 000")).to_have_count(0)

    await ana.page.locator(".messages").focus()
    await ana.page.keyboard.press("ArrowUp")
    await expect(ana.message("ana", "line 129")).to_be_focused()
    await ana.page.keyboard.press("Home")
    await expect(ana.message("ana", "line 030")).to_be_focused()
    await expect(ana.message("ana", "line 000")).to_have_count(1)
    await expect(ana.message("ana", "line 030")).to_be_in_viewport()
    painting = await sent(rest, content="0 %")
    await expect(pane.locator(".to-end")).to_have_text("1 new · jump to latest")
    for n in range(1, 6):
        await rest("PATCH", f"{GENERAL}/{painting['id']}", {"content": f"{n}0 %"})
    await expect(ana.message("ana", "50 %")).to_have_count(1)
    await expect(ana.message("ana", "line 030")).to_be_in_viewport()
    heard = pane.locator("[aria-live=polite] p")
    await expect(heard).to_have_text(["Darkroom: 0 %"])
    await people["pia"].delete(lines[30])
    await expect(ana.message("ana", "line 031")).to_be_focused()
    await expect(ana.message("ana", "line 031")).to_be_in_viewport()
    await people["pia"].say("general", f"<@{shipped.ANA_ID}> look")
    await expect(pane.locator(".to-end")).to_have_text("2 new, 1 for you · jump to latest")

    await pane.locator(".to-end").click()
    await expect(ana.message("ana", "50 %")).to_be_in_viewport()
    assert "50 %" in await stands_new(ana, "ana")
    await expect(pane.locator(".to-end")).to_be_hidden()
    assert 131 == await pane.locator(".message").count()
    await ana.page.keyboard.press("Home")
    await expect(pane.locator(".to-end")).to_be_visible()
    await ana.composer("ana").get_by_label("Message").fill("here I am")
    await ana.page.keyboard.press("Enter")
    await expect(ana.message("ana", "here I am")).to_be_in_viewport()

    await ana.run(AWAY)  # over night, say
    for n in range(15):
        await people["pia"].say("general", f"night {n:02}")
    await expect(ana.message("ana", "night 14")).to_be_visible()
    await expect(pane.locator(".message")).to_have_count(60)


WALK = (  # a key, and the title of what it leads to
    ("Tab", "Be pia"),
    ("Tab", "Open pia in a tab of their own"),
    ("Tab", "Tour"),
    ("Shift+Tab", "Open pia in a tab of their own"),
    ("ArrowRight", "Be mod"),
    ("Home", "Be ana"),
    ("ArrowLeft", "Be ana"),
    ("Tab", "Open ana in a tab of their own"),
    ("Tab", "Tour"),
    ("Shift+Tab", "Open pia in a tab of their own"),  # nobody else was chosen
    ("End", "Be zoe"),
)


async def walks_past_all_people(pia: Window) -> None:
    """By keyboard from the top of the page, to zoe at last."""
    to_field = pia.page.get_by_role("link", name="To the message field")
    await to_field.press("Enter")
    await expect(pia.composer("pia").get_by_role("textbox")).to_be_focused()
    await to_field.focus()
    walked = []
    for key, _ in WALK:
        await pia.page.keyboard.press(key)
        walked.append((key, await pia.run("document.activeElement.title")))
    assert list(WALK) == walked


async def test_the_world_changes_while_mod_and_pia_look(windows: Windows, people: People) -> None:
    await people.world(thread={"parent": "general", "name": "side"})
    pia = await windows.open("pia", "gallery")
    mod = await windows.open("mod", "staff")
    await expect(title(pia)).to_have_text("gallery")
    await expect(title(mod)).to_have_text("staff")
    await expect(place(pia, "side")).to_be_visible()
    await expect(place(pia, "staff")).to_have_count(0)
    assert [] == await pia.run(CUT_OFF, "#head, #switch, #tools, .tool")
    await walks_past_all_people(pia)
    members = pia.page.locator("#members")
    await expect(members.get_by_role("heading")).to_have_text(
        ["Moderator · 1", "Pro · 1", "Plus · 1", "Members · 2", "Bot · 1"]
    )

    await people.world(channel={"guild": CAFE, "name": "gallery", "delete": True})
    await people["mod"].change(roles=[])

    await expect(title(pia)).to_have_text("general")
    await expect(title(mod)).to_have_text("general")
    await expect(place(mod, "staff")).to_have_count(0)
    await expect(members.get_by_role("heading").first).to_have_text("Pro · 1")
    zoe = pia.page.locator("#switch").get_by_role("button", name="zoe")
    await expect(zoe).to_be_focused()
    await pia.page.keyboard.press("Enter")
    await expect(title(pia)).to_have_text("lobby")
    await expect(zoe).to_be_focused()
    await expect(zoe).to_have_attribute("aria-pressed", "true")
    assert "as=zoe" in pia.page.url


async def test_the_sandbox_starts_again_and_the_page_shows_what_is_there_now(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "world.json"
    async with Windows(browser, "http://127.0.0.1") as windows:
        windows.allowed = LINE_IS_LOST
        async with Sandbox(world_file=file) as first, People(first.url) as people:
            windows.url = first.url
            stays = await people["pia"].say("general", "this stays")
            goes = await people["pia"].say("general", "this goes")
            ana = await windows.open("ana", "general", beside="mod")
            await expect(ana.message("mod", "this goes")).to_be_visible()
        status = ana.page.locator("#status")
        await expect(status).to_contain_text("Connection lost. Trying again …")
        await status.get_by_role("button", name="Try now").click()
        async with Sandbox(world_file=file) as elsewhere, People(elsewhere.url) as people:
            await people["pia"].delete(goes)
            await people["pia"].say("general", "said meanwhile")

        async with Sandbox(first.port, world_file=file):
            for person in ("ana", "mod"):
                shown = ana.look(person).locator(".message .text")
                await expect(shown).to_have_text([stays.content, "said meanwhile"])
            await expect(status).not_to_contain_text("Connection lost")


async def test_a_dead_bot_shows_as_offline_with_what_to_do(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        Sandbox(rate_limits=False) as sandbox,
        People(sandbox.url) as people,
        Windows(browser, sandbox.url) as windows,
    ):
        house = House(people, sandbox, FakeEngine(), tmp_path / "data", {})
        async with house.bot():
            ana = await windows.open("ana", "general")
            status = ana.page.locator("#status")
            await expect(ana.page.locator("#members .member").last).to_contain_text("online")
            await expect(status).to_have_text("")
        await expect(status).to_contain_text(f"darkroom run --sandbox {sandbox.url}")
        await expect(status).to_contain_text("The bot is offline")
        await expect(place(ana, "Darkroom")).to_contain_text("offline")


async def test_a_phone_has_everything_behind_buttons_and_nothing_goes_sideways(
    windows: Windows, people: People
) -> None:
    await people["pia"].say("general", "a-long-word-" * 40)
    ana = await windows.open("ana", "general", size=PHONE, theme="light")
    page = ana.page

    await expect(place(ana, "gallery")).to_be_hidden()
    await expect(page.locator(".tool-name:visible")).to_have_text(
        ["Channels", "Tour", "Side by side", "Wire", "Weather", "Light", "Members"]
    )
    assert [] == await ana.run(CUT_OFF, "#head, #tools, .tool")
    await page.get_by_role("button", name="Channels").click()
    await expect(place(ana, "general")).to_be_focused()
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await ana.run("!document.activeElement.closest('#head, #looks')")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Channels")).to_be_focused()
    await expect(place(ana, "gallery")).to_be_hidden()
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("#members").get_by_text("boss")).to_be_visible()
    await page.mouse.click(10, 400)
    await page.get_by_role("button", name="Channels").click()
    await place(ana, "gallery").click()
    await expect(title(ana)).to_have_text("gallery")
    await expect(place(ana, "gallery")).to_be_hidden()

    await page.get_by_role("button", name="Side by side").click()
    await expect(ana.look("mod")).to_be_visible()
    upper, lower = [await ana.look(one).bounding_box() for one in ("ana", "mod")]
    assert upper is not None
    assert lower is not None
    assert (upper["x"], upper["width"]) == (lower["x"], lower["width"])
    await page.get_by_role("button", name="Side by side").click()
    await page.get_by_role("button", name=re.compile("^Light")).click()
    await page.reload()
    assert "dark" == await ana.run("document.documentElement.dataset.theme")
    for text_size in ("100%", "200%"):
        await ana.run("size => { document.documentElement.style.fontSize = size; }", text_size)
        for width, height in (PHONE, WIDE):
            await page.set_viewport_size({"width": width, "height": height})
            await expect(
                ana.composer("ana")
                .get_by_role("textbox")
                .or_(ana.composer("ana").get_by_role("combobox"))
            ).to_be_in_viewport()
            assert [width, 0] == await ana.run(
                "[document.documentElement.scrollWidth, document.body.scrollLeft]"
            ), text_size


async def test_a_browser_that_cannot_run_the_page_reads_what_it_takes(
    browser: Browser, sandbox: Sandbox
) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.route(
        "**/page/dom.js",
        lambda route: route.fulfill(
            body="what a later browser understands", content_type="text/javascript"
        ),
    )
    await page.goto(sandbox.url)

    await expect(page.get_by_text("this browser is too old")).to_be_visible()
    await context.close()
