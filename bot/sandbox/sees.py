"""What a person sees: the human projection of the world."""

from __future__ import annotations

from itertools import islice

from bot.sandbox import names, permissions, serialise, serialise_messages
from bot.sandbox.clock import iso
from bot.sandbox.entities import EPHEMERAL, HOLDS_MESSAGES, Channel, Json, Message, Role, User
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World


def channel(
    world: World, who: User, where: Channel, *, limit: int | None = None, before: int | None = None
) -> list[Json]:
    """Exactly what this person can see in a channel, oldest first; with a limit the newest."""
    if not names.sees_channel(world, who, where):
        return []
    here = sorted(world.messages.get(where.id, {}).values(), key=lambda one: one.id, reverse=True)
    seen = (
        one
        for one in here
        if (before is None or one.id < before) and names.sees_message(world, who, where, one)
    )
    return [message(world, one) for one in islice(seen, limit)][::-1]


def message(world: World, what: Message) -> Json:
    """One message as people see it."""
    hidden = serialise_messages.shown_in_embeds(what)
    full = serialise_messages.message(world, what)
    where = world.channels[what.channel_id]
    shown: Json = {
        "id": str(what.id),
        "channel": str(where.id),
        "channel_name": names.DM_NAME if where.recipient_id is not None else where.name,
        "author": _person(world, what.author_id),
        "content": what.content,
        "embeds": full["embeds"],
        "components": full["components"],
        "attachments": [
            serialise_messages.attachment(world, one)
            for one in what.attachments
            if one.id not in hidden
        ],
        "flags": what.flags | (EPHEMERAL if what.ephemeral_for is not None else 0),
        "reactions": [
            {"emoji": key, "count": len(ids), "users": [world.users[one].name for one in ids]}
            for key, ids in what.reactions.items()
        ],
        "mentions": [world.users[one].name for one in what.mentions],
        "mentions_everyone": what.mention_everyone,
        "sent_at": iso(what.sent_at),
        "edited_at": None if what.edited_at is None else iso(what.edited_at),
        "reply_to": None if what.reference is None else what.reference["message_id"],
        "asked": _asked(what),
    }
    return shown


def _asked(what: Message) -> Json | None:
    """Who used which command, when the message answers one."""
    if what.command is None or what.interaction_metadata is None:
        return None
    return {"by": what.interaction_metadata["user"]["username"], "command": what.command}


def _person(world: World, user_id: int) -> Json:
    who = world.users[user_id]
    return {"id": str(who.id), "name": who.name, "bot": who.bot}


def everything(world: World) -> Json:
    """Who and what there is: people, servers, channels, commands, things that are sold."""
    return {
        "now": world.clock.now(),
        "upload_bytes": serialise.upload_limit(world, None),
        "users": [_user(world, one) for one in world.users.values() if not one.bot],
        "guilds": [
            {
                "id": str(one.id),
                "name": one.name,
                "owner": world.users[one.owner_id].name,
                "boost_tier": one.boost_tier,
                "bot": world.bot.id in one.members,
                "upload_bytes": serialise.upload_limit(world, one),
                "roles": [_role(role) for role in one.roles.values()],
            }
            for one in world.guilds.values()
        ],
        "channels": [_channel(world, one) for one in _guild_channels(world)],
        "commands": [
            {
                "id": str(one.id),
                "name": one.name,
                "type": one.type,
                "guild": None if one.guild_id is None else world.guilds[one.guild_id].name,
                "description": one.body.get("description") or "",
                "options": one.body.get("options") or [],
                "nsfw": bool(one.body.get("nsfw")),
            }
            for one in world.commands.values()
        ],
        "skus": [{"id": str(s.id), "name": s.name} for s in world.skus.values()],
    }


def _role(what: Role) -> Json:
    return {
        "id": str(what.id),
        "name": what.name,
        "color": what.color,
        "position": what.position,
    }


def _guild_channels(world: World) -> list[Channel]:
    return [one for guild in world.guilds.values() for one in world.channels_of(guild.id)]


def _user(world: World, who: User) -> Json:
    guilds = {
        guild.name: [guild.roles[one].name for one in guild.members[who.id].roles]
        for guild in world.guilds.values()
        if who.id in guild.members
    }
    rights = [one for one in world.entitlements.values() if one.user_id == who.id]
    return {
        "id": str(who.id),
        "name": who.name,
        "display_name": who.display_name,
        "dms": who.dms,
        "locale": who.locale,
        "guilds": guilds,
        "owns": [guild.name for guild in world.guilds.values() if guild.owner_id == who.id],
        "entitlements": [world.skus[one.sku_id].name for one in rights if not one.deleted],
    }


def _channel(world: World, what: Channel) -> Json:
    guild = world.guild_of(what)
    bits = {
        who.name: world.permissions(who.id, what) for who in world.users.values() if not who.bot
    }

    def with_right(right: int) -> list[str]:
        return [name for name, held in bits.items() if held & right]

    return {
        "id": str(what.id),
        "name": what.name,
        "type": what.type,
        "holds_messages": what.type in HOLDS_MESSAGES,
        "guild": None if guild is None else guild.name,
        "topic": what.topic,
        "nsfw": world.age_restricted(what),
        "parent": None if what.parent_id is None else str(what.parent_id),
        "visible_to": with_right(Permission.VIEW_CHANNEL),
        "writable_by": with_right(permissions.to_write(what)),
        "moderated_by": with_right(Permission.MANAGE_MESSAGES),
    }
