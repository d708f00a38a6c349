"""What stands in a channel or a DM: the place of a job, and its result.

What was asked for is repeated only where the job is public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from bot.domain import JobId, PersonId, Visibility
from bot.ports import Button, Picture, Post
from bot.words.echo import echo

ALT_TEXT = "Picture made by AI"

_BAR_CELLS = 10
_SUFFIXES = {b"RIFF": ".webp", b"\x89PNG": ".png"}


@dataclass(frozen=True)
class Shown:
    """What a place may say of a job: everything for a public one, nothing of it for stealth.

    `prompt` is None for stealth: its words are never written anywhere, not even to their owner.
    """

    job: JobId
    owner: PersonId
    visibility: Visibility
    prompt: str | None = field(repr=False)


def waiting(shown: Shown) -> Post:
    """The place of a job that has not started."""
    return _place(shown, "(Waiting to start)")


def progress(shown: Shown, step: int, steps: int, preview: bytes | None) -> Post:
    """The place of a job that runs; a preview is only ever shown in public."""
    done = step / steps
    cells = int(done * _BAR_CELLS)
    bar = "▰" * cells + "▱" * (_BAR_CELLS - cells)
    public = shown.visibility is Visibility.PUBLIC
    pictures = (Picture("preview.jpg", preview),) if preview and public else ()
    return _place(shown, f"{bar} {done:.0%} · step {step} of {steps}", pictures)


def result(shown: Shown, pictures: Sequence[bytes], *, notify: bool) -> Post:
    """The finished job, where its place stood."""
    files = tuple(
        Picture(f"image-{number}{suffix_of(content)}", content, ALT_TEXT)
        for number, content in enumerate(pictures, start=1)
    )
    return Post(
        content=_headline(shown, ""),
        pictures=files,
        buttons=(delete_button(shown.job),),
        mention=shown.owner if notify else None,
    )


def suffix_of(content: bytes) -> str:
    """Name the format of an encoded picture by its first bytes; a shrunk one may be JPEG."""
    return _SUFFIXES.get(content[:4], ".jpg")


def _place(shown: Shown, status: str, pictures: tuple[Picture, ...] = ()) -> Post:
    return Post(_headline(shown, status), pictures, (cancel_button(shown.job),))


def _headline(shown: Shown, status: str) -> str:
    match shown.visibility:
        case Visibility.PUBLIC:
            line = f"**{echo(shown.prompt or '')}** – <@{shown.owner}>"
        case Visibility.STEALTH:
            line = "Your stealth job" if status else "Your stealth picture · posted nowhere else"
        case _:
            assert_never(shown.visibility)
    return f"{line} {status}".rstrip()


def cancel_button(job: JobId) -> Button:
    """The button that ends a waiting or running job; its id is how the place is found again."""
    return Button(f"v1:cancel:{job}", "Cancel")


def delete_button(job: JobId) -> Button:
    """The button that takes a result back; its id is how the result is found again."""
    return Button(f"v1:delete:{job}", "Delete", "🗑️", danger=True)
