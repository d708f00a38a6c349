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
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

MAX_PICTURES = 4
SEED_LIMIT = 2**63


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

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= MAX_PICTURES:
            raise ValueError(f"a job makes 1 to {MAX_PICTURES} pictures, not {len(self.seeds)}")
        if not all(0 <= seed < SEED_LIMIT for seed in self.seeds):
            raise ValueError(f"a seed lies between 0 and {SEED_LIMIT - 1}")
        if min(self.width, self.height, self.steps) < 1:
            raise ValueError("width, height and steps are at least 1")
        if not math.isfinite(self.guidance):
            raise ValueError("guidance is a finite number")

    def __repr__(self) -> str:
        return f"Spec(<prompt {len(self.prompt)} chars>, {self.pictures} pictures)"

    @property
    def pictures(self) -> int:
        """How many pictures are made: the rows this job takes in a batch."""
        return len(self.seeds)

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
        if not isinstance(found, Mapping) or set(found) != set(_FIELDS):
            raise ValueError("not a spec: its fields are not ours")
        for name, kind in _FIELDS.items():
            value = found[name]
            if type(value) is bool or not isinstance(value, kind):
                raise ValueError(f"not a spec: {name}")
        if not all(type(seed) is int for seed in found["seeds"]):
            raise ValueError("not a spec: seeds")
        values = dict(found)
        values["seeds"] = tuple(values["seeds"])
        values["guidance"] = float(values["guidance"])
        return cls(**values)


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


def cost_seconds(spec: Spec, step_seconds: float) -> float:
    """Estimate the denoiser seconds a job takes.

    `step_seconds` is what one prediction for one picture costs at this size
    (`gen.profile.Profile.step_seconds`); guidance doubles the predictions.
    """
    return spec.steps * spec.pictures * (2 if spec.guided else 1) * step_seconds
