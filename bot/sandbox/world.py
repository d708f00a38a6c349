"""The one world: who and what there is, found by id or name, and who listens when it changes.

REST, gateway, people API and CDN are projections of this object. It changes only through the
operations in `messages`, `interactions`, `commands`, `premium` and `happenings`; each of them says
what happened by `emit`, so that no projection has to tell another.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from bot.sandbox import entities, permissions
from bot.sandbox.cdn import FileStore, Links
from bot.sandbox.clock import Clock, Timer
from bot.sandbox.entities import (
    Application,
    Attachment,
    Channel,
    Command,
    Entitlement,
    Guild,
    Interaction,
    Member,
    Message,
    Sku,
    User,
)
from bot.sandbox.errors import refuse
from bot.sandbox.events import Event
from bot.sandbox.snowflake import Snowflakes


class World:
    """Everything that exists. Plain dictionaries by id; `emit` tells the listeners."""

    def __init__(
        self,
        clock: Clock,
        application: Application,
        *,
        files: FileStore | None = None,
        cdn_key: bytes | None = None,
    ) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.application = application
        self.files = files if files is not None else FileStore()
        self.cdn_key = cdn_key if cdn_key is not None else secrets.token_bytes(32)
        self.links = Links(clock, self.cdn_key)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.commands: dict[int, Command] = {}
        self.skus: dict[int, Sku] = {}
        self.entitlements: dict[int, Entitlement] = {}
        self.interactions: dict[int, Interaction] = {}
        self.uploads: dict[int, Attachment] = {}
        self.nonces: dict[tuple[int, str], tuple[float, int, int]] = {}
        self.command_creates: dict[int, list[float]] = {}
        self.waiting: dict[int, tuple[Callable[[], None], Timer]] = {}
        self._listeners: list[Callable[[Event], None]] = []

    # -- telling ---------------------------------------------------------------------------------

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear everything from now on; call what comes back to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        """Tell everybody who listens."""
        for listener in tuple(self._listeners):
            listener(event)

    # -- finding, or refusing as Discord does ----------------------------------------------------

    @property
    def bot(self) -> User:
        """The bot's own user; its id is the application's."""
        return self.users[self.application.id]

    def user(self, user_id: int) -> User:
        """A user, else 10013."""
        if user_id not in self.users:
            raise refuse(10013)
        return self.users[user_id]

    def guild(self, guild_id: int) -> Guild:
        """A guild that the bot is in, else 10004."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise refuse(10004)
        return guild

    def channel(self, channel_id: int) -> Channel:
        """A channel, else 10003."""
        if channel_id not in self.channels:
            raise refuse(10003)
        return self.channels[channel_id]

    def message(self, channel_id: int, message_id: int) -> Message:
        """A message that ordinary endpoints know, else 10008."""
        message = self.messages.get(channel_id, {}).get(message_id)
        if message is None or message.ephemeral_for is not None:
            raise refuse(10008)
        return message

    def member(self, guild: Guild, user_id: int) -> Member:
        """A member of a guild, else 10007."""
        if user_id not in guild.members:
            raise refuse(10007)
        return guild.members[user_id]

    def attachment(self, file_id: int) -> Attachment | None:
        """An attachment on any message, or an upload that waits for its command."""
        if file_id in self.uploads:
            return self.uploads[file_id]
        for message in self.all_messages():
            for attachment in message.attachments:
                if attachment.id == file_id:
                    return attachment
        return None

    # -- small questions -------------------------------------------------------------------------

    def all_messages(self) -> Iterator[Message]:
        """Every message there is."""
        for of_channel in self.messages.values():
            yield from of_channel.values()

    def channels_of(self, guild_id: int) -> list[Channel]:
        """A guild's channels and threads, in the order in which a client shows them."""
        mine = [c for c in self.channels.values() if c.guild_id == guild_id]
        return sorted(mine, key=lambda c: (c.position, c.id))

    def guild_of(self, channel: Channel) -> Guild | None:
        """The guild of a channel; None in a direct message."""
        return None if channel.guild_id is None else self.guilds[channel.guild_id]

    def parent_of(self, channel: Channel) -> Channel | None:
        """A thread's channel, or a channel's category."""
        return None if channel.parent_id is None else self.channels.get(channel.parent_id)

    def dm_of(self, user_id: int) -> Channel | None:
        """The direct message between the bot and this person, once there is one."""
        for channel in self.channels.values():
            if channel.recipient_id == user_id:
                return channel
        return None

    def mutual_guilds(self, user_id: int) -> list[Guild]:
        """The guilds that both the bot and this person are in."""
        return [
            g for g in self.guilds.values() if self.bot.id in g.members and user_id in g.members
        ]

    def age_restricted(self, channel: Channel) -> bool:
        """Whether adult content may stand here; a thread asks its parent."""
        parent = self.parent_of(channel)
        return parent.nsfw if channel.is_thread and parent is not None else channel.nsfw

    def permissions(self, user_id: int, channel: Channel) -> int:
        """What somebody may do in a channel: Discord's bits; nothing for those who are not in."""
        guild = self.guild_of(channel)
        if guild is None:
            party = (channel.recipient_id, self.bot.id)
            return permissions.IN_DM if user_id in party else 0
        if user_id not in guild.members:
            return 0
        overwrites = permissions.overwrites_of(channel, self.parent_of(channel))
        bits = permissions.in_channel(guild, guild.members[user_id], overwrites, self.clock.now())
        private = channel.type == entities.PRIVATE_THREAD
        if private and not self._in_private_thread(user_id, channel, bits):
            return 0
        return bits

    def may(self, user_id: int, channel: Channel, wanted: int) -> bool:
        """Whether somebody has all of these permissions in a channel."""
        return self.permissions(user_id, channel) & wanted == wanted

    @staticmethod
    def _in_private_thread(user_id: int, thread: Channel, bits: int) -> bool:
        manages = bool(bits & permissions.Permission.MANAGE_THREADS)
        return manages or user_id == thread.owner_id or user_id in thread.thread_members
