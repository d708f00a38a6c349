"""What people can hand the bot is a picture, attached at Discord, and never an address.

Whoever adds an option that takes a file answers rows 29 and 30 of THREATS.md first: addresses that
lead inwards, and pictures that burst.
"""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

from discord import AppCommandOptionType, AppCommandType, app_commands

from bot.client.client import DarkroomClient
from bot.client.endpoint import Endpoint
from cogs import Deeds, add_all

ROOT = Path(__file__).parents[2]
TAKES_A_FILE = {
    "/imagine image",
    "/imagine mask",
    "/vary image",
    "/vary mask",
    "/upscale image",
    *(f"/blend image{number}" for number in range(1, 6)),
}
"""Each goes through `bot.services.intake`."""

OWN_CONNECTIONS = {
    "bot/client/attachments.py": "Discord's two hosts of attachments: only an address of theirs",
    "bot/children.py": "whether the sandbox it started is up",
    "bot/client/breaker.py": "nobody: it stops what discord.py opens",
    "bot/pulling.py": "Hugging Face, when the operator says `darkroom models pull`",
    "bot/tour.py": "the people of its own sandbox",
    "bot/selfcheck/check.py": "the people of its own sandbox",
    "bot/selfcheck/people.py": "the same, in its type",
}
"""Who opens connections besides discord.py, and to whom; of `darkroom run` is only the first."""


async def _nothing(_: DarkroomClient) -> None:
    return


async def test_a_few_commands_take_a_file_and_none_takes_an_address() -> None:
    client = DarkroomClient(Endpoint(), _nothing)
    nobody: Any = None  # the doors only keep what they will ask
    await add_all(client, Deeds(**({each.name: nobody for each in fields(Deeds)} | {"plans": ()})))

    files = {
        f"/{command.qualified_name} {option.name}"
        for command in client.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        for option in command.parameters
        if option.type is AppCommandOptionType.attachment
    }
    options = {
        option.name
        for command in client.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        for option in command.parameters
    }

    assert files == TAKES_A_FILE
    assert not {name for name in options if "url" in name or "link" in name}
    menus = {each.name for each in client.tree.get_commands(type=AppCommandType.message)}
    assert {"Report", "Use as input", "Recipe", "Delete"} == menus


def test_nobody_opens_a_connection_but_discord_py() -> None:
    opens = {
        str(path.relative_to(ROOT))
        for package in ("bot", "cogs", "gen")
        for path in sorted((ROOT / package).rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith("bot/sandbox/")  # the other side of the wire
        and _CONNECTS & _named(path.read_text())
    }

    assert set(OWN_CONNECTIONS) == opens


_CONNECTS = {"ClientSession", "urlopen", "create_connection", "open_connection", "HTTPConnection"}
_CONNECTS |= {"httpx", "requests", "urllib3", "huggingface_hub"}


def _named(text: str) -> set[str]:
    """Every name and attribute that a module speaks of, and what it imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {each.name for each in node.names}
    return found
