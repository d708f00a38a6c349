"""Every button and form we ever sent, known by its `custom_id` alone: `v1:verb:rest`.

One dispatcher instead of discord.py's views: nothing is kept in memory, so buttons work after a
restart, and no `custom_id` gets into a task's name, where a debug log would print it. That matters
most for the buttons of a stealth result, which carry the only key of its recipe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

import discord
from discord.ext import commands

from bot import log, words
from bot.client.client import try_again
from bot.ports import Post
from cogs._admission import Admission
from cogs._answers import Interaction, acknowledge, acknowledge_in_place, answer

Verb = Callable[[Interaction, str], Awaitable[None]]
"""Does what a button says, given what follows the verb in its id; the press is acknowledged."""

Form = Callable[[Interaction, str], Awaitable[discord.ui.Modal | None]]
"""Makes the form that a button opens, given what follows the verb in its id; None: it opens none,
and the deed of the same verb answers. What the form sends comes back to that deed, too."""

FORM_SECONDS = 2.0
"""How long may be read before a form, of the three seconds in which Discord takes one."""

_OURS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class Buttons(commands.Cog):
    """Answers presses and forms."""

    def __init__(
        self,
        verbs: Mapping[str, Verb],
        admission: Admission,
        forms: Mapping[str, Form],
        screens: Collection[str] = (),
    ) -> None:
        """`screens` are the verbs whose answer replaces the ephemeral message they stand under."""
        self.verbs = verbs
        self.screens = frozenset(screens)
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
            if form is not None and await self._opens(interaction, form, rest):
                return
            await (acknowledge_in_place if verb in self.screens else acknowledge)(interaction)
            if await self.admission.is_shut_to(interaction):
                await self.admission.refuse(interaction)
            elif deed is None:
                await answer(interaction, Post(words.STALE_BUTTON))
            else:
                await deed(interaction, rest)
        except Exception as fault:  # noqa: BLE001  # a press must be answered, whatever broke
            log.event("button.failed", fault=fault)
            await try_again(interaction)

    async def _opens(self, interaction: Interaction, form: Form, rest: str) -> bool:
        """Open a form, which is a first answer itself; say whether this was answered."""
        try:
            async with asyncio.timeout(FORM_SECONDS):
                is_shut = await self.admission.is_shut_to(interaction)
                modal = None if is_shut else await form(interaction, rest)
        except TimeoutError:
            await try_again(interaction)
            return True
        if modal is None:  # the deed acknowledges, and says what is to be said
            return False
        await interaction.response.send_modal(modal)
        return True
