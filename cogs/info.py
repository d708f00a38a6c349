"""`/help`: one screen, made from the commands that are registered; `/info`: one's own standing."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.policy.plans import Plan
from bot.ports import Post
from bot.services.inform import Inform
from cogs._answers import Interaction, acknowledge, answer
from cogs._asks import ask_of


class Info(commands.Cog):
    """Answers about the bot itself, and about who asks."""

    def __init__(
        self, tree: app_commands.CommandTree[Any], plans: tuple[Plan, ...], inform: Inform
    ) -> None:
        self.tree = tree
        self.plans = plans
        self.inform = inform

    @app_commands.command(name="help", description="What this bot can do, on one screen")
    async def help(self, interaction: Interaction) -> None:
        """Answer ephemerally, in servers and in the DM alike."""
        await acknowledge(interaction)
        typed = self.tree.get_commands(type=discord.AppCommandType.chat_input)
        listed = sorted(typed, key=lambda each: each.name)
        commands_said = [_said_of(command) for command in listed]
        await answer(
            interaction, Post(words.help_text(commands_said, words.plans_line(self.plans)))
        )

    @app_commands.command(
        name="info", description="Your plan, visibility mode, use of today and what is kept"
    )
    async def info(self, interaction: Interaction) -> None:
        """Tell a person their own standing."""
        await acknowledge(interaction)
        await answer(interaction, Post(words.info(await self.inform(ask_of(interaction, "")))))


def _said_of(command: Any) -> tuple[str, str]:
    """Name a command and say what it does; of a group, also what it holds."""
    if not isinstance(command, app_commands.Group):
        return command.name, command.description
    inside = [each for each in command.walk_commands() if isinstance(each, app_commands.Command)]
    names = sorted(each.qualified_name.removeprefix(f"{command.name} ") for each in inside)
    return command.name, f"{command.description}: {', '.join(names)}"
