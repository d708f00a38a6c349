"""What people do with commands: slash, autocomplete and context menus, under the client's rules."""

from __future__ import annotations

from bot.sandbox import commands, interactions, names, options
from bot.sandbox.entities import HOLDS_MESSAGES, Channel, Command, Interaction, Json, User
from bot.sandbox.errors import ClientError
from bot.sandbox.interaction_payload import IN_BOT_DM, IN_GUILD, Resolved
from bot.sandbox.options import Asker
from bot.sandbox.permissions import Permission
from bot.sandbox.world import World


def slash(world: World, who: User, channel: Channel, text: str, given: Json) -> Interaction:
    """Run a slash command; `text` is the whole path, for example ``privacy retention``."""
    command, path, declared = _find_path(world, who, channel, text)
    asker = Asker(world, who, channel, Resolved(world, channel, who.id))
    filled = options.fill_in(asker, declared, given)
    data = asker.resolved.into(_data(command, _nested(path, filled)))
    return interactions.create(world, channel, who.id, interactions.COMMAND, data)


def autocomplete(
    world: World, who: User, channel: Channel, text: str, given: Json, focused: str
) -> Interaction:
    """Ask the bot what could stand in the focused option."""
    command, path, declared = _find_path(world, who, channel, text)
    option = next((one for one in declared if one["name"] == focused), None)
    if option is None or not option.get("autocomplete"):
        raise ClientError(f"the option {focused!r} does not complete itself")
    asker = Asker(world, who, channel, Resolved(world, channel, who.id))
    filled = options.fill_in(asker, declared, {focused: "", **given}, strict=False)
    for one in filled:
        if one["name"] == focused:
            one |= {"value": str(one["value"]), "focused": True}
    data = asker.resolved.into(_data(command, _nested(path, filled)))
    return interactions.create(world, channel, who.id, interactions.AUTOCOMPLETE, data)


def menu(world: World, who: User, channel: Channel, name: str, target: str) -> Interaction:
    """Use a context menu on a message of this channel or on a person."""
    found = [
        command
        for kind in (commands.MESSAGE, commands.USER)
        if (command := _lookup(world, channel, name, kind)) is not None
    ]
    if not found:
        raise ClientError(f"there is no menu entry called {name!r} here")
    resolved = Resolved(world, channel, who.id)
    is_message = target.isdigit() and int(target) in world.messages.get(channel.id, {})
    wanted = commands.MESSAGE if is_message else commands.USER
    command = next((one for one in found if one.type == wanted), found[0])
    _check_usable(world, who, channel, command)
    if command.type == commands.MESSAGE:
        message = names.visible_message(world, who, channel, target)
        if message.ephemeral_for is not None:
            raise ClientError("ephemeral messages have no menu of apps")
        resolved.message(message)
        target_id = message.id
    else:
        target_id = names.user(world, target).id
        resolved.user(target_id)
    data = resolved.into(_data(command, None) | {"target_id": str(target_id)})
    return interactions.create(world, channel, who.id, interactions.COMMAND, data)


def _data(command: Command, filled: list[Json] | None) -> Json:
    data: Json = {"id": str(command.id), "name": command.name, "type": command.type}
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    return data if filled is None else data | {"options": filled}


def _nested(path: list[Json], filled: list[Json]) -> list[Json]:
    """The filled options inside their subcommand and group."""
    for step in reversed(path):
        filled = [{"name": step["name"], "type": step["type"], "options": filled}]
    return filled


def _find_path(
    world: World, who: User, channel: Channel, text: str
) -> tuple[Command, list[Json], list[Json]]:
    """The command, the steps below it, and the options that it declares there."""
    name, *steps = text.strip().removeprefix("/").split() or [""]
    command = _lookup(world, channel, name, commands.CHAT_INPUT)
    if command is None:
        raise ClientError(f"there is no command /{name} here")
    _check_usable(world, who, channel, command)
    declared: list[Json] = command.body.get("options") or []
    path = []
    for step in steps:
        found = next((one for one in declared if one["name"] == step and one["type"] <= 2), None)
        if found is None:
            raise ClientError(f"/{name} has no subcommand {step!r}")
        path.append(found)
        declared = found.get("options") or []
    if any(one["type"] in (commands.SUBCOMMAND, commands.GROUP) for one in declared):
        words = ", ".join(one["name"] for one in declared)
        raise ClientError(f"/{text} needs a subcommand: {words}")
    return command, path, declared


def _lookup(world: World, channel: Channel, name: str, kind: int) -> Command | None:
    """A command by name; a guild's own goes before a global one."""
    scopes = [channel.guild_id, None] if channel.guild_id is not None else [None]
    for scope in scopes:
        for command in commands.in_scope(world, scope):
            if command.name == name and command.type == kind:
                return command
    return None


def _check_usable(world: World, who: User, channel: Channel, command: Command) -> None:
    """Refuse what the client would not offer to this person in this channel."""
    if channel.type not in HOLDS_MESSAGES:
        raise ClientError("commands cannot be used in this kind of channel")
    _check_context(world, who, channel, command)
    if channel.guild_id is not None:
        _check_rights(world, who, channel, command)
    if command.body.get("nsfw") and not _adult_ground(world, who, channel):
        raise ClientError("this command can only be used in an age-restricted channel")


def _check_context(world: World, who: User, channel: Channel, command: Command) -> None:
    context = IN_BOT_DM if channel.guild_id is None else IN_GUILD
    allowed = command.body.get("contexts")
    in_dms = command.body.get("dm_permission", True) is not False
    if context == IN_BOT_DM and not (IN_BOT_DM in allowed if allowed is not None else in_dms):
        raise ClientError(f"/{command.name} cannot be used in a direct message")
    if context == IN_GUILD and allowed is not None and IN_GUILD not in allowed:
        raise ClientError(f"/{command.name} can only be used in a direct message")
    guild = world.guild_of(channel)
    here = world.mutual_guilds(who.id) if guild is None else [guild]
    if not any(world.bot.id in one.members for one in here):
        raise ClientError("the app is not here")


def _check_rights(world: World, who: User, channel: Channel, command: Command) -> None:
    bits = world.permissions(who.id, channel)
    if not bits & Permission.USE_APPLICATION_COMMANDS:
        raise ClientError(f"{who.name} may not use commands here")
    needed = command.body.get("default_member_permissions")
    if needed is None:
        return
    needed = int(needed) or int(Permission.ADMINISTRATOR)
    if bits & needed != needed:
        raise ClientError(f"{who.name} has no permission to use /{command.name}")


def _adult_ground(world: World, who: User, channel: Channel) -> bool:
    if channel.guild_id is None:
        return who.age_restricted_dms
    return world.age_restricted(channel)
