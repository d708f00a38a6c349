"""Windows on the page, in the words of who looks at them.

```python
window = await windows.open("ana", "general", beside="mod")
await window.look("ana").get_by_role("textbox", name="Message").fill("hello")
await expect(window.look("mod").get_by_text("hello")).to_be_visible()
```
"""

from __future__ import annotations

import shutil
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")  # as in `chromium.sh`
WIDE, PHONE = (1280, 800), (390, 780)
PATIENCE_MS = 20_000.0


def chromium() -> str | None:
    """Where Chromium is on this machine, if it is."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


class Window:
    """One tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def look(self, person: str) -> Locator:
        """What one person sees: their pane."""
        return self.page.locator(f'.look[data-person="{person}"]')

    def message(self, person: str, text: str) -> Locator:
        """A message in somebody's pane, by words that stand in it."""
        return self.look(person).locator(".message", has_text=text)

    def composer(self, person: str) -> Locator:
        """Where somebody types."""
        return self.look(person).locator(".composer")

    async def run(self, script: str, *given: Any) -> Any:
        """Run JavaScript in the page, for example a module's own function."""
        return await self.page.evaluate(script, *given)


class Windows:
    """All windows of a test on one sandbox; what went wrong in them is raised at the end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self.url = url
        self.faults: list[str] = []
        self.allowed: list[str] = []  # parts of complaints that this test provokes
        self._contexts: list[BrowserContext] = []

    async def open(
        self,
        person: str = "ana",
        channel: str = "general",
        *,
        beside: str | None = None,
        there: str | None = None,
        theme: str = "dark",
        size: tuple[int, int] = WIDE,
        calm: bool = True,
        **more: str,
    ) -> Window:
        """Open the page as somebody, in a profile of its own."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce" if calm else "no-preference",
            has_touch=size == PHONE,
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return await self._opened(context, person, channel, beside, there, more)

    async def open_beside(self, window: Window, person: str, channel: str = "general") -> Window:
        """Open another tab in the same profile."""
        return await self._opened(window.page.context, person, channel, None, None, {})

    async def _opened(
        self,
        context: BrowserContext,
        person: str,
        channel: str,
        beside: str | None,
        there: str | None,
        more: dict[str, str],
    ) -> Window:
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda fault: self.faults.append(f"page error: {fault}"))
        page.on("request", self._watch)
        wanted = {"as": person, "in": channel, **more}
        if beside is not None:
            wanted |= {"beside": beside, "there": there or channel}
        await page.goto(f"{self.url}/?{urlencode(wanted)}")
        await page.locator("body[data-ready]").wait_for()
        return Window(page)

    def _hear(self, message: ConsoleMessage) -> None:
        where = message.location.get("url") or ""
        if "/cdn/" in where and "404" in message.text:
            return  # a preview that the next one replaced, or a picture purged while it loaded
        if message.type == "error" and not any(one in message.text for one in self.allowed):
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _watch(self, request: Request) -> None:
        place = urlsplit(request.url)
        if place.scheme in ("http", "ws") and place.netloc != urlsplit(self.url).netloc:
            self.faults.append(f"asked somebody else: {place.netloc}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: object, __: object) -> None:
        for context in self._contexts:
            await context.close()
        if error is None:
            assert [] == self.faults
