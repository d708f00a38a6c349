"""`/imagine`: words in, a place in the queue out; and the buttons of jobs and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import words
from bot.domain import PersonId, Visibility
from bot.policy.parameters import MAX_REPEAT, MAX_STOP, MIN_STOP
from bot.policy.prompt import (
    MAX_CHARACTERS,
    MAX_COUNT,
    MAX_GUIDANCE,
    MAX_SEED,
    MAX_STEPS,
    MIN_GUIDANCE,
    MIN_STEPS,
)
from bot.ports import Post
from bot.services.cancel import Cancel, Outcome
from bot.services.questions import Questions
from bot.services.studio import Studio, canvas_of
from bot.services.submit import Submit
from bot.services.withdraw import Withdraw, Withdrawal
from cogs._admission import FORM_WITHOUT
from cogs._answers import (
    MOST_CHOICES,
    Interaction,
    acknowledge,
    answer,
)
from cogs._asks import answered_with, ask_of, ask_of_modal, prompt_modal, submit_and_say
from cogs._buttons import Verb
from cogs.line import said_of
from cogs.models import MAX_NAME, model_choices
from cogs.pictures import MASK, STRENGTH, VISIBILITY, Said, Strength, starting_from
from gen.job import Speed
from gen.samplers import SAMPLERS

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
        prompt="What you want to see, such as: a red star; leave it out to write in a form",
        negative_prompt="What you do not want to see",
        aspect_ratio="Shape of the picture, such as 1:1",
        model="What draws it; /models lists them",
        steps="Steps of the denoiser: more take longer",
        guidance="How closely to follow the words",
        seed="The same seed and words give the same picture",
        count="How many pictures",
        visibility=VISIBILITY,
        image="A picture to start from: PNG, JPEG or WebP",
        mask=MASK,
        strength=STRENGTH,
        sampler="How noise becomes a picture; without it, the model's own way",
        stop="Stop early, at so many percent of the steps",
        tile="Edges that meet, to lay pictures side by side",
        repeat="Ask so many times; each is a job of its own",
        speed="For this job alone; /fast and /relax choose for all",
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_CHARACTERS] | None = None,
        negative_prompt: app_commands.Range[str, 0, MAX_CHARACTERS] = "",
        aspect_ratio: str | None = None,
        model: app_commands.Range[str, 1, MAX_NAME] | None = None,
        steps: app_commands.Range[int, MIN_STEPS, MAX_STEPS] | None = None,
        guidance: app_commands.Range[float, MIN_GUIDANCE, MAX_GUIDANCE] | None = None,
        seed: app_commands.Range[int, 0, MAX_SEED] | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        visibility: Said | None = None,
        image: discord.Attachment | None = None,
        mask: discord.Attachment | None = None,
        strength: Strength | None = None,
        sampler: Literal[*SAMPLERS] | None = None,  # type: ignore[valid-type]
        stop: app_commands.Range[int, MIN_STOP, MAX_STOP] | None = None,
        tile: bool = False,
        repeat: app_commands.Range[int, 1, MAX_REPEAT] = 1,
        speed: Literal["fast", "relax"] | None = None,
    ) -> None:
        """Acknowledge, submit, and say what became of it."""
        seen = Visibility(visibility) if visibility else None
        if prompt is None and image is None and mask is None:
            chosen = {
                "aspect_ratio": _in_few_characters(aspect_ratio),
                "steps": steps,
                "guidance": guidance,
                "e_seed": seed,
                "count": None if count == 1 else count,
                "visibility": seen,
            }
            others = {
                "model": "-".join(model.split()) if model else None,
                "strength": strength,
                "sampler": sampler,
                "stop": stop,
                "tile": tile,
                "repeat": None if repeat == 1 else repeat,
                speed or "": bool(speed),
            }
            form = prompt_modal(chosen, negative_prompt, prompt=_as_parameters(others))
            await interaction.response.send_modal(form)
            return
        await acknowledge(interaction)
        ask = replace(
            starting_from(ask_of(interaction, prompt or "", negative_prompt), image, mask),
            aspect_ratio=aspect_ratio,
            model=model,
            steps=steps,
            guidance=guidance,
            seed=seed,
            count=count,
            visibility=seen,
            strength=strength,
            sampler=sampler,
            stop=stop,
            tile=tile,
            repeat=repeat,
            speed=Speed(speed) if speed else None,
        )
        await submit_and_say(interaction, self.submit, ask)

    @imagine.autocomplete("aspect_ratio")
    async def ratios(
        self, interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the shapes that the model can make which is chosen, or else the default one."""
        canvas = canvas_of(self.studio.asked(interaction.namespace.model))
        return [
            app_commands.Choice(name=ratio, value=ratio)
            for ratio in canvas.ratios[:MOST_CHOICES]
            if current in ratio
        ]

    @imagine.autocomplete("model")
    async def models(self, _: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Offer the models there are."""
        return model_choices(self.studio, current)


def _as_parameters(options: Mapping[str, object]) -> str:
    """Write options as a prompt says them: a form's id has no room for all."""
    said = {name: value for name, value in options.items() if not (value is None or value is False)}
    return "".join(
        f" --{name}" if value is True else f" --{name} {value}" for name, value in said.items()
    )


def _in_few_characters(ratio: str | None) -> str | None:
    """Shorten what no shape needs: the form's id holds 100 characters, other scripts escaped."""
    return ratio[:10].encode("ascii", "replace").decode() if ratio else None


class JobButtons:
    """What the buttons of places and of answers about jobs do."""

    def __init__(
        self,
        submit: Submit,
        questions: Questions,
        cancel: Cancel,
        withdraw: Withdraw,
    ) -> None:
        self.submit = submit
        self.questions = questions
        self.cancel = cancel
        self.withdraw = withdraw

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {
            "imagine": self._imagine,
            "cancel": self._cancel,
            "onlyme": self._only_me,
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

    async def _only_me(self, interaction: Interaction, job: str) -> None:
        outcome = await self.withdraw(job, PersonId(interaction.user.id), interaction.token)
        await answer(interaction, Post(_WITHDRAW_WORDS[outcome]))

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
