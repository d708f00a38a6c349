"""Which commands a person is offered where: the rules of Discord's client before each use."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox import commands
from bot.sandbox.entities import HOLDS_MESSAGES, Channel, Command, Json, User
from bot.sandbox.interaction_payload import IN_BOT_DM, IN_GUILD
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World


def offered(world: World, who: User, channel: Channel) -> list[Json]:
    """The commands and menu entries that this person can use here, one for each path.

    As the bot registered them, which has a newcomer's first one first; menu entries come last.
    """
    seen: dict[tuple[int, str], Command] = {}
    for command in _within_reach(world, channel):
        seen.setdefault((command.type, command.name), command)
    usable = [one for one in seen.values() if why_not(world, who, channel, one) is None]
    paths = [path for command in usable for path in _paths(command)]
    return sorted(paths, key=lambda one: int(one["type"]))


def find(world: World, channel: Channel, name: str, kind: int) -> Command | None:
    """A command by name; a guild's own goes before a global one."""
    for command in _within_reach(world, channel):
        if command.name == name and command.type == kind:
            return command
    return None


def why_not(world: World, who: User, channel: Channel, command: Command) -> str | None:
    """Why the client would not offer this to this person in this channel; None when it would."""
    if channel.type not in HOLDS_MESSAGES:
        return "commands cannot be used in this kind of channel"
    reason = _wrong_context(world, who, channel, command)
    if reason is None and channel.guild_id is not None:
        reason = _missing_right(world, who, channel, command)
    if reason is None and command.body.get("nsfw") and not _adult_ground(world, who, channel):
        reason = "this command can only be used in an age-restricted channel"
    return reason


def _within_reach(world: World, channel: Channel) -> Iterator[Command]:
    """The commands of this channel's guild, then the global ones."""
    if channel.guild_id is not None:
        yield from commands.in_scope(world, channel.guild_id)
    yield from commands.in_scope(world, None)


def _paths(command: Command) -> Iterator[Json]:
    if command.type != commands.CHAT_INPUT:
        yield {"name": command.name, "type": command.type}
        return
    yield from _leaves(command.name, command.body)


def _leaves(path: str, body: Json) -> Iterator[Json]:
    """The command itself, or each of its subcommands, by its whole path."""
    options = body.get("options") or []
    inner = [one for one in options if one["type"] in (commands.SUBCOMMAND, commands.GROUP)]
    for one in inner:
        yield from _leaves(f"{path} {one['name']}", one)
    if not inner:
        yield {
            "name": path,
            "type": commands.CHAT_INPUT,
            "description": body.get("description") or "",
            "options": options,
        }


def _wrong_context(world: World, who: User, channel: Channel, command: Command) -> str | None:
    context = IN_BOT_DM if channel.guild_id is None else IN_GUILD
    allowed = command.body.get("contexts")
    in_dms = command.body.get("dm_permission", True) is not False
    if context == IN_BOT_DM and not (IN_BOT_DM in allowed if allowed is not None else in_dms):
        return f"/{command.name} cannot be used in a direct message"
    if context == IN_GUILD and allowed is not None and IN_GUILD not in allowed:
        return f"/{command.name} can only be used in a direct message"
    guild = world.guild_of(channel)
    here = world.mutual_guilds(who.id) if guild is None else [guild]
    if not any(world.bot.id in one.members for one in here):
        return "the app is not here"
    return None


def _missing_right(world: World, who: User, channel: Channel, command: Command) -> str | None:
    bits = world.permissions(who.id, channel)
    if not bits & Permission.USE_APPLICATION_COMMANDS:
        return f"{who.name} may not use commands here"
    needed = command.body.get("default_member_permissions")
    if needed is None:
        return None
    needed = int(needed) or int(Permission.ADMINISTRATOR)
    if bits & needed != needed:
        return f"{who.name} has no permission to use /{command.name}"
    return None


def _adult_ground(world: World, who: User, channel: Channel) -> bool:
    if channel.guild_id is None:
        return who.age_restricted_dms
    return world.age_restricted(channel)
