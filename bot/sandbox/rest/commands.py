"""The bot's commands, global and of one guild; what it sells, and who has a right to it."""

from __future__ import annotations

from bot.sandbox import commands, fields, premium, serialise
from bot.sandbox.entities import Entitlement, Json
from bot.sandbox.errors import GapError, refuse, wrong
from bot.sandbox.rest.table import Call, Reply, Table

routes = Table()
_APP = "/applications/{application_id}"
_COMMAND = frozenset(
    {"name", "name_localizations", "description", "description_localizations", "options", "type"}
    | {"default_member_permissions", "dm_permission", "nsfw", "contexts", "integration_types"}
)


def _scope(call: Call) -> int | None:
    """The guild that the path names, or None for the global commands."""
    if call.id("application_id") != call.world.application.id:
        raise refuse(10002)
    if "guild_id" not in call.path:
        return None
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or call.world.bot.id not in guild.members:
        raise refuse(50001)
    return guild.id


def _list(call: Call) -> list[Json]:
    mine = commands.in_scope(call.world, _scope(call))
    return [commands.serialise(call.world, one) for one in mine]


def _overwrite(call: Call) -> list[Json]:
    if not isinstance(call.body, list):
        raise wrong("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    done = commands.overwrite(call.world, _scope(call), call.body)
    return [commands.serialise(call.world, one) for one in done]


def _upsert(call: Call) -> Reply:
    command, is_new = commands.upsert(call.world, _scope(call), call.json)
    return Reply(commands.serialise(call.world, command), 201 if is_new else 200)


def _get(call: Call) -> Json:
    found = commands.find(call.world, _scope(call), call.id("command_id"))
    return commands.serialise(call.world, found)


def _edit(call: Call) -> Json:
    found = commands.find(call.world, _scope(call), call.id("command_id"))
    return commands.serialise(call.world, commands.edit(call.world, found, call.json))


def _delete(call: Call) -> None:
    found = commands.find(call.world, _scope(call), call.id("command_id"))
    commands.remove(call.world, found)


for _scope_path in (f"{_APP}/commands", f"{_APP}/guilds/{{guild_id}}/commands"):
    _one = f"{_scope_path}/{{command_id}}"
    routes.route("GET", _scope_path, query={"with_localizations"})(_list)
    routes.route("PUT", _scope_path)(_overwrite)
    routes.route("POST", _scope_path, body=_COMMAND)(_upsert)
    routes.route("GET", _one)(_get)
    routes.route("PATCH", _one, body=_COMMAND)(_edit)
    routes.route("DELETE", _one)(_delete)


@routes.route("GET", f"{_APP}/skus")
def list_skus(call: Call) -> list[Json]:
    """What is sold."""
    return [serialise.sku(call.world, one) for one in call.world.skus.values()]


@routes.route(
    "GET",
    f"{_APP}/entitlements",
    query={"user_id", "sku_ids", "before", "after", "limit", "guild_id"}
    | {"exclude_ended", "exclude_deleted"},
)
def list_entitlements(call: Call) -> list[Json]:
    """Rights, filtered as asked; the deleted are left out unless they are asked for."""
    limit = call.number("limit", 100, 1, 100)
    found = [one for one in call.world.entitlements.values() if _matches(call, one)]
    found.sort(key=lambda one: one.id, reverse="after" not in call.query)
    return [serialise.entitlement(call.world, one) for one in found[:limit]]


def _matches(call: Call, one: Entitlement) -> bool:
    query = call.query
    ended = one.ends_at is not None and one.ends_at <= call.world.clock.now()
    skus = query["sku_ids"].split(",") if query.get("sku_ids") else None
    rules = (
        "user_id" not in query or str(one.user_id) == query["user_id"],
        "guild_id" not in query or str(one.guild_id) == query["guild_id"],
        skus is None or str(one.sku_id) in skus,
        "before" not in query or one.id < int(query["before"]),
        "after" not in query or one.id > int(query["after"]),
        not (call.flag("exclude_ended") and ended),
        not (call.flag("exclude_deleted", default=True) and one.deleted),
    )
    return all(rules)


@routes.route("GET", f"{_APP}/entitlements/{{entitlement_id}}")
def get_entitlement(call: Call) -> Json:
    """One right."""
    return serialise.entitlement(call.world, premium.find(call.world, call.id("entitlement_id")))


@routes.route("POST", f"{_APP}/entitlements", body={"sku_id", "owner_id", "owner_type"})
def create_test_entitlement(call: Call) -> Json:
    """A test right, for a guild or a person."""
    owner_id = fields.snowflake(call.json.get("owner_id"), "owner_id")
    sku_id = fields.snowflake(call.json.get("sku_id"), "sku_id")
    kind = call.json.get("owner_type")
    if kind not in (premium.OF_GUILD, premium.OF_USER):
        raise wrong("owner_type", "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")
    owner = {"guild_id": owner_id} if kind == premium.OF_GUILD else {"user_id": owner_id}
    known = call.world.guilds if kind == premium.OF_GUILD else call.world.users
    if owner_id not in known:
        raise refuse(10004 if kind == premium.OF_GUILD else 10013)
    made = premium.give(call.world, sku_id, test=True, **owner)
    return serialise.entitlement(call.world, made)


@routes.route("DELETE", f"{_APP}/entitlements/{{entitlement_id}}")
def delete_test_entitlement(call: Call) -> None:
    """Take a test right away."""
    found = premium.find(call.world, call.id("entitlement_id"))
    if not found.test:
        raise GapError("deleting an entitlement that is no test")
    premium.take(call.world, found)


@routes.route("POST", f"{_APP}/entitlements/{{entitlement_id}}/consume")
def consume_entitlement(call: Call) -> None:
    """Use up a right."""
    premium.consume(call.world, premium.find(call.world, call.id("entitlement_id")))
