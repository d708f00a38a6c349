"""What people do with messages: write, react, delete, dismiss, upload."""

from __future__ import annotations

from bot.sandbox import drafts, messages, names, permissions, serialise
from bot.sandbox.drafts import Draft, File
from bot.sandbox.entities import Attachment, Channel, Json, Message, User
from bot.sandbox.errors import ClientError
from bot.sandbox.events import Touched
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World

UPLOAD_KEPT_SECONDS = 86_400.0
MOST_WAITING_BYTES = 512 << 20


def say(world: World, who: User, channel: Channel, content: str, reply_to: str | None) -> Message:
    """Write a message."""
    if not world.permissions(who.id, channel) & permissions.to_write(channel):
        raise ClientError(f"{who.name} may not write here")
    if not 1 <= len(content.strip()) <= drafts.MOST_CHARACTERS:
        raise ClientError(f"a message has 1 to {drafts.MOST_CHARACTERS} characters")
    reference: Json | None = None
    if reply_to is not None:
        original = names.visible_message(world, who, channel, reply_to)
        reference = {"type": 0, "channel_id": str(channel.id), "message_id": str(original.id)}
        if channel.guild_id is not None:
            reference["guild_id"] = str(channel.guild_id)
    draft = Draft(frozenset({"content"}), content=content.strip())
    return messages.create(world, channel, who.id, draft, reference=reference)


def react(
    world: World, who: User, channel: Channel, message: Message, emoji: str, *, remove: bool
) -> None:
    """Add a reaction, or take it back."""
    if message.ephemeral_for is not None:
        raise ClientError("nobody can react to an ephemeral message")
    if remove:
        if who.id not in message.reactions.get(emoji, []):
            raise ClientError(f"{who.name} has not reacted with {emoji}")
        messages.unreact(world, message, who.id, emoji)
        return
    is_new = emoji not in message.reactions
    if is_new and not world.may(who.id, channel, Permission.ADD_REACTIONS):
        raise ClientError(f"{who.name} may not add reactions here")
    messages.react(world, message, who.id, emoji)


def delete(world: World, who: User, channel: Channel, message: Message) -> None:
    """Delete one's own message, or as a moderator somebody else's."""
    if message.ephemeral_for is not None:
        raise ClientError("an ephemeral message can only be dismissed")
    if message.author_id != who.id:
        if channel.guild_id is None:
            raise ClientError("only the bot can delete its messages in a direct message")
        if not world.may(who.id, channel, Permission.MANAGE_MESSAGES):
            raise ClientError(f"{who.name} may not delete other people's messages")
    messages.delete(world, message)


def dismiss(world: World, message: Message) -> None:
    """Dismiss an ephemeral message: it goes away for good."""
    if message.ephemeral_for is None:
        raise ClientError("only ephemeral messages can be dismissed")
    messages.delete(world, message)


def most_upload_bytes(world: World, channel: Channel | None) -> int:
    """How large a file may be that is meant for this channel."""
    guild = None if channel is None else world.guild_of(channel)
    return serialise.upload_limit(world, guild)


def upload(world: World, who: User, file: File) -> Attachment:
    """Keep a file, to be named in a command or a modal."""
    _forget_old_uploads(world, len(file.content))
    made = messages.make_attachment(world, who.id, file, ephemeral=True, uploaded_by=who.id)
    world.uploads[made.id] = made
    world.emit(Touched())
    return made


def _forget_old_uploads(world: World, coming_bytes: int) -> None:
    """Let go of what is a day old; and the oldest go when there is too much."""
    limit_ms = int((world.clock.now() - UPLOAD_KEPT_SECONDS) * 1000) - 1_420_070_400_000
    waiting_bytes = coming_bytes + sum(one.size for one in world.uploads.values())
    for old in sorted(world.uploads.values(), key=lambda one: one.id):
        if old.id >> 22 >= limit_ms and waiting_bytes <= MOST_WAITING_BYTES:
            return
        waiting_bytes -= old.size
        del world.uploads[old.id]
        world.files.drop(old.id)
