"""`/plan`: the plans there are, roles that give them in a server, grants by the operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.client.client import DarkroomClient
from bot.client.operators import is_operator
from bot.domain import Cause, Entitlement, PersonId, Refusal
from bot.policy.authority import MANAGE
from bot.policy.plans import Plan
from bot.ports import Post
from bot.services.assign import Assign
from bot.services.authorise import Authorise
from bot.services.entitle import Entitle
from bot.services.grant import Grant
from bot.services.offer import Offer
from cogs._answers import (
    MOST_CHOICES,
    Interaction,
    acknowledge,
    answer,
    answer_pages,
    has_begun,
    in_time,
    where_of,
)
from cogs._asks import ask_of
from cogs._moderators import moderator

PlanName = app_commands.Range[str, 1, 100]
Choices = list[app_commands.Choice[str]]


@dataclass(frozen=True)
class Planning:
    """What `/plan` asks for."""

    authorise: Authorise
    offer: Offer
    assign: Assign
    grant: Grant
    entitle: Entitle


class Plans(commands.GroupCog, name="plan", description="What plans there are, and who has which"):
    """Shows plans to everybody; changes who has them for those who may."""

    def __init__(self, client: DarkroomClient, planning: Planning) -> None:
        self.client = client
        self.planning = planning

    @app_commands.command(name="show", description="All plans side by side, yours, and why it is")
    async def show(self, interaction: Interaction) -> None:
        """One table; for those who manage the server also what its roles give."""
        await acknowledge(interaction)
        ask = ask_of(interaction, "")
        offered = await self.planning.offer(ask, manages=MANAGE in ask.where.asker_may)
        await answer_pages(interaction, words.plans_shown(offered))

    # --- roles of a server

    @app_commands.command(
        name="map", description="Let a role give a plan in this server; needs Manage Server"
    )
    @app_commands.describe(
        role="Whoever has it has the plan, in this server", plan="The operator says up to which"
    )
    async def map(self, interaction: Interaction, role: discord.Role, plan: PlanName) -> None:
        """Map it, within the operator's ceiling."""
        who = await moderator(interaction, self.planning.authorise, must_manage=True)
        if who is None:
            return
        here = interaction.guild.get_role(role.id) if interaction.guild else None
        if here is None:
            await answer(interaction, Post(words.refused(Refusal(Cause.NOTHING_HERE))))
            return
        if here.is_default() or here.is_bot_managed():
            await answer(interaction, Post(words.refused(Refusal(Cause.PLAN_ROLE))))
            return
        mapped = await self.planning.assign(who, role.id, plan)
        said = (
            words.refused(mapped)
            if isinstance(mapped, Refusal)
            else words.role_mapped(role.id, mapped)
        )
        await answer(interaction, Post(said))

    @app_commands.command(
        name="unmap", description="Let a role give no plan any more; needs Manage Server"
    )
    async def unmap(self, interaction: Interaction, role: discord.Role) -> None:
        """Take a mapping of this server's back."""
        who = await moderator(interaction, self.planning.authorise, must_manage=True)
        if who is not None:
            gave = await self.planning.assign.lift(who, role.id)
            await answer(interaction, Post(words.role_unmapped(role.id, gave=gave)))

    @map.autocomplete("plan")
    async def _mappable(self, interaction: Interaction, current: str) -> Choices:
        """Offer what the ceiling lets, to whoever manages this server."""
        if interaction.guild_id is None or MANAGE not in where_of(interaction).asker_may:
            return []
        offered = await in_time(self.planning.assign.offered(interaction.guild_id), ())
        return _choices(offered, current)

    # --- grants of the operator's

    @app_commands.command(
        name="grant", description="The operator: give somebody a plan until a date"
    )
    @app_commands.describe(until="How long, such as 30d or 1y, or the last day: 2027-01-31")
    async def grant(
        self, interaction: Interaction, user: discord.User, plan: PlanName, until: str
    ) -> None:
        """Grant it; the person is not pinged."""
        operator = await self._operator(interaction)
        if operator is None:
            return
        given = await self.planning.grant(operator, PersonId(user.id), plan, until)
        said = (
            words.refused(given) if isinstance(given, Refusal) else words.granted(user.id, *given)
        )
        await answer(interaction, Post(said))

    @app_commands.command(
        name="revoke", description="The operator: take back a plan that was granted"
    )
    async def revoke(self, interaction: Interaction, user: discord.User) -> None:
        """Revoke it before its end."""
        operator = await self._operator(interaction)
        if operator is not None:
            held = await self.planning.grant.revoke(operator, PersonId(user.id))
            said = words.revoked(user.id, held.plan if held else None)
            await answer(interaction, Post(said))

    @grant.autocomplete("plan")
    async def _grantable(self, _: Interaction, current: str) -> Choices:
        """Offer what not everybody has."""
        return _choices(self.planning.grant.offered(), current)

    async def _operator(self, interaction: Interaction) -> PersonId | None:
        """Acknowledge, and give the operator who asks; None when they were told they are none."""
        await acknowledge(interaction)
        who = PersonId(interaction.user.id)
        if await is_operator(self.client, who):
            return who
        await answer(interaction, Post(words.refused(Refusal(Cause.NOT_THE_OPERATOR))))
        return None

    # --- what Discord tells by itself

    @commands.Cog.listener()
    async def on_entitlement_create(self, one: discord.Entitlement) -> None:
        """Somebody has something through Discord."""
        await self._told(one)

    @commands.Cog.listener()
    async def on_entitlement_update(self, one: discord.Entitlement) -> None:
        """It goes on, ends at another time, or was used up."""
        await self._told(one)

    @commands.Cog.listener()
    async def on_entitlement_delete(self, one: discord.Entitlement) -> None:
        """It was taken back."""
        await self._told(one, has_ended=True)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """What is no role any more gives nothing."""
        await self.planning.assign.role_gone(role.guild.id, role.id)

    async def _told(self, one: discord.Entitlement, *, has_ended: bool = False) -> None:
        """What a whole server has, or begins later, the list of each interaction tells."""
        if one.user_id is None or one.guild_id is not None:
            return
        if not has_begun(one, discord.utils.utcnow()):
            return
        ends_at = int(one.ends_at.timestamp()) if one.ends_at else None
        await self.planning.entitle(
            PersonId(one.user_id),
            Entitlement(one.id, one.sku_id, ends_at),
            has_ended=has_ended or one.deleted or one.consumed,
        )


def _choices(offered: Iterable[Plan], current: str) -> Choices:
    found = [plan.name for plan in offered if current.casefold() in plan.name.casefold()]
    return [app_commands.Choice(name=name, value=name) for name in found[:MOST_CHOICES]]
