"""The front door: a cog parses what Discord sends, calls one deed, and answers.

Whatever a person does, the first answer on the wire is ephemeral: a public answer cannot happen by
accident. Public messages are made by `bot.services`, never here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.client.client import DarkroomClient
from bot.policy.plans import Plan
from bot.services.audit import Audit
from bot.services.authorise import Authorise
from bot.services.cancel import Cancel
from bot.services.choose import Choose
from bot.services.depart import Depart
from bot.services.describe import Describe
from bot.services.hasten import Hasten
from bot.services.inform import Inform
from bot.services.limit import Limit
from bot.services.purge import Purge
from bot.services.questions import Questions
from bot.services.react import React
from bot.services.revisit import Revisit
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.survey import Survey
from bot.services.withdraw import Withdraw
from cogs._admission import Admission
from cogs._buttons import Buttons
from cogs.audit import AuditTrail
from cogs.describe import Describes
from cogs.describe import forms as described_forms
from cogs.imagine import Imagine, JobButtons
from cogs.info import Info
from cogs.line import Queue, QueueButtons
from cogs.models import Models
from cogs.moderation import Mandate, Moderation
from cogs.pictures import PictureForms, PictureMenus, Pictures
from cogs.plan import Planning, Plans
from cogs.prefer import Prefer
from cogs.privacy import Powers, Privacy, PrivacyButtons
from cogs.purge import PurgeButtons, Purges
from cogs.reactions import Reactions
from cogs.reports import ReportButtons, Reporting, Reports
from cogs.results import ResultButtons, Results
from cogs.retention import Retention, RetentionButtons
from cogs.servers import Servers
from cogs.settings import Settings, SettingsScreen
from cogs.show import Show
from cogs.speed import JobMode
from cogs.visibility import VisibilityMode


@dataclass(frozen=True)
class Deeds:
    """What the doors may ask for."""

    authorise: Authorise
    depart: Depart
    submit: Submit
    questions: Questions
    cancel: Cancel
    results: Results
    react: React
    revisit: Revisit
    withdraw: Withdraw
    choose: Choose
    inform: Inform
    hasten: Hasten
    survey: Survey
    powers: Powers
    planning: Planning
    purge: Purge
    limit: Limit
    mandate: Mandate
    audit: Audit
    reporting: Reporting
    studio: Studio
    plans: tuple[Plan, ...]
    describe: Describe | None = None  #: where the operator has a model for it


async def add_all(client: DarkroomClient, deeds: Deeds) -> None:
    """Open every door."""
    jobs = JobButtons(deeds.submit, deeds.questions, deeds.cancel, deeds.withdraw)
    results = ResultButtons(deeds.results)
    await client.add_cog(Imagine(deeds.submit, deeds.studio))
    await client.add_cog(Pictures(deeds.submit))
    await client.add_cog(Models(deeds.studio))
    await client.add_cog(VisibilityMode(deeds.choose))
    await client.add_cog(JobMode(deeds.hasten))
    await client.add_cog(Queue(deeds.survey, deeds.cancel))
    await client.add_cog(Prefer(deeds.choose))
    screen = SettingsScreen(deeds.inform, deeds.choose, deeds.hasten, deeds.studio)
    await client.add_cog(Settings(screen))
    await client.add_cog(Show(deeds.revisit))
    await client.add_cog(Info(client, deeds.plans, deeds.inform, deeds.authorise))
    admission = Admission(deeds.choose)
    client.admit_by(admission.command)
    await client.add_cog(Privacy(deeds.powers))
    await client.add_cog(Plans(client, deeds.planning))
    await client.add_cog(Servers(client, deeds.depart))
    await client.add_cog(Moderation(deeds.mandate))
    await client.add_cog(AuditTrail(deeds.audit, deeds.authorise))
    await client.add_cog(Retention(deeds.limit, deeds.authorise))
    await client.add_cog(Purges(deeds.purge, deeds.authorise))
    await client.add_cog(Reactions(client, deeds.react))
    await client.add_cog(Reports(client.tree, deeds.reporting))
    reports = ReportButtons(deeds.reporting)
    verbs = jobs.verbs() | results.verbs() | reports.verbs() | PrivacyButtons(deeds.powers).verbs()
    verbs |= QueueButtons(deeds.survey).verbs()
    verbs |= RetentionButtons(deeds.limit, deeds.authorise).verbs()
    verbs |= PurgeButtons(deeds.purge, deeds.authorise).verbs()
    verbs |= screen.verbs()
    verbs |= PictureForms(deeds.submit, deeds.questions).verbs()
    menus = PictureMenus(client.tree, deeds.questions, deeds.results, verbs["recipe"])
    await client.add_cog(menus)
    forms = reports.forms() | results.forms() | described_forms()
    if deeds.describe is not None:
        await client.add_cog(Describes(deeds.describe))
    await client.add_cog(Buttons(verbs, admission, forms, screen.verbs()))
