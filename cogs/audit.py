"""`/audit`: what moderators did with settings and data of their server, and whether that is all."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.ports import Post
from bot.services.audit import Audit
from bot.services.authorise import Authorise
from cogs._answers import Interaction, answer, answer_pages
from cogs._moderators import moderator


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_messages=True)
class AuditTrail(
    commands.GroupCog, name="audit", description="What moderators did here, without content"
):
    """Answers moderators about their own server."""

    def __init__(self, audit: Audit, authorise: Authorise) -> None:
        self.audit = audit
        self.authorise = authorise

    @app_commands.command(name="list", description="What moderators did here, newest first")
    @app_commands.describe(page="Which page; the newest entries are on the first")
    async def list(
        self, interaction: Interaction, page: app_commands.Range[int, 1, 10_000] = 1
    ) -> None:
        """Show a page of this server's chain."""
        if who := await moderator(interaction, self.authorise):
            await answer_pages(interaction, words.audited(await self.audit.page(who, page)))

    @app_commands.command(name="verify", description="Whether no entry was changed or removed")
    async def verify(self, interaction: Interaction) -> None:
        """Check this server's chain."""
        if who := await moderator(interaction, self.authorise):
            await answer(interaction, Post(words.chain_checked(await self.audit.verify(who))))
