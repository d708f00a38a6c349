"""Our posts in discord.py's terms."""

from __future__ import annotations

import io
from collections.abc import Sequence

import discord

from bot.domain import PersonId
from bot.ports import Button, File


def view_of(buttons: Sequence[Button]) -> discord.ui.View | None:
    """Make a row of buttons.

    The view is finished before it is sent: discord.py then does not keep it. Presses come back
    through `cogs._buttons`, which knows a button by its `custom_id` alone, also after a restart.
    """
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for button in buttons:
        style = discord.ButtonStyle.danger if button.danger else discord.ButtonStyle.secondary
        view.add_item(
            discord.ui.Button(
                custom_id=button.custom_id, label=button.label, emoji=button.emoji, style=style
            )
        )
    view.stop()
    return view


def files_of(files: Sequence[File]) -> list[discord.File]:
    """Make uploads. A `discord.File` cannot be sent twice: make new ones for each attempt."""
    return [
        discord.File(
            io.BytesIO(file.content),
            filename=file.filename,
            description=file.description or None,
        )
        for file in files
    ]


def mentions_of(person: PersonId | None) -> discord.AllowedMentions:
    """Allow a message to notify this person and nobody else."""
    if person is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(person)]
    )
