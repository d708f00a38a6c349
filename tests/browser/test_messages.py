"""Whatever a message holds stands on the page as its reader is to see it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from playwright.async_api import Locator, expect

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.browser.page import PHONE, Window, Windows
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, ROW, begun, form, registered, sent

V2 = 1 << 15
SUN = 'A sun <b>over</b> the "sea"'
TEXT = {"type": 10, "content": "in the frame"}
FRAMED = [
    TEXT | {"content": "above the frame"},
    {
        "type": 17,
        "accent_color": 0xCC3366,
        "components": [
            {
                "type": 9,
                "components": [TEXT],
                "accessory": {"type": 11, "media": {"url": "attachment://a.png"}},
            },
            {"type": 14},
            {
                "type": 9,
                "components": [TEXT | {"content": "beside a button"}],
                "accessory": {"type": 2, "style": 2, "label": "Do", "custom_id": "do"},
            },
            {"type": 14, "divider": False, "spacing": 2},
            {
                "type": 12,
                "items": [
                    {"media": {"url": "attachment://b.png"}, "description": SUN},
                    {"media": {"url": "attachment://c.png"}, "spoiler": True},
                ],
            },
            {"type": 13, "file": {"url": "attachment://notes.txt"}},
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "g"}]},
        ],
    },
    {"type": 17, "spoiler": True, "components": [TEXT | {"content": "a covered frame"}]},
]
EMBED = {
    "author": {"name": "An author", "url": "https://example.com/author"},
    "title": "A <i>title</i>",
    "url": "javascript:alert(1)",
    "description": "Some words",
    "color": 0x33AA77,
    "fields": [{"name": f"Field {n}", "value": f"value {n}", "inline": True} for n in range(5)],
    "thumbnail": {"url": "attachment://a.png"},
    "image": {"url": "https://example.com/far.png"},
    "footer": {"text": "the footer"},
    "timestamp": "2024-05-06T23:30:00Z",
}
LINKS_ALIKE = [{"type": 2, "style": 5, "label": one, "url": "https://a.example"} for one in "ab"]
# how many of these stand after they were drawn again
TWICE = """async (buttons) => {
  const [{ drawButton }, { fill }] = await Promise.all(
    ["controls/controls", "dom"].map((name) => import(`/page/${name}.js`)));
  const row = document.createElement("div");
  for (const _ of [1, 2]) fill(row, buttons.map((one) => drawButton(one, { id: "1" }, {})));
  return row.children.length;
}"""
UNKNOWN = """async () => {
  const { drawComponents } = await import("/page/message/components.js");
  const { drawAttachments } = await import("/page/message/attachments.js");
  const { pathOf } = await import("/page/message/media.js");
  const look = { revealed: new Set() };
  const said = (message) => {
    const place = document.createElement("div");
    const drawn = [drawComponents({ id: "1", components: [], ...message }, look),
      ...drawAttachments({ id: "1", attachments: [], ...message }, look)];
    place.append(...drawn.filter(Boolean));
    return place.textContent;
  };
  const file = (filename) =>
    said({ attachments: [{ id: "2", filename, size: 2048, url: "/cdn/x" }] });
  return {
    kinds: [{ type: 99 }, { type: 4 }, {}, null].map((one) => said({ components: [one] })),
    names: ["photo\\u202Egnp.exe", "<img src=x onerror=alert(1)>.txt"].map(file),
    links: ["https://example.com/cdn/x", "http://127.0.0.1:1/cdn/x", "data:image/png,x", "//[",
      null, `http://localhost:${location.port}/cdn/1/2/a.png?ex=1`].map(pathOf),
  };
}"""


def picture(width: int = 120, height: int = 120, color: str = "orange") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


async def sent_with(rest: Rest, files: dict[str, bytes], **payload: Any) -> Any:
    status, message = await rest("POST", GENERAL, data=form(files, payload))
    assert 200 == status, message
    return message


async def edited(rest: Rest, message: Any, files: dict[str, bytes], **payload: Any) -> None:
    names = [{"id": n, "filename": name} for n, name in enumerate(files)]
    body = form(files, {"attachments": names} | payload)
    status, shown = await rest("PATCH", f"{GENERAL}/{message['id']}", data=body)
    assert 200 == status, shown


async def is_loaded(picture: Locator) -> None:
    await expect(picture).not_to_have_js_property("naturalWidth", 0)


async def test_ana_reads_who_wrote_what_when_and_to_whom(
    windows: Windows, people: People, rest: Rest
) -> None:
    first = await people["pia"].say("general", "the first word")
    passing = await people["mod"].say("general", "it goes")
    await people["ana"].say("general", "an answer", reply_to=first)
    await people["ana"].say("general", "too late", reply_to=passing)
    called = await sent(rest, content=f"<@{shipped.ANA_ID}> is called")
    await rest("PATCH", f"{GENERAL}/{called['id']}", {"content": f"<@{shipped.ANA_ID}>, once more"})
    await sent(rest, content="a second line of the bot")
    await people["mod"].delete(passing)
    window = await windows.open("ana", "general", size=PHONE, theme="light")

    pia = window.message("ana", "the first word").filter(has_not_text="an answer")
    await expect(pia.locator(".author")).to_have_text("pia")
    await expect(pia.locator(".role-dot")).to_have_attribute("title", "Pro")
    await expect(pia.locator(".app")).to_have_count(0)
    answer, late = window.message("ana", "an answer"), window.message("ana", "too late")
    await expect(late).to_contain_text("original message is gone")
    await answer.get_by_role("button", name="Reply to pia, go there").press("Enter")
    await expect(pia).to_be_focused()

    bots = window.message("ana", "once more")
    await expect(bots.locator(".app")).to_have_text("APP")
    await expect(bots).to_have_class("message meant")
    await expect(bots.locator(".edited")).to_have_text("(edited)")
    following = window.message("ana", "a second line of the bot")
    await expect(following.locator(".author, .avatar")).to_have_count(0)
    hours = await window.run("(iso) => new Date(iso).getHours()", first.raw["sent_at"])
    assert f"{hours:02}:" in await pia.locator("time").inner_text()
    assert 390 == await window.run("() => document.documentElement.scrollWidth")


async def test_ana_sees_every_kind_of_thing_that_a_message_can_hold(
    windows: Windows, rest: Rest
) -> None:
    windows.allowed.append("Failed to load resource")  # the broken picture
    square, wide = picture(), picture(200, 100)
    described = [{"id": 0, "description": "what it would show"}]
    broken = {"broken.png": square[:40]}
    await sent_with(rest, broken, content="a broken one", attachments=described)
    secrets = {"SPOILER_s.png": square, "SPOILER_n.txt": b"x", "n.txt": b"x" * 3000}
    await sent_with(rest, secrets, content="covered files")
    await sent_with(rest, {"a.png": square}, content="an embed", embeds=[EMBED])
    await sent(rest, content="kept small", embeds=[{"description": "unseen"}], flags=1 << 2)
    parts = {"a.png": square, "b.png": wide, "c.png": square, "notes.txt": b"notes"}
    await sent_with(rest, parts, flags=V2, components=FRAMED)
    window = await windows.open("ana", "general")

    failed = window.message("ana", "a broken one")
    await expect(failed).to_contain_text("what it would show")
    await expect(failed).to_contain_text("This picture could not be loaded.")

    files = window.message("ana", "covered files")
    await expect(files.locator(".picture img")).to_have_attribute("alt", "")
    await expect(files.locator(".file").nth(1)).to_contain_text("3 kB")
    await files.get_by_role("button", name="Spoiler: show the file").click()
    await expect(files.get_by_role("link", name="Download SPOILER_n.txt")).to_be_visible()
    await files.get_by_role("button", name="Spoiler: show the picture").press("Enter")
    await expect(files.get_by_role("button", name="SPOILER_s.png")).to_be_focused()

    embed = window.message("ana", "an embed").locator(".embed")
    await is_loaded(embed.locator(".embed-thumbnail img"))
    await expect(embed.locator(".embed-title")).to_have_text("A <i>title</i>")
    await expect(embed.get_by_role("link")).to_have_text(["An author", "example.com"])
    await expect(embed.locator(".of-3")).to_have_count(3)
    await expect(embed.locator(".of-2")).to_have_count(2)
    await expect(embed.locator(".embed-footer")).to_have_text("the footer · 7 May 2024")
    await expect(embed).to_have_css("border-left-color", "rgb(51, 170, 119)")
    await expect(window.message("ana", "kept small").locator(".embed")).to_have_count(0)

    framed = window.message("ana", "above the frame")
    frame = framed.locator(".container").first
    await expect(frame).to_have_css("border-left-color", "rgb(204, 51, 102)")
    await is_loaded(frame.locator(".thumbnail img"))
    await is_loaded(frame.get_by_alt_text(SUN))
    await expect(frame.get_by_role("separator")).to_have_count(1)
    await expect(frame.locator(".picture.covered")).to_have_count(1)
    await expect(frame.get_by_role("link", name="Download notes.txt")).to_be_visible()
    await expect(frame.locator(".accessory").get_by_role("button", name="Do")).to_be_visible()
    await expect(frame.get_by_role("button", name="Go")).to_be_visible()
    await expect(framed.locator("[inert]")).to_have_text("a covered frame")
    await framed.get_by_role("button", name="Spoiler: show it").click()
    await expect(framed.locator("[inert]")).to_have_count(0)

    assert 2 == await window.run(TWICE, LINKS_ALIKE)
    drawn = await window.run(UNKNOWN)
    nothing = "unsupported: component of type undefined"
    other = ["unsupported: component of type 99", "unsupported: text input"]
    assert [*other, nothing, nothing] == drawn["kinds"]
    shown = ["photognp.exe2 kB", "<img src=x onerror=alert(1)>.txt2 kB"]
    assert shown == drawn["names"]
    assert [None] * 5 + ["/cdn/1/2/a.png?ex=1"] == drawn["links"]


async def test_ana_looks_at_pictures_large_by_keyboard_until_mod_takes_them_away(
    windows: Windows, people: People, rest: Rest
) -> None:
    files = {"a.png": picture(), "SPOILER_b.png": picture(), "c.png": picture(color="navy")}
    described = [{"id": 0, "description": "the first"}, {"id": 2, "description": "the last"}]
    message = await sent_with(rest, files, content="three", attachments=described)
    window = await windows.open("ana", "general")
    keys, large = window.page.keyboard, window.page.get_by_role("dialog", name="Picture")
    opener = window.look("ana").get_by_role("button", name="the first")

    await opener.press("Enter")
    await expect(large.locator(".which")).to_have_text("1 of 2")  # what is covered stays covered
    await is_loaded(large.get_by_role("img", name="the first"))
    whole = "(one) => one.scrollHeight <= one.clientHeight"
    assert await large.locator(".stage").evaluate(whole)
    await keys.press("ArrowRight")
    await expect(large.locator(".caption")).to_have_text("the last")
    await keys.press("z")
    await expect(large.get_by_role("button", name="Zoom")).to_have_attribute("aria-pressed", "true")
    await expect(large.get_by_role("link", name="Download")).to_have_attribute("download", "c.png")
    await keys.press("ArrowRight")  # round to the first
    await expect(large.locator(".which")).to_have_text("1 of 2")
    await keys.press("Escape")
    await expect(large).to_have_count(0)
    await expect(opener).to_be_focused()

    await opener.click()
    await expect(large).to_be_visible()
    [seen] = await people["mod"].sees("general")
    assert message["id"] == seen.id
    await people["mod"].delete(seen)
    await expect(large).to_have_count(0)


async def test_ana_watches_a_picture_come_and_nothing_flickers_under_her_hands(
    windows: Windows, rest: Rest
) -> None:
    message = await sent(rest, content="▱▱▱ 0%", components=[ROW])
    window = await windows.open("ana", "general", calm=False)
    place = window.look("ana").locator(".message")
    button, shown = place.get_by_role("button", name="Go"), place.locator(".picture img")
    await button.focus()

    await edited(rest, message, {"preview.png": picture(96, 64)}, content="▰▱▱ 33%")
    await is_loaded(shown)
    await shown.evaluate("(one) => { window.first = one; window.room = one.offsetHeight; }")
    await edited(rest, message, {"preview.png": picture(96, 64, "red")}, content="▰▰▱ 66%")
    await expect(place).to_contain_text("66%")
    await edited(rest, message, {"image-1.png": picture(960, 640)}, content="**done**")
    await expect(shown).to_have_js_property("naturalWidth", 960)
    same = "(one) => [window.first === one, window.room === one.offsetHeight]"
    assert [True, True] == await shown.evaluate(same)
    await expect(button).to_be_focused()
    taken = {"content": "taken back", "attachments": []}
    await rest("PATCH", f"{GENERAL}/{message['id']}", taken)
    await expect(shown).to_have_count(0)
    await expect(button).to_be_focused()
    another = {**ROW, "components": [{**ROW["components"][0], "custom_id": "go:again"}]}
    once_more = {"content": "once more", "components": [another]}
    await rest("PATCH", f"{GENERAL}/{message['id']}", once_more)
    await expect(place).to_contain_text("once more")
    await expect(button).to_be_focused()


FROM_TOP = """(one) => Math.round(one.getBoundingClientRect().top
  - one.closest(".messages").getBoundingClientRect().top)"""


async def test_ana_alone_sees_her_answers_dismisses_them_and_reads_long_ones_from_their_beginning(
    windows: Windows, sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest)
    window: Window = await windows.open("ana", "general", beside="mod")
    act = await begun(sandbox, people["ana"].slash("general", "ping"))
    await rest("POST", act.callback, {"type": 5, "data": {"flags": 64}})
    await act.task

    answer = window.look("ana").locator(".message")
    await expect(answer.locator(".thinking")).to_contain_text("Darkroom is thinking")
    await rest("PATCH", f"{act.webhook}/messages/@original", {"content": "for ana alone"})
    await expect(answer).to_contain_text("for ana alone")
    await expect(answer).to_contain_text("ana used /ping")
    await expect(answer).to_contain_text("Only you can see this")
    await people["mod"].say("general", "mod speaks")
    await expect(window.look("mod").locator(".message")).to_contain_text(["mod speaks"])
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_contain_text(["mod speaks"])

    # one answer in two messages that do not both fit, the first of them thought about for a while
    to_end, long = window.look("ana").locator(".to-end"), "\n".join(["a line of it"] * 15)
    await window.composer("ana").get_by_role("textbox").fill("/ping ")
    act = await begun(sandbox, window.page.keyboard.press("Enter"))
    await rest("POST", act.callback, {"type": 5, "data": {"flags": 64}})
    await act.task
    original = f"{act.webhook}/messages/@original"
    await rest("PATCH", original, {"content": f"begins\n{long}"})
    begins = window.message("ana", "begins")
    await expect(begins).to_be_in_viewport(ratio=1)
    await expect(to_end).to_be_hidden()
    await rest("POST", act.webhook, {"content": f"goes on\n{long}", "flags": 64})
    await expect(to_end).to_be_visible()
    assert 0 == await begins.evaluate(FROM_TOP)

    # what grows or comes later moves nobody, until ana's own picture comes
    await rest("PATCH", original, {"content": f"begins\n{long}\n{long}"})
    await sent(rest, content=f"for <@{shipped.PIA_ID}>")
    await expect(window.message("ana", "@pia")).to_have_count(1)
    assert 0 == await begins.evaluate(FROM_TOP)
    await sent(rest, content=f"for <@{shipped.ANA_ID}>")
    await expect(window.message("ana", "@ana")).to_be_in_viewport()
    await expect(to_end).to_be_hidden()

    # one that has been read is not begun again: when it grows narrower, nor for what comes by DM
    await window.composer("ana").get_by_role("textbox").fill("/ping ")
    act = await begun(sandbox, window.page.keyboard.press("Enter"))
    wide = {"content": f"wide {'word ' * 160}", "flags": 64}
    await rest("POST", act.callback, {"type": 4, "data": wide})
    await act.task
    await expect(window.message("ana", "wide")).to_be_in_viewport(ratio=1)
    await window.page.set_viewport_size({"width": 900, "height": 800})
    await people["mod"].say("general", "mod goes on")
    await expect(window.message("ana", "mod goes on")).to_be_in_viewport(ratio=1)
    await expect(to_end).to_be_hidden()
    await window.page.set_viewport_size({"width": 1280, "height": 800})

    _, dm = await rest("POST", "/users/@me/channels", {"recipient_id": str(shipped.ANA_ID)})
    await window.look("ana").get_by_label("Where ana looks").select_option("dm")
    await expect(window.look("ana").locator(".look-title b")).to_have_text("Darkroom")
    for news in ("first", "second", "third"):
        await rest("POST", f"/channels/{dm['id']}/messages", {"content": f"{news}\n{long}"})
        await expect(window.message("ana", news)).to_be_in_viewport(ratio=1)
    await expect(to_end).to_be_hidden()
    await rest("POST", f"/channels/{dm['id']}/messages", {"content": f"by DM\n{long}\n{long}"})
    await expect(to_end).to_be_visible()
    assert 0 == await window.message("ana", "by DM").evaluate(FROM_TOP)
