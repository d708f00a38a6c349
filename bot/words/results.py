"""What an owner reads of a result: its recipe, what a press on it makes, the copy in their DM."""

from __future__ import annotations

from dataclasses import replace

from bot.domain import JobId
from bot.policy.results import STRONGLY, SUBTLY, VARIATIONS, Follow
from bot.ports import Button, File, Post
from bot.words.echo import ECHO_LIMIT, echo
from bot.words.pages import pages
from gen.card import Card
from gen.job import Kind, Spec

CONTENT_LIMIT = 2000
"""Characters of a message (https://discord.com/developers/docs/resources/message)."""

COPY_TEXT_LIMIT = 1400
"""Characters of a prompt that a copy repeats, within a message; 📋 has it whole."""

REMIX_TITLE, REMIX_LABEL = "Say it in other words", "Words, and parameters behind them"

NO_START_LEFT = (
    "This one started from a picture, and that picture was gone with its job, so it cannot be made "
    "again. What changes the picture that stands there still works, and so does /imagine."
)
NO_PICTURE = (
    "The picture is not in this message any more, and it cannot be made again from words alone: it "
    "started from another picture that was gone with its job. Please start anew with /imagine."
)
NO_SUCH_PICTURE = "This result has fewer pictures than that."
REMIX_TOO_LONG = (
    "These words are longer than Discord's form can hold. 📋 shows them; change them with /imagine."
)
COPY_LABEL = "Delete this copy"
COPY_DELETED = "The copy is deleted. The picture it was copied from stands where it stood."
NO_STAR_FOR_STEALTH = (
    "⭐ keeps recipes of public pictures only. Of a stealth picture nothing here may say that it "
    "is dear to you: its buttons end on the day the message names, and the picture is yours here."
)


def recipe(
    spec: Spec, card: Card | None = None, *, kept: str = "", starred: bool = False
) -> list[str]:
    """Show an owner what a picture was made from, whole, as messages.

    `card` is its model's, if that is still there; `kept` says until when the recipe is.
    """
    seeds = ", ".join(map(str, spec.seeds))
    numbers = [
        f"**Size** {spec.width}×{spec.height}",
        f"**Steps** {spec.steps}",
        f"**Guidance** {spec.guidance:g}",
        f"**Seed** {seeds}",
        *([f"**Sampler** {spec.sampler}"] if spec.sampler else []),
        *([f"**Stopped at** {spec.stop:.0%}"] if spec.stop < 1 else []),
        *(["**Tile** its edges meet"] if spec.tile else []),
    ]
    return pages(
        [
            *_whole("Prompt", spec.prompt),
            *_whole("Negative prompt", spec.negative_prompt),
            " · ".join(numbers),
            *([f"**Made as** {_kind(spec)}"] if spec.kind is not Kind.IMAGINE else []),
            *_model(spec, card),
            *([f"**Kept** {kept}{', because you starred it' if starred else ''}"] if kept else []),
        ]
    )


def kept_until(expires_at: int | None, last_day: str) -> str:
    """Say until when a recipe is kept, and its buttons with it."""
    if expires_at is not None:
        return f"until <t:{expires_at}:f>; until then its buttons work"
    return f"until {last_day}; until then its buttons work" if last_day else ""


def _model(spec: Spec, card: Card | None) -> list[str]:
    """Name the model, where it is from, and what its licence says."""
    name = card.name if card else spec.model
    if not name:
        return []
    parts = [f"**Model** {echo(name)}"]
    if card is not None:
        parts.append(f"licence {echo(card.licence)}")
        parts += [echo(card.source)] if card.source else []
    lines = [" · ".join(parts)]
    if card is not None and card.use_limits:
        lines.append(f"**Use limits** {echo(card.use_limits)}")
    if spec.loras:
        said = ", ".join(f"{echo(name)} {weight:g}" for name, weight in spec.loras)
        lines.append(f"**LoRAs** {said}")
    return lines


def _kind(spec: Spec) -> str:
    """Say what was made of another picture."""
    match spec.kind:
        case Kind.VARY if spec.masked:
            return f"a part of a picture painted anew, changed by {spec.strength:.0%}"
        case Kind.VARY:
            return f"a variation of a picture, changed by {spec.strength:.0%}"
        case Kind.BLEND:
            return f"a blend of {spec.inputs} pictures, changed by {spec.strength:.0%}"
        case Kind.UPSCALE:
            return "a picture shown alone" if spec.scale == 1 else _upscaled(spec)
        case Kind.ZOOM:
            return f"a picture zoomed out {spec.scale:g}×"
        case _:
            return f"a picture whose view moved {spec.towards or 'aside'}"


def _upscaled(spec: Spec) -> str:
    how = (
        f"repainted by {spec.strength:.0%}" if spec.strength else "resampled, nothing painted anew"
    )
    return f"a picture enlarged {spec.scale:g}×, {how}"


def made_as(spec: Spec) -> str:
    """Name what is made of a picture, for everybody who sees it; of words alone nothing is named.

    The names are those that people know of Midjourney (https://docs.midjourney.com, *Upscalers*,
    *Variations*, *Zoom Out*, *Pan*, *Blend*).
    """
    match spec.kind:
        case Kind.IMAGINE:
            return ""
        case Kind.VARY:
            how = "region" if spec.masked else _HOW_MUCH.get(spec.strength, "")
            return f"Variation{'s' if spec.pictures > 1 else ''}{f' ({how})' if how else ''}"
        case Kind.BLEND:
            return "Blend"
        case Kind.UPSCALE:
            return "Image" if spec.scale == 1 else f"Upscaled {spec.scale:g}×"
        case Kind.ZOOM:
            return f"Zoomed out {spec.scale:g}×"
        case Kind.PAN:
            return f"Panned {spec.towards or 'aside'}"


_HOW_MUCH = {SUBTLY: "subtle", STRONGLY: "strong"}
_HOW_CHANGED = {SUBTLY: ", changed a little", STRONGLY: ", changed a lot"}


def following(follow: Follow, strength: float | None) -> str:
    """Say what is being made of the picture, above what is said of every job."""
    match follow.kind:
        case Kind.UPSCALE if follow.scale == 1:
            return f"Picture {follow.position + 1}, alone: nothing is painted anew."
        case Kind.UPSCALE if strength:
            return f"{follow.scale:g}× as large, repainted by {strength:.0%}."
        case Kind.UPSCALE:
            return f"{follow.scale:g}× as large, resampled: nothing is painted anew."
        case Kind.VARY:
            said = _HOW_CHANGED.get(strength or 0.0, "")
            several = follow in VARIATIONS.values()
            which = f"Variations of picture {follow.position + 1}"
            return f"{which if several else 'A variation of this picture'}{said}."
        case Kind.ZOOM:
            return f"Zoomed out {follow.scale:g}×: what is around it is painted."
        case _:
            return f"The view moves {follow.towards}: what comes into sight is painted."


def under(line: str, post: Post) -> Post:
    """Put a line above an answer; none: the answer alone."""
    return replace(post, content=f"{line}\n{post.content}"[:CONTENT_LIMIT]) if line else post


def made_again(position: int) -> str:
    """Say that a picture has to be made again before anything can be made of it."""
    return (
        f"The picture is not in this message, so I make picture {position + 1} again, from the "
        "same words and seed. Press the button you want under that one."
    )


def starred(expires_at: int, *, is_starred: bool) -> str:
    """Answer to ⭐: until when the recipe is kept now."""
    if is_starred:
        return (
            f"⭐ Its recipe is kept until <t:{expires_at}:f>, as long as it may be; until then its "
            "buttons work. Press again, or take your ⭐ away, to keep it no longer than others. "
            "The message itself stands as long as it would anyway."
        )
    return f"No ⭐ any more: its recipe is kept until <t:{expires_at}:f>, as others are."


def copied(
    job: JobId,
    files: tuple[File, ...],
    prompt: str | None,
    seeds: tuple[int, ...],
    source: str,
    made: str = "",
) -> Post:
    """The copy of a public result in its owner's DM. `prompt` is None when its recipe is gone.

    `made` is its name where it was made of a picture (`made_as`).
    """
    lines = [f"A copy of your public picture: {source}"]
    if made:
        lines.append(f"**Made as** {made}")
    if prompt:
        lines.append(f"**Prompt** {echo(prompt)[:COPY_TEXT_LIMIT]}")
    if prompt is not None:
        lines.append(f"**Seed** {', '.join(map(str, seeds))}")
    lines.append(f"**Job** {job}")
    lines.append("-# A copy is yours: it stays when the public one goes, until you delete it.")
    return Post("\n".join(lines), files, (copy_button(job),))


def copy_button(job: JobId) -> Button:
    """The button that removes a copy; its id is how the copy is found again."""
    return Button(f"v1:uncopy:{job}", COPY_LABEL, "🗑️", danger=True)


def _whole(label: str, text: str) -> list[str]:
    """Repeat a text of any length, in pieces that an echo does not cut."""
    starts = range(0, len(text), ECHO_LIMIT // 2)
    pieces = [echo(text[start : start + ECHO_LIMIT // 2]) for start in starts]
    return [f"**{label}** {pieces[0]}", *pieces[1:]] if pieces else []
