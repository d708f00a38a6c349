"""The front door: a cog parses what Discord sends, calls one deed, and answers.

Whatever a person does, the first answer on the wire is ephemeral: a public answer cannot happen by
accident. Public messages are made by `bot.services`, never here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.client.client import DarkroomClient
from bot.policy.plans import Plan
from bot.ports import Messenger
from bot.services.cancel import Cancel
from bot.services.remove import Remove
from bot.services.studio import Studio
from bot.services.submit import Submit
from cogs._buttons import Buttons
from cogs.imagine import Imagine
from cogs.info import Info


@dataclass(frozen=True)
class Deeds:
    """What the doors may ask for."""

    submit: Submit
    cancel: Cancel
    remove: Remove
    studio: Studio
    messenger: Messenger
    plans: tuple[Plan, ...]


async def add_all(client: DarkroomClient, deeds: Deeds) -> None:
    """Open every door."""
    await client.add_cog(Imagine(deeds.submit, deeds.studio))
    await client.add_cog(Info(client.tree, deeds.plans))
    await client.add_cog(Buttons(deeds.cancel, deeds.remove, deeds.messenger))
