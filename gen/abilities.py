"""What a kind of model can do besides making pictures from words. Pure.

What a family cannot do is named to whoever asks for it, before anything is queued.
"""

from enum import StrEnum

from gen.job import Kind, Spec
from gen.weights import is_weighted


class Ability(StrEnum):
    """One thing that not every family can do."""

    WEIGHTS = "weights"  #: `::` weights between parts of the words
    NEGATIVE = "negative"  #: words for what is not wanted
    SAMPLERS = "samplers"  #: another sampler than its own
    STOP = "stop"  #: stopping early
    TILE = "tile"  #: edges that meet
    START = "start"  #: starting from a picture
    MASK = "mask"  #: painting only a part of it anew
    BLEND = "blend"  #: starting from several pictures at once
    LORAS = "loras"


ALL = frozenset(Ability)

#: What each family serves (`gen.families`). A family that is not here serves words alone.
OF_FAMILY: dict[str, frozenset[Ability]] = {
    "sd": ALL,
    "sdxl": ALL,
    "flux": frozenset({Ability.STOP, Ability.START, Ability.MASK, Ability.BLEND}),
    "any": frozenset({Ability.NEGATIVE}),
}


#: Families that are told guidance as a number, where others predict twice.
TOLD_GUIDANCE = frozenset({"flux"})


def predicts_twice(family: str, guidance: float) -> bool:
    """Say whether guidance means a second prediction at every step."""
    return guidance > 1 and family not in TOLD_GUIDANCE


def lacking(family: str, spec: Spec) -> list[Ability]:
    """List what a spec needs and a family cannot do, in the order of the list above."""
    served = OF_FAMILY.get(family, frozenset())
    return [ability for ability in Ability if ability in needed(spec) - served]


def needed(spec: Spec) -> frozenset[Ability]:
    """Say what a family must be able to do to serve a spec."""
    repaints = spec.kind is not Kind.IMAGINE and spec.steps_to_do > 0
    wants = {
        Ability.WEIGHTS: is_weighted(spec.prompt),
        Ability.NEGATIVE: bool(spec.negative_prompt),
        Ability.SAMPLERS: bool(spec.sampler),
        Ability.STOP: spec.stop < 1,
        Ability.TILE: spec.tile,
        Ability.START: repaints,
        Ability.MASK: repaints and (spec.masked or spec.kind in (Kind.ZOOM, Kind.PAN)),
        Ability.BLEND: spec.kind is Kind.BLEND,
        Ability.LORAS: bool(spec.loras),
    }
    return frozenset(ability for ability, wanted in wants.items() if wanted)
