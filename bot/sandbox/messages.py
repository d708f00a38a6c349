"""What happens to messages: made, edited, deleted, reacted to. Each deed tells bot and people.

Permissions are asked by whoever calls (REST for the bot, the people API for people); here stands
only what is true for everybody.
"""

from __future__ import annotations

import re

from bot.sandbox import media, mentions, serialise_messages
from bot.sandbox.drafts import ANY_FLAGS, Draft, File
from bot.sandbox.entities import COMPONENTS_V2, LOADING, Attachment, Channel, Json, Message
from bot.sandbox.errors import refuse, wrong
from bot.sandbox.events import GatewayEvent, Glimpse
from bot.sandbox.world import World

NONCE_WINDOW_SECONDS = 180.0
MOST_ATTACHMENTS = 10
MOST_REACTIONS = 20
PLAIN, REPLY = 0, 19


def nonce_twin(world: World, author_id: int, nonce: str) -> Message | None:
    """The message that this author sent with this nonce in the past few minutes.

    If it has been deleted since, Discord does not make it again but says 10008: a retry must not
    bring back what was taken away.
    """
    found = world.nonces.get((author_id, nonce))
    if found is None or world.clock.now() - found[0] > NONCE_WINDOW_SECONDS:
        return None
    twin = world.messages.get(found[1], {}).get(found[2])
    if twin is None:
        raise refuse(10008)
    return twin


def create(
    world: World,
    channel: Channel,
    author_id: int,
    draft: Draft,
    *,
    nonce: str | None = None,
    reference: Json | None = None,
    ephemeral_for: int | None = None,
    interaction_metadata: Json | None = None,
    command: str | None = None,
    extra_flags: int = 0,
    kind: int = PLAIN,
) -> Message:
    """Put a message into the world."""
    message = Message(
        id=world.ids.new(),
        channel_id=channel.id,
        author_id=author_id,
        sent_at=world.clock.now(),
        content=draft.content,
        flags=draft.flags & ANY_FLAGS | extra_flags,
        type=REPLY if reference is not None else kind,
        embeds=draft.embeds,
        components=draft.components,
        tts=draft.tts,
        reference=reference,
        nonce=nonce,
        ephemeral_for=ephemeral_for,
        interaction_metadata=interaction_metadata,
        command=command,
    )
    if draft.kept:
        raise wrong("attachments", "ATTACHMENT_NOT_FOUND", "Unknown attachment")
    message.attachments = _store(world, message, draft)
    _resolve_mentions(world, channel, message, draft)
    world.messages.setdefault(channel.id, {})[message.id] = message
    _count(world, channel, message)
    if nonce is not None:
        world.nonces[author_id, nonce] = (world.clock.now(), channel.id, message.id)
    _tell(world, channel, message, "MESSAGE_CREATE")
    return message


def edit(world: World, message: Message, draft: Draft, *, mark_edited: bool = True) -> Message:
    """Change what the draft gives; everything else stays."""
    _check_edit(message, draft)
    channel = world.channels[message.channel_id]
    if "content" in draft.given:
        message.content = draft.content
    if "embeds" in draft.given:
        message.embeds = draft.embeds
    if "components" in draft.given:
        message.components = draft.components
    _edit_attachments(world, message, draft)
    _edit_flags(message, draft)
    if "content" in draft.given or draft.allowed_mentions is not None:
        _resolve_mentions(world, channel, message, draft)
    if mark_edited:
        message.edited_at = world.clock.now()
    _tell(world, channel, message, "MESSAGE_UPDATE")
    return message


def delete(world: World, message: Message) -> None:
    """Take a message and its files out of the world."""
    _remove(world, message)
    if message.ephemeral_for is None:
        where = _where(world, message.channel_id)
        data = {"id": str(message.id), "channel_id": str(message.channel_id)} | where
        world.emit(
            GatewayEvent("MESSAGE_DELETE", data, world.channels[message.channel_id].guild_id)
        )


def delete_bulk(world: World, channel: Channel, messages: list[Message]) -> None:
    """Take many messages of one channel out of the world at once."""
    for message in messages:
        _remove(world, message)
    ids = [str(message.id) for message in messages]
    data = {"ids": ids, "channel_id": str(channel.id)} | _where(world, channel.id)
    world.emit(GatewayEvent("MESSAGE_DELETE_BULK", data, channel.guild_id))


def react(world: World, message: Message, user_id: int, emoji: str) -> None:
    """Add somebody's reaction: a unicode emoji, or ``name:id``."""
    if emoji.isascii() and not re.fullmatch(r"\w+:\d+", emoji):
        raise refuse(10014)
    if emoji not in message.reactions and len(message.reactions) >= MOST_REACTIONS:
        raise refuse(30010)
    users = message.reactions.setdefault(emoji, [])
    if user_id not in users:
        users.append(user_id)
        _tell_reaction(world, message, user_id, emoji, "MESSAGE_REACTION_ADD")


def unreact(world: World, message: Message, user_id: int, emoji: str) -> None:
    """Take somebody's reaction back."""
    users = message.reactions.get(emoji, [])
    if user_id not in users:
        raise refuse(10014)
    users.remove(user_id)
    if not users:
        del message.reactions[emoji]
    _tell_reaction(world, message, user_id, emoji, "MESSAGE_REACTION_REMOVE")


def clear_reactions(world: World, message: Message, emoji: str | None = None) -> None:
    """Take all reactions away, or all with one emoji."""
    data: Json = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    data |= _where(world, message.channel_id)
    name = "MESSAGE_REACTION_REMOVE_ALL"
    if emoji is None:
        message.reactions.clear()
    else:
        message.reactions.pop(emoji, None)
        name = "MESSAGE_REACTION_REMOVE_EMOJI"
        data |= {"emoji": serialise_messages.emoji(emoji)}
    world.emit(GatewayEvent(name, data, world.channels[message.channel_id].guild_id))
    world.emit(Glimpse("message", message.channel_id, message, message.ephemeral_for))


def make_attachment(world: World, channel_id: int, file: File, **more: object) -> Attachment:
    """Store a file and describe it."""
    filename = _safe_name(file.filename)
    content_type = media.content_type_of(filename, file.content)
    width, height = media.size_of(file.content) or (None, None)
    attachment = Attachment(
        id=world.ids.new(),
        channel_id=channel_id,
        filename=filename,
        size=len(file.content),
        content_type=content_type,
        width=width,
        height=height,
    )
    for name, value in more.items():
        setattr(attachment, name, value)
    world.files.put(attachment.id, file.content)
    return attachment


def _safe_name(name: str) -> str:
    """A file name as Discord keeps it: no folders, nothing but letters, digits, ``_ - .``."""
    return re.sub(r"[^\w.\-]+", "_", re.split(r"[/\\]", name)[-1]) or "unknown"


def _store(world: World, message: Message, draft: Draft) -> list[Attachment]:
    return [
        make_attachment(
            world,
            message.channel_id,
            file,
            description=draft.descriptions.get(file.number),
            ephemeral=message.ephemeral_for is not None,
        )
        for file in draft.files
    ]


def _check_edit(message: Message, draft: Draft) -> None:
    """Refuse before anything has changed."""
    listed = "attachments" in draft.given
    kept = {int(entry["id"]) for entry in draft.kept}
    if kept - {attachment.id for attachment in message.attachments}:
        raise wrong("attachments", "ATTACHMENT_NOT_FOUND", "Unknown attachment")
    staying = len(kept) if listed else len(message.attachments)
    if staying + len(draft.files) > MOST_ATTACHMENTS:
        raise wrong("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    content = draft.content if "content" in draft.given else message.content
    shown = draft.embeds if "embeds" in draft.given else message.embeds
    if (message.flags | draft.flags) & COMPONENTS_V2 and (content or shown):
        words = "The 'content' and 'embeds' fields cannot be used with IS_COMPONENTS_V2"
        raise wrong("flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words)


def _edit_attachments(world: World, message: Message, draft: Draft) -> None:
    if "attachments" in draft.given:
        kept = {int(entry["id"]) for entry in draft.kept}
        kept |= serialise_messages.shown_in_embeds(message)
        for attachment in message.attachments:
            if attachment.id not in kept:
                world.files.drop(attachment.id)
            attachment.description = draft.descriptions.get(attachment.id, attachment.description)
        message.attachments = [a for a in message.attachments if a.id in kept]
    message.attachments += _store(world, message, draft)


def _edit_flags(message: Message, draft: Draft) -> None:
    """Only embeds may be hidden again and shown again; components v2 stays once it is set."""
    keep = message.flags & ~LOADING
    if "flags" in draft.given:
        editable = ANY_FLAGS & ~COMPONENTS_V2
        keep = keep & ~editable | draft.flags & editable
    message.flags = keep | draft.flags & COMPONENTS_V2


def _resolve_mentions(world: World, channel: Channel, message: Message, draft: Draft) -> None:
    from_interaction = message.interaction_metadata is not None
    default = mentions.USERS_ONLY if from_interaction else mentions.EVERYTHING
    mentions.resolve(world, channel, message, draft.allowed_mentions or default)


def _count(world: World, channel: Channel, message: Message) -> None:
    if message.ephemeral_for is None:
        channel.last_message_id = message.id
        channel.message_count += 1


def _remove(world: World, message: Message) -> None:
    world.messages.get(message.channel_id, {}).pop(message.id, None)
    for attachment in message.attachments:
        world.files.drop(attachment.id)
    world.emit(Glimpse("gone", message.channel_id, message, message.ephemeral_for))


def _where(world: World, channel_id: int) -> Json:
    guild_id = world.channels[channel_id].guild_id
    return {} if guild_id is None else {"guild_id": str(guild_id)}


def _tell(world: World, channel: Channel, message: Message, name: str) -> None:
    if message.ephemeral_for is None:
        data = serialise_messages.for_gateway(world, message, with_nonce=name == "MESSAGE_CREATE")
        world.emit(GatewayEvent(name, data, channel.guild_id))
    world.emit(Glimpse("message", channel.id, message, message.ephemeral_for))


def _tell_reaction(world: World, message: Message, user_id: int, emoji: str, name: str) -> None:
    channel = world.channels[message.channel_id]
    data = serialise_messages.reaction_event(world, message, user_id, emoji, name)
    world.emit(GatewayEvent(name, data, channel.guild_id))
    world.emit(Glimpse("message", channel.id, message))
