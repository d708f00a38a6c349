"""The options of a slash command as Discord's client takes them: checked, turned, resolved.

People name users, roles, channels and files as they like (name or id); the bot gets ids and the
objects behind them in `resolved`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import commands, names
from bot.sandbox.entities import Attachment, Channel, Guild, Json, User
from bot.sandbox.errors import ClientError
from bot.sandbox.interaction_payload import Resolved
from bot.sandbox.world import World

MOST_STRING, MOST_INTEGER = 6000, 2**53 - 1
Value = str | int | float | bool


@dataclass
class Asker:
    """Who gives the options, and where."""

    world: World
    who: User
    channel: Channel
    resolved: Resolved

    @property
    def guild(self) -> Guild:
        """The server; roles and channels can only be given in one."""
        guild = self.world.guild_of(self.channel)
        if guild is None:
            raise ClientError("roles and channels can only be chosen in a server")
        return guild


def fill_in(asker: Asker, declared: list[Json], given: Json, *, strict: bool = True) -> list[Json]:
    """The options for the interaction, in the declared order. `strict`: required ones must be."""
    known = {option["name"]: option for option in declared}
    for name in given:
        if name not in known:
            raise ClientError(f"the command has no option {name!r}")
    filled = []
    for name, option in known.items():
        if given.get(name) is not None:
            filled.append(_one(asker, option, given[name], strict=strict))
        elif option.get("required") and strict:
            raise ClientError(f"the option {name!r} is required")
    return filled


def _one(asker: Asker, option: Json, value: object, *, strict: bool) -> Json:
    shown = {"name": option["name"], "type": option["type"]}
    if not strict and option["type"] in (commands.STRING, commands.INTEGER, commands.NUMBER):
        return shown | {"value": value}
    return shown | {"value": _choice(option, _COERCE[option["type"]](asker, option, value))}


def _choice(option: Json, value: Value) -> Value:
    choices = option.get("choices") or []
    if not choices:
        return value
    for choice in choices:
        if value in (choice["value"], choice["name"]):
            chosen: Value = choice["value"]
            return chosen
    words = ", ".join(str(choice["name"]) for choice in choices)
    raise ClientError(f"{value!r} is no choice of {option['name']!r}; the choices are: {words}")


def _string(_: Asker, option: Json, value: object) -> str:
    text = str(value)
    least, most = option.get("min_length") or 0, option.get("max_length") or MOST_STRING
    if not least <= len(text) <= most:
        raise ClientError(f"{option['name']!r} takes {least} to {most} characters")
    return text


def _integer(_: Asker, option: Json, value: object) -> Value:
    if option.get("choices") and isinstance(value, str):
        return value
    try:
        number = int(str(value))
    except ValueError:
        raise ClientError(f"{option['name']!r} takes a whole number, not {value!r}") from None
    return _in_range(option, number)


def _number(_: Asker, option: Json, value: object) -> Value:
    if option.get("choices") and isinstance(value, str):
        return value
    try:
        number = float(str(value))
    except ValueError:
        raise ClientError(f"{option['name']!r} takes a number, not {value!r}") from None
    return _in_range(option, number)


def _in_range(option: Json, number: float) -> float:
    least, most = option.get("min_value"), option.get("max_value")
    least = -MOST_INTEGER if least is None else least
    most = MOST_INTEGER if most is None else most
    if not least <= number <= most:
        raise ClientError(f"{option['name']!r} takes {least} to {most}, not {number}")
    return number


def _boolean(_: Asker, option: Json, value: object) -> bool:
    words = {"true": True, "false": False}
    found = words.get(str(value).lower())
    if found is None:
        raise ClientError(f"{option['name']!r} takes true or false, not {value!r}")
    return found


def _user(asker: Asker, _: Json, value: object) -> str:
    found = names.user(asker.world, value)
    asker.resolved.user(found.id)
    return str(found.id)


def _role(asker: Asker, _: Json, value: object) -> str:
    found = names.role(asker.guild, value)
    asker.resolved.role(found.id)
    return str(found.id)


def _channel(asker: Asker, option: Json, value: object) -> str:
    found = names.visible_channel(asker.world, value, asker.who)
    kinds = option.get("channel_types") or []
    if found.guild_id != asker.guild.id:
        raise ClientError(f"the channel {value!r} is in another server")
    if kinds and found.type not in kinds:
        raise ClientError(f"{option.get('name', 'this')!r} does not take this kind of channel")
    asker.resolved.channel(found.id)
    return str(found.id)


def _mentionable(asker: Asker, option: Json, value: object) -> str:
    try:
        return _user(asker, option, value)
    except ClientError:
        return _role(asker, option, value)


def _attachment(asker: Asker, option: Json, value: object) -> str:
    found = upload(asker, value, str(option["name"]))
    asker.resolved.attachment(found)
    return str(found.id)


def upload(asker: Asker, value: object, name: str) -> Attachment:
    """A file that this person has uploaded before."""
    number = int(str(value)) if str(value).isdigit() else 0
    found = asker.world.uploads.get(number)
    if found is None or found.uploaded_by != asker.who.id:
        raise ClientError(f"{name!r} takes the id of a file that {asker.who.name} uploaded")
    return found


_COERCE: dict[int, Callable[[Asker, Json, object], Value]] = {
    commands.STRING: _string,
    commands.INTEGER: _integer,
    commands.BOOLEAN: _boolean,
    commands.PERSON: _user,
    commands.CHANNEL: _channel,
    commands.ROLE: _role,
    commands.MENTIONABLE: _mentionable,
    commands.NUMBER: _number,
    commands.ATTACHMENT: _attachment,
}
# What the entity selects of messages and modals choose from.
CHOOSE: dict[int, Callable[[Asker, Json, object], str]] = {
    5: _user,
    6: _role,
    7: _mentionable,
    8: _channel,
}
