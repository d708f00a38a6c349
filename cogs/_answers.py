"""What somebody asked, out of Discord's terms; and our posts, into an ephemeral answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import aiohttp
import discord

from bot import log
from bot.client.client import ALREADY_ACKNOWLEDGED
from bot.client.components import files_of, view_of
from bot.client.permissions import permission_names
from bot.domain import Entitlement, Where
from bot.policy.authority import OF_MODERATORS
from bot.ports import Post

Interaction = discord.Interaction[discord.Client]


MOST_CHOICES = 25
"""Choices that Discord shows at most."""

PATIENCE_SECONDS = 1.0
"""How long each look into the memory may take for a list of choices, of which there are two at
most: whether somebody is served, and what there is. Discord waits three seconds."""

Given = TypeVar("Given")


async def in_time(found: Awaitable[Given], otherwise: Given) -> Given:
    """Give what is found while Discord still waits for choices, else something else."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await found
    except TimeoutError:
        return otherwise


async def acknowledge(interaction: Interaction) -> None:
    """Give the first response, before any other work: deferred, ephemeral, within 250 ms.

    When the connection breaks it is said once more: Discord tells whether it had heard. Once it was
    given, nothing more is done.
    """
    await _deferred(interaction, in_place=False)


async def _deferred(interaction: Interaction, *, in_place: bool) -> None:
    if interaction.response.is_done():
        return
    for attempt in (1, 2):
        try:
            await interaction.response.defer(ephemeral=True, thinking=not in_place)
        except (aiohttp.ClientError, OSError):
            if attempt == 2:
                raise
        except discord.HTTPException as trouble:
            if trouble.code != ALREADY_ACKNOWLEDGED:
                raise
            return
        else:
            return


async def acknowledge_in_place(interaction: Interaction) -> None:
    """Give the first response to a press in a screen that the person alone sees: what is answered
    replaces the screen. Under any other message it is a new ephemeral answer.
    """
    screen = interaction.message
    if screen is None or not screen.flags.ephemeral:
        await acknowledge(interaction)
        return
    await _deferred(interaction, in_place=True)


async def answer(interaction: Interaction, post: Post) -> None:
    """Say something to the person alone.

    What it answers has happened already: a lost answer is logged, not taken for a failed deed.
    """
    try:
        await interaction.edit_original_response(
            content=post.content,
            view=view_of(post.buttons, post.selects),
            attachments=files_of(post.files) or discord.utils.MISSING,
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError) as trouble:
        log.event("answer.lost", fault=trouble)


async def answer_pages(interaction: Interaction, pages: Sequence[str]) -> None:
    """Say more than one message holds: the first as the answer, the others behind it."""
    await answer(interaction, Post(pages[0]))
    for page in pages[1:]:
        try:
            await interaction.followup.send(page, ephemeral=True)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as trouble:
            log.event("answer.lost", fault=trouble)
            return


def value_of(interaction: Interaction) -> str:
    """Give what was chosen in a select; empty for a button."""
    data: Mapping[str, Any] = interaction.data or {}
    return str(next(iter(data.get("values", ())), ""))


def custom_ids_of(message: discord.Message) -> tuple[str, ...]:
    """Name the buttons of a message that was pressed."""
    return tuple(
        item.custom_id
        for row in message.components
        for item in getattr(row, "children", ())
        if getattr(item, "custom_id", None)
    )


def where_of(interaction: Interaction) -> Where:
    """Read the place and what may be done there from the interaction itself."""
    channel, user = interaction.channel, interaction.user
    in_guild = interaction.guild_id is not None
    return Where(
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        is_thread=isinstance(channel, discord.Thread),
        is_forum=isinstance(channel, discord.ForumChannel),
        bot_may=permission_names(interaction.app_permissions) if in_guild else frozenset(),
        asker_may=_asker_may(interaction) if in_guild else frozenset(),
        asker_timed_out=isinstance(user, discord.Member) and user.is_timed_out(),
        parent_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        is_age_restricted=_is_age_restricted(channel),
        upload_limit_bytes=interaction.filesize_limit,
    )


def roles_of(interaction: Interaction) -> frozenset[int]:
    """Give the ids of the roles the person has in this server."""
    user = interaction.user
    return (
        frozenset(role.id for role in user.roles)
        if isinstance(user, discord.Member)
        else frozenset()
    )


def entitlements_of(interaction: Interaction) -> tuple[Entitlement, ...]:
    """Give what the person, or this server, has through Discord now."""
    return tuple(
        Entitlement(each.id, each.sku_id, int(each.ends_at.timestamp()) if each.ends_at else None)
        for each in interaction.entitlements
        if not each.deleted and not each.consumed and has_begun(each, interaction.created_at)
    )


def has_begun(one: discord.Entitlement, now: datetime) -> bool:
    """Whether it holds already: what is bought for later has a start."""
    return one.starts_at is None or one.starts_at <= now


def _asker_may(interaction: Interaction) -> frozenset[str]:
    """Give what somebody may do in this channel; of what makes a moderator of the whole server,
    only what they hold in all of it. Bots lend Manage Messages to whoever opens a voice channel.
    """
    user, here = interaction.user, permission_names(interaction.permissions)
    everywhere = (
        permission_names(user.guild_permissions)
        if isinstance(user, discord.Member)
        else frozenset[str]()
    )
    return here - (OF_MODERATORS - everywhere)


def _is_age_restricted(channel: object) -> bool:
    """Whether Discord shows a channel to adults only; a thread is as its parent."""
    asks = getattr(channel, "is_nsfw", None)
    return bool(asks()) if asks else False
