"""What a kind of model must be able to do, and the kinds we speak.

A family turns a request into a `Strip` (the pictures of one job that share a scheduler), predicts
for many strips at once, advances each by one step, and develops it. The batcher never sees a
tensor; torch is imported only when a family is loaded.
"""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Protocol

from gen.canvas import Start
from gen.card import Card
from gen.errors import ModelFault
from gen.images import Pixels
from gen.job import Spec

__all__ = ["Family", "Pixels", "Strip", "load"]


class Strip(Protocol):
    """The pictures of one request (or a part of them) on their way through the same steps."""

    @property
    def pictures(self) -> int:
        """How many pictures, one per seed."""

    @property
    def samples(self) -> int:
        """How many predictions a step needs: twice the pictures when guided."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    @property
    def company(self) -> Hashable:
        """What strips must have in common to share a call: their size, and what is set for all."""

    @property
    def step(self) -> int:
        """Steps done."""

    @property
    def steps(self) -> int:
        """Steps in all."""


class Family(Protocol):
    """One kind of model, loaded on one device."""

    device: str
    device_name: str
    dtype: str

    def prepare(self, spec: Spec, seeds: Sequence[int], start: Start | None = None) -> Any:
        """Read the prompt and draw the first noise, over the start if there is one: step 0.

        Its steps are `spec.steps_to_do`, as samplers count them.
        """

    def denoise(self, strips: Sequence[Any], pad_to: int = 0) -> list[Any]:
        """Predict for all strips in one call, guidance applied: one prediction per strip.

        The call has as many samples as the strips need, or `pad_to`, whichever is more.
        """

    def advance(self, strip: Any, prediction: Any) -> None:
        """Take one step of the strip's own scheduler."""

    def develop(self, strip: Any) -> list[Pixels]:
        """Decode a strip that has done its steps."""

    def preview(self, strip: Any) -> list[Pixels]:
        """Guess what the strip's pictures will look like, small and nearly for free."""

    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Run one denoiser call on nothing and wait for its end: what measuring measures."""

    def release(self) -> None:
        """Give back the memory that nothing uses any more: after a call that found none."""

    def economise(self) -> None:
        """Make do with less memory from now on, more slowly. Once: again changes nothing."""


def load(folder: Path, card: Card, device: str, dtype: str = "auto") -> Family:
    """Load a model onto a device. Raises ModelFault for a family we do not speak."""
    match card.family:
        case "sd":
            from gen.families.sd import StableDiffusion

            return StableDiffusion.load(folder, device, card.loras, dtype)
        case "sdxl":
            from gen.families.sdxl import StableDiffusionXL

            return StableDiffusionXL.load(folder, device, card.loras, dtype)
        case "flux":
            from gen.families.flux import Flux

            return Flux.load(folder, device, dtype)
        case "any" | "plain":
            from gen.families.anything import Anything

            return Anything.load(folder, device, dtype)
        case other:
            raise ModelFault(f"this engine does not speak the model family {other!r}")
