"""`/settings`: everything a person may set for their jobs, on one screen that they alone see."""

from __future__ import annotations

from dataclasses import replace

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId, Refusal, Visibility
from bot.policy import preferences
from bot.policy.preferences import Switch
from bot.services.choose import Choose
from bot.services.hasten import Hasten
from bot.services.inform import Inform
from bot.services.studio import Studio
from bot.words import preferring
from cogs._answers import Interaction, acknowledge, answer, value_of
from cogs._asks import ask_of
from cogs._buttons import Verb
from cogs.speed import turn
from cogs.visibility import turn_public, turn_stealth
from gen.job import Speed


class SettingsScreen:
    """Shows the screen, and does what is pressed or chosen in it."""

    def __init__(self, inform: Inform, choose: Choose, hasten: Hasten, studio: Studio) -> None:
        self.inform = inform
        self.choose = choose
        self.hasten = hasten
        self.studio = studio

    def verbs(self) -> dict[str, Verb]:
        """Name the one deed as the ids in the screen do."""
        return {"set": self._set}

    async def show(self, interaction: Interaction, said: str = "") -> None:
        """Show it as things are now, under the answer to a press."""
        standing = await self.inform(ask_of(interaction, ""))
        await answer(interaction, preferring.settings(standing, self._models(), said))

    async def _set(self, interaction: Interaction, rest: str) -> None:
        what, _, wanted = rest.partition(":")
        await self.show(interaction, await self._said(interaction, what, wanted))

    async def _said(self, interaction: Interaction, what: str, wanted: str) -> str:
        value = value_of(interaction)
        match what:
            case "visibility" if value == Visibility.PUBLIC:
                return await turn_public(self.choose, interaction)
            case "visibility" if value == Visibility.STEALTH:
                return await turn_stealth(self.choose, interaction)
            case "speed" if value in set(Speed):
                return await turn(self.hasten, interaction, Speed(value))
            case "model":
                return await self._choose_model(interaction, value)
            case _ if what in set(Switch) and wanted in {"on", "off"}:
                return await turn_switch(self.choose, interaction, Switch(what), wanted == "on")
            case _:
                return words.STALE_BUTTON

    async def _choose_model(self, interaction: Interaction, name: str) -> str:
        models = self._models()
        if name not in models:
            return preferring.NO_SUCH_MODEL
        wanted = None if name == models[0] else name
        person = PersonId(interaction.user.id)
        await self.choose.prefer(person, lambda old: replace(old, model=wanted))
        return preferring.model_chosen(name)

    def _models(self) -> tuple[str, ...]:
        """Name the models that can be chosen, the first as for everybody."""
        served = (card.name for card in self.studio.cards if self.studio.is_served(card))
        return tuple(served)


class Settings(commands.Cog):
    """Opens the screen."""

    def __init__(self, screen: SettingsScreen) -> None:
        self.screen = screen

    @app_commands.command(
        name="settings", description="Visibility, speed and all you prefer, on one screen"
    )
    async def settings(self, interaction: Interaction) -> None:
        """Show it ephemerally."""
        await acknowledge(interaction)
        await self.screen.show(interaction)


async def turn_switch(choose: Choose, interaction: Interaction, switch: Switch, on: bool) -> str:
    """Turn one of a person's switches, and say what that means."""
    chosen = await choose.prefer(
        PersonId(interaction.user.id), lambda old: preferences.switched(old, switch, on=on)
    )
    return words.refused(chosen) if isinstance(chosen, Refusal) else preferring.switched(switch, on)
