"""🚩 Report, under public results and in a message's menu; *Contest*; and the moderators' queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import Moderator, PersonId
from bot.policy.reasons import CONTEST_CHARACTERS, Judged, Reason, Reported
from bot.ports import Post
from bot.services.authorise import Authorise
from bot.services.contest import Contest
from bot.services.judge import Judge
from bot.services.report import Report
from cogs._answers import Interaction, acknowledge, answer
from cogs._asks import fields_of, form, words_field
from cogs._buttons import Form, Verb
from cogs._moderators import moderator

TEXT_FIELD = "text"


@dataclass(frozen=True)
class Reporting:
    """What reports and contests ask for."""

    authorise: Authorise
    report: Report
    judge: Judge
    contest: Contest


class Reports(commands.Cog):
    """The entry *Report* in the menu of every message."""

    def __init__(self, tree: app_commands.CommandTree[Any], reporting: Reporting) -> None:
        self.tree = tree
        self.reporting = reporting

    async def cog_load(self) -> None:
        """Add the entry: discord.py takes none from a cog by itself."""
        self.tree.add_command(
            app_commands.ContextMenu(name=words.REPORT_MENU, callback=self.report)
        )

    async def report(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask for the reason, of a public result of ours."""
        await acknowledge(interaction)
        await _ask_why(interaction, self.reporting.report, message_id=message.id)


class ReportButtons:
    """What the buttons of reports and contests do, and the form of a contest."""

    def __init__(self, reporting: Reporting) -> None:
        self.reporting = reporting

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {
            "report": self._report,
            "flag": self._flag,
            "rremove": self._remove,
            "rdismiss": self._dismiss,
            "rblock": self._block,
            "contested": self._contested,
            "cclose": self._close,
        }

    def forms(self) -> dict[str, Form]:
        """Name the forms that a button opens."""
        return {"contest": _contest_form}

    async def _report(self, interaction: Interaction, job: str) -> None:
        await _ask_why(interaction, self.reporting.report, job=job)

    async def _flag(self, interaction: Interaction, rest: str) -> None:
        reason, _, job = rest.partition(":")
        if reason not in set(Reason):
            await answer(interaction, Post(words.STALE_BUTTON))
            return
        reported = await self.reporting.report(
            PersonId(interaction.user.id),
            interaction.guild_id,
            job,
            Reason(reason),
            interaction.token,
        )
        await answer(interaction, Post(words.REPORT_ANSWERS[reported]))

    async def _remove(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.reporting.authorise):
            judged = await self.reporting.judge.take_down(who, name, blocks_maker=False)
            await show_queue(interaction, self.reporting, who, judged)

    async def _block(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.reporting.authorise):
            judged = await self.reporting.judge.take_down(who, name, blocks_maker=True)
            await show_queue(interaction, self.reporting, who, judged)

    async def _dismiss(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.reporting.authorise):
            judged = await self.reporting.judge.dismiss(who, name)
            await show_queue(interaction, self.reporting, who, judged)

    async def _close(self, interaction: Interaction, name: str) -> None:
        if who := await moderator(interaction, self.reporting.authorise):
            judged = await self.reporting.contest.close(who, name)
            await show_queue(interaction, self.reporting, who, judged)

    async def _contested(self, interaction: Interaction, tag: str) -> None:
        contested = await self.reporting.contest(
            PersonId(interaction.user.id),
            interaction.guild_id,
            tag,
            fields_of(interaction.data or {}).get(TEXT_FIELD, ""),
            interaction.token,
        )
        await answer(interaction, Post(words.CONTEST_ANSWERS[contested]))


async def show_queue(
    interaction: Interaction, reporting: Reporting, who: Moderator, judged: Judged | None = None
) -> None:
    """Show a moderator what waits: reports first, then contests; before it what their press did."""
    before = words.JUDGED[judged] if judged else ""
    if report := await reporting.judge.first(who):
        await answer(interaction, words.report_shown(report, before))
    elif contest := await reporting.contest.first(who):
        await answer(interaction, words.contest_shown(contest, before))
    else:
        said = [line for line in (before, words.NOTHING_REPORTED) if line]
        await answer(interaction, Post("\n".join(said)))


async def _contest_form(_: Interaction, tag: str) -> discord.ui.Modal:
    return contest_modal(tag)


def contest_modal(tag: str) -> discord.ui.Modal:
    """Open an empty form: never with the prompt in it."""
    field = words_field(words.CONTEST_LABEL, TEXT_FIELD, max_length=CONTEST_CHARACTERS)
    return form(words.CONTEST_TITLE, f"v1:contested:{tag}", field)


async def _ask_why(
    interaction: Interaction, report: Report, *, job: str = "", message_id: int = 0
) -> None:
    found = await report.find(
        PersonId(interaction.user.id), interaction.guild_id, job=job, message_id=message_id
    )
    if isinstance(found, Reported):
        await answer(interaction, Post(words.REPORT_ANSWERS[found]))
        return
    await answer(interaction, words.report_question(found))
