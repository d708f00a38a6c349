"""`/prefer`: what stands behind every prompt of a person's, their own words in it, and switches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Choices, PersonId, Refusal
from bot.policy import preferences
from bot.policy.preferences import MAX_LIST_CHARACTERS, Switch
from bot.ports import Post
from bot.services.choose import Choose
from bot.words import preferring
from cogs._answers import Interaction, acknowledge, answer, answer_pages
from cogs.settings import turn_switch

Name = app_commands.Range[str, 1, 100]
Text = app_commands.Range[str, 0, MAX_LIST_CHARACTERS]
OnOff = Literal["on", "off"]


class Prefer(
    commands.GroupCog, name="prefer", description="What your prompts mean, and what buttons do"
):
    """Changes what one person prefers."""

    option = app_commands.Group(name="option", description="Parameters under a name of your own")
    wildcard = app_commands.Group(name="wildcard", description="Lists of which a prompt takes one")

    def __init__(self, choose: Choose) -> None:
        self.choose = choose

    @app_commands.command(
        name="suffix", description="Parameters behind each of your prompts; empty resets them"
    )
    @app_commands.describe(text="Such as --ar 1:1 --steps 20; leave it out to reset")
    async def suffix(self, interaction: Interaction, text: Text = "") -> None:
        """Keep it, or reset it."""
        await self._keep(
            interaction,
            lambda old: preferences.with_suffix(old, text),
            lambda now: preferring.suffix_kept(now.suffix),
        )

    @option.command(name="set", description="Keep parameters under a name; empty deletes it")
    @app_commands.describe(
        name="Your prompts say it as --name", value="Such as --ar 1:1; leave it out to delete"
    )
    async def option_set(self, interaction: Interaction, name: Name, value: Text = "") -> None:
        """Keep one, or delete it."""
        key = preferences.named(name)
        await self._keep(
            interaction,
            lambda old: preferences.with_option(old, name, value),
            lambda now: preferring.option_kept(key, now.options.get(key, ""), len(now.options)),
        )

    @option.command(name="list", description="Your own options")
    async def option_list(self, interaction: Interaction) -> None:
        """List them."""
        await acknowledge(interaction)
        chosen = await self.choose.read(PersonId(interaction.user.id))
        await answer_pages(interaction, preferring.options_listed(chosen.options))

    @wildcard.command(name="set", description="Keep a list under a name; empty deletes it")
    @app_commands.describe(
        name="Your prompts say it as __name__",
        values="Words with commas between them; leave it out to delete",
    )
    async def wildcard_set(self, interaction: Interaction, name: Name, values: Text = "") -> None:
        """Keep one, or delete it."""
        key = preferences.named(name)
        await self._keep(
            interaction,
            lambda old: preferences.with_wildcard(old, name, values),
            lambda now: preferring.wildcard_kept(
                key, now.wildcards.get(key, []), len(now.wildcards)
            ),
        )

    @wildcard.command(name="list", description="Your own lists")
    async def wildcard_list(self, interaction: Interaction) -> None:
        """List them."""
        await acknowledge(interaction)
        chosen = await self.choose.read(PersonId(interaction.user.id))
        await answer_pages(interaction, preferring.wildcards_listed(chosen.wildcards))

    # --- switches

    @app_commands.command(name="auto_dm", description="Whether public results come to your DM, too")
    async def auto_dm(self, interaction: Interaction, to: OnOff) -> None:
        """Turn it on or off."""
        await self._switch(interaction, Switch.AUTO_DM, on=to == "on")

    @app_commands.command(
        name="remix", description="Whether buttons that make another picture ask for words first"
    )
    async def remix(self, interaction: Interaction, to: OnOff) -> None:
        """Turn it on or off."""
        await self._switch(interaction, Switch.REMIX, on=to == "on")

    @app_commands.command(name="variability", description="How much V1 to V4 change a picture")
    async def variability(self, interaction: Interaction, to: Literal["strong", "subtle"]) -> None:
        """Choose one of two."""
        await self._switch(interaction, Switch.VARIABILITY, on=to == "strong")

    @app_commands.command(
        name="previews", description="Whether stealth jobs show previews in your DM"
    )
    async def previews(self, interaction: Interaction, to: OnOff) -> None:
        """Turn them on or off."""
        await self._switch(interaction, Switch.PREVIEWS, on=to == "on")

    async def _switch(self, interaction: Interaction, switch: Switch, *, on: bool) -> None:
        await acknowledge(interaction)
        await answer(interaction, Post(await turn_switch(self.choose, interaction, switch, on)))

    async def _keep(
        self,
        interaction: Interaction,
        rule: Callable[[Choices], Choices | Refusal],
        said: Callable[[Choices], str],
    ) -> None:
        await acknowledge(interaction)
        kept = await self.choose.prefer(PersonId(interaction.user.id), rule)
        text = words.refused(kept) if isinstance(kept, Refusal) else said(kept)
        await answer(interaction, Post(text))
