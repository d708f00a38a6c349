"""Changing the world by hand: the words of `POST /world` and of `PATCH /people/{user}`.

Each word of `POST /world` takes one object or a list of them; what is not there yet is made, what
is there is changed, `"delete": true` removes it:

| word | names |
|---|---|
| `person` | `name`, `display_name`, `guilds` (a list), and all of `PATCH /people/{user}` |
| `guild` | `name`, `owner`, `boost_tier`, `locale`, `id` |
| `role` | `guild`, `name`, `permissions` (names or a number), `delete` |
| `channel` | `guild`, `name`, `type`, `nsfw`, `topic`, `overwrites`, `delete` |
| `thread` | `parent`, `name`, `private`, `members`, `archived`, `locked`, `delete` |
| `member` | `guild`, `person`, `roles`, `nick`, `timeout_seconds`, `delete` |
| `bot` | `guild`, `present` (false: thrown out), `permissions`, `roles`, `timeout_seconds` |
| `sku` | `name`, `slug`, `type` |
"""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox import entities, fields, happenings, names, permissions, premium
from bot.sandbox.clock import from_iso
from bot.sandbox.entities import Channel, Guild, Json, Overwrite, Role, Sku, User
from bot.sandbox.errors import ClientError
from bot.sandbox.events import Glimpse
from bot.sandbox.inputs import need, seconds
from bot.sandbox.shipped_world import BOT_PERMISSIONS
from bot.sandbox.world import World

PERSON_WORDS = frozenset(
    {"dms", "roles", "entitlements", "nick", "timeout_seconds", "locale", "display_name"}
    | {"age_restricted_dms"}
)
CHANNEL_TYPES = {
    "text": entities.TEXT,
    "voice": entities.VOICE,
    "category": entities.CATEGORY,
    "announcement": entities.ANNOUNCEMENT,
    "stage": entities.STAGE,
    "forum": entities.FORUM,
}


def change_world(world: World, given: Json) -> Json:
    """Do everything that a `POST /world` says; answers the ids of what it touched."""
    done: Json = {}
    for word, (known, make) in _MAKERS.items():
        wanted = given.get(word) or []
        for one in wanted if isinstance(wanted, list) else [wanted]:
            fields.only_for_people(one, known, f"{word!r}")
            done.setdefault(word, []).append(str(make(world, one)))
    world.emit(Glimpse("world", 0))
    return done


def change_person(world: World, who: User, given: Json) -> None:
    """Do everything that a `PATCH /people/{user}` says."""
    fields.only_for_people(given, PERSON_WORDS, "a person")
    if given.get("dms", "open") not in ("open", "closed"):
        raise ClientError("'dms' is 'open' or 'closed'")
    for name in ("dms", "locale", "display_name", "age_restricted_dms"):
        if name in given:
            setattr(who, name, given[name])
    by_guild = _roles_by_guild(world, who, given.get("roles"))
    for guild_id, roles in by_guild.items():
        _change_member(world, world.guilds[guild_id], who, {"roles": roles})
    more: Json = {k: v for k, v in given.items() if k in ("nick", "timeout_seconds")}
    if more:
        for guild in _guilds_of(world, who):
            _change_member(world, guild, who, more)
    if "entitlements" in given:
        _change_entitlements(world, who, given["entitlements"])
    world.emit(Glimpse("world", 0))


def _guilds_of(world: World, who: User) -> list[Guild]:
    return [guild for guild in world.guilds.values() if who.id in guild.members]


def _roles_by_guild(world: World, who: User, given: object) -> dict[int, list[str]]:
    """Roles as `{"Server": ["Role"]}`, or as a plain list for somebody in one server only."""
    if given is None:
        return {}
    if isinstance(given, dict):
        return {names.guild(world, name).id: list(roles) for name, roles in given.items()}
    mine = _guilds_of(world, who)
    if not isinstance(given, list) or len(mine) != 1:
        raise ClientError('\'roles\' is {"server": ["role", …]}')
    return {mine[0].id: given}


def _change_entitlements(world: World, who: User, given: list[Json | str]) -> None:
    """Make these the person's live entitlements: missing ones begin, others are taken away."""
    wanted = [{"sku": one} if isinstance(one, str) else one for one in given]
    ends: dict[int, float | None] = {}
    for one in wanted:
        fields.only_for_people(one, ("sku", "ends_at", "ends_in_seconds"), "an entitlement")
        ends[names.sku(world, need(one, "sku")).id] = _end(world, one)
    live = {
        one.sku_id: one
        for one in world.entitlements.values()
        if one.user_id == who.id and premium.is_active(world, one)
    }
    for sku_id, right in live.items():
        if sku_id not in ends:
            premium.take(world, right)
        elif right.ends_at != ends[sku_id]:
            premium.change_end(world, right, ends[sku_id])
    for sku_id, ends_at in ends.items():
        if sku_id not in live:
            premium.give(world, sku_id, user_id=who.id, ends_at=ends_at)


def _end(world: World, given: Json) -> float | None:
    if given.get("ends_at") is not None:
        return from_iso(str(given["ends_at"]))
    ends_in = given.get("ends_in_seconds")
    return None if ends_in is None else world.clock.now() + seconds(ends_in, "ends_in_seconds")


def _make_person(world: World, given: Json) -> int:
    name = str(need(given, "name"))
    known = {one.name: one for one in world.users.values()}
    who = known.get(name) or User(world.ids.new(), name, name.title())
    world.users[who.id] = who
    for guild_name in given.get("guilds") or []:
        guild = names.guild(world, guild_name)
        if who.id not in guild.members:
            happenings.add_member(world, guild, who)
    change_person(world, who, {k: v for k, v in given.items() if k in PERSON_WORDS})
    return who.id


def _make_guild(world: World, given: Json) -> int:
    name = str(need(given, "name"))
    guild = next((one for one in world.guilds.values() if one.name == name), None)
    if guild is None:
        owner = names.user(world, need(given, "owner"))
        guild_id = int(given.get("id") or world.ids.new())
        guild = happenings.add_guild(world, guild_id, name, owner.id)
    if "owner" in given:
        guild.owner_id = names.user(world, given["owner"]).id
    guild.boost_tier = int(given.get("boost_tier", guild.boost_tier))
    guild.locale = str(given.get("locale", guild.locale))
    if not 0 <= guild.boost_tier <= 3:
        raise ClientError("a boost tier is 0 to 3")
    if "outage" in given:
        happenings.outage(world, guild, is_over=not given["outage"])
        return guild.id
    happenings.changed_guild(world, guild)
    return guild.id


def _make_role(world: World, given: Json) -> int:
    guild, name = names.guild(world, need(given, "guild")), str(need(given, "name"))
    wanted = name.removeprefix("@")
    found = next(
        (one for one in guild.roles.values() if one.name.removeprefix("@") == wanted), None
    )
    if found is None:
        position = len(guild.roles)
        found = happenings.add_role(world, guild, Role(world.ids.new(), name, 0, position))
    if given.get("delete"):
        happenings.remove_role(world, guild, found)
        return found.id
    if "permissions" in given:
        found.permissions = _bits(given["permissions"])
        happenings.changed_role(world, guild, found)
    return found.id


def _bits(given: int | str | list[str]) -> int:
    try:
        return permissions.parse(given)
    except (KeyError, ValueError):
        raise ClientError(f"the sandbox does not know the permissions {given!r}") from None


def _make_channel(world: World, given: Json) -> int:
    guild, name = names.guild(world, need(given, "guild")), str(need(given, "name"))
    kind = CHANNEL_TYPES.get(given.get("type", "text"))
    if kind is None:
        raise ClientError(f"a channel's type is one of: {', '.join(CHANNEL_TYPES)}")
    here = [one for one in world.channels_of(guild.id) if not one.is_thread]
    found = next((one for one in here if name in (one.name, str(one.id))), None)
    if given.get("delete"):
        if found is None:
            raise ClientError(f"{guild.name} has no channel {name!r}", status=404)
        happenings.remove_channel(world, found)
        return found.id
    is_new = found is None
    found = found or Channel(world.ids.new(), kind, name, guild.id, position=len(here))
    found.nsfw = bool(given.get("nsfw", found.nsfw))
    found.topic = given.get("topic", found.topic)
    if "overwrites" in given:
        found.overwrites = [_overwrite(world, guild, one) for one in given["overwrites"]]
    (happenings.add_channel if is_new else happenings.changed_channel)(world, found)
    return found.id


def _overwrite(world: World, guild: Guild, given: Json) -> Overwrite:
    """One of `{"role" or "person": name, "allow": […], "deny": […]}`."""
    fields.only_for_people(given, ("role", "person", "allow", "deny"), "an overwrite")
    allow, deny = _bits(given.get("allow") or 0), _bits(given.get("deny") or 0)
    if "person" in given:
        return Overwrite(names.user(world, given["person"]).id, 1, allow, deny)
    return Overwrite(names.role(guild, need(given, "role")).id, 0, allow, deny)


def _make_thread(world: World, given: Json) -> int:
    parent, name = names.channel(world, need(given, "parent")), str(need(given, "name"))
    found = next(
        (one for one in world.channels.values() if one.parent_id == parent.id and one.name == name),
        None,
    )
    if given.get("delete") and found is not None:
        happenings.remove_channel(world, found)
        return found.id
    is_new = found is None
    private = bool(given.get("private"))
    kind = entities.PRIVATE_THREAD if private else entities.PUBLIC_THREAD
    found = found or Channel(world.ids.new(), kind, name, parent.guild_id, parent_id=parent.id)
    found.archived = bool(given.get("archived", found.archived))
    found.locked = bool(given.get("locked", found.locked))
    for one in given.get("members") or []:
        found.thread_members.append(names.user(world, one).id)
    found.owner_id = found.owner_id or next(iter(found.thread_members), world.bot.id)
    (happenings.add_channel if is_new else happenings.changed_channel)(world, found)
    return found.id


def _make_member(world: World, given: Json) -> int:
    guild = names.guild(world, need(given, "guild"))
    who = names.user(world, need(given, "person"))
    if given.get("delete"):
        if who.id in guild.members:
            happenings.remove_member(world, guild, who)
        return who.id
    if who.id not in guild.members:
        happenings.add_member(world, guild, who)
    _change_member(world, guild, who, given)
    return who.id


def _make_bot(world: World, given: Json) -> int:
    guild = names.guild(world, need(given, "guild"))
    if given.get("present") is False:
        happenings.kick_bot(world, guild)
        return world.bot.id
    own = _bits(given.get("permissions", BOT_PERMISSIONS))
    happenings.add_bot(world, guild, own)
    if "permissions" in given:
        role = next(r for r in guild.roles.values() if r.managed_by == world.bot.id)
        role.permissions = own
        happenings.changed_role(world, guild, role)
    _change_member(world, guild, world.bot, given)
    return world.bot.id


def _make_sku(world: World, given: Json) -> int:
    name = str(need(given, "name"))
    found = next((one for one in world.skus.values() if one.name == name), None)
    slug = str(given.get("slug", name.lower()))
    found = found or Sku(world.ids.new(), name, slug, int(given.get("type", 5)))
    world.skus[found.id] = found
    return found.id


def _change_member(world: World, guild: Guild, who: User, given: Json) -> None:
    """Roles, nick and time-out of a member."""
    if who.id not in guild.members:
        raise ClientError(f"{who.name} is not in {guild.name}")
    member = guild.members[who.id]
    before = (list(member.roles), member.nick, member.timed_out_until)
    if "roles" in given:
        managed = [one for one in member.roles if guild.roles[one].managed_by is not None]
        member.roles = managed + [names.role(guild, one).id for one in given["roles"]]
    member.nick = given.get("nick", member.nick)
    if "timeout_seconds" in given:
        member.timed_out_until = _time_out(world, given["timeout_seconds"])
    if before != (list(member.roles), member.nick, member.timed_out_until):
        happenings.changed_member(world, guild, member)


def _time_out(world: World, given: float | None) -> float | None:
    return world.clock.now() + seconds(given, "timeout_seconds") if given else None


_Maker = Callable[[World, Json], int]
_MAKERS: dict[str, tuple[frozenset[str], _Maker]] = {
    "guild": (
        frozenset({"name", "owner", "boost_tier", "locale", "id", "outage"}),
        _make_guild,
    ),
    "role": (frozenset({"guild", "name", "permissions", "delete"}), _make_role),
    "person": (frozenset({"name", "guilds"}) | PERSON_WORDS, _make_person),
    "member": (
        frozenset({"guild", "person", "roles", "nick", "timeout_seconds", "delete"}),
        _make_member,
    ),
    "bot": (
        frozenset({"guild", "present", "permissions", "roles", "timeout_seconds"}),
        _make_bot,
    ),
    "channel": (
        frozenset({"guild", "name", "type", "nsfw", "topic", "overwrites", "delete"}),
        _make_channel,
    ),
    "thread": (
        frozenset({"parent", "name", "private", "members", "archived", "locked", "delete"}),
        _make_thread,
    ),
    "sku": (frozenset({"name", "slug", "type"}), _make_sku),
}
WORLD_WORDS = frozenset(_MAKERS)
