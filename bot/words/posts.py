"""What stands in a channel or a DM: the place of a job, and its result.

What was asked for is repeated only where the job is public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain import JobId, PersonId
from bot.ports import Button, File, Post
from bot.words.echo import echo

ALT_TEXT = "Picture made by AI"
SMALLER = "\n-# Encoded smaller, to fit what Discord takes here."

_BAR_CELLS = 10
_SUFFIXES = {b"RIFF": ".webp", b"\x89PNG": ".png"}


@dataclass(frozen=True)
class PublicShown:
    """What everybody may read of a public job; `prompt` is None when its owner hides it."""

    job: JobId
    owner: PersonId
    prompt: str | None = field(repr=False)


@dataclass(frozen=True)
class StealthShown:
    """What a stealth job's messages say: nothing of it, not even to its owner.

    `ticket` is what the result's buttons carry to open the recipe; `until` its last day.
    """

    job: JobId
    owner: PersonId
    ticket: str = field(default="", repr=False)
    until: str = ""


Shown = PublicShown | StealthShown


def waiting(shown: Shown) -> Post:
    """The place of a job that has not started."""
    return _place(shown, "(Waiting to start)")


def progress(shown: Shown, step: int, steps: int, preview: bytes | None) -> Post:
    """The place of a job that runs; a preview is only ever shown in public."""
    done = step / steps
    cells = int(done * _BAR_CELLS)
    bar = "▰" * cells + "▱" * (_BAR_CELLS - cells)
    public = isinstance(shown, PublicShown)
    pictures = (File("preview.jpg", preview),) if preview and public else ()
    return _place(shown, f"{bar} {done:.0%} · step {step} of {steps}", pictures)


def result(
    shown: Shown, pictures: Sequence[bytes], *, notify: bool, are_smaller: bool = False
) -> Post:
    """The finished job, where its place stood."""
    files = tuple(
        File(f"image-{number}{suffix_of(content)}", content, ALT_TEXT)
        for number, content in enumerate(pictures, start=1)
    )
    return Post(
        content=_headline(shown, "") + (SMALLER if are_smaller else ""),
        files=files,
        buttons=(*_recipe_buttons(shown), *_report_buttons(shown), delete_button(shown.job)),
        mention=shown.owner if notify else None,
    )


def suffix_of(content: bytes) -> str:
    """Name the format of an encoded picture by its first bytes; a shrunk one may be JPEG."""
    return _SUFFIXES.get(content[:4], ".jpg")


def _place(shown: Shown, status: str, pictures: tuple[File, ...] = ()) -> Post:
    return Post(_headline(shown, status), pictures, (cancel_button(shown.job),))


def _headline(shown: Shown, status: str) -> str:
    match shown:
        case PublicShown(prompt=None):
            line = f"A picture by <@{shown.owner}> · words hidden"
        case PublicShown(prompt=str(prompt)):
            line = f"**{echo(prompt)}** – <@{shown.owner}>"
        case StealthShown():
            line = "Your stealth job" if status else _stealth_result(shown)
    seen = "public" if isinstance(shown, PublicShown) else "stealth"
    return f"{line} {status} · {seen}" if status else line


def _stealth_result(shown: StealthShown) -> str:
    until = f" · 🔄 and 📋 work until {shown.until}" if shown.until else ""
    return f"Your stealth picture · posted nowhere else{until}"


def _recipe_buttons(shown: Shown) -> tuple[Button, ...]:
    """The buttons that need the recipe. A stealth one carries its only key."""
    ticket = shown.job if isinstance(shown, PublicShown) else shown.ticket
    if not ticket:
        return ()
    return (
        Button(f"v1:again:{ticket}", "Again", "🔄"),
        Button(f"v1:recipe:{ticket}", "Recipe", "📋"),
    )


def _report_buttons(shown: Shown) -> tuple[Button, ...]:
    """Only of what others can see."""
    return (report_button(shown.job),) if isinstance(shown, PublicShown) else ()


def report_button(job: JobId) -> Button:
    """The button that asks why a public result is to be reported."""
    return Button(f"v1:report:{job}", "Report", "🚩")


def cancel_button(job: JobId) -> Button:
    """The button that ends a waiting or running job; its id is how the place is found again."""
    return Button(f"v1:cancel:{job}", "Cancel")


def only_me_button(job: JobId) -> Button:
    """The button that takes a public job out of others' sight, before and after it is posted."""
    return Button(f"v1:onlyme:{job}", "Only me", "🔒")


def delete_button(job: JobId) -> Button:
    """The button that takes a result back; its id is how the result is found again."""
    return Button(f"v1:delete:{job}", "Delete", "🗑️", danger=True)
