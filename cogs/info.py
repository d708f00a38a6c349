"""`/help`: one screen, made from the commands that are registered; `/info`: one's own standing."""

from __future__ import annotations

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.client.client import DarkroomClient
from bot.client.operators import is_operator
from bot.domain import Moderator, PersonId
from bot.policy.plans import Plan
from bot.ports import Post
from bot.services.authorise import Authorise
from bot.services.inform import Inform
from bot.words import help as helping
from bot.words.help import Reader
from cogs._answers import (
    Interaction,
    acknowledge,
    answer,
    answer_pages,
    in_time,
    roles_of,
    where_of,
)
from cogs._asks import ask_of

Commands = list[tuple[str, str]]


class Info(commands.Cog):
    """Answers about the bot itself, and about who asks."""

    def __init__(
        self,
        client: DarkroomClient,
        plans: tuple[Plan, ...],
        inform: Inform,
        authorise: Authorise,
    ) -> None:
        self.client = client
        self.plans = plans
        self.inform = inform
        self.authorise = authorise

    @app_commands.command(name="help", description="What this bot can do, on one screen")
    @app_commands.describe(topic="What each command of one topic does")
    async def help(self, interaction: Interaction, topic: str | None = None) -> None:
        """Answer ephemerally, in servers and in the DM alike."""
        await acknowledge(interaction)
        readers, said = await self._readers(interaction), self._commands()
        if topic is None:
            plan_line = words.plans_line(self.plans)
            told = helping.help_text(said, self._menus(), plan_line, readers)
            await answer_pages(interaction, told)
            return
        named = topic.strip().casefold()
        chosen = next((one for one in helping.topics_for(readers) if one.name == named), None)
        await answer_pages(
            interaction, helping.help_on(chosen, said) if chosen else [helping.NO_SUCH_TOPIC]
        )

    @help.autocomplete("topic")
    async def topics(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer what they may read; to whom that is not known in time, what everybody may.

        Who looks at the whole list is no reason to ask Discord who they are.
        """
        found = self._readers(interaction, may_ask=bool(current))
        readers = await in_time(found, frozenset({Reader.MEMBER}))
        return [
            app_commands.Choice(name=topic.title, value=topic.name)
            for topic in helping.topics_for(readers)
            if current.casefold() in f"{topic.name} {topic.title}".casefold()
        ]

    @app_commands.command(
        name="info", description="Your plan, visibility mode, use of today and what is kept"
    )
    async def info(self, interaction: Interaction) -> None:
        """Tell a person their own standing."""
        await acknowledge(interaction)
        await answer(interaction, Post(words.info(await self.inform(ask_of(interaction, "")))))

    async def _readers(
        self, interaction: Interaction, *, may_ask: bool = True
    ) -> frozenset[Reader]:
        """Say as what somebody reads: a moderator of the server they ask in, the operator."""
        person, readers = PersonId(interaction.user.id), {Reader.MEMBER}
        who = await self.authorise(person, where_of(interaction), roles_of(interaction))
        if isinstance(who, Moderator):
            readers.add(Reader.MODERATOR)
        if may_ask and await self._operates(person):
            readers.add(Reader.OPERATOR)
        return frozenset(readers)

    async def _operates(self, person: PersonId) -> bool:
        """Ask Discord; who cannot be known is told what everybody is."""
        try:
            return await is_operator(self.client, person)
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            return False

    def _commands(self) -> Commands:
        """Name what can be typed, each with what it says of itself."""
        found = (
            (command.qualified_name, command.description)
            for command in self.client.tree.walk_commands()
            if isinstance(command, app_commands.Command)
        )
        return sorted(found)

    def _menus(self) -> list[str]:
        menus = self.client.tree.get_commands(type=discord.AppCommandType.message)
        return sorted(menu.name for menu in menus)
