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
        await answer(interaction, Post(await turn_public(self.choose, interaction)))

    async def _stealth(self, interaction: Interaction) -> None:
        await acknowledge(interaction)
        await answer(interaction, Post(await turn_stealth(self.choose, interaction)))


async def turn_public(choose: Choose, interaction: Interaction) -> str:
    """Let a person's jobs be public from now on, and say so; not of who forbade it."""
    person = PersonId(interaction.user.id)
    forbidden = await choose.opt_out_of(person)
    if forbidden is OptOut.NEVER_PUBLIC:
        return words.opted_out(forbidden)
    await choose.public(person)
    return words.now_public()


async def turn_stealth(choose: Choose, interaction: Interaction) -> str:
    """Let a person's jobs be stealth from now on, open ones too, and say what could be seen."""
    moved = await choose.stealth(PersonId(interaction.user.id))
    shared = [one.shared_at for one in moved if one.shared_at is not None]
    return words.now_stealth(len(moved), shared)
