"""What can be made of a picture that stands: each button as the ask it stands for.

The picture comes from the message that was pressed, its words and parameters from the recipe. Where
the message has it no more, it is made again from words and seed: that picture is pressed next.

Only what the model's family can serve is offered (`gen.abilities`), and nothing larger than its
plan or its message allows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain import Ask, Private, Upload, Visibility
from bot.policy.prompt import MAX_GUIDANCE, MAX_STEPS, MIN_GUIDANCE, ratio
from bot.policy.starts import LONGEST_UPSCALED_PX
from gen import abilities
from gen.card import Card
from gen.job import MAX_PICTURES, Kind, Side, Spec

SUBTLY, STRONGLY = 0.35, 0.75
"""By how much a variation differs: a third of the steps keeps what is where, three quarters only
the colours (https://huggingface.co/docs/diffusers/using-diffusers/img2img, *strength*)."""


@dataclass(frozen=True)
class Follow:
    """What a button makes of a picture. `position` says of which one in its message.

    `strength` None: as the model's card says of an upscale, or as its owner prefers of a variation.
    """

    kind: Kind
    position: int = 0
    strength: float | None = None
    scale: float | None = None
    towards: Side | None = None


AGAIN, REMIX = "again", "remix"

PICKS = {f"u{n + 1}": Follow(Kind.UPSCALE, n, 0.0, 1.0) for n in range(MAX_PICTURES)}
VARIATIONS = {f"v{n + 1}": Follow(Kind.VARY, n) for n in range(MAX_PICTURES)}
UPSCALES = {f"x{scale}": Follow(Kind.UPSCALE, scale=float(scale)) for scale in (2, 4)}
CHANGES = {"vs": Follow(Kind.VARY, strength=SUBTLY), "vl": Follow(Kind.VARY, strength=STRONGLY)}
ZOOMS = {"z15": Follow(Kind.ZOOM, scale=1.5), "z20": Follow(Kind.ZOOM, scale=2.0)}
PANS = {f"pan{side.value[0]}": Follow(Kind.PAN, towards=side) for side in Side}

FOLLOWS = PICKS | VARIATIONS | UPSCALES | CHANGES | ZOOMS | PANS
"""By the verb of each button."""


def offered(card: Card, spec: Spec, max_pixels: int | None = None) -> frozenset[str]:
    """Name what can be pressed under a result. `max_pixels`: of its owner's plan, if any.

    What started from a picture cannot be repeated: that picture was gone with its job.
    """
    one = spec.pictures == 1
    follows = UPSCALES | CHANGES | ZOOMS | PANS if one else PICKS | VARIATIONS
    verbs = {
        verb
        for verb, follow in follows.items()
        if follow.position < spec.pictures
        and not abilities.lacking(card.family, _become(spec, card, follow))
        and _fits(spec, follow, max_pixels)
    }
    return frozenset(verbs | ({AGAIN, REMIX} if spec.kind is Kind.IMAGINE else {REMIX}))


def _fits(spec: Spec, follow: Follow, max_pixels: int | None) -> bool:
    if follow.kind is not Kind.UPSCALE or follow.scale == 1:
        return True
    width, height = (round(side * (follow.scale or 1)) for side in (spec.width, spec.height))
    within = max_pixels is None or width * height <= max_pixels
    return within and max(width, height) <= LONGEST_UPSCALED_PX


def _become(spec: Spec, card: Card, follow: Follow) -> Spec:
    """Give the spec such a press would lead to, as far as a family minds."""
    strength = follow.strength
    if strength is None:
        strength = card.upscale_strength if follow.kind is Kind.UPSCALE else STRONGLY
    if follow.kind in (Kind.ZOOM, Kind.PAN):
        strength = 1.0
    return replace(spec, kind=follow.kind, inputs=1, masked=False, strength=strength)


def repeated(base: Ask, spec: Spec, seen: Visibility) -> Ask:
    """Ask for the same once more, with a new seed. Of stealth nothing but stealth can come.

    `base` says who asks and where.
    """
    return replace(
        base,
        prompt=Private(spec.prompt),
        negative_prompt=Private(spec.negative_prompt),
        is_read=True,
        aspect_ratio=f"{spec.width}:{spec.height}",
        steps=min(spec.steps, MAX_STEPS),
        guidance=spec.guidance if MIN_GUIDANCE <= spec.guidance <= MAX_GUIDANCE else None,
        count=spec.pictures,
        sampler=spec.sampler or None,
        stop=round(spec.stop * 100) if spec.stop < 1 else None,
        tile=spec.tile,
        model=spec.model or None,
        loras=spec.loras,
        visibility=Visibility.STEALTH if seen is Visibility.STEALTH else None,
        parent=seen,
    )


def made_again(base: Ask, spec: Spec, seen: Visibility, position: int) -> Ask:
    """Ask for one picture of a result as it was: the same words, the same seed."""
    return replace(repeated(base, spec, seen), seed=spec.seeds[position] % 2**32, count=1)


def followed(
    base: Ask,
    spec: Spec,
    seen: Visibility,
    follow: Follow,
    picture: Upload,
    *,
    upscale_strength: float = 0.0,
    varies_strongly: bool = True,
) -> Ask:
    """Ask for what a button makes of a picture. Its size is the picture's own affair."""
    strength = follow.strength
    if strength is None and follow.kind is Kind.UPSCALE:
        strength = upscale_strength
    if strength is None and follow.kind is Kind.VARY:
        strength = STRONGLY if varies_strongly else SUBTLY
    return replace(
        repeated(base, spec, seen),
        aspect_ratio=None,
        kind=follow.kind,
        count=spec.pictures if follow in VARIATIONS.values() else 1,
        uploads=(picture,),
        strength=strength,
        scale=follow.scale,
        towards=follow.towards,
    )


def reworded(ask: Ask, line: str) -> Ask:
    """Ask for it in other words: a whole line, with parameters, as somebody has just typed it."""
    plain = Ask(
        interaction_id=ask.interaction_id,
        interaction_token=ask.interaction_token,
        person=ask.person,
        where=ask.where,
        prompt=Private(line),
    )
    return replace(
        plain,
        kind=ask.kind,
        uploads=ask.uploads,
        strength=ask.strength,
        model=ask.model if ask.model and not _is_one_word(ask.model) else None,
        role_ids=ask.role_ids,
        entitlements=ask.entitlements,
        parent=ask.parent,
    )


def line_of(spec: Spec, card: Card, *, of: Kind = Kind.IMAGINE) -> str:
    """Write a recipe as the line that asks for it, with a seed of its own each time.

    What the model does anyway is left out, and so is the shape where a picture gives it.
    """
    said: dict[str, object] = {}
    if of is Kind.IMAGINE and (spec.width, spec.height) != (card.width, card.height):
        said["ar"] = ratio(spec.width, spec.height)
    if spec.pictures > 1:
        said["count"] = spec.pictures
    if spec.steps != card.steps:
        said["steps"] = spec.steps
    if spec.guidance != card.guidance:
        said["cfg"] = f"{spec.guidance:g}"
    if spec.sampler:
        said["sampler"] = spec.sampler
    if spec.stop < 1:
        said["stop"] = round(spec.stop * 100)
    if spec.model and spec.model != card.name and _is_one_word(spec.model):
        said["model"] = spec.model
    words = [_escaped(spec.prompt), *(f"--{name} {value}" for name, value in said.items())]
    words += [f"--lora {name}:{weight:g}" for name, weight in spec.loras]
    words += ["--tile"] * spec.tile
    words += [f"--no {_escaped(spec.negative_prompt)}"] * bool(spec.negative_prompt)
    return " ".join(words)


def _is_one_word(name: str) -> bool:
    """Whether a line can name a model so: a parameter's value is one word."""
    return not any(char.isspace() for char in name)


def _escaped(text: str) -> str:
    return text.replace("{", r"\{").replace("}", r"\}")
