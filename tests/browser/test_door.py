"""Somebody else's page cannot reach the sandbox, and a hostile message stays mere text."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, expect

from bot.sandbox.server import Sandbox
from tests.browser.page import Windows
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import GENERAL, begun, form, registered, sent

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)

SAID = '{"channel": "general", "content": "from afar"}'

# Whatever a page can try; each try ends with the name of what it reached, or with nothing.
TRIES = """async ({ url, said, picture }) => {
  const post = (type, mode) => fetch(`${url}/people/ana/say`, {
    method: "POST", mode, body: said, headers: { "Content-Type": type },
  }).then((answer) => answer.status === 200 && "a post");
  const element = (name, more) => new Promise((tell) => {
    const one = Object.assign(document.createElement(name), more);
    one.onload = () => tell(name);
    one.onerror = () => tell(null);
    document.body.append(one);
  });
  const socket = (path) => new Promise((tell) => {
    const one = new WebSocket(url.replace("http", "ws") + path);
    one.onopen = () => tell(`a socket at ${path}`);
    one.onerror = () => tell(null);
  });
  const frame = () => new Promise((tell) => {
    const one = Object.assign(document.createElement("iframe"), { src: url });
    one.onload = () => tell(null);
    document.body.append(one);
  });
  const sent = () => new Promise((tell) => {
    const one = document.createElement("iframe");
    one.name = "answer";
    let loads = 0;
    const form = Object.assign(document.createElement("form"), {
      action: `${url}/people/ana/say`, method: "post", enctype: "text/plain", target: "answer" });
    const field = document.createElement("input");
    [field.name, field.value] = [said.slice(0, -2), '"}'];
    form.append(field);
    one.onload = () => (loads++ ? tell(null) : form.submit());
    document.body.append(one, form);
  });
  const tries = [
    fetch(`${url}/people`).then(() => "people"),
    post("text/plain", "no-cors"), post("text/plain", "cors"), post("application/json", "cors"),
    fetch(`${url}/weather`, { method: "POST", mode: "no-cors", body: '{"drop": true}' })
      .then((answer) => answer.ok && "the weather"),
    socket("/people/ana/stream"), socket("/wire/stream"), socket("/gateway"),
    element("img", { src: picture }), element("script", { src: `${url}/page/address.js` }),
    element("script", { src: `${url}/people` }),
    element("link", { rel: "stylesheet", href: `${url}/page/css/look.css` }),
    frame(), sent(),
  ];
  const ends = await Promise.all(tries.map((one) => one.catch(() => null)));
  return ends.filter(Boolean);
}"""


async def test_another_page_on_this_machine_reaches_nothing_but_may_link_to_the_page(
    browser: Browser, sandbox: Sandbox, people: People, rest: Rest
) -> None:
    _, shown = await rest("POST", GENERAL, data=form({"a.svg": b"<svg/>", "a.png": PNG}, {}))
    picture = shown["attachments"][1]["url"]
    context = await browser.new_context()
    async with another_page(sandbox.url.replace("127.0.0.1", "localhost")) as address:
        page = await context.new_page()
        await page.goto(address)
        async with asyncio.timeout(20):
            reached = await page.evaluate(
                TRIES, {"url": sandbox.url, "said": SAID, "picture": picture}
            )
        framed = [frame.url for frame in page.frames if frame.url.startswith(sandbox.url)]
        await page.get_by_role("link").click()
        await page.locator("body[data-ready]").wait_for()
        arrived = page.url
    await context.close()

    assert [] == reached + framed
    assert f"{sandbox.url}/?as=ana" == arrived.partition("&")[0]
    assert [shown["id"]] == [one.id for one in await people["ana"].sees("general")]
    assert [] == (await people.weather())["rules"]


HTML = "<img src=x onerror=alert(1)>"  # short enough for every name there is
MORE = (
    HTML
    + """<script>alert(1)</script><svg onload=alert(1)></svg><iframe src=/people></iframe>
<style>*{display:none}</style><form action=/world><input></form><base href=http://d.example>
<meta http-equiv=refresh content=0><a href="javascript:alert(1)" onclick="alert(1)">a</a>
[b](javascript:alert(1)) ![c](http://c.example) <javascript:alert(1)> </p></li></div></main>
[f](data:text/html,<script>alert(1)</script>) **<marquee>g</marquee>** `<marquee>h</marquee>`
||<marquee>i</marquee>|| {{7*7}} ${7*7} &lt;i&gt; <@&1>"""
)
# What a message must never become: elements that only the texts above could have made.
MADE = """() => [...document.querySelectorAll(`
  img[src="x"], body script, iframe, style, base, body meta, form[action], marquee, [onclick],
  [onerror], [onload], a[href^="javascript"], a[href^="data"], [src*="example"]`)].map(
  (one) => one.outerHTML)"""


async def test_a_hostile_message_is_only_text_wherever_it_stands(
    windows: Windows, sandbox: Sandbox, people: People, rest: Rest
) -> None:
    dialogs: list[str] = []
    await hostile_world(people)
    await hostile_messages(sandbox, people, rest)
    window = await windows.open("ana", "general")
    window.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await expect(window.message("ana", HTML).first).to_be_visible()
    await expect(window.page.locator("#members")).to_contain_text(HTML)
    await expect(window.page.locator("#channels")).to_contain_text(HTML)

    await window.page.get_by_role("button", name="Wire").click()
    await window.page.locator(".wire-row", has_text="/messages").first.click()
    await expect(window.page.locator(".wire-detail").first).to_contain_text(HTML)
    assert [] == await window.run(MADE)
    await window.page.keyboard.press("Escape")

    composer = window.composer("ana").get_by_role("textbox")
    await composer.fill("/hos")
    await expect(window.look("ana").get_by_role("option").first).to_contain_text(HTML)
    await window.page.keyboard.press("Enter")
    await expect(window.look("ana").get_by_text(HTML).last).to_be_visible()
    act = await begun(
        sandbox, window.look("ana").get_by_role("button", name=HTML).last.press("Enter")
    )
    await rest("POST", act.callback, {"type": 9, "data": MODAL})
    await expect(window.look("ana").get_by_role("dialog")).to_contain_text(HTML)

    assert [] == await window.run(MADE)
    assert [] == dialogs


MODAL = {
    "custom_id": "m",
    "title": HTML,
    "components": [
        {
            "type": 18,
            "label": HTML,
            "description": HTML,
            "component": {"type": 4, "custom_id": "f", "style": 1, "placeholder": HTML},
        }
    ],
}


async def hostile_world(people: People) -> None:
    """Names, roles, servers and channels that are markup."""
    await people["pia"].change(display_name=HTML, nick=HTML)
    await people.world(
        guild=[{"name": one, "owner": "zoe"} for one in ("constructor", "__proto__")]
        + [{"name": HTML, "owner": "ana"}],
        role={"guild": "Darkroom Café", "name": HTML},
        channel=[
            {"guild": "Darkroom Café", "name": HTML, "topic": MORE},
            {"guild": "Darkroom Café", "name": "general", "topic": MORE},
        ],
        member={"guild": "Darkroom Café", "person": "pia", "roles": [HTML]},
    )


async def hostile_messages(sandbox: Sandbox, people: People, rest: Rest) -> None:
    """Every kind of message and every place for words in it, and a command."""
    await people["pia"].say("general", MORE)
    author = {"name": HTML, "url": "https://e.example"}
    embed = {"title": HTML, "description": MORE, "author": author, "footer": {"text": HTML}}
    select = {"type": 3, "custom_id": "s", "placeholder": HTML}
    select |= {"options": [{"label": HTML, "value": "v", "description": HTML}]}
    button = {"type": 2, "style": 1, "label": HTML, "custom_id": HTML}
    rows = [{"type": 1, "components": [one]} for one in (select, button)]
    fields = [{"name": HTML, "value": MORE}]
    await sent(rest, content=MORE, embeds=[embed | {"fields": fields}], components=rows)
    told = {"content": MORE, "attachments": [{"id": 0, "description": HTML}]}
    await rest("POST", GENERAL, data=form({"<img src=x onerror=alert(1)>.png": PNG}, told))
    inner = [{"type": 10, "content": MORE}, rows[1]]
    await sent_v2(rest, {"type": 17, "components": inner})
    option = {"type": 3, "name": "words", "description": HTML, "required": True}
    option |= {"choices": [{"name": HTML, "value": HTML}]}
    await registered(rest, {"name": "hostile", "description": HTML, "options": [option]})


async def sent_v2(rest: Rest, *components: dict[str, Any]) -> None:
    status, said = await rest("POST", GENERAL, {"flags": 1 << 15, "components": [*components]})
    assert 200 == status, said


@asynccontextmanager
async def another_page(link: str) -> AsyncIterator[str]:
    """A page of somebody else's on this machine, with a link to the sandbox."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=f'<a href="{link}/?as=ana">look</a>', content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
