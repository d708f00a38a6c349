"""What is read of pictures that somebody brings: the declaration, the menus, the forms."""

from __future__ import annotations

from bot.domain import Question
from bot.ports import Button, Post

DECLARATION = (
    "**Declaration of rights and consent.** For every picture I upload: I have the right to use "
    "it, and everybody who can be recognised in it consents to what I have made of it."
)
"""The wording; `bot.policy.declaration.VERSION` counts its versions."""

INPUT_MENU = "Use as input"
RECIPE_MENU = "Recipe"
DELETE_MENU = "Delete"
"""Entries in a message's own menu, under Apps."""

INPUT_TITLE = "Start from this picture"
INPUT_LABEL = "What is to become of it?"
INPUT_HINT = "Words, if you like. --strength 0.1 changes little, --strength 1 nearly everything"

NO_PICTURE_THERE = (
    "There is no picture in that message that I take. Use the menu on a message with a PNG, JPEG "
    "or WebP in it."
)
FORGOTTEN_PICTURE = (
    "I have forgotten which picture that was, as I do after 15 minutes and when I restart. Open "
    "the message's menu again; nothing was queued or counted."
)
NO_RESULT_THERE = (
    "That message is no finished picture of mine with that button under it, so there is nothing "
    "to do. Use the menu on one."
)


def rights_question(question: Question) -> Post:
    """Ask for the declaration, before the first picture of somebody's is fetched."""
    return Post(
        "\n".join(
            [
                DECLARATION,
                "I ask this once, before the first picture of yours is used. Nothing is fetched, "
                "queued or counted until you choose; `/privacy declaration` shows it and takes it "
                "back.",
                "-# I keep your picture sealed until its job ends, and not after. Discord itself "
                "keeps what you attach for as long as it chooses, out of my reach.",
            ]
        ),
        buttons=(
            Button(f"v1:post:{question.id}", "I declare it"),
            Button(f"v1:drop:{question.id}", "Cancel"),
        ),
    )
