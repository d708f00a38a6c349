"""Reactions under our messages: no command and no answer, only what Discord tells."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot import log
from bot.client.client import DarkroomClient
from bot.domain import PersonId
from bot.services.react import React, Reaction, heeded


class Reactions(commands.Cog):
    """Hear of reactions; of those to other people's messages and of bots nothing is read."""

    def __init__(self, client: DarkroomClient, react: React) -> None:
        self.client = client
        self.react = react

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Somebody reacted."""
        ours = self.client.user.id if self.client.user else None
        if payload.message_author_id in (None, ours):
            await self._hear(payload, is_taken_away=False)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Somebody took a reaction away: Discord does not tell whose message it was."""
        await self._hear(payload, is_taken_away=True)

    async def _hear(self, payload: discord.RawReactionActionEvent, *, is_taken_away: bool) -> None:
        emoji = heeded(payload.emoji.name or "") if payload.emoji.id is None else None
        is_bot = payload.member is not None and payload.member.bot
        is_ours = self.client.user is not None and payload.user_id == self.client.user.id
        if emoji is None or is_bot or is_ours:
            return
        try:
            await self.react(
                Reaction(
                    emoji,
                    PersonId(payload.user_id),
                    payload.guild_id,
                    payload.channel_id,
                    payload.message_id,
                    is_taken_away,
                )
            )
        except Exception as fault:  # noqa: BLE001  # nobody waits for an answer
            log.event("reaction.failed", fault=fault)
