"""An ask, read out of an interaction; and what became of it, said to the person alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import discord

from bot import words
from bot.domain import Ask, Cause, PersonId, Private, Question, Refusal, Visibility, Why
from bot.ports import Post
from bot.services.submit import Submit
from bot.words import results
from cogs._answers import Interaction, answer, entitlements_of, roles_of, where_of

PROMPT_FIELD = "prompt"
NEGATIVE_FIELD = "negative_prompt"
FIELD_CHARACTERS = 4000
"""Discord's own limit of a text field
(https://discord.com/developers/docs/components/reference#text-input)."""


def ask_of(interaction: Interaction, prompt: str, negative_prompt: str = "") -> Ask:
    """Read who asks, where, and with which roles and entitlements."""
    return Ask(
        interaction_id=interaction.id,
        interaction_token=Private(interaction.token),
        person=PersonId(interaction.user.id),
        where=where_of(interaction),
        prompt=Private(prompt),
        negative_prompt=Private(negative_prompt),
        role_ids=roles_of(interaction),
        entitlements=entitlements_of(interaction),
    )


def answered_with(interaction: Interaction, ask: Ask, choice: Visibility, why: Why) -> Ask:
    """Let a press decide an ask that waited: from here on the press is what is answered.

    Its id stays the command's, which Discord may tell of again.
    """
    posts = choice is Visibility.PUBLIC
    return replace(
        ask,
        interaction_token=Private(interaction.token),
        where=where_of(interaction),
        role_ids=roles_of(interaction),
        entitlements=entitlements_of(interaction),
        visibility=ask.visibility if posts else choice,
        confirmed=ask.confirmed | {why} if posts else ask.confirmed,
    )


async def submit_and_say(
    interaction: Interaction, submit: Submit, ask: Ask, before: str = ""
) -> None:
    """Submit, and tell the person what became of it; `before` is a line above an acceptance."""
    match await submit(ask):
        case Refusal(cause=Cause.REPEATED):  # what the first was told stands in the same answer
            return
        case Refusal() as refusal:
            contest = words.contestable(refusal)
            await answer(interaction, Post(words.refused(refusal), buttons=contest))
        case Question() as question:
            await answer(interaction, words.asked_back(question))
        case receipt:
            try:
                await answer(interaction, results.under(before, words.accepted(receipt)))
            finally:
                submit.answered(receipt.job, *receipt.others)


def prompt_modal(
    options: Mapping[str, object], negative_prompt: str = "", *, prompt: str = ""
) -> discord.ui.Modal:
    """Ask for the words in a form. What was chosen already travels in the form's own id.

    Its submit comes back through `cogs._buttons`.
    """
    chosen = urlencode({name[0]: value for name, value in options.items() if value is not None})
    wanted = words_field("Prompt", PROMPT_FIELD, prompt)
    unwanted = words_field(
        "What you do not want to see", NEGATIVE_FIELD, negative_prompt, required=False
    )
    return form("What do you want to see?", f"v1:imagine:{chosen}", wanted, unwanted)


def ask_of_modal(interaction: Interaction, chosen: str) -> Ask:
    """Read a form that came back, with what its id carried."""
    said = fields_of(interaction.data or {})
    options = dict(parse_qsl(chosen))
    ask = ask_of(interaction, said.get(PROMPT_FIELD, ""), said.get(NEGATIVE_FIELD, ""))
    steps, seed, count = (int(options[key]) if key in options else None for key in "sec")
    return replace(
        ask,
        aspect_ratio=options.get("a"),
        steps=steps,
        guidance=float(options["g"]) if "g" in options else None,
        seed=seed,
        count=count or 1,
        visibility=Visibility(options["v"]) if "v" in options else None,
    )


def form(title: str, custom_id: str, *fields: discord.ui.TextInput[Any]) -> discord.ui.Modal:
    """Make a form. It is finished before it is sent, so discord.py keeps nothing of it."""
    modal = discord.ui.Modal(title=title, custom_id=custom_id)
    for field in fields:
        modal.add_item(field)
    modal.stop()
    return modal


def words_field(
    label: str,
    name: str,
    default: str = "",
    *,
    required: bool = True,
    max_length: int = FIELD_CHARACTERS,
) -> discord.ui.TextInput[Any]:
    """Make a field of a form for a text of several lines."""
    return discord.ui.TextInput(
        label=label,
        custom_id=name,
        style=discord.TextStyle.paragraph,
        default=default[:max_length],
        required=required,
        max_length=max_length,
    )


def fields_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Read the fields of a submitted form, whether Discord wrapped them in rows or in labels."""
    found: dict[str, str] = {}
    for part in data.get("components", ()):
        inner = part.get("components") or [part.get("component") or part]
        found |= {item["custom_id"]: item.get("value", "") for item in inner if "custom_id" in item}
    return found
