"""The sandbox's page, read as text: what keeps its modules apart, and safe."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "bot" / "sandbox" / "page"
FILES = {
    path.relative_to(PAGE).as_posix(): path.read_text()
    for path in sorted(PAGE.rglob("*"))
    if path.suffix in (".js", ".css", ".html")
}
MODULES = {name: text for name, text in FILES.items() if name.endswith(".js")}
SHEETS = {name: text for name, text in FILES.items() if name.endswith(".css")}
INDEX = FILES["index.html"]
SCRIPTS = "\n".join(MODULES.values())

LONGEST_LINES, WIDEST_COLUMNS = 300, 100
MAY_USE = {
    "look": {"api", "live"},
    "text": {"dom", "look"},
    "controls": {"api", "dom", "look", "text"},
    "message": {"dom", "look", "text", "controls"},
    "composer": {"api", "dom", "look", "text"},
    "pane": {"dom", "look", "text", "controls", "message", "composer"},
    "frame": {"address", "dom", "look", "controls", "message"},
    "behind": {"api", "live", "dom", "text"},
    "tour": {"api", "dom", "look"},
    "main": {"address", "look", "composer", "pane", "frame", "behind", "tour"},
}
"""Which folder may import which. On the ground lie `address`, `api`, `dom` and `live`, which import
nothing; what somebody sees (`look`) knows nothing of how it is drawn."""

NEVER = (
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|createContextualFragment|DOMParser|srcdoc"
    r"|document\.write|\beval\(|new Function|javascript:"  # a text that becomes markup or code
    r"|\bstyle=|\bstyle: [\"'`]|(?<!\?)<style|\son\w+=|\.on(?:click|load|error|input|key\w+) ="
    r"|[\"'`(](?:https?:|wss?:)?//\w|url\(|@import|\bimport\("  # what lies elsewhere, or comes late
)
NAMESPACE = '"http://www.w3.org/2000/svg"'  # a name: nothing is ever asked for it
COLOUR = (
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch)a?\(|\b(?:white|black|red|green|blue|gr[ae]y)\b"
)
COMMENT = r"(?s)/\*.*?\*/"

_IMPORT = re.compile(r'^(?:import|export) ([^;]*?)\s+from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
_LISTED = re.compile(r"^export const ([^;(]*?);", re.MULTILINE)  # several in one statement


def _imports(module: str) -> dict[str, set[str]]:
    """What a module imports: another one -> the names; `*` for all of it."""
    found: dict[str, set[str]] = {}
    for names, path in _IMPORT.findall(MODULES[module]):
        other = os.path.normpath(os.path.join(os.path.dirname(module), path))
        taken = {"*"} if names.startswith("*") else set(re.findall(r"\w+", names))
        found.setdefault(other, set()).update(taken)
    return found


def _exports(module: str) -> set[str]:
    text = MODULES[module]
    listed = [re.findall(r"(\w+) = ", names) for names in _LISTED.findall(text)]
    return {*_EXPORT.findall(text), *(name for names in listed for name in names)}


def _folder(module: str) -> str:
    return module.removesuffix(".js").split("/")[0]


def test_every_file_of_the_page_is_short_and_says_what_it_is_for() -> None:
    untold = [
        name
        for name, text in FILES.items()
        if not text.startswith(("// ", "/* ", "<!doctype html>"))
    ]
    long = [
        f"{name}:{number}"
        for name, text in (MODULES | SHEETS).items()
        for number, line in enumerate(text.splitlines(), 1)
        if number > LONGEST_LINES or len(line) > WIDEST_COLUMNS
    ]

    assert ([], []) == (untold, long)


def test_nothing_on_the_page_can_become_code_or_be_asked_of_somebody_else() -> None:
    found = [
        (name, words)
        for name, text in FILES.items()
        for words in re.findall(NEVER, text.replace(NAMESPACE, ""))
    ]

    assert [] == found


def test_every_module_imports_what_there_is_from_where_it_may() -> None:
    wrong = [
        (module, other, sorted(names))
        for module in MODULES
        for other, names in _imports(module).items()
        if not names - {"*"} <= _exports(other)
        or _folder(other) not in {_folder(module), *MAY_USE.get(_folder(module), ())}
    ]

    assert [] == wrong


def test_folders_stand_on_one_another_and_in_no_circle() -> None:
    left = {folder: needs & MAY_USE.keys() for folder, needs in MAY_USE.items()}
    while free := [folder for folder, needs in left.items() if not needs & left.keys()]:
        for folder in free:
            del left[folder]

    assert {} == left


def test_what_a_module_gives_away_somebody_takes() -> None:
    taken = {
        (other, name) for one in MODULES for other, got in _imports(one).items() for name in got
    }
    tests = "\n".join(path.read_text() for path in (ROOT / "tests" / "browser").glob("*.py"))

    spare = [
        (module, name)
        for module in MODULES
        for name in _exports(module)
        if (module, name) not in taken and (module, "*") not in taken
        if not re.search(rf"\b{name}\b", tests)
    ]

    assert [] == spare


def test_colours_are_named_in_one_place() -> None:
    named = [
        (name, value)
        for name, text in SHEETS.items()
        if name != "css/look.css"
        for value in re.findall(r":([^:;{}]+)[;}]", re.sub(COMMENT, "", text))
        if re.search(COLOUR, value)
    ]

    assert [] == named


def test_links_to_the_web_are_made_in_one_place() -> None:
    leaving = {name for name, text in MODULES.items() if "_blank" in text}

    assert {"text/links.js", "frame/people.js"} == leaving  # people: this page in another tab


def test_the_page_loads_every_sheet_and_no_other() -> None:
    linked = re.findall(r'<link rel="stylesheet" href="/page/([^"]+)">', INDEX)

    assert sorted(SHEETS) == sorted(linked)


def test_every_class_and_icon_that_is_drawn_for_is_used_and_every_icon_named_is_there() -> None:
    selectors = re.findall(r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", "".join(SHEETS.values())))
    classes = {name for one in selectors for name in re.findall(r"\.([a-z][\w-]*)", one)}
    icons = set(re.findall(r'<symbol id="icon-([\w-]+)"', INDEX))
    used = SCRIPTS + INDEX.split("<symbol")[0]

    assert [] == [name for name in sorted(classes) if not _is_said(name, used)]
    assert [] == [
        name for name in icons if f'"{name}"' not in SCRIPTS and f'"#icon-{name}"' not in used
    ]
    assert set(re.findall(r'\bicon\("([\w-]+)"', SCRIPTS)) <= icons


def _is_said(name: str, where: str) -> bool:
    """Whether a class stands there by itself, or made of its beginning: `disc-${…}`."""
    beginning, dash, _ = name.rpartition("-")
    whole = re.search(rf"(?<![\w-]){name}(?![\w-])", where)
    return whole is not None or (dash != "" and f"{beginning}-${{" in where)
