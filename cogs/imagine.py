"""`/imagine`: words in, a place in the queue out; and the buttons of jobs and results."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId, Visibility
from bot.policy.prompt import (
    MAX_CHARACTERS,
    MAX_COUNT,
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_STEPS,
    MIN_GUIDANCE,
    MIN_STEPS,
)
from bot.ports import Found, Post
from bot.services.cancel import Cancel, Outcome
from bot.services.questions import Questions
from bot.services.recall import Recall
from bot.services.remove import Removal, Remove
from bot.services.studio import Studio
from bot.services.submit import Submit
from bot.services.withdraw import Withdraw, Withdrawal
from cogs._admission import FORM_WITHOUT
from cogs._answers import (
    MOST_CHOICES,
    Interaction,
    acknowledge,
    answer,
    answer_pages,
    custom_ids_of,
)
from cogs._asks import again, answered_with, ask_of, ask_of_modal, prompt_modal, submit_and_say
from cogs._buttons import Verb
from cogs.line import said_of

_REMOVE_WORDS = {
    Removal.GONE: words.DELETED,
    Removal.FORGOTTEN: words.COULD_NOT_DELETE,
    Removal.NOT_YOURS: words.NOT_YOURS,
}
_WITHDRAW_WORDS = {
    Withdrawal.MOVED: words.ONLY_ME_MOVED,
    Withdrawal.REMADE: words.ONLY_ME_REMADE,
    Withdrawal.REMOVED: words.ONLY_ME_REMOVED,
    Withdrawal.FULL: words.ONLY_ME_FULL,
    Withdrawal.STANDS: words.COULD_NOT_DELETE,
    Withdrawal.NOT_YOURS: words.NOT_YOURS,
}


class Imagine(commands.Cog):
    """Asks for pictures."""

    def __init__(self, submit: Submit, studio: Studio) -> None:
        self.submit = submit
        self.studio = studio

    @app_commands.command(
        name="imagine",
        description="Make pictures from words",
        extras={FORM_WITHOUT: "prompt"},
    )
    @app_commands.describe(
        prompt="What you want to see; leave it out to write in a form",
        negative_prompt="What you do not want to see",
        aspect_ratio="Shape of the picture, such as 1:1",
        steps="Steps of the denoiser: more take longer",
        guidance="How closely to follow the words",
        seed="The same seed and words give the same picture",
        count="How many pictures",
        visibility="public: here in the channel; stealth: only in your DM",
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_CHARACTERS] | None = None,
        negative_prompt: app_commands.Range[str, 0, MAX_CHARACTERS] = "",
        aspect_ratio: str | None = None,
        steps: app_commands.Range[int, MIN_STEPS, MAX_STEPS] | None = None,
        guidance: app_commands.Range[float, MIN_GUIDANCE, MAX_GUIDANCE] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        visibility: Literal["public", "stealth"] | None = None,
    ) -> None:
        """Acknowledge, submit, and say what became of it."""
        seen = Visibility(visibility) if visibility else None
        if prompt is None:
            chosen = {
                "aspect_ratio": _in_few_characters(aspect_ratio),
                "steps": steps,
                "guidance": guidance,
                "e_seed": seed,
                "count": None if count == 1 else count,
                "visibility": seen,
            }
            await interaction.response.send_modal(prompt_modal(chosen, negative_prompt))
            return
        await acknowledge(interaction)
        ask = replace(
            ask_of(interaction, prompt, negative_prompt),
            aspect_ratio=aspect_ratio,
            steps=steps,
            guidance=guidance,
            seed=seed,
            count=count,
            visibility=seen,
        )
        await submit_and_say(interaction, self.submit, ask)

    @imagine.autocomplete("aspect_ratio")
    async def ratios(self, _: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the shapes the loaded model can make."""
        return [
            app_commands.Choice(name=ratio, value=ratio)
            for ratio in self.studio.canvas.ratios[:MOST_CHOICES]
            if current in ratio
        ]


def _in_few_characters(ratio: str | None) -> str | None:
    """Shorten what no shape needs: the form's id holds 100 characters, other scripts escaped."""
    return ratio[:10].encode("ascii", "replace").decode() if ratio else None


class JobButtons:
    """What the buttons of places, results and answers about jobs do."""

    def __init__(
        self,
        submit: Submit,
        questions: Questions,
        cancel: Cancel,
        recall: Recall,
        remove: Remove,
        withdraw: Withdraw,
    ) -> None:
        self.submit = submit
        self.questions = questions
        self.cancel = cancel
        self.recall = recall
        self.remove = remove
        self.withdraw = withdraw

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {
            "imagine": self._imagine,
            "cancel": self._cancel,
            "delete": self._delete,
            "onlyme": self._only_me,
            "again": self._again,
            "recipe": self._recipe,
            "post": self._post,
            "mine": self._mine,
            "drop": self._drop,
        }

    async def _imagine(self, interaction: Interaction, chosen: str) -> None:
        await submit_and_say(interaction, self.submit, ask_of_modal(interaction, chosen))

    async def _cancel(self, interaction: Interaction, job: str) -> None:
        cancelled = await self.cancel(job, PersonId(interaction.user.id))
        is_theirs = cancelled.outcome is not Outcome.NOT_YOURS
        nothing = words.ALREADY_ENDED if is_theirs else words.NOT_YOURS
        await answer(interaction, Post(said_of(cancelled, otherwise=nothing)))

    async def _delete(self, interaction: Interaction, job: str) -> None:
        message, in_dm = interaction.message, interaction.guild_id is None
        pressed = Found(message.id, custom_ids_of(message)) if message and in_dm else None
        removal = await self.remove(job, PersonId(interaction.user.id), pressed)
        await answer(interaction, Post(_REMOVE_WORDS[removal]))

    async def _only_me(self, interaction: Interaction, job: str) -> None:
        outcome = await self.withdraw(job, PersonId(interaction.user.id), interaction.token)
        await answer(interaction, Post(_WITHDRAW_WORDS[outcome]))

    async def _again(self, interaction: Interaction, name: str) -> None:
        recalled = await self.recall(name, PersonId(interaction.user.id))
        if recalled is None:
            await answer(interaction, Post(words.EXPIRED_RECIPE))
            return
        await submit_and_say(interaction, self.submit, again(interaction, recalled))

    async def _recipe(self, interaction: Interaction, name: str) -> None:
        recalled = await self.recall(name, PersonId(interaction.user.id))
        pages = words.recipe(recalled.spec) if recalled else [words.EXPIRED_RECIPE]
        await answer_pages(interaction, pages)

    async def _post(self, interaction: Interaction, rest: str) -> None:
        await self._decide(interaction, rest, Visibility.PUBLIC)

    async def _mine(self, interaction: Interaction, rest: str) -> None:
        await self._decide(interaction, rest, Visibility.STEALTH)

    async def _drop(self, interaction: Interaction, rest: str) -> None:
        waiting = self.questions.take(rest, PersonId(interaction.user.id))
        said = words.DROPPED if waiting else words.FORGOTTEN_QUESTION
        await answer(interaction, Post(said))

    async def _decide(self, interaction: Interaction, name: str, choice: Visibility) -> None:
        waiting = self.questions.take(name, PersonId(interaction.user.id))
        if waiting is None:
            await answer(interaction, Post(words.FORGOTTEN_QUESTION))
            return
        ask = answered_with(interaction, waiting.ask, choice, waiting.why)
        await submit_and_say(interaction, self.submit, ask)
