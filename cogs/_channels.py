"""A channel as an option of a command: one that can hold messages of ours, a thread too."""

from __future__ import annotations

from discord import AppCommandOptionType, ChannelType, app_commands
from discord.app_commands import AppCommandChannel, AppCommandThread

from cogs._answers import Interaction

_HOLD_MESSAGES = [
    ChannelType.text,
    ChannelType.news,
    ChannelType.voice,
    ChannelType.stage_voice,
    ChannelType.news_thread,
    ChannelType.public_thread,
    ChannelType.private_thread,
]


class _Holding(app_commands.Transformer):
    """Takes a channel as Discord resolved it: what is in no cache of ours can be named too."""

    @property
    def type(self) -> AppCommandOptionType:
        """Discord's own picker of channels."""
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        """What the picker offers."""
        return _HOLD_MESSAGES

    async def transform(
        self, interaction: Interaction, value: AppCommandChannel | AppCommandThread, /
    ) -> AppCommandChannel | AppCommandThread:
        """Give it as it came."""
        return value


ChannelOption = app_commands.Transform[AppCommandChannel | AppCommandThread, _Holding]
"""The annotation of such an option."""
