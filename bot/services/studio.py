"""What is known of the model and the engine when somebody asks for a picture."""

from __future__ import annotations

from dataclasses import dataclass

from bot import words
from bot.policy.prompt import Canvas
from gen.card import Card
from gen.engine import Engine, Phase
from gen.job import Spec, cost_seconds

GUESSED_STEP_SECONDS = 0.05
"""Cost of one prediction before the worker has measured it. Only the order of the first jobs and
the first estimates depend on it."""


@dataclass(frozen=True)
class Studio:
    """The model's card, read from its folder, and the engine that runs it."""

    card: Card
    engine: Engine

    @property
    def canvas(self) -> Canvas:
        """What somebody may ask this model for, and what it does when they do not say."""
        card = self.card
        return Canvas(card.sizes, (card.width, card.height), card.steps, card.guidance)

    def step_seconds(self, width: int, height: int) -> float:
        """What one prediction costs at this size, measured if the worker is ready."""
        ready = self.engine.ready
        return ready.profile.step_seconds(width, height) if ready else GUESSED_STEP_SECONDS

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
