"""Guilds, their channels, roles and members: read only, because the bot only reads them."""

from __future__ import annotations

from bot.sandbox import permissions, serialise
from bot.sandbox.entities import Channel, Guild, Json
from bot.sandbox.errors import refuse
from bot.sandbox.permissions import Permission
from bot.sandbox.rest.table import Call, Table

routes = Table()


def visible_channel(call: Call) -> Channel:
    """The channel of the path, if the bot may see it: else 10003, or 50001 when it is there."""
    channel = call.world.channel(call.id("channel_id"))
    if not call.world.may(call.world.bot.id, channel, Permission.VIEW_CHANNEL):
        raise refuse(50001)
    if channel.guild_id is None:
        call.private = True
    return channel


@routes.route("GET", "/guilds/{guild_id}", query={"with_counts"})
def get_guild(call: Call) -> Json:
    """One guild."""
    guild = call.world.guild(call.id("guild_id"))
    shown = serialise.guild(call.world, guild)
    if call.flag("with_counts"):
        shown |= _counts(guild)
    return shown


@routes.route("GET", "/guilds/{guild_id}/channels")
def list_channels(call: Call) -> list[Json]:
    """A guild's channels, without threads."""
    guild = call.world.guild(call.id("guild_id"))
    mine = [c for c in call.world.channels_of(guild.id) if not c.is_thread]
    return [serialise.channel(call.world, channel) for channel in mine]


@routes.route("GET", "/guilds/{guild_id}/threads/active")
def list_active_threads(call: Call) -> Json:
    """A guild's open threads that the bot may see."""
    guild = call.world.guild(call.id("guild_id"))
    mine = [c for c in call.world.channels_of(guild.id) if c.is_thread and not c.archived]
    seen = [c for c in mine if call.world.may(call.world.bot.id, c, Permission.VIEW_CHANNEL)]
    return {
        "threads": [serialise.channel(call.world, one) for one in seen],
        "members": [],
        "has_more": False,
    }


@routes.route("GET", "/guilds/{guild_id}/roles")
def list_roles(call: Call) -> list[Json]:
    """A guild's roles."""
    guild = call.world.guild(call.id("guild_id"))
    return [serialise.role(role) for role in guild.roles.values()]


@routes.route("GET", "/guilds/{guild_id}/roles/{role_id}")
def get_role(call: Call) -> Json:
    """One role."""
    guild = call.world.guild(call.id("guild_id"))
    if call.id("role_id") not in guild.roles:
        raise refuse(10011)
    return serialise.role(guild.roles[call.id("role_id")])


@routes.route("GET", "/guilds/{guild_id}/members/{user_id}")
def get_member(call: Call) -> Json:
    """One member."""
    guild = call.world.guild(call.id("guild_id"))
    found = call.world.member(guild, call.id("user_id"))
    return serialise.member(call.world, guild, found)


@routes.route("GET", "/guilds/{guild_id}/members", query={"limit", "after"})
def list_members(call: Call) -> list[Json]:
    """All members: that needs a privileged intent, which this bot does not have."""
    call.world.guild(call.id("guild_id"))
    raise refuse(50001)


@routes.route("GET", "/users/@me/guilds", query={"before", "after", "limit", "with_counts"})
def list_my_guilds(call: Call) -> list[Json]:
    """The guilds that the bot is in."""
    world = call.world
    mine = [g for g in world.guilds.values() if world.bot.id in g.members]
    before, after = int(call.query.get("before", 1 << 63)), int(call.query.get("after", 0))
    shown = [g for g in sorted(mine, key=lambda g: g.id) if after < g.id < before]
    return [_my_guild(call, g) for g in shown][: call.number("limit", 200, 1, 200)]


def _my_guild(call: Call, guild: Guild) -> Json:
    me = guild.members[call.world.bot.id]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": False,
        "permissions": str(permissions.in_guild(guild, me, call.world.clock.now())),
        "features": [],
        **(_counts(guild) if call.flag("with_counts") else {}),
    }


def _counts(guild: Guild) -> Json:
    count = len(guild.members)
    return {"approximate_member_count": count, "approximate_presence_count": count}


@routes.route("GET", "/channels/{channel_id}")
def get_channel(call: Call) -> Json:
    """One channel."""
    return serialise.channel(call.world, visible_channel(call))
