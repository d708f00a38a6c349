"""`/queue` and `/cancel`: one's own jobs, and of the others only how many."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId
from bot.ports import Post
from bot.services.cancel import Cancel, Cancelled, Outcome
from bot.services.survey import Survey
from cogs._answers import MOST_CHOICES, Interaction, acknowledge, answer, in_time
from cogs._buttons import Verb


class Queue(commands.Cog):
    """Shows a person where their jobs are, and ends them."""

    def __init__(self, survey: Survey, cancel: Cancel) -> None:
        self.survey = survey
        self.cancel = cancel

    @app_commands.command(
        name="queue", description="Where your jobs are in line, and how many wait in all"
    )
    async def queue(self, interaction: Interaction) -> None:
        """Look at the queue."""
        await acknowledge(interaction)
        await answer(interaction, words.queue(await self.survey(PersonId(interaction.user.id))))

    @app_commands.command(name="cancel", description="End one of your jobs, or all of them")
    @app_commands.rename(chosen="job")
    @app_commands.describe(chosen="One of your open jobs, or all of them")
    async def end(self, interaction: Interaction, chosen: str) -> None:
        """End what was chosen, and say what came back."""
        await acknowledge(interaction)
        presser = PersonId(interaction.user.id)
        if chosen.strip().casefold() == words.ALL_OF_THEM:
            every = await self.cancel.all(presser)
            await answer(interaction, Post(said_of(every, otherwise=words.NOTHING_TO_CANCEL)))
            return
        one = await self.cancel(chosen, presser)
        await answer(interaction, Post(said_of(one, otherwise=words.NO_OPEN_JOB)))

    @end.autocomplete("chosen")
    async def open_jobs(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer one's own open jobs, by where they are: no prompt is read."""
        mine = await in_time(self.survey.mine(PersonId(interaction.user.id)), ())
        return [
            app_commands.Choice(name=name, value=value)
            for name, value in words.choices_to_cancel(mine)
            if current.casefold() in name.casefold()
        ][:MOST_CHOICES]


class QueueButtons:
    """What the button under an answer to `/queue` does."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey

    def verbs(self) -> dict[str, Verb]:
        """Name the deed as its button's id does."""
        return {"queue": self._queue}

    async def _queue(self, interaction: Interaction, _: str) -> None:
        await answer(interaction, words.queue(await self.survey(PersonId(interaction.user.id))))


def said_of(cancelled: Cancelled, *, otherwise: str) -> str:
    """Say what a cancel came to; `otherwise` where there was nothing of theirs to cancel."""
    if cancelled.outcome is Outcome.CANCELLED:
        return words.cancelled(cancelled.jobs, cancelled.back, cancelled.spent)
    return otherwise
