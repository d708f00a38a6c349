"""What a prompt's parameters say becomes fields of its ask, and what some of them stand for.

A parameter that disagrees with the command's own option is refused; what its owner only keeps for
their prompts gives way to it. What is typed into the form of a button says it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from bot.domain import Ask, At, Cause, Private, Refusal
from bot.policy.lines import Job
from bot.policy.parameters import Given, together_with
from bot.policy.prompt import MAX_GUIDANCE, MAX_SEED
from gen import abilities
from gen.card import Card
from gen.job import Kind, Spec

USUAL_STYLIZE = 100

_UNSAID = {each.name: each.default for each in fields(Ask)} | {"negative_prompt": Private("")}
_OF_PICTURES = ("strength", "image_weight")


def put(ask: Ask, job: Job) -> Ask | Refusal:
    """Put what one job's parameters say into its ask."""
    values: dict[str, Any] = {"prompt": Private(job.words)}
    has_picture = ask.kind is not Kind.IMAGINE or bool(ask.uploads or ask.inputs)
    for name, given in job.given.items():
        value, is_habit = _value(given), given.at == At(None)
        if name in _OF_PICTURES and not has_picture:
            if is_habit:
                continue
            return Refusal(Cause.PARAMETER_NEEDS_IMAGE, {"name": given.name, "at": given.at})
        if _is_said_otherwise(ask, name, value):
            if is_habit:
                continue
            if ask.parent is None:
                return Refusal(
                    Cause.PARAMETERS_DISAGREE,
                    {"one": given.name, "other": "", "at": given.at},
                )
            values |= {other: _UNSAID[other] for other in together_with(name)}
        values[name] = value
    return replace(ask, **values)


def repeated(ask: Ask) -> list[Ask]:
    """Give a job as often as it is to be repeated; seeds go on where the last one's ended."""
    once = replace(ask, repeat=1)
    if ask.seed is None:
        return [once] * ask.repeat
    seeds = (ask.seed + number * ask.count for number in range(1, ask.repeat))
    return [once, *(replace(once, seed=seed % (MAX_SEED + 1)) for seed in seeds)]


def guidance_of(usual: float, stylize: int) -> float:
    """Give the guidance that a `--stylize` stands for: the more style, the less the words count.

    `usual` is the model's own, which 100 stands for. What is above 1 (no guidance at all) grows to
    one and a half times as much at 0, and shrinks to a half at 1000, both evenly. Midjourney says
    of its own that low values match the prompt closely, and high ones connect less to it
    (https://docs.midjourney.com/docs/stylize-1); this is no copy of it, but points the same way.
    """
    if stylize <= USUAL_STYLIZE:
        factor = 1.5 - 0.5 * stylize / USUAL_STYLIZE
    else:
        factor = 1.0 - 0.5 * (stylize - USUAL_STYLIZE) / (1000 - USUAL_STYLIZE)
    return min(MAX_GUIDANCE, 1 + (usual - 1) * factor)


def guidance_said(ask: Ask, card: Card) -> float:
    """Give the guidance that an ask means: its number, its style's, or the model's own."""
    if ask.guidance is not None:
        return ask.guidance
    return card.guidance if ask.stylize is None else guidance_of(card.guidance, ask.stylize)


def has_own_strength(ask: Ask) -> bool:
    """Whether the weight of a picture says how far it is changed."""
    return ask.image_weight is not None and ask.strength is None


def check_for(ask: Ask, card: Card) -> Refusal | None:
    """Say what of an ask this model has no such thing of."""
    for name, _ in ask.loras:
        if card.lora(name) is None:
            known = tuple(lora.name for lora in card.loras)
            return Refusal(Cause.NO_SUCH_LORA, {"model": card.name, "loras": known})
    if ask.stylize is not None and card.guidance <= 1:
        return Refusal(Cause.NO_GUIDANCE, {"model": card.name, "what": "--stylize"})
    return None


def loras_of(ask: Ask, card: Card) -> tuple[tuple[str, float], ...]:
    """Name the LoRAs as the card does, each with the weight that was said, or its own."""
    named = [(card.lora(name), weight) for name, weight in ask.loras]
    return tuple(
        (lora.name, lora.weight if weight is None else weight) for lora, weight in named if lora
    )


def unserved(card: Card, spec: Spec) -> Refusal | None:
    """Say what of a job this model's family cannot do: it is named, never left out."""
    if lacking := abilities.lacking(card.family, spec):
        what: Sequence[str] = tuple(lacking)
        return Refusal(Cause.MODEL_CANNOT, {"model": card.name, "lacking": what})
    if spec.negative_prompt and not spec.guided:
        return Refusal(Cause.NO_GUIDANCE, {"model": card.name, "what": "--no"})
    return None


def _value(given: Given) -> object:
    return Private(str(given.value)) if given.name == "no" else given.value


def _is_said_otherwise(ask: Ask, name: str, value: object) -> bool:
    """Whether the command's option, or one that hangs on the same thing, says something else."""
    others = together_with(name) - {name}
    if any(getattr(ask, other) != _UNSAID[other] for other in others):
        return True
    before = getattr(ask, name)
    return before not in (_UNSAID[name], value)
