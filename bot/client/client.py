"""The connection to Discord: exactly the intents we need, no cache of messages, no pings."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import log, words
from bot.client.breaker import LONGEST_WAIT_SECONDS, Breaker
from bot.client.endpoint import Endpoint
from bot.ports import SystemClock

ALREADY_ACKNOWLEDGED = 40060
"""Discord has heard a first answer: an earlier attempt's, whose own answer was lost."""


def intents() -> discord.Intents:
    """Give what IDENTIFY asks for: servers, and reactions on our messages. No message content."""
    chosen = discord.Intents.none()
    chosen.guilds = True
    chosen.guild_reactions = True
    chosen.dm_reactions = True
    return chosen


Admits = Callable[["discord.Interaction[DarkroomClient]"], Awaitable[bool]]


class HouseTree(app_commands.CommandTree["DarkroomClient"]):
    """The commands. `admits` says whether a person may be served at all."""

    admits: Admits | None = None

    async def interaction_check(self, interaction: discord.Interaction[DarkroomClient], /) -> bool:
        """Ask before any command runs; whoever refuses has answered.

        Raises:
            CheckFailure: asking failed; discord.py answers no other fault of a check.
        """
        try:
            return self.admits is None or await self.admits(interaction)
        except Exception as fault:
            raise app_commands.CheckFailure from fault


class DarkroomClient(commands.AutoShardedBot):
    """discord.py's bot with our choices. `furnish` adds the cogs before the first event.

    `may_log_in` is asked before each login at the gateway, and raises when it may not.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        furnish: Callable[[DarkroomClient], Awaitable[None]],
        breaker: Breaker | None = None,
        may_log_in: Callable[[DarkroomClient], Awaitable[None]] | None = None,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=HouseTree,
            help_command=None,
            intents=intents(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.3,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=False
            ),
            max_ratelimit_timeout=LONGEST_WAIT_SECONDS,
            http_trace=(breaker or Breaker(SystemClock())).trace(),
        )
        self._endpoint = endpoint
        self._furnish = furnish
        self._may_log_in = may_log_in
        self.heard_at: float | None = None  #: the monotonic moment of the last event
        self.tree.error(_answer_fault)

    def admit_by(self, admits: Admits) -> None:
        """Ask this before any command runs."""
        cast(HouseTree, self.tree).admits = admits

    async def setup_hook(self) -> None:
        """Do what is done once per process: doors, before Discord may knock."""
        await self._furnish(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keep Discord's pace of identifies; a sandbox has no such limit."""
        if not self._endpoint.is_sandbox:
            await super().before_identify_hook(shard_id, initial=initial)
        if self._may_log_in is not None:
            await self._may_log_in(self)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note that something came, and pass it on."""
        self.heard_at = time.monotonic()
        super().dispatch(event, *args, **kwargs)

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        """Log which event failed, and nothing of what was in it."""
        log.event(f"client.{event_method}.failed")


async def register_commands(client: DarkroomClient, known_hash: str | None) -> str:
    """Register our commands if Discord's differ from them; give the hash of what is registered.

    Discord allows 200 new commands a day, so an unchanged list is not sent again.
    """
    ours = [command.to_dict(client.tree) for command in client.tree.get_commands()]
    wanted = hashlib.sha256(json.dumps(ours, sort_keys=True).encode()).hexdigest()
    theirs = {command.name for command in await client.tree.fetch_commands()}
    if known_hash != wanted or theirs != {str(command["name"]) for command in ours}:
        await client.tree.sync()
        log.event("commands.registered", count=len(ours))
    return wanted


async def describe_application(client: DarkroomClient) -> None:
    """Make the profile say that pictures are made by AI."""
    application = await client.application_info()
    if application.description != words.PROFILE:
        await application.edit(description=words.PROFILE)


async def _answer_fault(
    interaction: discord.Interaction, fault: app_commands.AppCommandError
) -> None:
    """Answer a command that failed inside us: once, to its author alone, without its content."""
    cause = fault.__cause__ or fault
    log.event("command.failed", fault=cause if isinstance(cause, Exception) else fault)
    await try_again(interaction)


async def _is_first_answer(interaction: discord.Interaction) -> bool:
    """Say it as the first answer, unless Discord heard one of which we do not know."""
    try:
        await interaction.response.send_message(words.TRY_AGAIN, ephemeral=True)
    except discord.HTTPException as trouble:
        if trouble.code != ALREADY_ACKNOWLEDGED:
            raise
        return False
    return True


async def try_again(interaction: discord.Interaction) -> None:
    """Say ephemerally that it was our fault and cost nothing."""
    try:
        if not interaction.response.is_done() and await _is_first_answer(interaction):
            return
        await interaction.edit_original_response(content=words.TRY_AGAIN, view=None)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as trouble:
        log.event("command.unanswered", fault=trouble)
