"""What people do with commands: slash, autocomplete and context menus, under the client's rules."""

from __future__ import annotations

from bot.sandbox import commands, interactions, names, offers, options
from bot.sandbox.entities import Channel, Command, Interaction, Json, User
from bot.sandbox.errors import ClientError
from bot.sandbox.interaction_payload import Resolved
from bot.sandbox.options import Asker
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
        if (command := offers.find(world, channel, name, kind)) is not None
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
    command = offers.find(world, channel, name, commands.CHAT_INPUT)
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


def _check_usable(world: World, who: User, channel: Channel, command: Command) -> None:
    """Refuse what the client would not offer to this person in this channel."""
    reason = offers.why_not(world, who, channel, command)
    if reason is not None:
        raise ClientError(reason)
