"""Gateway intents: which event needs which, and what is hidden without message content."""

from __future__ import annotations

from bot.sandbox.entities import Json
from bot.sandbox.events import GatewayEvent
from bot.sandbox.world import World

GUILDS, GUILD_MEMBERS = 1 << 0, 1 << 1
GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, GUILD_MESSAGE_TYPING = 1 << 9, 1 << 10, 1 << 11
DIRECT_MESSAGES, DIRECT_MESSAGE_REACTIONS, DIRECT_MESSAGE_TYPING = 1 << 12, 1 << 13, 1 << 14
GUILD_PRESENCES, MESSAGE_CONTENT = 1 << 8, 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT

# prefix of the event's name -> (intent in a guild, intent in a direct message); longest first
_NEEDS: tuple[tuple[str, int, int], ...] = (
    ("GUILD_MEMBER_", GUILD_MEMBERS, GUILD_MEMBERS),
    ("GUILD_", GUILDS, GUILDS),
    ("CHANNEL_", GUILDS, DIRECT_MESSAGES),
    ("THREAD_", GUILDS, GUILDS),
    ("MESSAGE_REACTION_", GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS),
    ("MESSAGE_", GUILD_MESSAGES, DIRECT_MESSAGES),
)


def allow(intents: int, event: GatewayEvent) -> bool:
    """Whether a session with these intents hears of this event."""
    if event.data.get("__about_the_bot"):
        return True
    for prefix, in_guild, in_dm in _NEEDS:
        if event.name.startswith(prefix):
            return bool(intents & (in_dm if event.guild_id is None else in_guild))
    return True


def visible_data(world: World, intents: int, event: GatewayEvent) -> Json:
    """The payload; without the content intent, other people's messages in guilds are blank."""
    data = {k: v for k, v in event.data.items() if not k.startswith("__")}
    is_message = event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE")
    if is_message and event.guild_id is not None and not intents & MESSAGE_CONTENT:
        return without_content(world, data)
    return data


def without_content(world: World, message: Json) -> Json:
    """What a bot without the content intent sees of a guild message: its own, or its mention."""
    me = str(world.bot.id)
    if message["author"]["id"] == me or any(one["id"] == me for one in message["mentions"]):
        return message
    return message | {"content": "", "embeds": [], "attachments": [], "components": []}
