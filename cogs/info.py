"""`/help`: one screen, made from the commands that are registered."""

from __future__ import annotations

from typing import Any

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.policy.plans import Plan
from bot.ports import Post
from cogs._answers import Interaction, acknowledge, answer


class Info(commands.Cog):
    """Answers about the bot itself."""

    def __init__(self, tree: app_commands.CommandTree[Any], plans: tuple[Plan, ...]) -> None:
        self.tree = tree
        self.plans = plans

    @app_commands.command(name="help", description="What this bot can do, on one screen")
    async def help(self, interaction: Interaction) -> None:
        """Answer ephemerally, in servers and in the DM alike."""
        await acknowledge(interaction)
        commands_said = [
            (command.qualified_name, command.description)
            for command in sorted(self.tree.walk_commands(), key=lambda each: each.qualified_name)
            if isinstance(command, app_commands.Command)
        ]
        await answer(
            interaction, Post(words.help_text(commands_said, words.plans_line(self.plans)))
        )
