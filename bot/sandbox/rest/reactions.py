"""Reactions for the bot: its own, and with the right to manage messages those of others."""

from __future__ import annotations

from urllib.parse import unquote

from bot.sandbox import messages, serialise
from bot.sandbox.entities import Json, Message
from bot.sandbox.errors import refuse
from bot.sandbox.permissions import Permission
from bot.sandbox.rest.guilds import visible_channel
from bot.sandbox.rest.table import Call, Table

routes = Table()
_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions"


def _message(call: Call) -> Message:
    channel = visible_channel(call)
    if not call.world.may(call.world.bot.id, channel, Permission.READ_MESSAGE_HISTORY):
        raise refuse(50013)
    if channel.archived:
        raise refuse(50083)
    return call.world.message(channel.id, call.id("message_id"))


def _emoji(call: Call) -> str:
    return unquote(call.path["emoji"])


def _need(call: Call, message: Message, wanted: Permission) -> None:
    channel = call.world.channels[message.channel_id]
    if not call.world.may(call.world.bot.id, channel, wanted):
        raise refuse(50013)


@routes.route("PUT", f"{_REACTIONS}/{{emoji}}/{{user_id}}")
def add_reaction(call: Call) -> None:
    """React. The first to use an emoji needs the right to add reactions."""
    message = _message(call)
    if call.path["user_id"] != "@me":
        raise refuse(50013)
    if _emoji(call) not in message.reactions:
        _need(call, message, Permission.ADD_REACTIONS)
    messages.react(call.world, message, call.world.bot.id, _emoji(call))


@routes.route("DELETE", f"{_REACTIONS}/{{emoji}}/{{user_id}}")
def remove_reaction(call: Call) -> None:
    """Take back one's own reaction, or somebody's with the right to manage messages."""
    message = _message(call)
    user_id = call.id("user_id")
    if user_id != call.world.bot.id:
        _need_guild(call, message)
    messages.unreact(call.world, message, user_id, _emoji(call))


@routes.route("GET", f"{_REACTIONS}/{{emoji}}", query={"limit", "after", "type"})
def list_reaction_users(call: Call) -> list[Json]:
    """Who reacted with this emoji."""
    message = _message(call)
    after = int(call.query.get("after", 0))
    users = [one for one in message.reactions.get(_emoji(call), []) if one > after]
    shown = sorted(users)[: call.number("limit", 25, 1, 100)]
    return [serialise.user(call.world.users[one]) for one in shown]


@routes.route("DELETE", _REACTIONS)
def clear_reactions(call: Call) -> None:
    """Take all reactions away."""
    message = _message(call)
    _need_guild(call, message)
    messages.clear_reactions(call.world, message)


@routes.route("DELETE", f"{_REACTIONS}/{{emoji}}")
def clear_emoji(call: Call) -> None:
    """Take all reactions with one emoji away."""
    message = _message(call)
    _need_guild(call, message)
    messages.clear_reactions(call.world, message, _emoji(call))


def _need_guild(call: Call, message: Message) -> None:
    """Other people's reactions can be managed in guilds only."""
    if call.world.channels[message.channel_id].guild_id is None:
        raise refuse(50003)
    _need(call, message, Permission.MANAGE_MESSAGES)
