"""What people press, choose and fill on the page, by keyboard, and what the bot gets of it."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, expect

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.browser.page import Window, Windows
from tests.journeys.house import House, has_picture
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, Act, begun, sent

ASK = {"type": 2, "style": 1, "label": "Ask", "custom_id": "ask"}
MODAL, LATER, EPHEMERAL = 9, 6, 1 << 6
TOO_MUCH = 11 << 20
UNKNOWN = """async () => {
  const { drawFields } = await import("/page/controls/fields.js");
  return drawFields([{type: 99}], null).elements[0].textContent;
}"""
DRAWN = "() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))"
# A drop, as the browser makes one of files of these sizes.
DROP = """(form, sizes) => {
  const data = new DataTransfer();
  sizes.forEach((size, n) => data.items.add(new File([new Uint8Array(size)], `drop-${n}.png`)));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def label(words: str, component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 18, "label": words, "component": component, **more}


def select(kind: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "custom_id": f"select-{kind}", **more}


def options(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"label": name, "value": name.lower(), **more} for name in names]


async def answered(rest: Rest, act: Act, kind: int = LATER, **data: Any) -> None:
    """The bot answers; the page hears of it."""
    body = {"type": kind, **({"data": data} if data else {})}
    status, said = await rest("POST", act.callback.partition("?")[0], body)
    assert 204 == status, said


async def opened(
    sandbox: Sandbox, rest: Rest, window: Window, *components: dict[str, Any]
) -> Locator:
    """The form that the bot opens when ana presses its button by keyboard."""
    act = await begun(sandbox, window.look("ana").get_by_role("button", name="Ask").press("Enter"))
    await answered(rest, act, MODAL, custom_id="form", title="Tell me", components=[*components])
    form = window.look("ana").get_by_role("dialog", name="Tell me")
    await expect(form).to_be_visible()
    return form


def values(act: Act) -> dict[str, Any]:
    """What the bot gets of a form, by custom id."""
    fields = [
        field
        for one in act.made.data["components"]
        for field in one.get("components", [one.get("component")])
        if field is not None
    ]
    return {one["custom_id"]: one.get("value", one.get("values")) for one in fields}


async def test_ana_fills_forms_of_every_kind_by_keyboard_and_the_bot_gets_each_value(
    windows: Windows, sandbox: Sandbox, rest: Rest
) -> None:
    await sent(rest, components=[row(ASK)])
    window = await windows.open("ana", "general")
    keys = window.page.keyboard

    form = await opened(
        sandbox,
        rest,
        window,
        {"type": 10, "content": "What shall it be?"},
        row({"type": 4, "style": 1, "custom_id": "name", "label": "Name", "min_length": 3}),
        label(
            "Story",
            {"type": 4, "style": 2, "custom_id": "story", "max_length": 12, "value": "a star"},
            description="Twelve letters at most",
        ),
        label("Files", {"type": 19, "custom_id": "files", "max_values": 2, "required": False}),
        label("Quietly", {"type": 23, "custom_id": "quietly"}),
    )
    name = form.get_by_label("Name")
    await expect(name).to_be_focused()
    await keys.press("Enter")
    await expect(form.get_by_text("Please write something here.")).to_be_visible()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await keys.type("ab")
    await expect(form.get_by_text("Takes 3 characters or more; this has 2")).to_be_visible()
    await keys.type("c")
    await expect(name).not_to_have_attribute("aria-invalid", "true")
    await keys.press("Tab")
    await keys.press("End")
    await keys.type(" over a sea")
    await expect(form.get_by_text("17 of 12")).to_be_visible()
    await keys.press("Control+a")
    await keys.type("moon\nsun")
    await form.locator("form").evaluate(DROP, [TOO_MUCH, 9])
    await expect(
        form.get_by_text("drop-0.png has 11 MB; here a file may have 10 MB")
    ).to_be_visible()
    await expect(form.get_by_role("listitem").filter(has_text="drop-1.png")).to_be_visible()
    await form.locator("input[type=file]").set_input_files(
        {"name": "second.png", "mimeType": "image/png", "buffer": b"second"}
    )
    await form.get_by_role("button", name="Remove drop-1.png").press("Enter")
    await form.get_by_label("Quietly").press("Space")
    act = await begun(sandbox, name.press("Enter"))
    got = values(act)
    (upload,) = got.pop("files")
    assert "second.png" == act.made.data["resolved"]["attachments"][upload]["filename"]
    assert {"name": "abc", "story": "moon\nsun", "quietly": True} == got
    await answered(rest, act)
    await expect(form).to_have_count(0)
    await expect(window.look("ana").get_by_role("button", name="Ask")).to_be_focused()

    form = await opened(
        sandbox,
        rest,
        window,
        label("Size", {"type": 21, "custom_id": "size", "options": options("Small", "Large")}),
        label(
            "Extras",
            {"type": 22, "custom_id": "extras", "options": options("Rain", "Snow", "Fog")},
            description="As you like",
        ),
        label("Style", select(3, options=options("Ink", "Oil", "Chalk"), max_values=2)),
        label("Who", select(5)),
        label("Where", select(8, channel_types=[0], required=False)),
    )
    await form.get_by_role("button", name="Submit").press("Enter")
    await expect(form.get_by_text("Please choose one.")).to_be_visible()
    await expect(form.get_by_role("radio", name="Small")).to_be_focused()
    await keys.press("ArrowDown")
    await form.get_by_role("checkbox", name="Snow").press("Space")
    await form.get_by_role("checkbox", name="Fog").press("Space")
    await form.get_by_role("button", name="Style").press("Enter")
    for key in ("Space", "c", "Space", "Tab", "Enter"):
        await keys.press(key)
    await expect(form.get_by_role("button", name="Style")).to_have_text(re.compile("Ink, Chalk"))
    await form.get_by_role("button", name="Who").press("Enter")
    await keys.press("p")
    await keys.press("Enter")
    await expect(form.get_by_role("button", name="Who")).to_be_focused()
    await form.get_by_role("button", name="Where").press("ArrowDown")
    assert ["#general", "#gallery", "#nsfw"] == await form.get_by_role("option").all_inner_texts()
    await keys.press("Escape")
    await expect(form.get_by_role("listbox")).to_have_count(0)

    act = await begun(sandbox, form.get_by_role("button", name="Submit").press("Enter"))
    await sandbox_advances(sandbox, act)
    await expect(form.get_by_text("did not answer in time")).to_be_visible()
    act = await begun(sandbox, form.get_by_role("button", name="Submit").press("Enter"))
    assert {
        "size": "large",
        "extras": ["snow", "fog"],
        "select-3": ["ink", "chalk"],
        "select-5": [str(shipped.PLUM_ID)],
        "select-8": [],
    } == values(act)
    await answered(rest, act)
    await expect(form).to_have_count(0)
    assert "unsupported: component of type 99" == await window.run(UNKNOWN)


async def sandbox_advances(sandbox: Sandbox, act: Act) -> None:
    """The three seconds for an answer pass."""
    sandbox.world.clock.advance(4)
    await act.task


async def test_ana_chooses_three_of_five_and_an_edit_of_the_message_takes_nothing_away(
    windows: Windows, sandbox: Sandbox, rest: Rest
) -> None:
    styles = options("Ink", "Oil", "Chalk", "Coal", description="a way to paint")
    pen = {"label": "Pen", "value": "pen", "default": True, "emoji": {"name": "🖋️"}}
    pia = {"id": str(shipped.PIA_ID), "type": "user"}
    rows = [
        row(select(3, placeholder="Styles", min_values=2, max_values=3, options=[*styles, pen])),
        row(select(5, placeholder="Who", default_values=[pia])),
        row(select(6, placeholder="Role", min_values=0)),
        row(select(7, placeholder="Anybody")),
        row(select(8, placeholder="Where", channel_types=[2])),
    ]
    shown = await sent(rest, components=rows)
    window = await windows.open("ana", "general")
    keys, ana = window.page.keyboard, window.look("ana")
    offered = window.page.get_by_role("option")

    await ana.get_by_role("button", name="Styles: Pen").press("Enter")
    choose = window.page.get_by_role("button", name="Choose")
    await expect(choose).to_be_disabled()
    await keys.press("Home")
    await keys.press("Enter")
    await rest("PATCH", f"{GENERAL}/{shown['id']}", {"content": "edited meanwhile"})
    await expect(ana.get_by_text("edited meanwhile")).to_be_visible()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(window.page.get_by_text("3 chosen, that is all")).to_be_visible()
    await expect(offered.nth(2)).to_have_attribute("aria-disabled", "true")
    act = await begun(sandbox, choose.press("Enter"))
    assert ["ink", "oil", "pen"] == act.made.data["values"]
    styles_button = ana.get_by_role("button", name="Styles: Ink, Oil, Pen")
    await expect(styles_button).to_have_attribute("aria-busy", "true")
    await answered(rest, act)
    await expect(styles_button).not_to_have_attribute("aria-busy", "true")

    people = ["boss", "ana", "plum", "pia", "mod", "Darkroom"]
    roles = ["@Plus", "@Pro", "@Moderator", "@Darkroom"]
    for name, first, there in (
        ("Who: pia", "m", people),
        ("Role", "@", roles),
        ("Anybody", "@", [*people, *roles]),
        ("Where", "x", []),
    ):
        await ana.get_by_role("button", name=name).press("Enter")
        names = [(await one.inner_text()).split("\n")[0] for one in await offered.all()]
        assert sorted(there) == sorted(names)
        if there:
            await keys.press(first)
            act = await begun(sandbox, keys.press("Enter"))
            (value,) = act.made.data["values"]
            assert value in str(act.made.data["resolved"])
            await answered(rest, act)
        else:
            await keys.press("Escape")
            await expect(ana.get_by_role("button", name=name)).to_be_focused()

    many = select(3, placeholder="Many", options=options(*map(str, range(25))))
    await sent(rest, components=[row(many)])
    await ana.get_by_role("button", name="Many").press("Enter")
    search = window.page.get_by_role("combobox", name="Search")
    stood = await search.bounding_box()
    await keys.type("24")
    await expect(offered).to_have_count(1)
    await window.run(DRAWN)
    assert stood == await search.bounding_box()  # it does not go from under who types


async def test_a_press_without_an_answer_says_so_under_the_message_and_goes_out_once(
    windows: Windows, sandbox: Sandbox, rest: Rest
) -> None:
    links = [
        {"type": 2, "style": 5, "label": "Manual", "url": "https://example.com/manual"},
        {"type": 2, "style": 6, "sku_id": str(shipped.PLUS_SKU_ID)},
        {"type": 2, "style": 4, "label": "Never", "custom_id": "never", "disabled": True},
        {"type": 2, "style": 2, "emoji": {"name": "🎲"}, "custom_id": "dice"},
    ]
    await sent(rest, content="buttons", components=[row(ASK, *links)])
    window = await windows.open("ana", "general", beside="mod")
    ana, message = window.look("ana"), window.message("ana", "buttons")
    ask, failed = (
        message.get_by_role("button", name="Ask"),
        message.get_by_text("interaction failed"),
    )

    act = await begun(sandbox, ask.press("Enter"))
    await expect(ask).to_have_attribute("aria-busy", "true")
    await ask.press("Enter")
    await ask.click(force=True)
    await sandbox_advances(sandbox, act)
    await expect(failed).to_be_visible()
    await expect(ana.get_by_role("alert").filter(has_text="did not answer in time")).to_be_visible()
    assert 1 == len(sandbox.world.interactions)
    await expect(window.look("mod").get_by_text("interaction failed")).to_have_count(0)

    act = await begun(sandbox, message.get_by_role("button", name="🎲").click())
    await expect(failed).to_have_count(0)
    await answered(rest, act)
    await message.get_by_role("button", name="Upgrade").click()
    await expect(ana.get_by_text("Nothing is sold here")).to_be_visible()
    await expect(message.get_by_role("button", name="Never")).to_be_disabled()
    link = message.get_by_role("link", name="Manual")
    assert ["https://example.com/manual", "_blank", "noopener noreferrer"] == [
        await link.get_attribute(name) for name in ("href", "target", "rel")
    ]

    form = await opened(
        sandbox, rest, window, label("Words", {"type": 4, "style": 1, "custom_id": "w"})
    )
    await expect(form.get_by_text("Darkroom asks ana")).to_be_visible()
    await expect(window.look("mod").get_by_role("dialog")).to_have_count(0)
    await window.page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await expect(ask).to_be_focused()


async def test_ana_and_mod_react_and_delete_side_by_side(
    windows: Windows, people: People, sandbox: Sandbox, rest: Rest
) -> None:
    await people["pia"].say("general", "rude words")
    await people["ana"].say("general", "a slip")
    hidden = {"type": 4, "data": {"content": "for ana alone", "flags": EPHEMERAL}}
    await sent(rest, components=[row(ASK)])
    window = await windows.open("ana", "general", beside="mod")
    keys, menu = window.page.keyboard, window.page.get_by_role("menu")
    rude, slip = window.message("ana", "rude words"), window.message("ana", "a slip")

    await rude.get_by_role("button", name="More").focus()
    await keys.press("ArrowRight")
    await keys.press("Enter")
    await expect(window.page.get_by_role("button", name="envelope")).to_be_focused()
    await window.page.get_by_label("Another emoji").fill("words")
    await keys.press("Enter")
    await expect(window.page.get_by_text("One emoji, please.")).to_be_visible()
    await window.page.get_by_label("Another emoji").fill("❤")
    await keys.press("Enter")
    await expect(rude.get_by_role("button", name="❤️ 1: ana")).to_be_visible()
    await rude.get_by_role("button", name="Add a reaction").press("Enter")
    await window.page.get_by_label("Another emoji").fill("🦊")
    await keys.press("Enter")
    seen_by_mod = window.message("mod", "rude words").get_by_role("button", name="🦊 1: ana")
    await expect(seen_by_mod).to_have_attribute("aria-pressed", "false")
    await seen_by_mod.press("Enter")
    mine = rude.get_by_role("button", name="🦊 2: ana, mod")
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await mine.press("Enter")
    await expect(rude.get_by_role("button", name="🦊 1: mod")).to_be_focused()

    await rude.click(button="right")
    await expect(menu.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(menu.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    await keys.press("Escape")
    more = slip.get_by_role("button", name="More")
    await window.run("document.activeElement.blur()")
    await more.dispatch_event("click")  # as Safari does it, where a press gives no focus
    await expect(menu).to_be_visible()
    await keys.press("Escape")
    await expect(more).to_be_focused()
    await more.press("Shift+F10")
    await keys.press("d")
    await expect(menu.get_by_role("menuitem", name="Delete message")).to_be_focused()
    await keys.press("Enter")
    await expect(slip).to_have_count(0)
    await window.message("mod", "rude words").get_by_role("button", name="More").press("Enter")
    await keys.press("End")
    await keys.press("Enter")
    await expect(rude).to_have_count(0)

    act = await begun(sandbox, window.look("ana").get_by_role("button", name="Ask").click())
    await rest("POST", act.callback, hidden)
    await window.message("ana", "for ana alone").click(button="right")
    assert ["Copy text", "Dismiss"] == await menu.get_by_role("menuitem").all_inner_texts()
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await expect(window.message("ana", "for ana alone")).to_have_count(0)


async def test_ana_reports_a_picture_from_its_menu_and_answers_it_naming_mod(
    house: House, house_windows: Windows
) -> None:
    await house["plum"].slash("general", "imagine", prompt="a red star", visibility="public")
    await house["ana"].sees_until("general", has_picture)
    window = await house_windows.open("ana", "general")
    keys, composer = window.page.keyboard, window.composer("ana")

    example = window.page.get_by_role("button", name="Try /imagine with an example")
    await example.press("Enter")
    prompt = composer.get_by_role("textbox", name="prompt")
    await expect(prompt).to_have_value("a boat on the sea at sunset")
    await keys.type("an own word")
    await example.press("Enter")  # it never goes over what somebody has begun
    await expect(composer.get_by_text("Something is begun here")).to_be_visible()
    await expect(prompt).to_have_value("an own word")
    await prompt.press("Escape")
    await composer.get_by_label("Message").fill("")

    picture = window.message("ana", "a red star")
    await picture.evaluate(
        """(one) => one.dispatchEvent(new MouseEvent('contextmenu',
          {clientX: 500, clientY: 560, bubbles: true, cancelable: true}))"""
    )
    report = window.page.get_by_role("menuitem", name="Report")
    await expect(report).to_be_visible()
    last = window.page.get_by_role("menuitem", name="Delete")
    await expect(last).to_be_in_viewport(ratio=1)  # what is read late finds room, too
    while not await report.evaluate("(item) => item === document.activeElement"):
        await keys.press("ArrowDown")
    await keys.press("Enter")
    asked = window.message("ana", "Report Message")
    await expect(asked).to_contain_text("ana used Report")
    await asked.get_by_role("button", name="Violent").press("Enter")
    await expect(window.message("ana", "Reported.")).to_be_visible()

    await window.message("ana", "a red star").get_by_role("button", name="More").press("Enter")
    await keys.press("r")
    await keys.press("Enter")
    await expect(composer.get_by_text("Replying to Darkroom")).to_be_visible()
    await keys.type("well,")
    await window.page.locator("#members").get_by_role("button", name="mod").press("Enter")
    await keys.press("Enter")
    await keys.press("Enter")
    answer = window.message("ana", "well, @mod")
    await expect(answer.get_by_role("button", name="Reply to Darkroom")).to_be_visible()
    await expect(composer.get_by_text("Replying to")).to_be_hidden()
    said = await house["mod"].sees_until("general", lambda one: "well" in one.content)
    assert "mod" in said.mentions
