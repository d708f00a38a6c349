"""Who looks sees what is theirs: messages as they come, in tabs and side by side."""

import asyncio

from playwright.async_api import CDPSession, expect

from tests.browser.page import Windows
from tests.people import People


async def test_what_ana_writes_stands_in_pias_tab_at_once(windows: Windows, people: People) -> None:
    ana = await windows.open("ana", "general")
    pia = await windows.open("pia", "general")

    await ana.composer("ana").get_by_role("textbox").fill("hello")
    await ana.page.keyboard.press("Enter")

    await expect(pia.message("pia", "hello")).to_be_visible()


DRAW_AGAIN = """async () => {
  const { fill, h } = await import("/page/dom.js");
  const field = h("input"), list = h("div");
  document.body.append(list);
  const draw = (...keys) =>
    fill(list, keys.map((key, n) => h("p", { "data-key": key }, key + n)), field, "end");
  draw("a", "a", "b");
  field.focus();
  const [, twin] = list.children;
  draw("b", "a", "a");
  const told = [list.textContent, list.contains(twin), document.activeElement === field];
  list.remove();
  return told;
}"""


async def _looks_alive(page: CDPSession) -> int:
    """How many looks the page's memory holds, after all that nobody needs was let go."""
    await page.send("HeapProfiler.collectGarbage")
    kind = await page.send(
        "Runtime.evaluate",
        {
            "expression": "import('/page/look/look.js').then(({ Look }) => Look.prototype)",
            "awaitPromise": True,
        },
    )
    found = await page.send(
        "Runtime.queryObjects", {"prototypeObjectId": kind["result"]["objectId"]}
    )
    count = await page.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": "function () { return this.length; }",
            "returnByValue": True,
        },
    )
    return int(count["result"]["value"])


async def test_whoever_is_looked_at_no_more_is_forgotten_and_what_stays_keeps_its_focus(
    windows: Windows, people: People
) -> None:
    await people.world(person={"name": "an/y?#%", "guilds": ["Darkroom Café"]})
    window = await windows.open("ana", "general", beside="mod")
    page = window.page
    assert ["b0a1a2end", True, True] == await window.run(DRAW_AGAIN)

    for person in ("pia", "zoe", "an/y?#%", "ana", "pia"):
        await page.locator("#switch").get_by_role("button", name=person).click()
        await window.composer(person).get_by_role("textbox").first.fill("/")
        await expect(window.composer(person).locator(".listbox-note")).to_be_visible()

    memory = await page.context.new_cdp_session(page)
    async with asyncio.timeout(20):
        while await _looks_alive(memory) > 2:
            continue  # a line that is still closing holds its look
