"""What is known of the models and the engine when somebody asks for a picture."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import words
from bot.domain import Cause, Refusal
from bot.policy.prompt import Canvas
from bot.words.models import CHANGES
from gen import footprint
from gen.abilities import TOLD_GUIDANCE
from gen.card import Card, plain
from gen.engine import Engine, Phase
from gen.job import Spec, cost_seconds
from gen.profile import Profile

GUESSED_STEP_SECONDS = 0.05
"""Cost of one prediction before a worker has measured a model for the first time, when nothing is
known of its size: what those jobs pay, by which they are ordered, and what their estimates say."""

GUESSED_CHANGE_SECONDS = 20.0
"""How long a change of models takes before one was seen."""

NEAREST_NAMES = 3


@dataclass
class Studio:
    """The models' cards, read from their folders, and the engine that runs them.

    `card` is the default one's, `others` those of the rest; `values` says how many numbers each
    model has, by name. What was measured counts while the worker is away, too: no job is cheaper or
    dearer for it.
    """

    card: Card
    engine: Engine
    others: tuple[Card, ...] = ()
    values: Mapping[str, int] = field(default_factory=dict)
    measured: dict[str, Profile] = field(default_factory=dict)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards of all models, the default first."""
        return (self.card, *self.others)

    def card_of(self, model: str) -> Card | None:
        """Give a model's card by its name, of which none is the default's; None: it is gone."""
        found = (card for card in self.cards if plain(card.name) == plain(model))
        return next(found, None) if model else self.card

    def asked(self, model: str | None) -> Card:
        """Give the card of what somebody said, or the default's when that says nothing."""
        return self.card_of(model or "") or self.card

    def wanted(self, said: str | None, preferred: str | None) -> str | None:
        """Say which model an ask means: as it says, else as its owner prefers if that is there."""
        if said is not None or preferred is None:
            return said
        card = self.card_of(preferred)
        return card.name if card and self.is_served(card) else None

    def is_served(self, card: Card) -> bool:
        """Whether no worker has failed to load it."""
        ready = self.engine.ready
        return ready is None or card.name not in ready.unfit

    @property
    def canvas(self) -> Canvas:
        """What somebody may ask the default model for."""
        return canvas_of(self.card)

    def refusal(self, model: str | None) -> Refusal | None:
        """Say why nobody can ask for a model of this name, if nobody can."""
        card = self.card_of(model or "")
        if card is None and model:
            names = {one.name.casefold(): one.name for one in self.cards}
            near = difflib.get_close_matches(model.casefold(), names, NEAREST_NAMES, cutoff=0.0)
            return Refusal(Cause.NO_SUCH_MODEL, {"near": tuple(names[one] for one in near)})
        if card and not self.is_served(card):
            return Refusal(Cause.MODEL_UNFIT, {"model": card.name})
        return None

    def lacks_memory(self, spec: Spec) -> Refusal | None:
        """Say that a picture does not fit the device's memory, as far as that can be told."""
        ready, card = self.engine.ready, self.card_of(spec.model)
        if ready is None or not ready.memory_bytes or card is None:
            return None
        values = self.values.get(card.name, 0)
        needed = footprint.needed_bytes(values, ready.dtype, spec.width, spec.height)
        if needed <= ready.memory_bytes:
            return None
        return Refusal(
            Cause.MODEL_MEMORY,
            {
                "model": card.name,
                "size": f"{spec.width}×{spec.height}",
                "needed": footprint.said_gb(needed),
                "has": footprint.said_gb(ready.memory_bytes),
            },
        )

    def step_seconds(self, width: int, height: int, model: str = "") -> float:
        """What one prediction costs at this size, as was measured last."""
        name = model or self.card.name
        self.measured.update(self.engine.profiles)
        if known := self.measured.get(name):
            return known.step_seconds(width, height)
        return self._guessed_step_seconds(name, width, height)

    def cost_seconds(self, spec: Spec) -> float:
        """Estimate the denoiser seconds a job takes."""
        card = self.card_of(spec.model)
        told = card is not None and card.family in TOLD_GUIDANCE
        step_seconds = self.step_seconds(spec.width, spec.height, spec.model)
        return cost_seconds(spec, step_seconds, told=told)

    def change_seconds(self, model: str) -> float:
        """How long it takes until a model is loaded."""
        ready = self.engine.ready
        if ready is None or not model or model in self.engine.residents:
            return 0.0
        return ready.load_seconds or GUESSED_CHANGE_SECONDS

    def note(self, model: str = "") -> str | None:
        """What to tell somebody whose job will have to wait for the engine itself."""
        match self.engine.state.phase:
            case Phase.READY if self.change_seconds(model):
                return CHANGES
            case Phase.READY:
                return None
            case Phase.CHANGING:
                return CHANGES
            case Phase.LOADING:
                return words.LOADING
            case Phase.DOWN:
                return words.DOWN

    def _guessed_step_seconds(self, name: str, width: int, height: int) -> float:
        """Of a model that was never measured: by its size beside one that was, if there is one."""
        sized = {one: self.values[one] for one in self.measured if self.values.get(one)}
        if not sized or not self.values.get(name):
            return GUESSED_STEP_SECONDS
        near = min(sized, key=lambda one: abs(sized[one] - self.values[name]))
        beside = self.measured[near].step_seconds(width, height)
        return beside * self.values[name] / sized[near]


def canvas_of(card: Card) -> Canvas:
    """What somebody may ask a model for, and what it does when they do not say."""
    size = (card.width, card.height)
    return Canvas(card.sizes, size, card.steps, any_ratio=card.any_ratio)
