"""`/models`: what can be drawn with; and the names that complete themselves where one is asked."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.services.studio import Studio
from bot.words import models as words
from cogs._answers import MOST_CHOICES, Interaction, acknowledge, answer_pages

MAX_NAME = 100
"""Characters of a model's name that may be typed: more than any has."""


class Models(commands.Cog):
    """Says what there is to draw with."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    @app_commands.command(
        name="models", description="What I can draw with: names, licences, sizes and LoRAs"
    )
    async def models(self, interaction: Interaction) -> None:
        """List the models."""
        await acknowledge(interaction)
        studio = self.studio
        offered = [
            words.Offered(
                card,
                is_default=card is studio.card,
                is_served=studio.is_served(card),
            )
            for card in studio.cards
        ]
        await answer_pages(interaction, words.models(offered))


def model_choices(studio: Studio, typed: str) -> list[app_commands.Choice[str]]:
    """Offer models by what is typed of a name, out of memory: those that begin so first."""
    wanted = typed.casefold().strip()
    names = [card.name for card in studio.cards if studio.is_served(card)]
    found = [name for name in names if wanted in name.casefold()]
    found.sort(key=lambda name: not name.casefold().startswith(wanted))
    return [app_commands.Choice(name=name, value=name) for name in found[:MOST_CHOICES]]
