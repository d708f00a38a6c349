"""`/describe`: a picture in, words out. Registered only where the operator has a model for it."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Private, Refusal, Upload
from bot.ports import Post
from bot.services.describe import Describe
from bot.words import describing
from cogs._answers import Interaction, acknowledge, answer
from cogs._asks import ask_of, prompt_modal
from cogs._buttons import Form


class Describes(commands.Cog):
    """Puts pictures into words."""

    def __init__(self, describe: Describe) -> None:
        self.describe = describe

    @app_commands.command(
        name="describe", description="Put a picture into words that you can use as a prompt"
    )
    @app_commands.describe(image="PNG, JPEG or WebP")
    async def describe_image(self, interaction: Interaction, image: discord.Attachment) -> None:
        """Acknowledge, look, and tell the person alone."""
        await acknowledge(interaction)
        upload = Upload(Private(image.url), image.size, image.content_type or "")
        match await self.describe(replace(ask_of(interaction, ""), uploads=(upload,))):
            case Refusal() as refusal:
                await answer(interaction, Post(words.refused(refusal)))
            case described:
                await answer(interaction, describing.described(described.captions, described.ratio))


def forms() -> dict[str, Form]:
    """Name the forms that the buttons under a description open."""

    def of(number: int) -> Form:
        async def open_form(interaction: Interaction, ratio: str) -> discord.ui.Modal | None:
            said = interaction.message.content if interaction.message else ""
            caption = describing.caption_of(said, number)
            return prompt_modal({"aspect_ratio": ratio}, prompt=caption) if caption else None

        return open_form

    return {f"{describing.VERB}{number}": of(number) for number in describing.NUMBERS}
