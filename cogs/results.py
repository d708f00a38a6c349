"""The buttons under results: what can be made of a picture, its recipe, ⭐ and Delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import discord

from bot import words
from bot.client.components import pictures_of
from bot.domain import DmId, PersonId, Upload
from bot.errors import DiscordTrouble
from bot.policy.results import AGAIN, FOLLOWS, REMIX
from bot.ports import Found, Messenger, Post
from bot.services.develop import ASKS_FIRST, Develop, Undeveloped
from bot.services.recall import Recall
from bot.services.remove import Removal, Remove
from bot.services.star import Star
from bot.services.submit import Submit
from bot.words import results
from cogs._answers import Interaction, answer, answer_pages, custom_ids_of
from cogs._asks import (
    FIELD_CHARACTERS,
    PROMPT_FIELD,
    ask_of,
    fields_of,
    form,
    submit_and_say,
    words_field,
)
from cogs._buttons import Form, Verb

REMOVE_WORDS = {
    Removal.GONE: words.DELETED,
    Removal.FORGOTTEN: words.COULD_NOT_DELETE,
    Removal.NOT_YOURS: words.NOT_YOURS,
}
_UNDEVELOPED_WORDS = {
    Undeveloped.EXPIRED: words.EXPIRED_RECIPE,
    Undeveloped.NO_START_LEFT: results.NO_START_LEFT,
    Undeveloped.NO_PICTURE: results.NO_PICTURE,
    Undeveloped.NO_SUCH_PICTURE: results.NO_SUCH_PICTURE,
    Undeveloped.TOO_LONG: results.REMIX_TOO_LONG,
}


@dataclass(frozen=True)
class Results:
    """What the buttons under results ask for."""

    submit: Submit
    develop: Develop
    recall: Recall
    remove: Remove
    star: Star
    messenger: Messenger


class ResultButtons:
    """What the buttons of results do."""

    def __init__(self, results: Results) -> None:
        self.results = results

    def verbs(self) -> dict[str, Verb]:
        """Name each deed as its button's id does."""
        return {
            **{verb: self._developing(verb) for verb in (AGAIN, REMIX, *FOLLOWS)},
            "recipe": self._recipe,
            "delete": self._delete,
            "star": self._star,
            "uncopy": self._uncopy,
        }

    def forms(self) -> dict[str, Form]:
        """Name the forms that a button may open."""
        return {verb: self._asking(verb) for verb in ASKS_FIRST}

    def _developing(self, verb: str) -> Verb:
        async def develop(interaction: Interaction, name: str) -> None:
            await self._develop(interaction, verb, name)

        return develop

    async def _develop(self, interaction: Interaction, verb: str, name: str) -> None:
        is_form = interaction.type is discord.InteractionType.modal_submit
        line = fields_of(interaction.data or {}).get(PROMPT_FIELD, "") if is_form else None
        if line is None and verb == REMIX:  # its form was not opened: too long, or not theirs
            theirs = await self.results.recall(name, PersonId(interaction.user.id))
            why = Undeveloped.TOO_LONG if theirs else Undeveloped.EXPIRED
            await answer(interaction, Post(_UNDEVELOPED_WORDS[why]))
            return
        developed = await self.results.develop(
            ask_of(interaction, ""), verb, name, _pictures(interaction), line
        )
        if isinstance(developed, Undeveloped):
            await answer(interaction, Post(_UNDEVELOPED_WORDS[developed]))
            return
        said = ""
        if developed.follow is not None:
            said = results.following(developed.follow, developed.ask.strength)
            if developed.is_made_again:
                said = results.made_again(developed.follow.position)
        await submit_and_say(interaction, self.results.submit, developed.ask, said)

    def _asking(self, verb: str) -> Form:
        async def ask(interaction: Interaction, name: str) -> discord.ui.Modal | None:
            presser = PersonId(interaction.user.id)
            line = await self.results.develop.line(verb, name, presser)
            fits = line is not None and len(line) <= FIELD_CHARACTERS
            if not fits:
                return None
            field = words_field(results.REMIX_LABEL, PROMPT_FIELD, line or "")
            return form(results.REMIX_TITLE, f"v1:{verb}:{name}", field)

        return ask

    async def _recipe(self, interaction: Interaction, name: str) -> None:
        recalled = await self.results.recall(name, PersonId(interaction.user.id))
        if recalled is None:
            await answer(interaction, Post(words.EXPIRED_RECIPE))
            return
        pages = words.recipe(
            recalled.spec,
            self.results.develop.card_of(recalled.spec.model),
            kept=results.kept_until(recalled.expires_at, recalled.last_day),
            starred=recalled.starred,
        )
        await answer_pages(interaction, pages)

    async def _delete(self, interaction: Interaction, job: str) -> None:
        message, in_dm = interaction.message, interaction.guild_id is None
        pressed = Found(message.id, custom_ids_of(message)) if message and in_dm else None
        removal = await self.results.remove(job, PersonId(interaction.user.id), pressed)
        await answer(interaction, Post(REMOVE_WORDS[removal]))

    async def _star(self, interaction: Interaction, job: str) -> None:
        starred = await self.results.star(job, PersonId(interaction.user.id))
        said = words.EXPIRED_RECIPE
        if starred is not None:
            said = results.starred(starred.expires_at, is_starred=starred.is_starred)
        await answer(interaction, Post(said))

    async def _uncopy(self, interaction: Interaction, _: str) -> None:
        """Remove a copy: the pressed message itself, which stands in the presser's own DM."""
        message = interaction.message
        if message is None or interaction.guild_id is not None:
            await answer(interaction, Post(words.STALE_BUTTON))
            return
        try:
            await self.results.messenger.delete(DmId(interaction.channel_id or 0), message.id)
        except DiscordTrouble:
            await answer(interaction, Post(words.COULD_NOT_DELETE))
            return
        await answer(interaction, Post(results.COPY_DELETED))


def _pictures(interaction: Interaction) -> Mapping[int, Upload]:
    """Give the pictures of the pressed message, if it is one of ours."""
    message, us = interaction.message, interaction.client.user
    ours = message is not None and us is not None and message.author.id == us.id
    return pictures_of(message) if message is not None and ours else {}
