"""`/fast` and `/relax`: how fast a person's jobs go when their plan offers both."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Refusal
from bot.ports import Post
from bot.services.hasten import Hasten
from cogs._answers import Interaction, acknowledge, answer
from cogs._asks import ask_of
from gen.job import Speed


class JobMode(commands.Cog):
    """Changes how fast a person's jobs go."""

    def __init__(self, hasten: Hasten) -> None:
        self.hasten = hasten

    @app_commands.command(
        name="fast", description="From now on your jobs go before relaxed ones, from your fast time"
    )
    async def fast(self, interaction: Interaction) -> None:
        """Choose fast."""
        await self._choose(interaction, Speed.FAST)

    @app_commands.command(
        name="relax", description="From now on your jobs wait longer and take no fast time"
    )
    async def relax(self, interaction: Interaction) -> None:
        """Choose relaxed."""
        await self._choose(interaction, Speed.RELAX)

    async def _choose(self, interaction: Interaction, speed: Speed) -> None:
        await acknowledge(interaction)
        await answer(interaction, Post(await turn(self.hasten, interaction, speed)))


async def turn(hasten: Hasten, interaction: Interaction, speed: Speed) -> str:
    """Let a person's jobs go this fast from now on, where their plan lets them, and say so."""
    standing = await hasten(ask_of(interaction, ""), speed)
    if isinstance(standing, Refusal):
        return words.refused(standing)
    return (words.now_fast if speed is Speed.FAST else words.now_relaxed)(standing)
