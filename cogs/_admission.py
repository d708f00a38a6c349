"""Who is served: not those who asked not to be processed, except to undo it or to read about it."""

from __future__ import annotations

import discord

from bot import words
from bot.domain import OptOut, PersonId
from bot.ports import Post
from bot.services.choose import Choose
from cogs._answers import Interaction, acknowledge, answer, in_time

ALWAYS_OPEN = frozenset({"help", "privacy opt-in", "privacy show", "privacy verify"})
"""Commands that process nothing of a person's: they only answer."""

FORM_WITHOUT = "form without"
"""In a command's `extras`: the option without which its first answer is a form."""


class Admission:
    """Asks at every command, press and form. One place, so that no new door can forget it."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose

    async def command(self, interaction: Interaction) -> bool:
        """Let a command through, or answer why not. Autocomplete offers nothing then.

        A command is acknowledged before the memory is asked, unless its first answer is a form.
        """
        if interaction.command is None or interaction.command.qualified_name in ALWAYS_OPEN:
            return True
        asks = interaction.type is discord.InteractionType.application_command
        if asks and not _opens_a_form(interaction):
            await acknowledge(interaction)
        is_shut = self.is_shut_to(interaction)
        if not await (is_shut if asks else in_time(is_shut, otherwise=True)):
            return True
        if asks:
            await acknowledge(interaction)
            await self.refuse(interaction)
        else:
            await interaction.response.autocomplete([])
        return False

    async def is_shut_to(self, interaction: Interaction) -> bool:
        """Say whether this person asked for no processing at all."""
        forbidden = await self.choose.opt_out_of(PersonId(interaction.user.id))
        return forbidden is OptOut.NO_PROCESSING

    async def refuse(self, interaction: Interaction) -> None:
        """Say so, and how to undo it."""
        await answer(interaction, Post(words.opted_out(OptOut.NO_PROCESSING)))


def _opens_a_form(interaction: Interaction) -> bool:
    """Whether a command was called without the option in whose place it opens a form."""
    option = interaction.command.extras.get(FORM_WITHOUT) if interaction.command else None
    return option is not None and getattr(interaction.namespace, option, None) is None
