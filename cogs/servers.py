"""The bot comes into a server and goes from it: no command, only what Discord tells."""

from __future__ import annotations

import discord
from discord.ext import commands

from bot.client.client import DarkroomClient
from bot.services.depart import Depart


class Servers(commands.Cog):
    """Hear of servers. discord.py calls an outage `guild_unavailable`, which is nothing to us."""

    def __init__(self, client: DarkroomClient, depart: Depart) -> None:
        self.client = client
        self.depart = depart

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Compare: servers in an outage are among those that Discord names here."""
        await self.depart.compare({guild.id for guild in self.client.guilds})

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """Compare: what Discord told meanwhile has been heard by now."""
        await self.on_ready()

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """Wait until we hear of servers again."""
        self.depart.lost()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """We were removed."""
        await self.depart.left(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """We were added."""
        await self.depart.back(guild.id)
