"""Messages for the bot: Discord's permissions and limits around the deeds of `messages`."""

from __future__ import annotations

from bot.sandbox import drafts, fields, intents, messages, serialise, serialise_messages
from bot.sandbox.entities import (
    COMPONENTS_V2,
    EPHEMERAL,
    HOLDS_MESSAGES,
    Channel,
    Json,
    Message,
)
from bot.sandbox.errors import Form, GapError, refuse, wrong
from bot.sandbox.events import Glimpse
from bot.sandbox.permissions import Permission
from bot.sandbox.rest.guilds import visible_channel
from bot.sandbox.rest.table import Call, Table
from bot.sandbox.snowflake import time_of

routes = Table()
_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_CREATE = drafts.MESSAGE_FIELDS | {"nonce", "enforce_nonce", "message_reference"}
_REFERENCE = frozenset({"type", "message_id", "channel_id", "guild_id", "fail_if_not_exists"})
BULK_LEAST, BULK_MOST, BULK_SECONDS = 2, 100, 14 * 86_400.0


@routes.route("POST", _MESSAGES, body=_CREATE)
def create_message(call: Call) -> Json:
    """Send a message; with `enforce_nonce` a twin of the past minutes is given back instead."""
    world, channel = call.world, visible_channel(call)
    body = call.json
    guild = world.guild_of(channel)
    draft = drafts.read(body, call.files, size_limit=serialise.upload_limit(world, guild))
    _may_send(call, channel, draft)
    if draft.flags & EPHEMERAL:
        raise wrong("flags", "INVALID", "Only interactions can answer ephemerally.")
    if draft.empty:
        raise refuse(50006)
    nonce = _nonce(body)
    if nonce is not None and body.get("enforce_nonce"):
        twin = messages.nonce_twin(world, world.bot.id, nonce)
        if twin is not None:
            return _shown(call, twin) | {"nonce": nonce}
    reference = _reference(call, channel, body.get("message_reference"))
    if channel.archived:
        channel.archived = False
    made = messages.create(world, channel, world.bot.id, draft, nonce=nonce, reference=reference)
    return _shown(call, made) | ({} if nonce is None else {"nonce": nonce})


@routes.route("GET", _MESSAGES, query={"limit", "before", "after", "around"})
def list_messages(call: Call) -> list[Json]:
    """Messages, newest first. Without the right to read history there are none."""
    channel = visible_channel(call)
    limit = call.number("limit", 50, 1, 100)
    if not call.world.may(call.world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
        return []
    everything = [
        message
        for message in call.world.messages.get(channel.id, {}).values()
        if message.ephemeral_for is None
    ]
    everything.sort(key=lambda message: message.id)
    return [_shown(call, message) for message in reversed(_page(call, everything, limit))]


@routes.route("GET", _MESSAGE)
def get_message(call: Call) -> Json:
    """One message."""
    channel = visible_channel(call)
    if not call.world.may(call.world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
        raise refuse(50013)
    return _shown(call, _message(call, channel))


@routes.route("PATCH", _MESSAGE, body=drafts.MESSAGE_FIELDS)
def edit_message(call: Call) -> Json:
    """Change a message of the bot's own."""
    world, channel = call.world, visible_channel(call)
    message = _message(call, channel)
    if message.author_id != world.bot.id:
        raise refuse(50005)
    if channel.archived:
        raise refuse(50083)
    limit = serialise.upload_limit(world, world.guild_of(channel))
    v2 = bool(message.flags & COMPONENTS_V2)
    draft = drafts.read(call.json, call.files, size_limit=limit, v2=v2)
    _may_attach(call, channel, draft)
    return _shown(call, messages.edit(world, message, draft))


@routes.route("DELETE", _MESSAGE)
def delete_message(call: Call) -> None:
    """Delete a message: one's own always, others' with the right to; never a person's in a DM."""
    world, channel = call.world, visible_channel(call)
    message = _message(call, channel)
    if message.author_id != world.bot.id:
        if channel.guild_id is None:
            raise refuse(50003)
        _need(call, channel, Permission.MANAGE_MESSAGES)
    messages.delete(world, message)


@routes.route("POST", f"{_MESSAGES}/bulk-delete", body={"messages"})
def bulk_delete(call: Call) -> None:
    """Delete 2 to 100 messages at once, none older than 14 days; only in guilds."""
    world, channel = call.world, visible_channel(call)
    if channel.guild_id is None:
        raise refuse(50003)
    _need(call, channel, Permission.MANAGE_MESSAGES)
    ids = [fields.snowflake(one, "messages") for one in call.json.get("messages") or []]
    if not BULK_LEAST <= len(ids) <= BULK_MOST:
        raise refuse(50016)
    if len(set(ids)) != len(ids):
        raise wrong("messages", "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains it.")
    if any(world.clock.now() - time_of(one) > BULK_SECONDS for one in ids):
        raise refuse(50034)
    here = world.messages.get(channel.id, {})
    found = [here[one] for one in ids if one in here and here[one].ephemeral_for is None]
    messages.delete_bulk(world, channel, found)


@routes.route("POST", "/channels/{channel_id}/typing")
def trigger_typing(call: Call) -> None:
    """Show that the bot is writing."""
    channel = visible_channel(call)
    _need(call, channel, _sending(channel))
    call.world.emit(Glimpse("typing", channel.id))


def _page(call: Call, everything: list[Message], limit: int) -> list[Message]:
    """The messages before, after or around an id; the newest ones when none is named."""
    query = call.query
    if "around" in query:
        middle = fields.snowflake(query["around"], "around")
        older = [m for m in everything if m.id < middle][-(limit // 2) :]
        newer = [m for m in everything if m.id >= middle][: limit - len(older)]
        return older + newer
    if "after" in query:
        first = fields.snowflake(query["after"], "after")
        return [m for m in everything if m.id > first][:limit]
    if "before" in query:
        last = fields.snowflake(query["before"], "before")
        everything = [m for m in everything if m.id < last]
    return everything[-limit:]


def _message(call: Call, channel: Channel) -> Message:
    return call.world.message(channel.id, call.id("message_id"))


def _shown(call: Call, message: Message) -> Json:
    """A message as this bot may read it."""
    shown = serialise_messages.message(call.world, message)
    if call.world.channels[message.channel_id].guild_id is None:
        return shown
    return intents.without_content(call.world, shown)


def _need(call: Call, channel: Channel, wanted: int) -> None:
    if not call.world.may(call.world.bot.id, channel, wanted):
        raise refuse(50013)


def _sending(channel: Channel) -> Permission:
    if channel.is_thread:
        return Permission.SEND_MESSAGES_IN_THREADS
    return Permission.SEND_MESSAGES


def _may_send(call: Call, channel: Channel, draft: drafts.Draft) -> None:
    if channel.type not in HOLDS_MESSAGES:
        raise refuse(50008)
    if channel.recipient_id is not None:
        _may_send_dm(call, channel.recipient_id)
        return
    _need(call, channel, _sending(channel))
    if channel.locked and not call.world.may(call.world.bot.id, channel, Permission.MANAGE_THREADS):
        raise refuse(50083)
    _may_attach(call, channel, draft)


def _may_attach(call: Call, channel: Channel, draft: drafts.Draft) -> None:
    if draft.files:
        _need(call, channel, Permission.ATTACH_FILES)
    if draft.embeds:
        _need(call, channel, Permission.EMBED_LINKS)


def _may_send_dm(call: Call, user_id: int) -> None:
    if not call.world.mutual_guilds(user_id):
        raise refuse(50278)
    if call.world.users[user_id].dms != "open":
        raise refuse(50007)


def _nonce(body: Json) -> str | None:
    nonce = body.get("nonce")
    if nonce is None:
        return None
    form = Form()
    form.length("nonce", str(nonce), 0, 25)
    form.check()
    return str(nonce)


def _reference(call: Call, channel: Channel, given: Json | None) -> Json | None:
    """What a message replies to."""
    if given is None:
        return None
    fields.only(given, _REFERENCE, "message_reference")
    if given.get("type", 0) != 0:
        raise GapError("a message_reference that forwards")
    if not call.world.may(call.world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
        raise refuse(160002)
    message_id = fields.snowflake(given.get("message_id"), "message_reference.message_id")
    original = call.world.messages.get(channel.id, {}).get(message_id)
    if original is None or original.ephemeral_for is not None:
        if given.get("fail_if_not_exists", True):
            raise wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    shown: Json = {"type": 0, "channel_id": str(channel.id), "message_id": str(message_id)}
    return shown if channel.guild_id is None else shown | {"guild_id": str(channel.guild_id)}
