"""People, roles, guilds and channels as Discord shows them to a bot."""

from __future__ import annotations

from bot.sandbox.clock import iso
from bot.sandbox.entities import Channel, Entitlement, Guild, Json, Member, Role, Sku, User
from bot.sandbox.world import World

APPLICATION_SUBSCRIPTION = 8
UPLOAD_LIMITS = (10 << 20, 10 << 20, 50 << 20, 100 << 20)


def optional_id(value: int | None) -> str | None:
    """An id as text, or null."""
    return None if value is None else str(value)


def user(who: User) -> Json:
    """A user object."""
    return {
        "id": str(who.id),
        "username": who.name,
        "global_name": who.display_name,
        "discriminator": "0",
        "avatar": None,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
        "bot": who.bot,
        "system": False,
    }


def me(who: User) -> Json:
    """The bot's own user object."""
    return user(who) | {"mfa_enabled": False, "locale": who.locale, "verified": True, "email": None}


def member(world: World, guild: Guild, who: Member) -> Json:
    """A member object with its user."""
    until = who.timed_out_until
    return {
        "user": user(world.users[who.user_id]),
        "nick": who.nick,
        "roles": [str(role_id) for role_id in who.roles],
        "joined_at": iso(who.joined_at),
        "premium_since": None,
        "communication_disabled_until": None if until is None else iso(until),
        "avatar": None,
        "banner": None,
        "flags": 0,
        "pending": False,
        "deaf": False,
        "mute": False,
    }


def role(what: Role) -> Json:
    """A role object."""
    shown: Json = {
        "id": str(what.id),
        "name": what.name,
        "permissions": str(what.permissions),
        "position": what.position,
        "color": what.color,
        "colors": {"primary_color": what.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": what.managed_by is not None,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if what.managed_by is not None:
        shown["tags"] = {"bot_id": str(what.managed_by)}
    return shown


def channel(world: World, what: Channel) -> Json:
    """A channel object: guild channel, thread or direct message."""
    base: Json = {
        "id": str(what.id),
        "type": what.type,
        "flags": 0,
        "last_message_id": optional_id(what.last_message_id),
    }
    if what.recipient_id is not None:
        return base | {"recipients": [user(world.users[what.recipient_id])]}
    base |= {
        "guild_id": optional_id(what.guild_id),
        "name": what.name,
        "parent_id": optional_id(what.parent_id),
        "rate_limit_per_user": 0,
    }
    return base | (_thread(what) if what.is_thread else _guild_channel(what))


def _thread(what: Channel) -> Json:
    return {
        "owner_id": optional_id(what.owner_id),
        "message_count": what.message_count,
        "member_count": len(what.thread_members),
        "total_message_sent": what.message_count,
        "thread_metadata": {
            "archived": what.archived,
            "archive_timestamp": iso((what.id >> 22) / 1000 + 1_420_070_400),
            "auto_archive_duration": 1440,
            "locked": what.locked,
            "create_timestamp": iso((what.id >> 22) / 1000 + 1_420_070_400),
        },
    }


def _guild_channel(what: Channel) -> Json:
    shown: Json = {
        "position": what.position,
        "nsfw": what.nsfw,
        "topic": what.topic,
        "permission_overwrites": [
            {"id": str(o.id), "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)}
            for o in what.overwrites
        ],
    }
    if what.type in (2, 13):
        shown |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if what.type == 15:
        shown |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        shown |= {"default_forum_layout": 0}
    return shown


def guild(world: World, what: Guild) -> Json:
    """A guild object as the REST API gives it."""
    return {
        "id": str(what.id),
        "name": what.name,
        "owner_id": str(what.owner_id),
        "application_id": None,
        "roles": [role(r) for r in what.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "premium_tier": what.boost_tier,
        "premium_subscription_count": (0, 2, 7, 14)[what.boost_tier],
        "preferred_locale": what.locale,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "max_members": 500000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "widget_enabled": False,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "region": "us-west",
        **dict.fromkeys(_EMPTY_GUILD_FIELDS),
    }


_EMPTY_GUILD_FIELDS = (
    "icon",
    "description",
    "home_header",
    "splash",
    "discovery_splash",
    "banner",
    "vanity_url_code",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "incidents_data",
)


def guild_create(world: World, what: Guild) -> Json:
    """The payload of GUILD_CREATE. Without the members intent it shows the bot alone."""
    mine = world.channels_of(what.id)
    bot_member = what.members[world.bot.id]
    return guild(world, what) | {
        "joined_at": iso(bot_member.joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(what.members),
        "members": [member(world, what, bot_member)],
        "channels": [channel(world, c) for c in mine if not c.is_thread],
        "threads": [channel(world, c) for c in mine if c.is_thread and not c.archived],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def upload_limit(world: World, what: Guild | None) -> int:
    """How many bytes one file may have: 10 MiB, more in a boosted guild."""
    return UPLOAD_LIMITS[0 if what is None else what.boost_tier]


def entitlement(world: World, what: Entitlement) -> Json:
    """An entitlement object."""
    owner = what.user_id
    if owner is None and what.guild_id is not None:
        owner = world.guilds[what.guild_id].owner_id
    shown: Json = {
        "id": str(what.id),
        "sku_id": str(what.sku_id),
        "application_id": str(world.application.id),
        "user_id": str(owner),
        "type": APPLICATION_SUBSCRIPTION,
        "deleted": what.deleted,
        "consumed": what.consumed,
        "starts_at": None if what.starts_at is None else iso(what.starts_at),
        "ends_at": None if what.ends_at is None else iso(what.ends_at),
    }
    if what.guild_id is not None:
        shown["guild_id"] = str(what.guild_id)
    return shown


def sku(world: World, what: Sku) -> Json:
    """A SKU object."""
    return {
        "id": str(what.id),
        "type": what.type,
        "application_id": str(world.application.id),
        "name": what.name,
        "slug": what.slug,
        "flags": 1 << 8,
        "dependent_sku_id": None,
        "manifest_labels": None,
        "access_type": 1,
        "features": [],
        "release_date": None,
        "premium": False,
        "show_age_gate": False,
    }
