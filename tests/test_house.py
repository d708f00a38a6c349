"""The architecture and the documents, tested: what keeps the house true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from discord import AppCommandOptionType, app_commands

from bot.client.client import DarkroomClient, intents
from bot.client.endpoint import Endpoint
from bot.doctor import PERMISSIONS
from bot.domain import Where
from bot.policy import place
from bot.settings import Settings
from cogs import Deeds, add_all

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "cogs", "gen")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE_LINES = 350

REVEALS = {
    "bot/client/attachments.py",
    "bot/domain.py",
    "bot/policy/prompt.py",
    "bot/services/case.py",
    "bot/services/meet.py",
    "bot/services/submit.py",
    "bot/words/refusals.py",
}
"""The only places that may look at the text of a `Private`."""


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_env_example_names_every_setting_and_no_other() -> None:
    said = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert [name.upper() for name in Settings.model_fields] == said


def test_env_example_shows_the_true_defaults() -> None:
    lines = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    said = {name: value for name, value in lines.items() if value}

    shown = Settings(_env_file=None, **{name.lower(): value for name, value in said.items()})

    assert Settings(_env_file=None) == shown


async def _nothing(_: DarkroomClient) -> None:
    return


async def _commands() -> list[app_commands.Command]:
    client = DarkroomClient(Endpoint(), _nothing)
    nobody: Any = None  # the doors only keep what they will ask
    deeds = {each.name: nobody for each in fields(Deeds)} | {"plans": ()}
    await add_all(client, Deeds(**deeds))
    return [each for each in client.tree.walk_commands() if isinstance(each, app_commands.Command)]


async def test_readme_lists_every_command_and_no_other() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme.split("<!-- commands -->")[1]

    listed = re.findall(r"^\| `/([a-z_ -]+)`", table, re.MULTILINE)

    assert sorted({command.qualified_name for command in await _commands()}) == sorted(set(listed))


async def test_readme_repeats_each_commands_own_description() -> None:
    table = (ROOT / "README.md").read_text().split("<!-- commands -->")[1]

    for command in await _commands():
        assert command.description in table


async def test_no_command_can_pull_somebody_else_in() -> None:
    """Whoever adds a command that names a person must ask first whether they opted out.

    Moderators name members to hold them off or to remove what is theirs, opted out or not; the
    operator names somebody to give them a plan, of which nothing is processed until they ask.
    """
    people = {AppCommandOptionType.user, AppCommandOptionType.mentionable}

    naming = {
        command.qualified_name.split()[0]
        for command in await _commands()
        if any(option.type in people for option in command.parameters)
    }

    assert naming <= {"moderation", "plan", "purge"}


def test_readme_map_names_every_room() -> None:
    drawn = (ROOT / "README.md").read_text().split("<!-- map -->")[1]
    rooms = {
        path.parent.name for path in MODULES if path.name == "__init__.py" and path.parent != ROOT
    }

    assert sorted(room for room in rooms if f"{room}/" not in drawn) == []


def test_identify_asks_for_exactly_three_intents() -> None:
    on = {name for name, value in intents() if value}

    assert {"guilds", "guild_reactions", "dm_reactions"} == on - {"reactions"}


def test_the_invite_link_grants_exactly_what_a_place_needs() -> None:
    channel = Where(guild_id=1, channel_id=2)
    thread = Where(guild_id=1, channel_id=2, is_thread=True)

    assert set(place.bot_needs(channel)) | set(place.bot_needs(thread)) == set(PERMISSIONS)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_module_says_what_it_is_for_and_has_one_subject(path: Path) -> None:
    text = path.read_text()

    assert ast.get_docstring(ast.parse(text)) is not None
    assert len(text.splitlines()) <= LONGEST_MODULE_LINES


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_no_test_sleeps_or_mocks(path: Path) -> None:
    text = path.read_text()
    named = re.search("sleep|mock", text, re.IGNORECASE)  # most are done with here
    calls = {
        ast.unparse(node.func)
        for node in (ast.walk(ast.parse(text)) if named else ())
        if isinstance(node, ast.Call)
    }

    assert not [name for name in calls if name.endswith("sleep") or "mock" in name.lower()]


def test_private_text_is_revealed_in_a_few_known_places() -> None:
    found = {_name(path) for path in MODULES if re.search(r"\breveal\(\)", path.read_text())}

    assert found <= REVEALS


_SILENT = """
import importlib, os, socket, sys, threading
noisy = []
mkdir, connect = os.mkdir, socket.socket.connect
os.mkdir = lambda *a, **k: noisy.append("mkdir") or mkdir(*a, **k)
socket.socket.connect = lambda *a: noisy.append("socket") or connect(*a)
before = threading.active_count()
importlib.import_module(sys.argv[1])
if threading.active_count() != before:
    noisy.append("thread")
print(",".join(noisy))
"""


@pytest.mark.parametrize(
    "module", ["bot.cli", "bot.app", "cogs", "gen.supervisor", "gen.worker", "bot.sandbox.server"]
)
def test_importing_does_no_work(module: str) -> None:
    """Importing opens no socket, makes no folder and starts no thread, whatever it pulls in."""
    done = subprocess.run(
        [sys.executable, "-c", _SILENT, module], cwd=ROOT, capture_output=True, text=True
    )

    assert (0, "") == (done.returncode, done.stdout.strip())


def test_nothing_runs_at_module_level_but_definitions() -> None:
    """No module of ours calls a function with an effect while it is imported."""
    allowed = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    quiet = (*allowed, ast.Assign, ast.AnnAssign, ast.If, ast.For)
    loud = []
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not isinstance(node, quiet) and not docstring:
                loud.append(f"{_name(path)}:{node.lineno}")

    assert loud == []


def test_the_bot_process_carries_neither_torch_nor_pictures() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import bot.app, sys; print([m for m in ('torch', 'numpy', 'PIL', 'diffusers')"
            " if m in sys.modules])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_a_deed_that_is_printed_names_nobody() -> None:
    """What a deed remembers between calls is kept by people, jobs or channels."""
    printed = [
        f"{_name(path)}:{node.lineno}"
        for path in MODULES
        if "bot/services/" in _name(path)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if node.target.id.startswith("_") and isinstance(node.value, ast.Call)
        if "default_factory" in (said := {one.arg for one in node.value.keywords})
        if "repr" not in said
    ]

    assert printed == []
