"""Every button we ever sent, known by its `custom_id` alone: `v1:verb:job`.

One dispatcher instead of discord.py's views: nothing is kept in memory, so buttons work after a
restart, and no `custom_id` gets into a task's name, where a debug log would print it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord
from discord.ext import commands

from bot import log, words
from bot.client.client import try_again
from bot.domain import PersonId
from bot.errors import DiscordTrouble
from bot.ports import Messenger, Post
from bot.services.cancel import Cancel, Outcome
from bot.services.remove import Remove
from cogs._answers import Interaction, acknowledge, answer

_CANCEL_WORDS = {
    Outcome.CANCELLED: words.CANCELLED,
    Outcome.NOT_YOURS: words.NOT_YOURS,
    Outcome.ENDED: words.ALREADY_ENDED,
}


class Buttons(commands.Cog):
    """Answers presses."""

    def __init__(self, cancel: Cancel, remove: Remove, messenger: Messenger) -> None:
        self.cancel = cancel
        self.remove = remove
        self.messenger = messenger
        self._verbs: dict[str, Callable[[Interaction, str], Awaitable[str]]] = {
            "cancel": self._cancel,
            "delete": self._delete,
        }

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take presses of our buttons; everything else is somebody else's."""
        if interaction.type is not discord.InteractionType.component:
            return
        version, _, rest = (interaction.custom_id or "").partition(":")
        verb, _, job = rest.partition(":")
        try:
            await acknowledge(interaction)
            deed = self._verbs.get(verb) if version == "v1" else None
            said = await deed(interaction, job) if deed else words.STALE_BUTTON
            await answer(interaction, Post(said))
        except Exception as fault:  # noqa: BLE001  # a press must be answered, whatever broke
            log.event("button.failed", fault=fault)
            await try_again(interaction)

    async def _cancel(self, interaction: Interaction, job: str) -> str:
        return _CANCEL_WORDS[await self.cancel(job, PersonId(interaction.user.id))]

    async def _delete(self, interaction: Interaction, job: str) -> str:
        if not await self.remove(job, PersonId(interaction.user.id)):
            return words.NOT_YOURS
        if interaction.message is None or interaction.channel_id is None:
            return words.COULD_NOT_DELETE
        try:
            await self.messenger.delete(interaction.channel_id, interaction.message.id)
        except DiscordTrouble as fault:
            log.event("button.undeleted", fault=fault)
            return words.COULD_NOT_DELETE
        return words.DELETED
