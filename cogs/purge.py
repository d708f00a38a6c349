"""`/purge`: a moderator takes back what is public in their server, with a receipt."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId, Refusal
from bot.policy import span
from bot.ports import Post
from bot.services.authorise import Authorise
from bot.services.previews import Scope, Target
from bot.services.purge import Purge
from cogs._answers import Interaction, answer
from cogs._buttons import Verb
from cogs._channels import ChannelOption
from cogs._moderators import moderator


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_messages=True)
class Purges(
    commands.GroupCog, name="purge", description="Take back what is public in this server"
):
    """Shows what would go; a button does it."""

    def __init__(self, purging: Purge, authorise: Authorise) -> None:
        self.purging = purging
        self.authorise = authorise

    @app_commands.command(name="user", description="All that is public of one member here")
    @app_commands.describe(user="Whose; also somebody who has left")
    async def user(self, interaction: Interaction, user: discord.User) -> None:
        """Preview what one person has here."""
        await self._preview(interaction, Target(scope=Scope.MEMBER, person=PersonId(user.id)))

    @app_commands.command(name="channel", description="All that is public in one channel or thread")
    @app_commands.describe(channel="Which one; a thread is a channel of its own")
    async def channel(self, interaction: Interaction, channel: ChannelOption) -> None:
        """Preview what stands in one channel."""
        await self._preview(interaction, Target(scope=Scope.CHANNEL, channel_id=channel.id))

    @app_commands.command(name="job", description="One job, waiting, running or finished")
    @app_commands.describe(job="Its id, or the link of its message")
    async def job(self, interaction: Interaction, job: str) -> None:
        """Preview one job."""
        await self._preview(interaction, Target(scope=Scope.JOB, named=job))

    @app_commands.command(name="range", description="All that is public from a span of time")
    @app_commands.describe(
        since="How long ago it begins, or a day: 7d, 24h, 2026-11-01",
        until="How long ago it ends, or a day; now when left out",
    )
    async def range(self, interaction: Interaction, since: str, until: str = span.NOW) -> None:
        """Preview a span of time."""
        said = self.purging.span(since, until)
        await self._preview(
            interaction,
            said if isinstance(said, Refusal) else Target(scope=Scope.RANGE, span=said),
        )

    @app_commands.command(
        name="everything", description="All that is public in this server: needs Manage Server"
    )
    async def everything(self, interaction: Interaction) -> None:
        """Preview all there is here."""
        await self._preview(interaction, Target(scope=Scope.SERVER), must_manage=True)

    @app_commands.command(name="status", description="What is being purged here, and how far it is")
    async def status(self, interaction: Interaction) -> None:
        """List running and waiting purges."""
        if who := await moderator(interaction, self.authorise):
            await answer(interaction, words.purge_status(await self.purging.status(who)))

    async def _preview(
        self, interaction: Interaction, target: Target | Refusal, *, must_manage: bool = False
    ) -> None:
        who = await moderator(interaction, self.authorise, must_manage=must_manage)
        if who is None:
            return
        if isinstance(target, Refusal):
            await answer(interaction, Post(words.refused(target)))
            return
        shown = await self.purging.preview(who, target)
        if isinstance(shown, Refusal):
            await answer(interaction, Post(words.refused(shown)))
        else:
            await answer(interaction, words.purge_question(*shown))


class PurgeButtons:
    """What the buttons of `/purge` do; who presses is asked anew whether they may."""

    def __init__(self, purging: Purge, authorise: Authorise) -> None:
        self.purging = purging
        self.authorise = authorise

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {"purge": self._purge, "unpurge": self._drop, "purgestop": self._cancel}

    async def _purge(self, interaction: Interaction, name: str) -> None:
        """Begin; the deed itself says so, and how far it is, in this answer."""
        if who := await moderator(interaction, self.authorise):
            refusal = await self.purging.begin(who, name, interaction.token)
            if refusal is not None:
                await answer(interaction, Post(words.refused(refusal)))

    async def _drop(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.authorise):
            self.purging.drop(who, name)
            await answer(interaction, Post(words.PURGE_DROPPED))

    async def _cancel(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.authorise):
            is_stopping = await self.purging.cancel(who, name)
            said = words.PURGE_CANCELLING if is_stopping else words.PURGE_NOT_RUNNING
            await answer(interaction, Post(said))
