"""`/imagine`: words in, a place in the queue out."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Ask, PersonId, Private, Refusal, Visibility
from bot.policy.prompt import (
    MAX_CHARACTERS,
    MAX_COUNT,
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_STEPS,
    MIN_GUIDANCE,
    MIN_STEPS,
)
from bot.ports import Post
from bot.services.studio import Studio
from bot.services.submit import Submit
from cogs._answers import Interaction, acknowledge, answer, roles_of, where_of


class Imagine(commands.Cog):
    """Asks for pictures."""

    def __init__(self, submit: Submit, studio: Studio) -> None:
        self.submit = submit
        self.studio = studio

    @app_commands.command(name="imagine", description="Make pictures from words")
    @app_commands.describe(
        prompt="What you want to see",
        negative_prompt="What you do not want to see",
        aspect_ratio="Shape of the picture, such as 1:1",
        steps="Steps of the denoiser: more take longer",
        guidance="How closely to follow the words",
        seed="The same seed and words give the same picture",
        count="How many pictures",
        visibility="public: here in the channel; stealth: only in your DM",
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_CHARACTERS],
        negative_prompt: app_commands.Range[str, 0, MAX_CHARACTERS] = "",
        aspect_ratio: str | None = None,
        steps: app_commands.Range[int, MIN_STEPS, MAX_STEPS] | None = None,
        guidance: app_commands.Range[float, MIN_GUIDANCE, MAX_GUIDANCE] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        visibility: Literal["public", "stealth"] | None = None,
    ) -> None:
        """Acknowledge, submit, and say what became of it."""
        await acknowledge(interaction)
        ask = Ask(
            interaction_id=interaction.id,
            interaction_token=Private(interaction.token),
            person=PersonId(interaction.user.id),
            where=where_of(interaction),
            prompt=Private(prompt),
            negative_prompt=Private(negative_prompt),
            aspect_ratio=aspect_ratio,
            steps=steps,
            guidance=guidance,
            seed=seed,
            count=count,
            visibility=Visibility(visibility) if visibility else None,
            role_ids=roles_of(interaction),
            sku_ids=frozenset(interaction.entitlement_sku_ids),
        )
        outcome = await self.submit(ask)
        if isinstance(outcome, Refusal):
            await answer(interaction, Post(words.refused(outcome)))
            return
        try:
            await answer(interaction, words.accepted(outcome))
        finally:
            self.submit.answered(outcome.job)

    @imagine.autocomplete("aspect_ratio")
    async def ratios(self, _: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the shapes the loaded model can make."""
        return [
            app_commands.Choice(name=ratio, value=ratio)
            for ratio in self.studio.canvas.ratios[:25]
            if current in ratio
        ]
