"""Every button and form we ever sent, known by its `custom_id` alone: `v1:verb:rest`.

One dispatcher instead of discord.py's views: nothing is kept in memory, so buttons work after a
restart, and no `custom_id` gets into a task's name, where a debug log would print it. That matters
most for the buttons of a stealth result, which carry the only key of its recipe.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import discord
from discord.ext import commands

from bot import log, words
from bot.client.client import try_again
from bot.ports import Post
from cogs._admission import Admission
from cogs._answers import Interaction, acknowledge, answer

Verb = Callable[[Interaction, str], Awaitable[None]]
"""Does what a button says, given what follows the verb in its id; the press is acknowledged."""

Form = Callable[[str], discord.ui.Modal]
"""Makes the form that a button opens, given what follows the verb in its id."""

_OURS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class Buttons(commands.Cog):
    """Answers presses and forms."""

    def __init__(
        self, verbs: Mapping[str, Verb], admission: Admission, forms: Mapping[str, Form]
    ) -> None:
        self.verbs = verbs
        self.admission = admission
        self.forms = forms

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take what our buttons and forms send; everything else is somebody else's."""
        if interaction.type not in _OURS:
            return
        version, _, rest = (interaction.custom_id or "").partition(":")
        verb, _, rest = rest.partition(":")
        deed = self.verbs.get(verb) if version == "v1" else None
        is_press = interaction.type is discord.InteractionType.component
        form = self.forms.get(verb) if version == "v1" and is_press else None
        try:
            if form is not None:  # a form is a first answer itself
                await self._open(interaction, form(rest))
                return
            await acknowledge(interaction)
            if await self.admission.is_shut_to(interaction):
                await self.admission.refuse(interaction)
            elif deed is None:
                await answer(interaction, Post(words.STALE_BUTTON))
            else:
                await deed(interaction, rest)
        except Exception as fault:  # noqa: BLE001  # a press must be answered, whatever broke
            log.event("button.failed", fault=fault)
            await try_again(interaction)

    async def _open(self, interaction: Interaction, form: discord.ui.Modal) -> None:
        if await self.admission.is_shut_to(interaction):
            await acknowledge(interaction)
            await self.admission.refuse(interaction)
            return
        await interaction.response.send_modal(form)
