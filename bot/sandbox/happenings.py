"""What happens to the world besides messages: people come and go, channels open, roles change.

These are the deeds behind `POST /world` and `PATCH /people/{user}`. Each tells the bot what real
Discord would tell it; without the members intent that is little.
"""

from __future__ import annotations

from bot.sandbox import entities, permissions, serialise
from bot.sandbox.entities import Channel, Guild, Json, Member, Role, User
from bot.sandbox.events import GatewayEvent, Glimpse, Touched
from bot.sandbox.world import World


def open_dm(world: World, user_id: int) -> Channel:
    """The direct message between the bot and a person, made if there is none."""
    found = world.dm_of(user_id)
    if found is None:
        found = Channel(world.ids.new(), entities.DM, recipient_id=user_id)
        world.channels[found.id] = found
        world.emit(Touched())
    return found


def add_guild(world: World, guild_id: int, name: str, owner_id: int) -> Guild:
    """A new server, with @everyone and its owner; the bot is not in it yet."""
    guild = Guild(guild_id, name, owner_id)
    guild.roles[guild_id] = Role(guild_id, "@everyone", int(permissions.EVERYONE), position=0)
    guild.members[owner_id] = Member(owner_id, joined_at=world.clock.now())
    world.guilds[guild_id] = guild
    return guild


def changed_guild(world: World, guild: Guild) -> None:
    """A server's settings changed."""
    _tell(world, guild, "GUILD_UPDATE", serialise.guild(world, guild))


def add_role(world: World, guild: Guild, role: Role) -> Role:
    """A new role, above the others."""
    guild.roles[role.id] = role
    data = {"guild_id": str(guild.id), "role": serialise.role(role)}
    _tell(world, guild, "GUILD_ROLE_CREATE", data)
    return role


def changed_role(world: World, guild: Guild, role: Role) -> None:
    """A role changed."""
    data = {"guild_id": str(guild.id), "role": serialise.role(role)}
    _tell(world, guild, "GUILD_ROLE_UPDATE", data)


def remove_role(world: World, guild: Guild, role: Role) -> None:
    """A role is gone, from its members too."""
    del guild.roles[role.id]
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    data = {"guild_id": str(guild.id), "role_id": str(role.id)}
    _tell(world, guild, "GUILD_ROLE_DELETE", data)


def add_channel(world: World, channel: Channel) -> Channel:
    """A new channel or thread."""
    world.channels[channel.id] = channel
    shown = serialise.channel(world, channel)
    if channel.is_thread:
        _tell_channel(world, channel, "THREAD_CREATE", shown | {"newly_created": True})
    else:
        _tell_channel(world, channel, "CHANNEL_CREATE", shown)
    return channel


def changed_channel(world: World, channel: Channel) -> None:
    """A channel or thread changed."""
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    _tell_channel(world, channel, name, serialise.channel(world, channel))


def remove_channel(world: World, channel: Channel) -> None:
    """A channel is gone, with its threads and messages."""
    for thread in [c for c in world.channels.values() if c.is_thread and c.parent_id == channel.id]:
        remove_channel(world, thread)
    shown = serialise.channel(world, channel)
    for message in world.messages.pop(channel.id, {}).values():
        for attachment in message.attachments:
            world.files.drop(attachment.id)
        world.emit(Glimpse("gone", channel.id, message, message.ephemeral_for))
    del world.channels[channel.id]
    name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
    _tell_channel(world, channel, name, shown)


def add_member(world: World, guild: Guild, user: User) -> Member:
    """Somebody joins a server."""
    member = Member(user.id, joined_at=world.clock.now())
    guild.members[user.id] = member
    shown = serialise.member(world, guild, member) | {"guild_id": str(guild.id)}
    _tell(world, guild, "GUILD_MEMBER_ADD", shown)
    return member


def changed_member(world: World, guild: Guild, member: Member) -> None:
    """A member's roles, name or time-out changed."""
    shown = serialise.member(world, guild, member) | {"guild_id": str(guild.id)}
    if member.user_id == world.bot.id:
        shown["__about_the_bot"] = True
    _tell(world, guild, "GUILD_MEMBER_UPDATE", shown)


def remove_member(world: World, guild: Guild, user: User) -> None:
    """Somebody leaves a server, or is thrown out."""
    del guild.members[user.id]
    shown = {"guild_id": str(guild.id), "user": serialise.user(user)}
    _tell(world, guild, "GUILD_MEMBER_REMOVE", shown)


def add_bot(world: World, guild: Guild, bits: int) -> Member:
    """The bot is added to a server, with a role of its own."""
    if world.bot.id not in guild.members:
        member = Member(world.bot.id, joined_at=world.clock.now())
        role = Role(world.ids.new(), world.bot.name, bits, managed_by=world.bot.id)
        guild.roles[role.id] = role
        member.roles.append(role.id)
        guild.members[world.bot.id] = member
        shown = serialise.guild_create(world, guild)
        del shown["unavailable"]  # so a bot knows a new server from one that came back
        _tell(world, guild, "GUILD_CREATE", shown)
    return guild.members[world.bot.id]


def kick_bot(world: World, guild: Guild) -> None:
    """The bot is thrown out of a server, and its role with it."""
    if world.bot.id not in guild.members:
        return
    _tell(world, guild, "GUILD_DELETE", {"id": str(guild.id)})
    del guild.members[world.bot.id]
    for role in [r for r in guild.roles.values() if r.managed_by == world.bot.id]:
        del guild.roles[role.id]
    for command in [c for c in world.commands.values() if c.guild_id == guild.id]:
        del world.commands[command.id]


def outage(world: World, guild: Guild, *, is_over: bool) -> None:
    """Discord cannot show a server for a while: it looks almost as if the bot had been removed."""
    if is_over:
        _tell(world, guild, "GUILD_CREATE", serialise.guild_create(world, guild))
    else:
        _tell(world, guild, "GUILD_DELETE", {"id": str(guild.id), "unavailable": True})


def changed_user(world: World, user: User) -> None:
    """Somebody changed their name; the bot hears it of itself."""
    if user.bot:
        world.emit(GatewayEvent("USER_UPDATE", serialise.me(user)))


def _tell(world: World, guild: Guild, name: str, data: Json) -> None:
    """Tell the bot, if it is in this server."""
    world.emit(Glimpse("world", 0))
    if world.bot.id in guild.members:
        world.emit(GatewayEvent(name, data, guild.id))


def _tell_channel(world: World, channel: Channel, name: str, data: Json) -> None:
    if channel.guild_id is not None:
        _tell(world, world.guilds[channel.guild_id], name, data)
