"""Who may moderate a server: by what Discord says of them in this very interaction.

`default_permissions` of a command only decide who sees it, and a server may change them
(https://discord.com/developers/docs/interactions/application-commands#permissions). What counts is
here.
"""

from __future__ import annotations

from bot.domain import Cause, Moderator, PersonId, Refusal, Where

MODERATE = "manage_messages"
MANAGE = "manage_guild"
OF_MODERATORS = frozenset({MODERATE, MANAGE})


def moderator_of(
    person: PersonId,
    where: Where,
    *,
    role_ids: frozenset[int],
    moderator_role: int | None,
    must_manage: bool = False,
) -> Moderator | Refusal:
    """Say whether somebody may moderate the server they speak in.

    That is whoever holds Manage Messages or Manage Server there, in the whole server and not in one
    channel of it, or the server's moderator role.
    `must_manage` asks for Manage Server itself: for what changes who has power, or takes all.
    """
    if where.guild_id is None:
        return Refusal(Cause.SERVER_ONLY)
    manages = MANAGE in where.asker_may
    if must_manage and not manages:
        return Refusal(Cause.NEEDS_MANAGE_SERVER)
    if manages or MODERATE in where.asker_may or moderator_role in role_ids:
        return Moderator(person=person, guild_id=where.guild_id, manages=manages)
    return Refusal(Cause.NOT_A_MODERATOR)


def still_moderates(
    may: frozenset[str],
    role_ids: frozenset[int],
    *,
    moderator_role: int | None,
    must_manage: bool = False,
) -> bool:
    """Say whether somebody who began something as a moderator is one now, when it goes on.

    `may` are the permissions that Discord says they hold in the whole server.
    """
    if MANAGE in may or must_manage:
        return MANAGE in may
    return MODERATE in may or moderator_role in role_ids
