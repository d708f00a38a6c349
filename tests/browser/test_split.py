"""Two people side by side: nothing of one ever stands on the other's side, at no moment."""

from __future__ import annotations

from playwright.async_api import FloatRect, expect

from bot.sandbox import shipped_world as shipped
from tests.browser.page import PHONE, Window, Windows
from tests.journeys.house import House, has_picture
from tests.people import People

SECRET, OPEN = "xylophone quartz", "zeppelin marmalade"

RECORD = """(person) => {
  const pane = document.querySelector(`.look[data-person="${person}"]`);
  const told = ["src", "srcset", "href", "alt", "title", "style"];
  const isTold = (name) => told.includes(name) || name.startsWith("aria-");
  window.stood = [];
  const note = (text) => text && window.stood.push(text);
  const read = (node) => {
    if (node.parentElement?.closest(".look-choices")) return;  // there everybody can be chosen
    note(node.data);
    for (const one of node.attributes ?? []) if (isTold(one.name)) note(`${one.name}=${one.value}`);
    node.childNodes.forEach(read);
  };
  read(pane);
  new MutationObserver((changes) => {
    for (const one of changes) {
      note(one.oldValue);
      read(one.target);
      [...one.addedNodes, ...one.removedNodes].forEach(read);
    }
  }).observe(pane, {
    subtree: true, childList: true, characterData: true, characterDataOldValue: true,
    attributes: true, attributeOldValue: true,
  });
}"""


async def _stood(window: Window) -> str:
    """All that ever stood in the recorded pane."""
    return "\n".join(await window.run("() => window.stood")).lower()


async def _box(window: Window, person: str) -> FloatRect:
    found = await window.look(person).bounding_box()
    assert found
    return found


async def test_nothing_of_pias_stealth_ever_stands_in_mods_pane(
    house: House, house_windows: Windows
) -> None:
    window = await house_windows.open("pia", "general", beside="mod")
    await expect(window.look("mod").get_by_text("Welcome to")).to_be_visible()
    await window.run(RECORD, "mod")

    await house["pia"].slash("general", "imagine", prompt=f"{SECRET} --stealth")
    await expect(window.message("pia", "your picture stands in your DM")).to_be_visible()
    await window.look("pia").get_by_label("Where pia looks").select_option("dm")
    await expect(window.look("pia").locator(".message img[src*='image-']").first).to_be_visible()
    stood = await _stood(window)

    for hers in (*SECRET.split(), "pia", str(shipped.PIA_ID), "src=", "image-", "preview"):
        assert hers not in stood

    await house["pia"].slash("general", "imagine", prompt=f"{OPEN} --public")  # now it must speak
    await house["mod"].sees_until("general", has_picture)
    await expect(window.look("mod").locator(".message img[src*='image-']").first).to_be_visible()
    stood = await _stood(window)

    for hers in (*OPEN.split(), "pia", "image-"):
        assert hers in stood
    for hers in SECRET.split():
        assert hers not in stood


async def test_who_looks_where_is_chosen_above_each_look_and_follows_the_world(
    windows: Windows, people: People
) -> None:
    window = await windows.open("ana", "general")
    page = window.page
    await page.get_by_role("button", name="Side by side").click()
    await expect(window.look("mod")).to_be_visible()
    ana, mod = await _box(window, "ana"), await _box(window, "mod")
    assert abs(ana["width"] - mod["width"]) < 3
    assert ana["y"] == mod["y"]

    await people.world(channel={"guild": "Darkroom Café", "name": "news"})
    where = window.look("ana").get_by_label("Where ana looks")
    await expect(where.locator("option")).to_have_text(
        ["@Darkroom", "#general", "#gallery", "#nsfw", "#news"]
    )
    await where.select_option(label="#news")
    await people["mod"].say("news", "a word for all")
    await expect(window.message("ana", "a word for all")).to_be_visible()
    await expect(window.message("mod", "a word for all")).to_have_count(0)

    await window.look("mod").get_by_label("Who looks, instead of mod").select_option("zoe")
    await expect(window.look("zoe").get_by_label("Where zoe looks").locator("option")).to_have_text(
        ["@Darkroom", "#lobby"]
    )
    await expect(window.look("mod")).to_have_count(0)
    assert "beside=zoe" in page.url

    await window.look("ana").get_by_role("button", name="Close what ana sees").press("Enter")
    await expect(window.look("ana")).to_have_count(0)
    await expect(window.look("zoe").locator(".look-choices")).to_have_count(0)


async def test_on_a_phone_one_look_stands_above_the_other_and_on_a_tablet_beside_it(
    windows: Windows,
) -> None:
    window = await windows.open("pia", "dm", beside="mod", there="general", size=PHONE)

    pia, mod = await _box(window, "pia"), await _box(window, "mod")

    assert (pia["x"], pia["width"]) == (mod["x"], mod["width"])
    assert pia["y"] + pia["height"] <= mod["y"] + 1
    assert 390 >= await window.run("() => document.documentElement.scrollWidth")

    await window.page.set_viewport_size({"width": 800, "height": 780})
    for tour in ("", "the tour as well"):
        if tour:
            await window.page.get_by_role("button", name="Tour", exact=True).click()
        for person in ("pia", "mod"):  # both can be chosen, and closed
            bar = window.look(person).locator(".look-bar > *").last
            assert await bar.evaluate("one => one.scrollWidth <= one.clientWidth"), tour
