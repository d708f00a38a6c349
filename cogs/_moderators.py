"""The door for moderators: who they are is asked at every command, press and form."""

from __future__ import annotations

from bot import words
from bot.domain import Moderator, PersonId, Refusal
from bot.ports import Post
from bot.services.authorise import Authorise
from cogs._answers import Interaction, acknowledge, answer, roles_of, where_of


async def moderator(
    interaction: Interaction, authorise: Authorise, *, must_manage: bool = False
) -> Moderator | None:
    """Acknowledge, and give the moderator who asks; None when they were told that they are none."""
    await acknowledge(interaction)
    who = await authorise(
        PersonId(interaction.user.id),
        where_of(interaction),
        roles_of(interaction),
        must_manage=must_manage,
    )
    if isinstance(who, Refusal):
        await answer(interaction, Post(words.refused(who)))
        return None
    return who
