"""The bot's registered commands: what it may register, and what Discord answers."""

from __future__ import annotations

import re

from bot.sandbox import fields
from bot.sandbox.entities import Command, Json
from bot.sandbox.errors import Form, refuse
from bot.sandbox.events import Glimpse
from bot.sandbox.world import World

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, PERSON, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(3, 12)
MOST = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15}
CREATES_PER_DAY, DAY_SECONDS = 200, 86_400.0

_COMMAND_FIELDS = frozenset(
    {"name", "name_localizations", "description", "description_localizations", "options", "type"}
    | {"default_member_permissions", "dm_permission", "nsfw", "contexts", "integration_types"}
    | {"id", "handler"}
)
_OPTION_FIELDS = frozenset(
    {"type", "name", "name_localizations", "description", "description_localizations", "required"}
    | {"choices", "options", "channel_types", "min_value", "max_value", "min_length", "max_length"}
    | {"autocomplete"}
)
_CHOICE_FIELDS = frozenset({"name", "name_localizations", "value"})
_NAME = re.compile(r"^[-_'\w]{1,32}$")


def overwrite(world: World, guild_id: int | None, given: list[Json]) -> list[Command]:
    """Make these the commands of this scope: kept by type and name, new ones made, others gone."""
    _check_counts(given)
    for n, body in enumerate(given):
        check(body, str(n))
    old = {(c.type, c.name): c for c in in_scope(world, guild_id)}
    fresh = [body for body in given if _key(body) not in old]
    _count_creates(world, guild_id, len(fresh))
    for command in old.values():
        del world.commands[command.id]
    done = [_store(world, guild_id, body, old.get(_key(body))) for body in given]
    world.emit(Glimpse("world", 0))
    return done


def upsert(world: World, guild_id: int | None, body: Json) -> tuple[Command, bool]:
    """Make or replace one command; says whether it is new."""
    check(body, "")
    old = {(c.type, c.name): c for c in in_scope(world, guild_id)}
    twin = old.get(_key(body))
    if twin is None:
        of_kind = [c for c in old.values() if c.type == _key(body)[0]]
        if len(of_kind) >= MOST[_key(body)[0]]:
            raise refuse(30032)
        _count_creates(world, guild_id, 1)
    made = _store(world, guild_id, body, twin)
    world.emit(Glimpse("world", 0))
    return made, twin is None


def edit(world: World, command: Command, body: Json) -> Command:
    """Change some fields of a command."""
    merged = {k: v for k, v in command.body.items() if v is not None} | body
    check(merged, "")
    changed = _store(world, command.guild_id, merged, command)
    world.emit(Glimpse("world", 0))
    return changed


def remove(world: World, command: Command) -> None:
    """Take a command away."""
    del world.commands[command.id]
    world.emit(Glimpse("world", 0))


def find(world: World, guild_id: int | None, command_id: int) -> Command:
    """A command of this scope, else 10063."""
    command = world.commands.get(command_id)
    if command is None or command.guild_id != guild_id:
        raise refuse(10063)
    return command


def in_scope(world: World, guild_id: int | None) -> list[Command]:
    """The commands of a guild, or the global ones."""
    return [c for c in world.commands.values() if c.guild_id == guild_id]


def serialise(world: World, command: Command) -> Json:
    """A command object."""
    shown = dict(command.body)
    permissions = shown.get("default_member_permissions")
    shown |= {
        "id": str(command.id),
        "application_id": str(world.application.id),
        "version": str(command.version),
        "name": command.name,
        "type": command.type,
        "description": shown.get("description") or "",
        "default_member_permissions": None if permissions is None else str(permissions),
        "nsfw": bool(shown.get("nsfw")),
        "dm_permission": shown.get("dm_permission", True),
        "contexts": shown.get("contexts"),
        "integration_types": shown.get("integration_types") or [0],
    }
    shown.setdefault("name_localizations", None)
    shown.setdefault("description_localizations", None)
    if command.guild_id is not None:
        shown["guild_id"] = str(command.guild_id)
    return shown


def check(body: Json, path: str) -> None:
    """Refuse a command that Discord would not take."""
    form = Form()
    prefix = f"{path}." if path else ""
    fields.only(body, _COMMAND_FIELDS, "application command")
    kind = body.get("type", CHAT_INPUT)
    if kind == CHAT_INPUT:
        _check_name(f"{prefix}name", body.get("name"), form)
        form.length(f"{prefix}description", body.get("description"), 1, 100)
        _check_options(body.get("options") or [], f"{prefix}options", form, depth=0)
        if _characters(body) > 8000:
            form.blame(f"{prefix}options", "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds 8000")
    else:
        form.length(f"{prefix}name", body.get("name"), 1, 32)
        if body.get("description") or body.get("options"):
            words = "Context menu commands cannot have a description or options"
            form.blame(f"{prefix}description", "APPLICATION_COMMAND_CONTEXT_MENU_CANNOT", words)
    form.check()


def _key(body: Json) -> tuple[int, str]:
    return int(body.get("type") or CHAT_INPUT), str(body.get("name"))


def _check_counts(given: list[Json]) -> None:
    keys = [_key(body) for body in given]
    form = Form()
    for n, key in enumerate(keys):
        if key in keys[:n]:
            words = "Application command names must be unique"
            form.blame(f"{n}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", words)
    form.check()
    for kind, most in MOST.items():
        if sum(key[0] == kind for key in keys) > most:
            raise refuse(30032)


def _check_options(options: list[Json], path: str, form: Form, *, depth: int) -> None:
    form.count(path, options, 0, 25)
    seen_optional = False
    for n, option in enumerate(options):
        here = f"{path}.{n}"
        fields.only(option, _OPTION_FIELDS, "command option")
        _check_name(f"{here}.name", option.get("name"), form)
        form.length(f"{here}.description", option.get("description"), 1, 100)
        kind = option.get("type", 0)
        if kind in (SUBCOMMAND, GROUP):
            if depth + kind > 3 - depth:
                form.blame(here, "INVALID", "Subcommands nest one group deep at most")
            _check_options(option.get("options") or [], f"{here}.options", form, depth=depth + 1)
            continue
        if option.get("required") and seen_optional:
            words = "Required options must be placed before non-required options"
            form.blame(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words)
        seen_optional = seen_optional or not option.get("required")
        _check_value_option(option, here, form)


def _check_value_option(option: Json, path: str, form: Form) -> None:
    if option.get("type") not in range(STRING, ATTACHMENT + 1):
        form.blame(f"{path}.type", "BASE_TYPE_CHOICES", "Unknown option type")
    choices = option.get("choices") or []
    form.count(f"{path}.choices", choices, 0, 25)
    for n, choice in enumerate(choices):
        fields.only(choice, _CHOICE_FIELDS, "command option choice")
        form.length(f"{path}.choices.{n}.name", choice.get("name"), 1, 100)
    if choices and option.get("autocomplete"):
        words = "Choices and autocomplete exclude each other"
        form.blame(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", words)


def _check_name(path: str, name: object, form: Form) -> None:
    form.length(path, name, 1, 32)
    if not isinstance(name, str) or not _NAME.match(name) or name != name.lower():
        words = "Command name is invalid"
        form.blame(path, "APPLICATION_COMMAND_INVALID_NAME", words)


def _characters(body: Json) -> int:
    own = len(body.get("name") or "") + len(body.get("description") or "")
    own += len(str(body["value"])) if "value" in body else 0
    inner = [*(body.get("options") or []), *(body.get("choices") or [])]
    return own + sum(_characters(one) for one in inner)


def _count_creates(world: World, guild_id: int | None, count: int) -> None:
    """Discord takes 200 new commands a day and scope."""
    now = world.clock.now()
    made = world.command_creates.get(guild_id or 0, [])
    made = [moment for moment in made if now - moment < DAY_SECONDS]
    if len(made) + count > CREATES_PER_DAY:
        raise refuse(30034)
    world.command_creates[guild_id or 0] = made + [now] * count


def _store(world: World, guild_id: int | None, body: Json, old: Command | None) -> Command:
    kind, name = _key(body)
    command_id = world.ids.new() if old is None else old.id
    command = Command(command_id, name, kind, guild_id, world.ids.new(), dict(body))
    world.commands[command_id] = command
    return command
