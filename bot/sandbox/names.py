"""Finding people, channels, roles and messages by the names that people use, or by id."""

from __future__ import annotations

from bot.sandbox import happenings
from bot.sandbox.entities import Channel, Guild, Message, Role, Sku, User
from bot.sandbox.errors import ClientError
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World

DM_NAME = "dm"


def user(world: World, text: object) -> User:
    """A person or the bot, by name or id."""
    wanted = str(text).strip().removeprefix("@").casefold()
    for one in world.users.values():
        if wanted in (str(one.id), one.name.casefold()):
            return one
    raise ClientError(f"there is nobody called {text!r}", status=404)


def guild(world: World, text: object) -> Guild:
    """A server, by name or id."""
    wanted = str(text).strip().casefold()
    for one in world.guilds.values():
        if wanted in (str(one.id), one.name.casefold()):
            return one
    raise ClientError(f"there is no server called {text!r}", status=404)


def role(of: Guild, text: object) -> Role:
    """A role of a server, by name or id."""
    wanted = str(text).strip().removeprefix("@").casefold()
    for one in of.roles.values():
        if wanted in (str(one.id), one.name.removeprefix("@").casefold()):
            return one
    raise ClientError(f"{of.name} has no role called {text!r}", status=404)


def sku(world: World, text: object) -> Sku:
    """Something that is sold, by name, slug or id."""
    wanted = str(text).strip().casefold()
    for one in world.skus.values():
        if wanted in (str(one.id), one.name.casefold(), one.slug.casefold()):
            return one
    raise ClientError(f"nothing called {text!r} is sold here", status=404)


def channel(world: World, text: object, *, who: User | None = None) -> Channel:
    """A channel by id, by name, or as ``Server/name``; ``dm`` is this person's with the bot.

    Among channels of the same name the ones that the person can see come first.
    """
    wanted = str(text).strip().removeprefix("#").casefold()
    if wanted == DM_NAME and who is not None:
        return happenings.open_dm(world, who.id)
    place, _, name = wanted.rpartition("/")
    found = [
        one
        for one in world.channels.values()
        if str(one.id) == wanted or (one.name.casefold() == name and _stands_in(world, one, place))
    ]
    if not found:
        raise ClientError(f"there is no channel called {text!r}", status=404)
    if who is not None:
        found.sort(key=lambda one: not sees_channel(world, who, one))
    return found[0]


def visible_channel(world: World, text: object, who: User) -> Channel:
    """A channel that this person can see, else what their client would say."""
    found = channel(world, text, who=who)
    if not sees_channel(world, who, found):
        raise ClientError(f"{who.name} cannot see the channel {text!r}")
    return found


def sees_channel(world: World, who: User, what: Channel) -> bool:
    """Whether a person can see a channel at all."""
    return world.may(who.id, what, Permission.VIEW_CHANNEL)


def visible_message(world: World, who: User, where: Channel, text: object) -> Message:
    """A message that this person can see in this channel."""
    number = int(str(text)) if str(text).isdigit() else 0
    message = world.messages.get(where.id, {}).get(number)
    if message is None or not sees_message(world, who, where, message):
        raise ClientError(f"{who.name} sees no message {text} there")
    return message


def sees_message(world: World, who: User, where: Channel, message: Message) -> bool:
    """Whether a person can see a message: their own ephemeral ones, else what history shows."""
    if message.ephemeral_for is not None:
        return message.ephemeral_for == who.id and sees_channel(world, who, where)
    return world.may(who.id, where, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY)


def _stands_in(world: World, one: Channel, place: str) -> bool:
    if not place:
        return True
    home = world.guild_of(one)
    return home is not None and place in (home.name.casefold(), str(home.id))
