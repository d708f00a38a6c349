"""What is known of the model and the engine when somebody asks for a picture."""

from __future__ import annotations

from dataclasses import dataclass

from bot import words
from bot.policy.prompt import Canvas
from gen.card import Card
from gen.engine import Engine, Phase
from gen.job import Spec, cost_seconds
from gen.profile import Profile

GUESSED_STEP_SECONDS = 0.05
"""Cost of one prediction before a worker has measured it for the first time: what those jobs pay,
by which they are ordered, and what their estimates say."""


@dataclass
class Studio:
    """The model's card, read from its folder, and the engine that runs it.

    What was measured counts while the worker is away, too: no job is cheaper or dearer for it.
    """

    card: Card
    engine: Engine
    measured: Profile | None = None

    @property
    def canvas(self) -> Canvas:
        """What somebody may ask this model for, and what it does when they do not say."""
        card = self.card
        return Canvas(card.sizes, (card.width, card.height), card.steps, card.guidance)

    def step_seconds(self, width: int, height: int) -> float:
        """What one prediction costs at this size, as was measured last."""
        if ready := self.engine.ready:
            self.measured = ready.profile
        known = self.measured
        return known.step_seconds(width, height) if known else GUESSED_STEP_SECONDS

    def cost_seconds(self, spec: Spec) -> float:
        """Estimate the denoiser seconds a job takes."""
        return cost_seconds(spec, self.step_seconds(spec.width, spec.height))

    def note(self) -> str | None:
        """What to tell somebody whose job will have to wait for the engine itself."""
        match self.engine.state.phase:
            case Phase.READY:
                return None
            case Phase.LOADING:
                return words.LOADING
            case Phase.DOWN:
                return words.DOWN
