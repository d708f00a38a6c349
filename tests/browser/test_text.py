"""What people and the bot write stands as Discord shows it, and is never more than text."""

from __future__ import annotations

from playwright.async_api import expect

from bot.sandbox import shipped_world as shipped
from bot.sandbox.server import Sandbox
from tests.browser.page import Windows
from tests.people import People
from tests.sandbox.conftest import Rest
from tests.sandbox.steps import registered, sent

# how texts stand for ana: their elements without attributes
DRAWN = """async (sources) => {
  const [{ text }, { World }, { Look }] = await Promise.all(
    ["text/text", "look/world", "look/look"].map((name) => import(`/page/${name}.js`)));
  const world = new World();
  await world.refresh();
  const look = new Look(world, "ana", "dm");
  return sources.map((source) => {
    const [drawn] = text(source, look);
    const size = drawn.matches(".large") ? "large: " : "";
    return size + drawn.innerHTML.replace(/<(\\w+) [^>]*>/g, "<$1>");
  });
}"""

MARKS = {
    "**a** *b* _c_ __d__ ~~e~~ `f`": (
        "<strong>a</strong> <em>b</em> <em>c</em> <u>d</u> <s>e</s> <code>f</code>"
    ),
    "***a***": "<em><strong>a</strong></em>",
    "***a** b*": "<em><strong>a</strong> b</em>",
    "***a* b**": "<strong><em>a</em> b</strong>",
    "___a___": "<em><u>a</u></em>",
    "__**a** *b*__": "<u><strong>a</strong> <em>b</em></u>",
    "**a\nb**": "<strong>a\nb</strong>",
    "in*tra*word": "in<em>tra</em>word",
    "a snake_case_name, _snake_case_": "a snake_case_name, <em>snake_case</em>",
    "2 * 3 * 4, **a, *b, `c, ~~d, ||e": "2 * 3 * 4, **a, *b, `c, ~~d, ||e",
    "**** |||| ~~~~ ____": "**** |||| ~~~~ ____",
    r"\*a\* \`b\` \<@1> \# c \\ \d ¯\_(ツ)_/¯": r"*a* `b` &lt;@1&gt; # c \ \d ¯\_(ツ)_/¯",
    "`**a** <@1>` ``b`c``": "<code>**a** &lt;@1&gt;</code> <code>b`c</code>",
    "**a `** b`**": "<strong>a <code>** b</code></strong>",
    "```py\nx = **1\n\n  y\n```\nafter": "<pre><code>x = **1\n\n  y</code></pre>after",
    "a ```b``` c": "a <pre><code>b</code></pre> c",
    "```\nnever closed": "```\nnever closed",
}
LINES = {
    "# a\n## b *c*\n### d\n#### e\n#f": ("<h3>a</h3><h4>b <em>c</em></h4><h5>d</h5>#### e\n#f"),
    "a\n-# b\nc": "a\n<small>b</small>c",
    "> a\n> **b**\nc\n>d": ("<blockquote>a\n<strong>b</strong></blockquote>c\n&gt;d"),
    ">>> a\n# b\n> c": "<blockquote>a\n<h3>b</h3>&gt; c</blockquote>",
    "> a ```\nb ```": "<blockquote>a ```</blockquote>b ```",
    "- a\n- b\n  more\n  - c\n    * d\n- e\n\nf": (
        "<ul><li>a</li><li>b\nmore\n<ul><li>c\n<ul><li>d</li></ul></li></ul></li><li>e</li></ul>\nf"
    ),
    "3. a\n4. b\n- c": "<ol><li>a</li><li>b</li></ol><ul><li>c</li></ul>",
    "-a\n1.b\n- ": "-a\n1.b\n- ",
    "**a\n- b**": "<strong>a\n<ul><li>b</li></ul></strong>",
}
LINKS = {
    "[a **b**](https://example.com/x_(y)_z 'words')": "<a>a <strong>b</strong></a>",
    "(see https://example.com/a_b_c).": "(see <a>https://example.com/a_b_c</a>).",
    "**https://example.com** <https://example.com/?a=b>": (
        "<strong><a>https://example.com</a></strong> <a>https://example.com/?a=b</a>"
    ),
    "[a [b]](https://example.com) [](https://example.com)": (
        "<a>a [b]</a> [](<a>https://example.com</a>)"
    ),
    "[||a|| <@1>](https://example.com)": "<a>||a|| &lt;@1&gt;</a>",
    "[x](javascript:alert(1)) [x](data:text/html,x) javascript:alert(1) <javascript:x>": (
        "[x](javascript:alert(1)) [x](data:text/html,x) javascript:alert(1) &lt;javascript:x&gt;"
    ),
    # words that look like an address may not lead to another
    "[https://good.example](https://evil.example)": (
        "[<a>https://good.example</a>](<a>https://evil.example</a>)"
    ),
    "[ht\u200btps：//good.example](https://evil.example)": (
        "[ht\u200btps：//good.example](<a>https://evil.example</a>)"
    ),
    "https://example.com/\u202egpj.exe": "<a>https://example.com/%E2%80%AEgpj.exe</a>",
    "https://[no https://:x/": "https://[no https://:x/",
}
HOSTILE = {
    "<img src=x onerror=alert(1)> <script>alert(1)</script> &lt;b&gt;": (
        "&lt;img src=x onerror=alert(1)&gt; &lt;script&gt;alert(1)&lt;/script&gt; &amp;lt;b&amp;gt;"
    ),
    "**<b>** `</code><img>`": ("<strong>&lt;b&gt;</strong> <code>&lt;/code&gt;&lt;img&gt;</code>"),
    "```html\n</pre><iframe src=//x>\n```": (
        "<pre><code>&lt;/pre&gt;&lt;iframe src=//x&gt;</code></pre>"
    ),
    '[</a><svg onload=alert(1)>](https://example.com/"onclick=alert(1))': (
        "<a>&lt;/a&gt;&lt;svg onload=alert(1)&gt;</a>"
    ),
    "<t:99999999999999:F> <t:1:q> <:a b:1> <@x> <#>": (
        "&lt;t:99999999999999:F&gt; &lt;t:1:q&gt; &lt;:a b:1&gt; &lt;@x&gt; &lt;#&gt;"
    ),
}
MENTIONS = {
    f"<@{shipped.PIA_ID}> <@!{shipped.BOT_ID}> <@1>": (
        "<span><bdi>@pia</bdi></span> <span><bdi>@Darkroom</bdi></span> "
        "<span><bdi>@unknown person</bdi></span>"
    ),
    f"<@&{shipped.PRO_ROLE_ID}> <@&1>": (
        "<span><bdi>@Pro</bdi></span> <span><bdi>@unknown role</bdi></span>"
    ),
    f"<#{shipped.GENERAL_ID}> <#{shipped.STAFF_ID}>": (
        "<button><bdi>#general</bdi></button> <span><bdi>#no access</bdi></span>"
    ),
    f"https://discord.com/channels/{shipped.CAFE_ID}/{shipped.STAFF_ID}/1": (
        "<span><bdi>#no access › message</bdi></span>"
    ),
    "</privacy delete:5> <:wave:6> <a:wave:7>": "<button>/privacy delete</button> :wave: :wave:",
    "@everyone @here @hereabouts": "<span>@everyone</span> <span>@here</span> @hereabouts",
    "<t:0:t> <t:0:D>": "<time>01:00</time> <time>1 January 1970</time>",  # in Berlin
    "🌞 👩‍💻🎞️": "large: 🌞 👩‍💻🎞️",
    "🌞 a": "🌞 a",
    "👍🏽" * 27: f"large: {'👍🏽' * 27}",
    "👍🏽 " * 28: "👍🏽 " * 28,
}


async def test_what_anybody_writes_stands_as_they_mean_it_and_never_as_html(
    windows: Windows,
) -> None:
    window = await windows.open("ana", "general")
    table = MARKS | LINES | LINKS | HOSTILE | MENTIONS

    drawn = await window.run(DRAWN, list(table))

    assert table == dict(zip(table, drawn, strict=True))
    assert ["https: noopener noreferrer _blank"] == await window.run(LEADING, list(table))
    assert [
        "bold and code, a hidden (spoiler), @ana, one two",
        "20 minutes ago in 3 days 2 years ago now 2 hours ago",
        "14:05 22 November 2026",
        True,
    ] == await window.run(SAID_PLAINLY, str(shipped.ANA_ID))


# the kinds of links that stand in texts
LEADING = """async (sources) => {
  const [{ text }, { World }] = await Promise.all(
    ["text/text", "look/world"].map((name) => import(`/page/${name}.js`)));
  const look = { world: new World(), person: "ana", revealed: new Set() };
  const links = sources.flatMap((one) => [...text(one, look)[0].querySelectorAll("a")]);
  return [...new Set(links.map((one) => `${one.protocol} ${one.rel} ${one.target}`))];
}"""
SAID_PLAINLY = """async (ana) => {
  const [{ plain }, { World }, times] = await Promise.all(
    ["text/text", "look/world", "text/times"].map((name) => import(`/page/${name}.js`)));
  const world = new World();
  await world.refresh();
  const marked = `# **bold** and \\`code\\`, a hidden ||thing||, <@${ana}>,\\n- one\\n- two`;
  const [minute, day, then] = [60_000, 86_400_000, Date.UTC(2026, 10, 22, 13, 5)];
  const ages = [-20 * minute, 3 * day, -730 * day, 0, -110 * minute];
  return [
    plain(marked, { world, person: "ana" }),
    ages.map((away) => times.styled(then + away, "R", then)).join(" "),
    `${times.clock(then)} ${times.day(then)}`,
    /Sunday.*22 November 2026.*14:05/.test(times.full(then)),
  ];
}"""


async def test_one_long_line_of_marks_takes_as_long_as_sixteen_short_ones(
    windows: Windows,
) -> None:
    window = await windows.open("ana", "general")

    longer = await window.run(LONGER)

    # who looks back from each mark to all before it takes sixteen times as long
    assert {} == {marks: ratio for marks, ratio in longer.items() if ratio > MUCH_LONGER}


MUCH_LONGER = 7
LONGER = """async () => {
  const { text } = await import("/page/text/text.js");
  const { parse } = await import("/page/text/markdown.js");
  const units = ["*", "[", "`", "*_|~[", "**a", "||https://a", "[[[]](https://", "[a](http://b ",
    "> ```\\n", "- a\\n1. b\\n"];
  const took = (line, times) => {
    const begun = performance.now();
    for (let n = 0; n < times; n += 1) parse(line);
    return performance.now() - begun;
  };
  const usual = (measured) => { // this machine may do other things meanwhile
    const found = [1, 2, 3, 4, 5].map(measured);
    return found.sort((one, other) => one - other)[2];
  };
  const ratio = (marks) => {
    const short = marks.repeat(2000 / marks.length);
    const long = short.repeat(16);
    took(short, 4);
    return usual(() => took(long, 1) / took(short, 16));
  };
  const emoji = "👍🏽".padEnd(100).repeat(26) + "x"; // each may be read as one emoji or two
  const drawn = usual(() => {
    const begun = performance.now();
    text(emoji, {});
    return (performance.now() - begun) / Math.max(took("*".repeat(32_000), 10), 10);
  });
  return { drawn, ...Object.fromEntries(units.map((marks) => [marks, ratio(marks)])) };
}"""


async def test_ana_opens_a_spoiler_that_mod_does_not_and_follows_what_leads_in_the_chat(
    windows: Windows, sandbox: Sandbox, people: People, rest: Rest
) -> None:
    await registered(rest, {"name": "ping", "description": "Say pong"})
    first = await sent(rest, content="the first one")
    now = int(sandbox.clock.now())
    await sent(
        rest,
        f"/channels/{shipped.GALLERY_ID}/messages",
        content=f"a ||*hidden* thing|| of <@{shipped.ANA_ID}>, </ping:1>, <t:{now}:R>, "
        f"<#{shipped.GENERAL_ID}>, "
        f"https://discord.com/channels/{shipped.CAFE_ID}/{shipped.GENERAL_ID}/{first['id']}",
    )
    window = await windows.open("ana", "gallery", beside="mod", there="gallery")
    anas, mods = window.message("ana", "of @ana"), window.message("mod", "of @ana")

    assert "hidden" not in await anas.aria_snapshot()
    later = await sent(rest, f"/channels/{shipped.GALLERY_ID}/messages", content="**and** ||more||")
    heard = window.look("ana").locator("[aria-live=polite]")
    await expect(heard).to_have_text(f"{later['author']['username']}: and (spoiler)")
    await anas.get_by_role("button", name="Show spoiler").press("Enter")

    await expect(anas.locator("em", has_text="hidden")).to_be_visible()
    await expect(anas.locator(".spoiler")).to_be_focused()
    assert "hidden" in await anas.aria_snapshot()
    await expect(mods.get_by_role("button", name="Show spoiler")).to_be_visible()
    await expect(anas.locator(".mention.you")).to_have_text("@ana")
    await expect(mods.locator(".mention.you")).to_have_count(0)

    await people.advance(20 * 60)
    await people.world(person={"name": "new", "guilds": {"Darkroom Café": []}})
    await expect(anas.locator("time", has_text="20 minutes ago")).to_be_visible()

    await anas.get_by_role("button", name="/ping").click()
    await expect(window.composer("ana")).to_contain_text("/ping")
    await anas.get_by_role("button", name="#general › message").click()
    await expect(window.message("ana", "the first one")).to_be_focused()
