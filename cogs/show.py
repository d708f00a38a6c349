"""`/show`: one of a person's own jobs again, with the buttons that still work."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId
from bot.ports import Post
from bot.services.revisit import Revisit
from bot.words import showing
from cogs._answers import MOST_CHOICES, Interaction, acknowledge, answer, in_time
from cogs._asks import ask_of

Named = app_commands.Range[str, 1, 200]


class Show(commands.Cog):
    """Brings a job back to its owner."""

    def __init__(self, revisit: Revisit) -> None:
        self.revisit = revisit

    @app_commands.command(
        name="show", description="One of your jobs: where it is, its link, its buttons again"
    )
    @app_commands.describe(job="One that is offered, a job's id, or the link of its message")
    async def show(self, interaction: Interaction, job: Named) -> None:
        """Show it to its owner alone; somebody else's is answered like none at all."""
        await acknowledge(interaction)
        found = await self.revisit(job, ask_of(interaction, ""))
        await answer(interaction, showing.shown(found) if found else Post(words.NO_SUCH_JOB))

    @show.autocomplete("job")
    async def own_jobs(
        self, interaction: Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer one's own jobs by state and time: no prompt is read."""
        person = PersonId(interaction.user.id)
        latest = await in_time(self.revisit.latest(person, MOST_CHOICES), [])
        offered = showing.choices_to_show(latest, int(interaction.created_at.timestamp()))
        return [
            app_commands.Choice(name=name, value=value)
            for name, value in offered
            if current.casefold() in name.casefold()
        ][:MOST_CHOICES]
