"""Whom a message calls: the mentions in its text that `allowed_mentions` lets through."""

from __future__ import annotations

import re

from bot.sandbox.entities import Channel, Json, Message
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
EVERYTHING: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
USERS_ONLY: Json = {"parse": ["users"]}


def resolve(world: World, channel: Channel, message: Message, allowed: Json) -> None:
    """Write into the message who is mentioned."""
    text = message.content
    users = _let_through([int(one) for one in _USER.findall(text)], "users", allowed)
    message.mentions = [one for one in dict.fromkeys(users) if one in world.users]
    guild = world.guild_of(channel)
    roles = _let_through([int(one) for one in _ROLE.findall(text)], "roles", allowed)
    message.mention_roles = [one for one in dict.fromkeys(roles) if guild and one in guild.roles]
    message.mention_everyone = (
        bool(_EVERYONE.search(text))
        and "everyone" in (allowed.get("parse") or [])
        and world.may(message.author_id, channel, Permission.MENTION_EVERYONE)
    )
    _mention_replied_user(world, message, allowed)


def _let_through(ids: list[int], kind: str, allowed: Json) -> list[int]:
    if kind in (allowed.get("parse") or []):
        return ids
    named = {int(one) for one in allowed.get(kind) or []}
    return [one for one in ids if one in named]


def _mention_replied_user(world: World, message: Message, allowed: Json) -> None:
    if message.reference is None or not allowed.get("replied_user"):
        return
    channel_id, message_id = message.reference["channel_id"], message.reference["message_id"]
    original = world.messages.get(int(channel_id), {}).get(int(message_id))
    if original is not None and original.author_id not in message.mentions:
        message.mentions.append(original.author_id)
