"""INTERACTION_CREATE: everything that Discord tells the bot about what a person did."""

from __future__ import annotations

from bot.sandbox import premium, serialise, serialise_messages
from bot.sandbox.entities import Attachment, Channel, Guild, Interaction, Json, Member, Message
from bot.sandbox.world import World

IN_GUILD, IN_BOT_DM = 0, 1


def payload(world: World, made: Interaction, message: Message | None) -> Json:
    """The dispatch for this interaction."""
    channel = world.channels[made.channel_id]
    guild = world.guild_of(channel)
    person = world.users[made.user_id]
    rights = premium.active(world, made.user_id, made.guild_id)
    shown: Json = {
        "id": str(made.id),
        "application_id": str(world.application.id),
        "type": made.type,
        "token": made.token,
        "version": 1,
        "data": made.data,
        "channel_id": str(channel.id),
        "channel": partial_channel(world, channel, made.user_id),
        "app_permissions": str(world.permissions(world.bot.id, channel)),
        "locale": person.locale,
        "entitlements": [serialise.entitlement(world, one) for one in rights],
        "entitlement_sku_ids": [str(one.sku_id) for one in rights],
        "authorizing_integration_owners": {"0": "0" if guild is None else str(guild.id)},
        "context": IN_BOT_DM if guild is None else IN_GUILD,
        "attachment_size_limit": serialise.upload_limit(world, guild),
    }
    if message is not None:
        shown["message"] = serialise_messages.message(world, message)
    if guild is None:
        return shown | {"user": serialise.user(person)}
    return shown | {
        "guild_id": str(guild.id),
        "guild_locale": guild.locale,
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "member": interacting_member(world, guild, guild.members[person.id], channel),
    }


def interacting_member(world: World, guild: Guild, who: Member, channel: Channel) -> Json:
    """A member with the permissions that hold in this channel."""
    bits = str(world.permissions(who.user_id, channel))
    return serialise.member(world, guild, who) | {"permissions": bits}


def partial_channel(world: World, channel: Channel, user_id: int) -> Json:
    """A channel with the permissions of whoever acts."""
    shown = serialise.channel(world, channel)
    shown["permissions"] = str(world.permissions(user_id, channel))
    return shown


class Resolved:
    """Collects the objects behind the ids in an interaction's data."""

    def __init__(self, world: World, channel: Channel, user_id: int) -> None:
        self._world = world
        self._channel = channel
        self._user_id = user_id
        self._guild = world.guild_of(channel)
        self._found: dict[str, Json] = {}

    def user(self, user_id: int) -> None:
        """A user, and their member where there is a guild."""
        self._put("users", user_id, serialise.user(self._world.users[user_id]))
        if self._guild is not None and user_id in self._guild.members:
            who = self._guild.members[user_id]
            shown = serialise.member(self._world, self._guild, who)
            bits = self._world.permissions(user_id, self._channel)
            bare = {k: v for k, v in shown.items() if k not in ("user", "deaf", "mute")}
            self._put("members", user_id, bare | {"permissions": str(bits)})

    def role(self, role_id: int) -> None:
        """A role of this guild."""
        if self._guild is not None:
            self._put("roles", role_id, serialise.role(self._guild.roles[role_id]))

    def channel(self, channel_id: int) -> None:
        """A channel of this guild."""
        what = self._world.channels[channel_id]
        self._put("channels", channel_id, partial_channel(self._world, what, self._user_id))

    def message(self, message: Message) -> None:
        """The message that a menu was opened on."""
        self._put("messages", message.id, serialise_messages.message(self._world, message))

    def attachment(self, attachment: Attachment) -> None:
        """A file that the person gave."""
        shown = serialise_messages.attachment(self._world, attachment)
        self._put("attachments", attachment.id, shown)

    def into(self, data: Json) -> Json:
        """The data, with what was found."""
        return data | {"resolved": self._found} if self._found else data

    def _put(self, kind: str, key: int, value: Json) -> None:
        self._found.setdefault(kind, {})[str(key)] = value
