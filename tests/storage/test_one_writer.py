"""One connection to each file in a process, and one process at a time that writes.

With two writers SQLite before 3.51.3 can lose what was written to the log while it is reset, and
the Pythons that people have link older ones. A command beside the bot takes turns with it, see
`test_beside.py`.
"""

import ast
import os
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_one_place_opens_databases():
    found = Counter(
        str(path.relative_to(ROOT))
        for package in ("bot", "cogs", "gen")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"aiosqlite.connect", "sqlite3.connect", "connect"}
    )

    assert {"bot/storage/database.py": 1} == found


def test_an_open_house_holds_each_file_once(memory, tmp_path):
    assert {"darkroom.db": 1, "keys.db": 1} == held(tmp_path / "data")


async def test_it_still_does_after_it_was_opened_again(open_again, tmp_path):
    for _ in range(3):
        memory = await open_again()
        opened = held(tmp_path / "data")
        await memory.close()

        assert {"darkroom.db": 1, "keys.db": 1} == opened
        assert {} == held(tmp_path / "data")


def held(data):
    """How often this process holds each database file."""
    links = []
    for number in os.listdir("/proc/self/fd"):
        try:
            links.append(Path(os.readlink(f"/proc/self/fd/{number}")))
        except OSError:
            continue  # the one that read the list
    return Counter(link.name for link in links if link.parent == data and link.suffix == ".db")
