"""The front door: a cog parses what Discord sends, calls one deed, and answers.

Whatever a person does, the first answer on the wire is ephemeral: a public answer cannot happen by
accident. Public messages are made by `bot.services`, never here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.client.client import DarkroomClient
from bot.policy.plans import Plan
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.inform import Inform
from bot.services.questions import Questions
from bot.services.recall import Recall
from bot.services.remove import Remove
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.withdraw import Withdraw
from cogs._admission import Admission
from cogs._buttons import Buttons
from cogs.imagine import Imagine, JobButtons
from cogs.info import Info
from cogs.privacy import Powers, Privacy, PrivacyButtons
from cogs.visibility import VisibilityMode


@dataclass(frozen=True)
class Deeds:
    """What the doors may ask for."""

    submit: Submit
    questions: Questions
    cancel: Cancel
    recall: Recall
    remove: Remove
    withdraw: Withdraw
    choose: Choose
    inform: Inform
    powers: Powers
    studio: Studio
    plans: tuple[Plan, ...]


async def add_all(client: DarkroomClient, deeds: Deeds) -> None:
    """Open every door."""
    jobs = JobButtons(
        deeds.submit, deeds.questions, deeds.cancel, deeds.recall, deeds.remove, deeds.withdraw
    )
    await client.add_cog(Imagine(deeds.submit, deeds.studio))
    await client.add_cog(VisibilityMode(deeds.choose))
    await client.add_cog(Info(client.tree, deeds.plans, deeds.inform))
    admission = Admission(deeds.choose)
    client.admit_by(admission.command)
    await client.add_cog(Privacy(deeds.powers))
    verbs = jobs.verbs() | PrivacyButtons(deeds.powers).verbs()
    await client.add_cog(Buttons(verbs, admission))
