"""What stands in a channel or a DM: the place of a job, and its result.

What was asked for is repeated only where the job is public.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from bot.domain import JobId, PersonId
from bot.policy.results import AGAIN, PICKS, REMIX, VARIATIONS
from bot.ports import Button, File, Post
from bot.words.echo import echo

ALT_TEXT = "Picture made by AI"
SMALLER = "\n-# Encoded smaller, to fit what Discord takes here."

_BAR_CELLS = 10
_TELLING_SECONDS = 1.0
_WAITING = "Waiting to start"
_INTERRUPTED = "Interrupted; it begins again by itself"
_SUFFIXES = {b"RIFF": ".webp", b"\x89PNG": ".png"}


@dataclass(frozen=True)
class PublicShown:
    """What everybody may read of a public job; `prompt` is None when its owner hides it.

    It is empty where somebody brought a picture and said no word. `made` names what is made of a
    picture (`words.results.made_as`), and nothing of what was said.
    """

    job: JobId
    owner: PersonId
    prompt: str | None = field(repr=False)
    is_spoiler: bool = False
    made: str = ""


@dataclass(frozen=True)
class StealthShown:
    """What a stealth job's messages say: nothing of it, not even to its owner.

    `ticket` is what the result's buttons carry to open the recipe; `until` its last day.
    """

    job: JobId
    owner: PersonId
    ticket: str = field(default="", repr=False)
    until: str = ""
    is_spoiler: bool = False


Shown = PublicShown | StealthShown


def waiting(shown: Shown, position: int = 0, *, was_interrupted: bool = False) -> Post:
    """The place of a job that waits to start, or to start again.

    Where it stands in line, only its owner reads.
    """
    said = _INTERRUPTED if was_interrupted else _WAITING
    alone = isinstance(shown, StealthShown) and position
    return _place(shown, f"({said} · #{position} in line)" if alone else f"({said})")


def changing_models(shown: Shown) -> Post:
    """The place of a job whose model is being loaded."""
    return _place(shown, "(Changing models, which takes a moment)")


def progress(
    shown: Shown,
    step: int,
    steps: int,
    preview: bytes | None,
    *,
    seconds: float = 0.0,
    shows_stealth: bool = False,
) -> Post:
    """The place of a job that runs, `seconds` after its start.

    A preview is shown in public; in its owner's DM only if they turned that on, `shows_stealth`.
    """
    done = step / steps
    cells = int(done * _BAR_CELLS)
    bar = "▰" * cells + "▱" * (_BAR_CELLS - cells)
    may_show = shows_stealth if isinstance(shown, StealthShown) else True
    name = f"{_covered(shown)}preview.jpg"
    pictures = (File(name, preview),) if preview and may_show else ()
    status = f"{bar} {done:.0%} · step {step} of {steps}{_times(step, steps, seconds)}"
    return _place(shown, status, pictures)


def _times(step: int, steps: int, seconds: float) -> str:
    """How long it has taken, how long it will, and how fast it is: once that can be told."""
    if not step or seconds < _TELLING_SECONDS:
        return ""
    left = (steps - step) * seconds / step
    return (
        f" · {seconds:.0f} s so far, about {left:.0f} s left · {step / seconds:.2g} steps a second"
    )


def result(
    shown: Shown,
    pictures: Sequence[bytes],
    *,
    notify: bool,
    are_smaller: bool = False,
    offered: Collection[str] = (AGAIN,),
) -> Post:
    """The finished job, where its place stood. `offered`: what can be made of it by a press."""
    files = tuple(
        File(f"{_covered(shown)}image-{number}{suffix_of(content)}", content, ALT_TEXT)
        for number, content in enumerate(pictures, start=1)
    )
    return Post(
        content=_headline(shown, "") + (SMALLER if are_smaller else ""),
        files=files,
        buttons=result_buttons(shown, offered),
        mention=shown.owner if notify else None,
    )


def _covered(shown: Shown) -> str:
    """Begin the name of a file that Discord is to cover until it is clicked."""
    return "SPOILER_" if shown.is_spoiler else ""


def suffix_of(content: bytes) -> str:
    """Name the format of an encoded picture by its first bytes; a shrunk one may be JPEG."""
    return _SUFFIXES.get(content[:4], ".jpg")


def _place(shown: Shown, status: str, pictures: tuple[File, ...] = ()) -> Post:
    return Post(_headline(shown, status), pictures, (cancel_button(shown.job),))


def _headline(shown: Shown, status: str) -> str:
    match shown:
        case PublicShown(prompt=None):
            line = f"{shown.made or 'A picture'} by <@{shown.owner}> · words hidden"
        case PublicShown(prompt=""):
            line = f"{shown.made or 'A picture'} by <@{shown.owner}>"
        case PublicShown(prompt=str(prompt)):
            made = f" · {shown.made}" if shown.made else ""
            line = f"**{echo(prompt)}**{made} – <@{shown.owner}>"
        case StealthShown():
            line = "Your stealth job" if status else _stealth_result(shown)
    seen = "public" if isinstance(shown, PublicShown) else "stealth"
    return f"{line} {status} · {seen}" if status else line


def _stealth_result(shown: StealthShown) -> str:
    until = f" · its buttons work until {shown.until}" if shown.until else ""
    return f"Your stealth picture · posted nowhere else{until}"


_FOLLOWING: tuple[tuple[tuple[str, str, str | None], ...], ...] = (
    tuple((verb, verb.upper(), None) for verb in PICKS),
    tuple((verb, verb.upper(), None) for verb in VARIATIONS),
    (
        ("x2", "Upscale 2×", "⬆️"),
        ("x4", "Upscale 4×", "⬆️"),
        ("vs", "Vary subtly", None),
        ("vl", "Vary strongly", None),
    ),
    (("z15", "Zoom out 1.5×", "🔍"), ("z20", "Zoom out 2×", "🔍")),
    (("panl", "Left", "◀️"), ("panr", "Right", "▶️"), ("panu", "Up", "🔼"), ("pand", "Down", "🔽")),
)
"""What makes something of a picture, row by row: verb, label, emoji."""


def result_buttons(shown: Shown, offered: Collection[str]) -> tuple[Button, ...]:
    """The buttons under a result. Those that need its recipe carry, of stealth, its only key."""
    name = shown.job if isinstance(shown, PublicShown) else shown.ticket
    rows = [[*_report_buttons(shown), delete_button(shown.job)]]
    if name:
        following = [_follow_buttons(name, row, offered) for row in _FOLLOWING]
        rows = [*following, _recipe_buttons(shown, name, offered), *rows]
    return tuple(
        replace(button, row=number)
        for number, row in enumerate(filter(None, rows))
        for button in row
    )


def _follow_buttons(
    name: str, row: Sequence[tuple[str, str, str | None]], offered: Collection[str]
) -> list[Button]:
    return [
        Button(f"v1:{verb}:{name}", label, emoji) for verb, label, emoji in row if verb in offered
    ]


def _recipe_buttons(shown: Shown, name: str, offered: Collection[str]) -> list[Button]:
    again = [Button(f"v1:again:{name}", "Again", "🔄")] if AGAIN in offered else []
    remix = [Button(f"v1:remix:{name}", "Remix", "✏️")] if REMIX in offered else []
    star = [Button(f"v1:star:{name}", "Keep", "⭐")] if isinstance(shown, PublicShown) else []
    return [*again, *remix, Button(f"v1:recipe:{name}", "Recipe", "📋"), *star]


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
