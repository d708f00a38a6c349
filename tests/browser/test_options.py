"""What people type is read as chats read it: names of commands, options, limits, files."""

from typing import Any

from tests.browser.page import Window, Windows

MIB = 1 << 20


def option(kind: int, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": ""} | more


def file(size: int, name: str, kind: str = "") -> dict[str, Any]:
    return {"size": size, "name": name, "type": kind}


RED = option(3, choices=[{"name": "Red", "value": "r"}])
TEN = option(4, min_value=1, max_value=10)
PICTURE = option(11, description="A picture: PNG")
PROMPT, IMAGE = option(3, "prompt"), option(11, "image")
IMAGINE = [PROMPT, option(3, "visibility"), option(4, "steps"), IMAGE]
COMMANDS = [{"name": one} for one in ("imagine", "privacy delete", "privacy data", "data")]
KNOWN = [{"name": "ana", "value": "7"}, {"name": "Pro", "value": "8"}]

TOO_LONG = {"reason": "takes 2 to 4 characters; this has 5"}
TAKEN = [
    ((option(3, max_length=2), "a"), {"value": "a"}),
    ((option(3, max_length=2), "abc"), {"reason": "takes up to 2 characters; this has 3"}),
    ((option(3, max_length=2), "🌟🌟"), {"value": "🌟🌟"}),
    (
        (option(3, min_length=2, max_length=4), "a"),
        {"reason": "takes 2 to 4 characters; this has 1"},
    ),
    ((option(3, min_length=2, max_length=4), "abcde"), TOO_LONG),
    ((option(3, required=True), " "), {"reason": "is required"}),
    ((option(3), ""), {}),
    ((RED, "RED"), {"value": "r"}),
    ((RED, "blue"), {"reason": "takes one of: Red"}),
    ((TEN, "10"), {"value": 10}),
    ((TEN, "0"), {"reason": "takes 1 to 10"}),
    ((option(4), "1.5"), {"reason": "takes a whole number"}),
    ((option(4), "ten"), {"reason": "takes a whole number"}),
    ((option(4), "99999999999999999999"), {"reason": "takes a smaller number"}),
    ((option(10), "1.5"), {"value": 1.5}),
    ((option(10, min_value=-1), "-2"), {"reason": "takes -1 or more"}),
    ((option(10), "Infinity"), {"reason": "takes a number"}),
    ((option(5), "true"), {"value": True}),
    ((option(5), "yes"), {"reason": "takes one of: True, False"}),
    ((option(6), "@ana", KNOWN), {"value": "7"}),
    ((option(9), "pro", KNOWN), {"value": "8"}),
    ((option(6), "7", KNOWN), {"value": "7"}),
    ((option(6), "zoe", KNOWN), {"reason": "takes one of: ana, Pro"}),
]
FILES = [
    ((option(11), file(11 * MIB, "a.b"), 10 * MIB), "takes up to 10 MB; this file has 11 MB"),
    ((option(11), file(0, "a.b"), 10 * MIB), "takes no empty file"),
    ((option(11), file(1, "a.b"), 10 * MIB), ""),
    ((PICTURE, file(1, "a.gif", "image/gif"), 10 * MIB), "takes a picture: PNG"),
    ((PICTURE, file(1, "a.PNG"), 10 * MIB), ""),
]
LIMITS = [
    ((option(3, min_length=1),), "1 character or more"),
    ((option(3, min_length=1, max_length=9, required=True),), "1 to 9 characters, required"),
    ((option(4, max_value=3),), "a whole number, up to 3"),
    ((option(10, min_value=0, max_value=20),), "a number, 0 to 20"),
    ((IMAGE, {"bytes": 10 * MIB}), "a file, up to 10 MB, PNG, JPEG, WebP or GIF"),
    ((option(5),), "True or False"),
]
PARSED: list[tuple[tuple[Any, ...], Any]] = [
    ((line, IMAGINE), {"lead": lead, "named": [list(one) for one in named.items()]})
    for line, lead, named in (
        ("a red star", "a red star", {}),
        ("prompt:a star visibility:stealth", "", {"prompt": "a star", "visibility": "stealth"}),
        (" a star 16:9 visibility:", "a star 16:9", {"visibility": ""}),
        ("steps:5 steps:6 nosuch:1", "", {"steps": "5 steps:6 nosuch:1"}),
        ("image: a star prompt:b", "a star", {"image": "", "prompt": "b"}),
        ("xprompt:a", "xprompt:a", {}),
    )
]
STEALTH = [{"name": "stealth", "value": "s"}, {"name": "stealth-only", "value": "o"}]
SAME = [{"name": "pro", "value": "1"}, {"name": "Pro", "value": "2"}]
SUGGESTED = [{"name": "pocket", "value": "pocket"}, {"name": "Large", "value": "large-2"}]
ASKED = option(3, autocomplete=True)
SAID = [
    ((option(3, choices=STEALTH), STEALTH, "Stealth "), True),
    ((option(3, choices=STEALTH), STEALTH, "stealth-"), False),
    ((option(9), SAME, "pro"), False),
    ((ASKED, SUGGESTED, "pocket"), True),
    ((ASKED, SUGGESTED, "Pocket"), False),
    ((ASKED, SUGGESTED, "Large"), False),
]
COUNT = option(4, "count", required=True)
LEAD = [((IMAGINE,), PROMPT), (([IMAGE, COUNT],), COUNT), (([option(5), PROMPT],), PROMPT)]
MATCHING = [
    ((COMMANDS, line), [COMMANDS[n] for n in places])
    for line, places in (
        ("/", [0, 1, 2, 3]),
        ("/da", [3, 2]),
        ("/privacy  del", [1]),
        ("/Privacy", [1, 2]),
        ("/x", []),
    )
]
NAMED = [
    ((COMMANDS, "/privacy delete now"), {"command": COMMANDS[1], "rest": "now", "spaced": True}),
    ((COMMANDS, "/privacy"), None),
    ((COMMANDS, "/DATA"), {"command": COMMANDS[3], "rest": "", "spaced": False}),
    ((COMMANDS, "/imagine a\nb"), {"command": COMMANDS[0], "rest": "a\nb", "spaced": True}),
    ((COMMANDS, "/imagined"), None),
]


async def answers(window: Window, module: str, name: str, cases: list[Any]) -> list[Any]:
    """What a function of a module says to each of these."""
    script = """async ([module, name, cases]) => {
      const found = await import(`/page/composer/${module}.js`);
      return cases.map((given) => found[name](...given));
    }"""
    return list(await window.run(script, [module, name, [given for given, _ in cases]]))


async def test_what_people_type_is_read_as_chats_read_it(windows: Windows) -> None:
    window = await windows.open("ana", "general")
    tables: list[tuple[str, str, list[Any]]] = [
        ("options", "taken", TAKEN),
        ("options", "wrongFile", FILES),
        ("options", "limits", LIMITS),
        ("options", "parsed", PARSED),
        ("options", "leadOf", LEAD),
        ("known", "isSaid", SAID),
        ("commands", "matching", MATCHING),
        ("commands", "named", NAMED),
    ]
    for module, name, cases in tables:
        assert [wanted for _, wanted in cases] == await answers(window, module, name, cases), name
