"""A job: what is to be made, the life it leads, and what it costs.

The life, as one table (`TRANSITIONS`); right-hand states end it:

    accepted ──▶ placed ──▶ running ──▶ rendered ──▶ delivered
                   ▲           │ │
                   └───────────┘ └──▶ dead          (three attempts ended without a result)
                  a lease lapsed

    accepted, placed, running, rendered ──▶ refused    (closed DM, gate, failure: refunded)
    accepted, placed, running, rendered ──▶ cancelled
    accepted, placed, running, rendered ──▶ lost       (keys forgotten at power-off: refunded)

Nothing is claimed before a message stands where the result will be.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MAX_PICTURES = 4
MAX_INPUTS = 6
SEED_LIMIT = 2**63


class Kind(StrEnum):
    """What is made of the words, and of the pictures that come along (`gen.canvas`)."""

    IMAGINE = "imagine"  #: from noise and words alone
    VARY = "vary"  #: one picture, changed by `strength`; where the mask is white, if there is one
    BLEND = "blend"  #: what lies between two to five pictures, changed by `strength`
    UPSCALE = "upscale"  #: one picture at the spec's size, then repainted by `strength`, if at all
    ZOOM = "zoom"  #: one picture as the middle of a view `scale` times as wide
    PAN = "pan"  #: one picture, the view moved `towards` a side by half its length


class Side(StrEnum):
    """Where a view moves."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True, repr=False)
class Spec:
    """What is to be made: everything the worker learns about a job.

    One picture per seed. Refuses what no model could make; a model's own limits are on its card.
    It prints without its prompt, its seeds and its parameters.
    """

    prompt: str
    negative_prompt: str = ""
    width: int  #: pixels
    height: int  #: pixels
    steps: int
    guidance: float  #: classifier-free guidance scale; 1 or less: no guidance
    seeds: tuple[int, ...]
    model: str = ""  #: the card's name; empty: whatever the engine has
    kind: Kind = Kind.IMAGINE
    inputs: int = 0  #: pictures that come along, the mask last
    masked: bool = False  #: the last of them is a mask: white is painted anew
    strength: float = 1.0  #: share of the steps by which a start is changed; 0: not at all
    scale: float = 1.0  #: how much wider a zoom sees
    towards: Side | None = None  #: where a pan moves
    sampler: str = ""  #: a name of `gen.samplers`; empty: the model's own
    stop: float = 1.0  #: share of the steps that is done before it is developed
    tile: bool = False  #: its edges meet, so that it can be laid side by side
    loras: tuple[tuple[str, float], ...] = ()  #: names from the model's card, and their weights

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= MAX_PICTURES:
            raise ValueError(f"a job makes 1 to {MAX_PICTURES} pictures, not {len(self.seeds)}")
        if not all(0 <= seed < SEED_LIMIT for seed in self.seeds):
            raise ValueError(f"a seed lies between 0 and {SEED_LIMIT - 1}")
        if min(self.width, self.height, self.steps) < 1:
            raise ValueError("width, height and steps are at least 1")
        if not all(map(math.isfinite, (self.guidance, self.scale, *dict(self.loras).values()))):
            raise ValueError("guidance, scale and weights are finite numbers")
        if not 0 <= self.inputs <= MAX_INPUTS:
            raise ValueError(f"a job starts from at most {MAX_INPUTS} pictures")
        if not (0 <= self.strength <= 1 and 0 < self.stop <= 1 and self.scale >= 1):
            raise ValueError("strength and stop are shares, and scale is at least 1")
        if (self.kind is Kind.IMAGINE) != (self.inputs == 0):
            raise ValueError("all kinds but one start from pictures")

    def __repr__(self) -> str:
        return f"Spec(<prompt {len(self.prompt)} chars>, {self.pictures} pictures)"

    @property
    def pictures(self) -> int:
        """How many pictures are made: the rows this job takes in a batch."""
        return len(self.seeds)

    @property
    def steps_to_do(self) -> int:
        """How many of the steps are really done: fewer from a start, or when stopped early.

        `steps` says how finely the way from noise is divided
        (https://huggingface.co/docs/diffusers/using-diffusers/img2img, *strength*). None: a picture
        that is only shown again, or enlarged by resampling.
        """
        begun = self.steps if self.kind is Kind.IMAGINE else round(self.steps * self.strength)
        if begun == 0 and self.strength > 0:
            begun = 1
        return begun - min(begun - 1, int(self.steps * (1 - self.stop))) if begun else 0

    @property
    def guided(self) -> bool:
        """Whether each step needs a second, unconditional prediction."""
        return self.guidance > 1

    def to_json(self) -> str:
        """Write all of it, prompt included, as one line of text: what gets sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        """Read what `to_json` wrote. Raises ValueError, without the text, for anything else."""
        try:
            found = json.loads(text)
        except ValueError:
            raise ValueError("not a spec: no JSON") from None
        return cls.from_mapping(found)

    @classmethod
    def from_mapping(cls, found: Any) -> "Spec":
        """Read a spec from plain JSON values. Raises ValueError, naming only the field."""
        if not isinstance(found, Mapping) or not set(_FIELDS) <= set(found) <= _KNOWN:
            raise ValueError("not a spec: its fields are not ours")
        values = {name: _exact(name, value) for name, value in found.items()}
        if not all(type(seed) is int for seed in values["seeds"]):
            raise ValueError("not a spec: seeds")
        return cls(**values)


def _exact(name: str, value: Any) -> Any:
    """One field in our own types. Raises ValueError, naming only the field."""
    kind = (_FIELDS | _LATER_FIELDS)[name]
    if (type(value) is bool) != (kind is bool) or not isinstance(value, kind):
        raise ValueError(f"not a spec: {name}")
    try:
        return _READ[name](value) if name in _READ else value
    except (ValueError, TypeError):
        raise ValueError(f"not a spec: {name}") from None


def _loras(value: Any) -> tuple[tuple[str, float], ...]:
    return tuple((str(name), float(weight)) for name, weight in value)


_READ: dict[str, Callable[[Any], Any]] = {
    "seeds": tuple,
    "guidance": float,
    "kind": Kind,
    "strength": float,
    "scale": float,
    "towards": lambda value: None if value is None else Side(value),
    "stop": float,
    "loras": _loras,
}

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "prompt": str,
    "negative_prompt": str,
    "width": int,
    "height": int,
    "steps": int,
    "guidance": (int, float),
    "seeds": (list, tuple),
    "model": str,
}

#: What recipes from before do not have: they mean what it says when nobody says otherwise.
_LATER_FIELDS: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "inputs": int,
    "masked": bool,
    "strength": (int, float),
    "scale": (int, float),
    "towards": (str, type(None)),
    "sampler": str,
    "stop": (int, float),
    "tile": bool,
    "loras": (list, tuple),
}
_KNOWN = {*_FIELDS, *_LATER_FIELDS}


class Speed(StrEnum):
    """How soon a job goes: fast before relaxed, of which a share of the GPU is kept."""

    FAST = "fast"
    RELAX = "relax"


class JobState(StrEnum):
    """Where a job is in its life."""

    ACCEPTED = "accepted"  #: committed; no message stands for it yet
    PLACED = "placed"  #: a message stands where the result will be
    RUNNING = "running"  #: claimed under a lease
    RENDERED = "rendered"  #: a sealed result is stored and not yet delivered
    DELIVERED = "delivered"
    REFUSED = "refused"  #: ended after acceptance, refunded
    CANCELLED = "cancelled"
    DEAD = "dead"  #: no result after the last attempt, refunded
    LOST = "lost"  #: its keys were forgotten at power-off, by design; refunded


_S = JobState
_GIVEN_UP = frozenset({_S.REFUSED, _S.CANCELLED, _S.LOST})

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    _S.ACCEPTED: frozenset({_S.PLACED}) | _GIVEN_UP,
    _S.PLACED: frozenset({_S.RUNNING}) | _GIVEN_UP,
    _S.RUNNING: frozenset({_S.RENDERED, _S.PLACED, _S.DEAD}) | _GIVEN_UP,
    _S.RENDERED: frozenset({_S.DELIVERED}) | _GIVEN_UP,
    _S.DELIVERED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.DEAD: frozenset(),
    _S.LOST: frozenset(),
}

ENDED: frozenset[JobState] = frozenset(state for state, then in TRANSITIONS.items() if not then)


def cost_seconds(spec: Spec, step_seconds: float, *, told: bool = False) -> float:
    """Estimate the denoiser seconds a job takes.

    `step_seconds` is what one prediction for one picture costs at this size
    (`gen.profile.Profile.step_seconds`); guidance doubles the predictions, unless the model is
    `told` it as a number.
    """
    predictions = 2 if spec.guided and not told else 1
    return spec.steps_to_do * spec.pictures * predictions * step_seconds
