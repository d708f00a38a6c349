"""`darkroom plan`: the best plan that the roles of a server may give, by the operator's word.

It works beside a running bot, which heeds it at once, and at rest.
"""

from __future__ import annotations

from pathlib import Path

import click

from bot.beside import in_folder, join, run
from bot.errors import StartFault
from bot.operating import id_of
from bot.policy import plans
from bot.policy.plansfile import NO_PLAN
from bot.ports import SystemClock
from bot.settings import Settings
from bot.shelf import read_shelf
from bot.storage import audit, plan_roles
from bot.storage.audit import HOUSE, Act, Actor, Deed
from bot.storage.memory import Memory


@click.group()
def plan() -> None:
    """Say which plans the roles of a server may give."""


@plan.command()
@click.argument("server_id")
@click.argument("best", metavar="PLAN")
@click.option("--drop", is_flag=True, help="Roles that give a better plan give none any more.")
@in_folder
def ceiling(server_id: str, best: str, drop: bool, data: Path | None) -> None:
    """Let a server's roles give plans up to PLAN; `none` lets them give nothing.

    Without a ceiling they can give nothing. `/plan map` in the server maps them.
    """
    run(data, lambda chosen: _set(chosen, server_id, best, may_drop=drop))


@plan.command(name="list")
@in_folder
def list_command(data: Path | None) -> None:
    """Show your plans, best last, and each server's ceiling with how many roles give plans."""
    run(data, _list)


async def _set(chosen: Settings, server_id: str, best: str, *, may_drop: bool) -> None:
    guild_id, shelf = id_of(server_id), read_shelf(chosen).plans
    is_none = best.strip().casefold() == NO_PLAN
    named = None if is_none else plans.named(shelf[1:], best)
    if named is None and not is_none:
        there = ", ".join(each.name for each in shelf[1:]) or "no plan but everybody's"
        raise StartFault(f"there is no such plan to give; there is {there}, or {NO_PLAN}")
    top = named.name if named else None
    memory = await join(chosen)
    try:
        dropped = await _within(memory, guild_id, top, shelf, may_drop=may_drop)
    finally:
        await memory.close()
    said = f"roles of this server may give plans up to {top}" if top else "its roles give no plan"
    click.echo(f"{said}; mappings dropped: {dropped}" if dropped else said)


async def _within(
    memory: Memory, guild_id: int, top: str | None, shelf: tuple[plans.Plan, ...], *, may_drop: bool
) -> int:
    """Set it in one transaction; says how many mappings had to go."""
    lets = {each.name for each in plans.up_to(shelf, top)}
    async with memory.db.transaction() as tx:
        before = await plan_roles.of(tx, guild_id)
        above = {role: gives for role, gives in before.roles.items() if gives not in lets}
        if above and not may_drop:
            roles = ", ".join(f"role {role} gives {gives}" for role, gives in above.items())
            raise StartFault(
                f"roles of this server give more than that: {roles}. Nothing was changed; give "
                "--drop to take these mappings back, or have `/plan unmap` said there first"
            )
        await plan_roles.drop(tx, guild_id, above)
        await plan_roles.set_ceiling(tx, guild_id, top)
        act = Act(
            actor=Actor.OPERATOR, by="", act=Deed.PLAN_CEILING, scope=f"plan={top or NO_PLAN}"
        )
        await audit.append(tx, memory.keys, HOUSE, act, now=SystemClock().now())
    return len(above)


async def _list(chosen: Settings) -> None:
    shelf = read_shelf(chosen).plans
    click.echo(f"plans, best last: {', '.join(each.name for each in shelf)}")
    memory = await join(chosen)
    try:
        async with memory.db.read() as tx:
            held = {guild: await plan_roles.of(tx, guild) for guild in await plan_roles.servers(tx)}
    finally:
        await memory.close()
    for guild, mapped in held.items():
        click.echo(
            f"{guild}  up to {mapped.ceiling or NO_PLAN}  roles that give one: {len(mapped.roles)}"
        )
    if not held:
        click.echo("no server has a ceiling: its roles can give nothing")
