"""`/stealth` and `/public`: who sees a person's work when they do not say."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import OptOut, PersonId
from bot.ports import Post
from bot.services.choose import Choose
from cogs._answers import Interaction, acknowledge, answer


class VisibilityMode(commands.Cog):
    """Changes a person's visibility mode."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose

    @app_commands.command(
        name="stealth", description="From now on your jobs go only to your DM; open ones move there"
    )
    async def stealth(self, interaction: Interaction) -> None:
        """Tighten at once, also what is under way."""
        await self._stealth(interaction)

    @app_commands.command(name="private", description="The same as /stealth")
    async def private(self, interaction: Interaction) -> None:
        """Do what the older word means."""
        await self._stealth(interaction)

    @app_commands.command(
        name="public",
        description="From now on your jobs go to the channel, where your plan lets them",
    )
    async def public(self, interaction: Interaction) -> None:
        """Loosen, for new jobs only."""
        await acknowledge(interaction)
        forbidden = await self.choose.opt_out_of(PersonId(interaction.user.id))
        if forbidden is OptOut.NEVER_PUBLIC:
            await answer(interaction, Post(words.opted_out(forbidden)))
            return
        await self.choose.public(PersonId(interaction.user.id))
        await answer(interaction, Post(words.now_public()))

    async def _stealth(self, interaction: Interaction) -> None:
        await acknowledge(interaction)
        moved = await self.choose.stealth(PersonId(interaction.user.id))
        shared = [one.shared_at for one in moved if one.shared_at is not None]
        await answer(interaction, Post(words.now_stealth(len(moved), shared)))
