"""Our posts in discord.py's terms."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import discord

from bot.domain import PersonId, Private, Upload
from bot.ports import Button, File, Select

_PICTURE = re.compile(r"(?:SPOILER_)?image-(?P<number>[1-9])\.[a-z]+")


def view_of(buttons: Sequence[Button], selects: Sequence[Select] = ()) -> discord.ui.View | None:
    """Make the rows of selects and buttons under a message.

    The view is finished before it is sent: discord.py then does not keep it. Presses come back
    through `cogs._buttons`, which knows a button by its `custom_id` alone, also after a restart.
    """
    if not buttons and not selects:
        return None
    view = discord.ui.View(timeout=None)
    for select in selects:
        view.add_item(
            discord.ui.Select[discord.ui.View](
                custom_id=select.custom_id,
                placeholder=select.placeholder,
                options=[
                    discord.SelectOption(
                        label=choice.label,
                        value=choice.value,
                        default=choice.is_chosen,
                        description=choice.description or None,
                    )
                    for choice in select.choices
                ],
            )
        )
    for button in buttons:
        style = discord.ButtonStyle.danger if button.danger else discord.ButtonStyle.secondary
        view.add_item(
            discord.ui.Button(
                custom_id=button.custom_id,
                label=button.label,
                emoji=button.emoji,
                style=style,
                row=button.row,
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


def pictures_of(message: discord.Message) -> dict[int, Upload]:
    """Give the pictures of a result that stands in a message of ours, by position."""
    found = {}
    for each in message.attachments:
        named = _PICTURE.match(each.filename)
        if named:
            url, kind = Private(each.url), each.content_type or ""
            found[int(named["number"]) - 1] = Upload(url, each.size, kind, is_made_here=True)
    return found


def mentions_of(person: PersonId | None) -> discord.AllowedMentions:
    """Allow a message to notify this person and nobody else."""
    if person is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(person)]
    )
