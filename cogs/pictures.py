"""Pictures that come in: `/vary`, `/upscale`, `/blend`, and the menus of messages with pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain import Ask, PersonId, Private, Upload, Visibility
from bot.policy.prompt import MAX_CHARACTERS
from bot.ports import Found, Post
from bot.services.questions import Questions
from bot.services.submit import Submit
from bot.words import pictures
from cogs._admission import FORM_WITHOUT
from cogs._answers import Interaction, acknowledge, answer, custom_ids_of
from cogs._asks import PROMPT_FIELD, ask_of, fields_of, form, submit_and_say, words_field
from cogs._buttons import Verb
from cogs.results import REMOVE_WORDS, Results
from gen.job import Kind

Words = app_commands.Range[str, 0, MAX_CHARACTERS]
Strength = app_commands.Range[float, 0.0, 1.0]
Said = Literal["public", "stealth"]

STRENGTH = "How far it is changed: 0 not at all, 1 wholly"
MASK = "White is painted anew, black stays; of the picture's shape"
VISIBILITY = "public: here in the channel; stealth: only in your DM"
_WORDS = "What you want to see in it"


class Pictures(commands.Cog):
    """Asks for pictures that start from pictures."""

    def __init__(self, submit: Submit) -> None:
        self.submit = submit

    @app_commands.command(name="vary", description="Change a picture of yours")
    @app_commands.describe(
        image="PNG, JPEG or WebP",
        prompt=_WORDS,
        strength=STRENGTH,
        mask=MASK,
        visibility=VISIBILITY,
    )
    async def vary(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        prompt: Words = "",
        strength: Strength | None = None,
        mask: discord.Attachment | None = None,
        visibility: Said | None = None,
    ) -> None:
        """Change one picture."""
        await acknowledge(interaction)
        ask = replace(ask_of(interaction, prompt), strength=strength)
        await self._submit(interaction, starting_from(ask, image, mask), visibility)

    @app_commands.command(name="upscale", description="Enlarge a picture of yours")
    @app_commands.describe(
        image="PNG, JPEG or WebP", scale="How many times as wide", visibility=VISIBILITY
    )
    async def upscale(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        scale: Literal[2, 4] = 2,
        visibility: Said | None = None,
    ) -> None:
        """Enlarge one picture."""
        await acknowledge(interaction)
        ask = replace(
            ask_of(interaction, ""), kind=Kind.UPSCALE, uploads=uploads(image), scale=float(scale)
        )
        await self._submit(interaction, ask, visibility)

    @app_commands.command(name="blend", description="Make one picture of two to five")
    @app_commands.describe(
        image1="PNG, JPEG or WebP",
        image2="PNG, JPEG or WebP",
        image3="PNG, JPEG or WebP",
        image4="PNG, JPEG or WebP",
        image5="PNG, JPEG or WebP",
        prompt=_WORDS,
        strength=STRENGTH,
        visibility=VISIBILITY,
    )
    async def blend(
        self,
        interaction: Interaction,
        image1: discord.Attachment,
        image2: discord.Attachment,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        prompt: Words = "",
        strength: Strength | None = None,
        visibility: Said | None = None,
    ) -> None:
        """Make one of several."""
        await acknowledge(interaction)
        ask = replace(
            ask_of(interaction, prompt),
            kind=Kind.BLEND,
            uploads=uploads(image1, image2, image3, image4, image5),
            strength=strength,
        )
        await self._submit(interaction, ask, visibility)

    async def _submit(self, interaction: Interaction, ask: Ask, visibility: Said | None) -> None:
        seen = Visibility(visibility) if visibility else None
        await submit_and_say(interaction, self.submit, replace(ask, visibility=seen))


class PictureMenus(commands.Cog):
    """The entries *Use as input*, *Recipe* and *Delete* in the menu of every message.

    `recipe` is what 📋 does: the menu presses the message's own button.
    """

    def __init__(
        self,
        tree: app_commands.CommandTree[Any],
        questions: Questions,
        results: Results,
        recipe: Verb,
    ) -> None:
        self.tree = tree
        self.questions = questions
        self.results = results
        self.press_recipe = recipe

    async def cog_load(self) -> None:
        """Add the entries: discord.py takes none from a cog by itself."""
        for name, callback, extras in (
            (pictures.INPUT_MENU, self.use, {FORM_WITHOUT: "words"}),
            (pictures.RECIPE_MENU, self.recipe, {}),
            (pictures.DELETE_MENU, self.delete, {}),
        ):
            self.tree.add_command(
                app_commands.ContextMenu(name=name, callback=callback, extras=extras)
            )

    async def use(self, interaction: Interaction, message: discord.Message) -> None:
        """Open a form for the words. Until it comes back the picture is only named, in memory."""
        found = next((one for one in message.attachments if is_picture(one)), None)
        if found is None:
            await acknowledge(interaction)
            await answer(interaction, Post(pictures.NO_PICTURE_THERE))
            return
        name = self.questions.hold_form(starting_from(ask_of(interaction, ""), found))
        await interaction.response.send_modal(_input_modal(name))

    async def recipe(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the recipe of a result, to its owner."""
        await acknowledge(interaction)
        if name := _named_by(message, "recipe"):
            await self.press_recipe(interaction, name)
        else:
            await answer(interaction, Post(pictures.NO_RESULT_THERE))

    async def delete(self, interaction: Interaction, message: discord.Message) -> None:
        """Take back a result, for its owner."""
        await acknowledge(interaction)
        name = _named_by(message, "delete")
        if not name:
            await answer(interaction, Post(pictures.NO_RESULT_THERE))
            return
        in_dm = interaction.guild_id is None
        stands = Found(message.id, custom_ids_of(message)) if in_dm else None
        removal = await self.results.remove(name, PersonId(interaction.user.id), stands)
        await answer(interaction, Post(REMOVE_WORDS[removal]))


class PictureForms:
    """What the form of *Use as input* does when it comes back."""

    def __init__(self, submit: Submit, questions: Questions) -> None:
        self.submit = submit
        self.questions = questions

    def verbs(self) -> dict[str, Verb]:
        """Name the deed as the form's id does."""
        return {"input": self._input}

    async def _input(self, interaction: Interaction, name: str) -> None:
        begun = self.questions.take_form(name, PersonId(interaction.user.id))
        if begun is None:
            await answer(interaction, Post(pictures.FORGOTTEN_PICTURE))
            return
        said = fields_of(interaction.data or {}).get(PROMPT_FIELD, "")
        ask = replace(ask_of(interaction, said), kind=begun.kind, uploads=begun.uploads)
        await submit_and_say(interaction, self.submit, ask)


def starting_from(
    ask: Ask, image: discord.Attachment | None, mask: discord.Attachment | None = None
) -> Ask:
    """Let an ask start from a picture, and change only what its mask shows white."""
    if image is None:
        return replace(ask, masked=mask is not None)
    brought, masked = uploads(image, mask), mask is not None
    return replace(ask, kind=Kind.VARY, uploads=brought, masked=masked)


def uploads(*attached: discord.Attachment | None) -> tuple[Upload, ...]:
    """Name what was attached; nothing of it is fetched here."""
    return tuple(
        Upload(Private(one.url), one.size, one.content_type or "") for one in attached if one
    )


def is_picture(attached: discord.Attachment) -> bool:
    """Whether Discord takes it for a picture; what it is, is seen when it is read."""
    return (attached.content_type or "").startswith("image/")


def _named_by(message: discord.Message, verb: str) -> str | None:
    """Read what a button of a message carries behind its verb."""
    begin = f"v1:{verb}:"
    found = (one for one in custom_ids_of(message) if one.startswith(begin))
    return next(found, "").removeprefix(begin) or None


def _input_modal(name: str) -> discord.ui.Modal:
    """Ask for the words."""
    field = words_field(pictures.INPUT_LABEL, PROMPT_FIELD, required=False)
    field.placeholder = pictures.INPUT_HINT
    return form(pictures.INPUT_TITLE, f"v1:input:{name}", field)
