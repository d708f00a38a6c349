"""People type: messages, and commands with options, by keyboard, paste and drop."""

from typing import Any

from playwright.async_api import Locator, expect

from bot.sandbox.entities import Interaction
from bot.sandbox.server import Sandbox
from tests.browser.page import Window, Windows
from tests.journeys.house import House, has_picture
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import Act, begun, registered

MIB = 1 << 20
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # of a GIF; browsers look inside


def option(kind: int, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": f"What {name} is"} | more


DRAW = {
    "name": "draw",
    "description": "Draw something",
    "options": [
        option(3, "words", required=True, max_length=20),
        option(4, "steps", required=True, min_value=1, max_value=10),
        option(5, "loud"),
        option(6, "who"),
        option(7, "where"),
        option(3, "model", autocomplete=True),
        option(11, "image", description="A picture to start from: PNG or JPEG"),
        option(11, "notes"),
    ],
}
DRESS = {"name": "dress", "description": "Sleep", "default_member_permissions": "8192"}


def composer(window: Window, person: str = "ana") -> Locator:
    return window.look(person).locator(".composer")


def field(window: Window, name: str) -> Locator:
    return composer(window).locator(f'[data-option="{name}"] :is(input:not([hidden]), textarea)')


def given(made: Interaction) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in made.data["options"]}


async def answered(rest: Rest, act: Act, body: Any = None) -> None:
    status, found = await rest("POST", act.callback, body or {"type": 4, "data": {"content": "ok"}})
    assert 200 == status, found
    await act.task


async def pressed(window: Window, *keys: str) -> None:
    for key in keys:
        await window.page.keyboard.press(key)


async def test_pia_asks_in_stealth_by_keyboard_alone_and_is_offered_only_her_commands(
    house: House, house_windows: Windows
) -> None:
    window = await house_windows.open("pia", "general", beside="mod")
    pia = composer(window, "pia")
    message = pia.get_by_label("Message")

    await message.focus()
    await window.page.keyboard.type("/im")
    await expect(pia.get_by_role("option")).to_have_text(["/imagine Make pictures from words"])
    await pressed(window, "Enter")
    await window.page.keyboard.type("a red star")
    await pressed(window, "Tab")
    await window.page.keyboard.type("visi")
    await pressed(window, "Enter", "ArrowDown", "ArrowDown", "Enter")
    await expect(pia.get_by_role("combobox", name="visibility")).to_have_value("stealth")
    await pressed(window, "Enter")

    await expect(window.message("pia", "Only you can see this")).to_be_visible()
    await expect(message).to_have_value("")
    await expect(message).to_be_focused()
    await house["pia"].sees_until("dm", has_picture)
    assert [] == await house["mod"].sees("general")

    # typed in one go; a line that was left stays a line, so that nobody says it by mistake
    await message.press_sequentially("/imagine a tall tree visibility:stealth")
    await pressed(window, "Escape", "Escape")
    await expect(message).to_have_value("/imagine prompt:a tall tree visibility:stealth")
    await pressed(window, "Enter")
    await house["pia"].sees_all_until("dm", lambda seen: 2 == len([*filter(has_picture, seen)]))

    # a slip in the name is no message, and what pia may not do is not offered
    await message.fill("/imagin a secret")
    await pressed(window, "Enter")
    await expect(pia.get_by_text("nothing was sent. Is /imagine meant?")).to_be_visible()
    await message.fill("/purge")
    await expect(pia.get_by_text("No command that you are offered here")).to_be_visible()
    mod = composer(window, "mod")
    await mod.get_by_label("Message").fill("/purge")
    await expect(mod.get_by_role("option").first).to_contain_text("/purge")
    await pressed(window, "Escape")
    await expect(mod.get_by_role("listbox")).to_be_hidden()
    assert [] == await house["mod"].sees("general")
    kept = await window.run("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "star" not in kept
    assert "secret" not in kept


async def test_ana_is_told_which_option_is_missing_or_wrong_before_anything_is_sent(
    windows: Windows, sandbox: Sandbox, rest: Rest, people: People
) -> None:
    await registered(rest, DRAW, DRESS)
    window = await windows.open("ana", "general")
    ana, keyboard = composer(window), window.page.keyboard
    message = ana.get_by_label("Message")

    await message.fill("/d")
    await expect(ana.get_by_role("option")).to_have_text(["/draw Draw something"])
    await pressed(window, "Tab", "Enter")
    await expect(ana.get_by_text("is required")).to_be_visible()
    await expect(field(window, "words")).to_have_attribute("aria-invalid", "true")
    await expect(field(window, "words")).to_have_accessible_description("words is required")
    await keyboard.type("a star")
    await pressed(window, "Tab")
    await expect(ana.get_by_text("a whole number, 1 to 10, required")).to_be_visible()
    await keyboard.type("11")
    await pressed(window, "Tab")
    await keyboard.type("lou")
    await pressed(window, "Enter")
    await keyboard.type("t")
    await pressed(window, "Tab", "Enter")
    await expect(field(window, "steps")).to_be_focused()
    await expect(ana.get_by_text("takes 1 to 10")).to_be_visible()
    assert {} == sandbox.world.interactions

    # optional ones come by name and go by Backspace; one that stands empty is not passed over
    await pressed(window, "Backspace")
    await keyboard.type("0 who:")
    await expect(field(window, "who")).to_be_focused()
    await pressed(window, "Enter")
    await expect(ana.get_by_text("has nothing in it")).to_be_visible()
    await expect(ana.get_by_role("option", name="mod")).to_be_visible()  # what would do
    await pressed(window, "Backspace")
    await expect(field(window, "who")).to_have_count(0)
    # a choice whose whole name is typed needs no picking: Enter sends
    await field(window, "steps").fill("10 where:")
    await keyboard.type("Gallery")
    act = await begun(sandbox, keyboard.press("Enter"))
    gallery = next(
        one for one in (await people.everything())["channels"] if one["name"] == "gallery"
    )
    wanted = {"words": "a star", "steps": 10, "loud": True, "where": gallery["id"]}
    assert wanted == given(act.made)

    # the bot says nothing: whatever was typed is still there
    await expect(ana.get_by_text("sending")).to_be_visible()
    await people.advance(3.1)
    await expect(window.look("ana").get_by_role("alert")).to_contain_text("did not answer in time")
    await expect(field(window, "words")).to_have_value("a star")
    await pressed(window, "Escape")
    await expect(message).to_have_value("/draw words:a star steps:10 loud:True where:Gallery")

    # a button or a word elsewhere on the page opens a command with what it brings
    await window.look("ana").evaluate(
        """(one) => one.dispatchEvent(new CustomEvent('command',
          {detail: {path: 'draw', options: {words: 'from the tour'}}}))"""
    )
    await expect(field(window, "words")).to_have_value("from the tour")
    await expect(field(window, "steps")).to_be_focused()
    await field(window, "words").fill("words:as told elsewhere steps:4")
    await expect(field(window, "words")).to_have_value("as told elsewhere")
    await expect(field(window, "steps")).to_have_value("4")


async def test_what_ana_types_waits_where_she_typed_it_and_closed_channels_say_so(
    windows: Windows, people: People, rest: Rest
) -> None:
    await registered(rest, DRAW)
    silent = [{"role": "@everyone", "deny": ["send_messages"]}]
    await people.world(channel={"guild": "Darkroom Café", "name": "gallery", "overwrites": silent})
    window = await windows.open("ana", "general")
    ana, look = composer(window), window.look("ana")
    message = ana.get_by_label("Message")

    await message.fill("first")
    await pressed(window, "Shift+Enter")
    await window.page.keyboard.type("second")
    await window.page.get_by_role("button", name="gallery").click()
    await expect(ana.get_by_text("ana may not write in #gallery")).to_be_visible()
    await expect(message).to_be_hidden()
    await ana.get_by_role("button", name="Commands").click()
    await expect(ana.get_by_role("option", name="/draw")).to_be_visible()
    await ana.get_by_role("option", name="/draw").click()
    await expect(field(window, "words")).to_be_focused()
    await pressed(window, "Backspace")
    await expect(ana.get_by_role("button", name="Commands")).to_be_focused()

    await window.page.get_by_role("button", name="general").click()
    await expect(message).to_have_value("first\nsecond")
    await ana.get_by_role("button", name="Send").click()
    await expect(window.message("ana", "second")).to_be_visible()
    await expect(message).to_be_focused()
    await message.fill("a" * 1990)
    # how Safari tells the Enter that ends a word of an input method: it sends nothing
    await message.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    await expect(ana.get_by_text("10", exact=True)).to_be_visible()
    await message.fill("a" * 2001)
    await pressed(window, "Enter")
    await expect(ana.get_by_text("up to 2000 characters; this has 2001")).to_be_visible()
    assert ["first\nsecond"] == [one.content for one in await people["mod"].sees("general")]
    await expect(look.get_by_role("alert")).to_be_empty()


async def test_the_bots_suggestions_come_as_ana_types_and_late_ones_do_not(
    windows: Windows, sandbox: Sandbox, rest: Rest, people: People
) -> None:
    await registered(rest, DRAW)
    window = await windows.open("ana", "general")
    ana = composer(window)
    message = ana.get_by_label("Message")
    first = await begun(sandbox, message.fill("/draw words:a star steps:2 model:"))
    second = await begun(sandbox, field(window, "model").fill("po"))
    assert {"words": "a star", "steps": 2, "model": "po"} == given(second.made)

    choices = {"type": 8, "data": {"choices": [{"name": "Pocket, small", "value": "pocket-1"}]}}
    await answered(rest, second, choices)
    await expect(ana.get_by_role("option")).to_have_text(["Pocket, small"])
    late = {"type": 8, "data": {"choices": [{"name": "late", "value": "late"}]}}
    await answered(rest, first, late)
    nothing = await begun(sandbox, field(window, "model").fill("pox"))
    await answered(rest, nothing, {"type": 8, "data": {"choices": []}})
    await expect(ana.get_by_text("no matches")).to_be_visible()
    await expect(ana.get_by_role("option")).to_have_count(0)

    again = await begun(sandbox, field(window, "model").fill("poc"))
    await answered(rest, again, choices)
    await expect(ana.get_by_role("option")).to_have_text(["Pocket, small"])
    await pressed(window, "Enter")
    await expect(field(window, "model")).to_have_value("Pocket, small")
    act = await begun(sandbox, window.page.keyboard.press("Enter"))
    assert "pocket-1" == given(act.made)["model"]
    await answered(rest, act)
    await expect(message).to_be_focused()

    silent = await begun(sandbox, message.fill("/draw x model:"))
    await people.advance(3.1)
    await silent.task
    await expect(ana.get_by_text("did not answer in time")).to_be_visible()


async def test_ana_gives_files_by_picker_paste_and_drop_and_too_large_ones_never_leave(
    windows: Windows, sandbox: Sandbox, rest: Rest
) -> None:
    await registered(rest, DRAW)
    window = await windows.open("ana", "general")
    ana = composer(window)
    uploads: list[str] = []
    window.page.on("request", lambda one: uploads.append(one.url) if "/upload" in one.url else None)
    await window.run(
        """() => { window.give = (kind, name, type, size, pixel) => {
          const data = new DataTransfer();
          const bytes = pixel ? Uint8Array.from(atob(pixel), (c) => c.charCodeAt(0))
            : new Uint8Array(size);
          data.items.add(new File([bytes], name, { type }));
          const is = { bubbles: true, cancelable: true };
          if (kind === 'stray') return document.querySelector('#head')
            .dispatchEvent(new DragEvent('drop', { dataTransfer: data, ...is }));
          if (kind === 'drop') document.querySelector('.messages')
            .dispatchEvent(new DragEvent('drop', { dataTransfer: data, ...is }));
          else document.activeElement
            .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, ...is }));
        }; }"""
    )

    # beside every look: the browser must not leave the page for it
    assert not await window.run("give('stray', 'red.png', 'image/png', 1)")

    # dropped without a command in hand: those that take a file are offered
    await window.run(f"give('drop', 'red.png', 'image/png', 0, '{PIXEL}')")
    await expect(ana.get_by_role("listbox", name="Commands that take a file")).to_be_visible()
    await pressed(window, "Enter")
    image = ana.locator('[data-option="image"]')
    await expect(image.get_by_text("red.png")).to_be_visible()
    await expect(image.locator("img")).to_have_js_property("naturalWidth", 1)

    # the picker; then the last place, which takes anything but too much
    await image.locator("input[type=file]").set_input_files(
        {"name": "words.txt", "mimeType": "text/plain", "buffer": b"words"}
    )
    await expect(ana.get_by_text("takes a picture: PNG or JPEG")).to_be_visible()
    await window.run(f"give('paste', 'blue.png', 'image/png', 0, '{PIXEL}')")
    await expect(image.get_by_text("blue.png")).to_be_visible()
    await window.run(f"give('drop', 'large.bin', '', {10 * MIB + 1})")
    await expect(ana.get_by_text("takes up to 10 MB; this file has 10.1 MB")).to_be_visible()
    await window.run("give('drop', 'small.bin', '', 3)")
    await expect(ana.get_by_text("small.bin")).to_be_visible()
    assert [] == uploads

    await field(window, "words").fill("a star")
    await field(window, "steps").fill("2")
    act = await begun(sandbox, window.page.keyboard.press("Enter"))
    names = {one["filename"] for one in act.made.data["resolved"]["attachments"].values()}
    assert {"blue.png", "small.bin"} == names
    await answered(rest, act)
    await expect(ana.get_by_label("Message")).to_have_value("")
