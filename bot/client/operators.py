"""Who runs this bot, as Discord says it: the application's owner, or who may change it in a team.

Asked each time: nobody keeps a power that was taken from them.
"""

from __future__ import annotations

import discord
from discord import TeamMemberRole, TeamMembershipState

from bot.domain import PersonId

_MAY = {TeamMemberRole.admin, TeamMemberRole.developer}


async def is_operator(client: discord.Client, person: PersonId) -> bool:
    """Say whether somebody is one of them now."""
    return person in operators_of(await client.application_info())


def operators_of(application: discord.AppInfo) -> frozenset[PersonId]:
    """Name them. Of a team: its owner, admins and developers who accepted; none who only reads."""
    team = application.team
    if team is None:
        return frozenset({PersonId(application.owner.id)})
    working = {
        PersonId(member.id)
        for member in team.members
        if member.membership_state is TeamMembershipState.accepted
        and (member.id == team.owner_id or member.role in _MAY)
    }
    return frozenset(working)
