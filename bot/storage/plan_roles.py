"""Which roles of a server give which plans there, and the best plan that they may give."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from bot.storage.database import Transaction, many, one


@dataclass(frozen=True)
class Mapped:
    """What a server's roles give. `ceiling` is the operator's word; None: they may give nothing."""

    ceiling: str | None = None
    roles: dict[int, str] = field(default_factory=dict)


async def of(tx: Transaction, guild_id: int) -> Mapped:
    """Give what holds in a server."""
    row = await one(tx, "SELECT plan FROM plan_ceilings WHERE guild_id = ?", (guild_id,))
    rows = await many(
        tx, "SELECT role_id, plan FROM plan_roles WHERE guild_id = ? ORDER BY role_id", (guild_id,)
    )
    return Mapped(row["plan"] if row else None, {each["role_id"]: each["plan"] for each in rows})


async def map_role(tx: Transaction, guild_id: int, role_id: int, plan: str) -> None:
    """Let a role give a plan, in place of the one it gave."""
    await tx.execute(
        "INSERT OR REPLACE INTO plan_roles VALUES (?, ?, ?)", (guild_id, role_id, plan)
    )


async def unmap(tx: Transaction, guild_id: int, role_id: int) -> bool:
    """Let a role give nothing; says whether it gave a plan."""
    cursor = await tx.execute(
        "DELETE FROM plan_roles WHERE guild_id = ? AND role_id = ?", (guild_id, role_id)
    )
    return cursor.rowcount == 1


async def set_ceiling(tx: Transaction, guild_id: int, plan: str | None) -> None:
    """Set the best plan that a server's roles may give; None: they may give nothing."""
    await tx.execute("DELETE FROM plan_ceilings WHERE guild_id = ?", (guild_id,))
    if plan is not None:
        await tx.execute("INSERT INTO plan_ceilings VALUES (?, ?)", (guild_id, plan))


async def drop(tx: Transaction, guild_id: int, roles: Collection[int]) -> None:
    """Let some roles give nothing any more."""
    await tx.executemany(
        "DELETE FROM plan_roles WHERE guild_id = ? AND role_id = ?",
        [(guild_id, role) for role in roles],
    )


async def servers(tx: Transaction) -> list[int]:
    """Name the servers with a ceiling or a role that gives a plan."""
    rows = await many(
        tx, "SELECT guild_id FROM plan_ceilings UNION SELECT guild_id FROM plan_roles ORDER BY 1"
    )
    return [row["guild_id"] for row in rows]
