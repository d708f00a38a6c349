"""`/retention`: how long a server lets things be kept, for its moderators."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Cause, Refusal
from bot.policy.retention import OF_SERVERS, DataClass
from bot.ports import File, Post
from bot.services.authorise import Authorise
from bot.services.limit import Limit
from cogs._answers import Interaction, answer
from cogs._buttons import Verb
from cogs._channels import ChannelOption
from cogs._moderators import moderator

_CLASSES = [app_commands.Choice(name=kind.value, value=kind.value) for kind in OF_SERVERS]
_KIND = "Which kind of thing: /retention show says what each is"
_CHANNEL = "Only this channel; left out: the whole server"


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.default_permissions(manage_messages=True)
class Retention(
    commands.GroupCog,
    name="retention",
    description="Moderators: how long this server lets things be kept",
):
    """Answers about a server's own lifetimes, to its moderators alone."""

    def __init__(self, limit: Limit, authorise: Authorise) -> None:
        self.limit = limit
        self.authorise = authorise

    @app_commands.command(
        name="show", description="What operator, server and channel say, and what applies"
    )
    @app_commands.describe(channel=_CHANNEL)
    async def show(self, interaction: Interaction, channel: ChannelOption | None = None) -> None:
        """List the four classes."""
        who = await moderator(interaction, self.authorise)
        if who is None or not await _is_here(interaction, _id(channel)):
            return
        named = _id(channel)
        rows = await self.limit.show(who, named)
        await answer(interaction, Post(words.limits_shown(rows, named)))

    @app_commands.command(
        name="set", description="Keep a class for less time here: first shows what would go"
    )
    @app_commands.rename(kind="class")
    @app_commands.describe(kind=_KIND, duration="How long: 0, 45m, 24h, 7d, 2w", channel=_CHANNEL)
    @app_commands.choices(kind=_CLASSES)
    async def set(
        self,
        interaction: Interaction,
        kind: str,
        duration: str,
        channel: ChannelOption | None = None,
    ) -> None:
        """Count first; the button in the answer changes it."""
        who = await moderator(interaction, self.authorise)
        if who is None or not await _is_here(interaction, _id(channel)):
            return
        named = _id(channel)
        asked = await self.limit.preview(who, DataClass(kind), duration, named)
        if isinstance(asked, Refusal):
            await answer(interaction, Post(words.refused(asked)))
            return
        await answer(interaction, words.limit_asked(asked))

    @app_commands.command(
        name="reset", description="Lift this server's word on a class, for what is made later"
    )
    @app_commands.rename(kind="class")
    @app_commands.describe(kind=_KIND, channel=_CHANNEL)
    @app_commands.choices(kind=_CLASSES)
    async def reset(
        self, interaction: Interaction, kind: str, channel: ChannelOption | None = None
    ) -> None:
        """Lift it; what exists keeps its earlier end."""
        who = await moderator(interaction, self.authorise)
        if who is None or not await _is_here(interaction, _id(channel)):
            return
        named = _id(channel)
        lifted = await self.limit.lift(who, DataClass(kind), named)
        await answer(interaction, Post(words.limit_lifted(DataClass(kind), named, lifted)))

    @app_commands.command(
        name="export", description="This server's own settings as a file; no person is in it"
    )
    async def export(self, interaction: Interaction) -> None:
        """Answer with the file itself."""
        who = await moderator(interaction, self.authorise)
        if who is None:
            return
        file = File("server-settings.json", await self.limit.export(who))
        await answer(interaction, Post(words.LIMITS_EXPORTED, files=(file,)))


class RetentionButtons:
    """What the button of `/retention set` does."""

    def __init__(self, limit: Limit, authorise: Authorise) -> None:
        self.limit = limit
        self.authorise = authorise

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {"limit": self._apply}

    async def _apply(self, interaction: Interaction, rest: str) -> None:
        """Do what was previewed. All of it is in the id, and none of it is believed."""
        who = await moderator(interaction, self.authorise)
        if who is None:
            return
        channel, _, rest = rest.partition(":")
        kind, _, duration = rest.partition(":")
        if not (channel.isascii() and channel.isdecimal() and kind in set(OF_SERVERS)):
            await answer(interaction, Post(words.STALE_BUTTON))
            return
        named = int(channel) or None
        if not await _is_here(interaction, named):
            return
        done = await self.limit(who, DataClass(kind), duration, named)
        said = words.refused(done) if isinstance(done, Refusal) else words.limit_set(done)
        await answer(interaction, Post(said))


def _id(channel: ChannelOption | None) -> int | None:
    return channel.id if channel else None


async def _is_here(interaction: Interaction, channel_id: int | None) -> bool:
    """Whether a channel is one of the server it is named in; if not, say that nothing is found."""
    guild = interaction.guild
    if channel_id is None or (guild and guild.get_channel_or_thread(channel_id)):
        return True
    await answer(interaction, Post(words.refused(Refusal(Cause.NOTHING_HERE))))
    return False
