"""Screenshots of the tour's six steps, for the README: `make shots`.

It starts the demo as anybody would, with a data folder that goes with it, presses the tour's own
buttons in Chromium, and writes `bot/sandbox/shots/1-public.webp` and so on.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.page import chromium

FOLDER = Path(__file__).parents[1] / "bot" / "sandbox" / "shots"
STEPS = ("public", "stealth", "closed-dm", "purge", "erase", "worker")
IN_BOTH_LIGHTS = "stealth"
SIZE = {"width": 1280, "height": 800}
START_SECONDS, STEP_MS = 120.0, 120_000.0
WEBP_QUALITY = 75

SHOWN = {"closed-dm": "Your DM is closed", "purge": "Purged.", "erase": "Erased."}
"""The words of the message that a step is about; else it is the last picture of each look."""

TURN_TO = """(words) => document.querySelectorAll(".look").forEach((look) => {
  const messages = [...look.querySelectorAll(".message")];
  const wanted = words ? messages.find((one) => one.innerText.includes(words))
    : messages.findLast((one) => one.querySelector("img[src*='/image-']"));
  if (wanted) wanted.scrollIntoView({ block: "start" });
})"""


async def main() -> None:
    """Play the tour once, and take a picture after each step."""
    FOLDER.mkdir(exist_ok=True)
    async with _demo() as url, _browser() as browser:
        context = await browser.new_context(
            viewport=SIZE, color_scheme="dark", reduced_motion="reduce", locale="en-GB"
        )
        page = await context.new_page()
        await page.goto(f"{url}/?tour=1")
        await page.locator("body[data-ready]").wait_for()
        for number, name in enumerate(STEPS, start=1):
            await _play(page, number)
            await page.evaluate(TURN_TO, SHOWN.get(name))
            await _shoot(page, f"{number}-{name}")
            if name == IN_BOTH_LIGHTS:
                await page.emulate_media(color_scheme="light")
                await _shoot(page, f"{number}-{name}-light")
                await page.emulate_media(color_scheme="dark")


async def _play(page: Page, number: int) -> None:
    tour = page.get_by_role("region", name="Guided tour")
    await tour.get_by_role("button", name=f"Step {number}:").click()
    await tour.locator(".tour-deed").click()
    await expect(tour).to_contain_text("Seen, as promised.", timeout=STEP_MS)


async def _shoot(page: Page, name: str) -> None:
    await page.evaluate("() => document.activeElement.blur()")
    await page.wait_for_load_state("networkidle")
    shot = Image.open(io.BytesIO(await page.screenshot()))
    path = FOLDER / f"{name}.webp"
    shot.convert("RGB").save(path, quality=WEBP_QUALITY, method=6)


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    found = chromium()
    if found is None:
        raise SystemExit("There is no Chromium here: `make chromium` installs it.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--disable-gpu"])
        yield browser
        await browser.close()


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """Run the demo, and give its address."""
    with tempfile.TemporaryDirectory() as folder:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--headless", "--port", "0"),
            *("--data", str(Path(folder, "data"))),
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield await asyncio.wait_for(_address(demo), START_SECONDS)
        finally:
            demo.terminate()
            await demo.wait()


async def _address(demo: asyncio.subprocess.Process) -> str:
    assert demo.stdout is not None
    async for line in demo.stdout:
        if line.startswith(b"ready "):
            return line.decode().split()[1]
    raise SystemExit("The demo did not start; see the lines above.")


if __name__ == "__main__":
    asyncio.run(main())
