"""Entitlements: who has a right to what is sold, given, taken and used up."""

from __future__ import annotations

from bot.sandbox import serialise
from bot.sandbox.entities import Entitlement
from bot.sandbox.errors import refuse, wrong
from bot.sandbox.events import GatewayEvent
from bot.sandbox.world import World

CONSUMABLE = 3
OF_GUILD, OF_USER = 1, 2


def active(world: World, user_id: int, guild_id: int | None) -> list[Entitlement]:
    """What an interaction carries: the live rights of this person and of this guild."""
    return [
        one
        for one in world.entitlements.values()
        if is_active(world, one)
        and (one.user_id == user_id if one.guild_id is None else one.guild_id == guild_id)
    ]


def is_active(world: World, one: Entitlement) -> bool:
    """Whether this right holds now."""
    ended = one.ends_at is not None and one.ends_at <= world.clock.now()
    return not (one.deleted or one.consumed or ended)


def find(world: World, entitlement_id: int) -> Entitlement:
    """An entitlement, else 10029."""
    found = world.entitlements.get(entitlement_id)
    if found is None or found.deleted:
        raise refuse(10029)
    return found


def give(
    world: World,
    sku_id: int,
    *,
    user_id: int | None = None,
    guild_id: int | None = None,
    test: bool = False,
    ends_at: float | None = None,
) -> Entitlement:
    """Give somebody, or a guild, a right."""
    if sku_id not in world.skus:
        raise wrong("sku_id", "SKU_NOT_FOUND", "Unknown SKU")
    starts_at = None if test else world.clock.now()
    made = Entitlement(world.ids.new(), sku_id, user_id, guild_id, test, starts_at, ends_at)
    world.entitlements[made.id] = made
    _tell(world, made, "ENTITLEMENT_CREATE")
    return made


def change_end(world: World, one: Entitlement, ends_at: float | None) -> None:
    """Let a right end at another time, or never."""
    one.ends_at = ends_at
    _tell(world, one, "ENTITLEMENT_UPDATE")


def take(world: World, one: Entitlement) -> None:
    """Take a right away."""
    one.deleted = True
    _tell(world, one, "ENTITLEMENT_DELETE")


def consume(world: World, one: Entitlement) -> None:
    """Use up a consumable right."""
    if world.skus[one.sku_id].type != CONSUMABLE:
        raise wrong("sku_id", "INVALID", "This entitlement cannot be consumed")
    one.consumed = True
    _tell(world, one, "ENTITLEMENT_UPDATE")


def _tell(world: World, one: Entitlement, name: str) -> None:
    world.emit(GatewayEvent(name, serialise.entitlement(world, one)))
