"""What a picture shows, in words; and the words again, out of the answer that said them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.ports import Button, Post
from bot.words.echo import echo

VERB = "caption"
NUMBERS = (1, 2, 3, 4)

_TAUGHT = (
    "-# A model on the operator's machine looked at it once, for this answer; the picture was "
    "read in memory."
)


def described(captions: Sequence[str], ratio: str) -> Post:
    """Answer to `/describe`: each caption on a line of its own, and a button that opens a form."""
    lines = ["**What I see**"]
    lines += [f"{number}. {echo(said)}" for number, said in zip(NUMBERS, captions, strict=False)]
    lines += [f"**Shape to ask for** {ratio}", _TAUGHT]
    buttons = tuple(
        Button(f"v1:{VERB}{number}:{ratio}", f"Imagine {number}")
        for number in NUMBERS[: len(captions)]
    )
    return Post("\n".join(lines), buttons=buttons)


def caption_of(content: str, number: int) -> str:
    """Read one caption back out of the answer that showed it, or nothing."""
    found = re.search(rf"^{number}\. (.*)$", content, re.MULTILINE)
    return re.sub(r"\\(.)", r"\1", found[1]).replace("\u200b", "") if found else ""
