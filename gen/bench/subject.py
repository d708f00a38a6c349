"""The model under test: our family, and diffusers' own pipeline over the same weights."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline

from gen import families, models
from gen.card import Card
from gen.families import Family, devices
from gen.job import Spec

PROMPT = "a red star"


@dataclass(frozen=True)
class Subject:
    """One model on one device."""

    card: Card
    family: Family
    pipeline: Any
    samples: int  #: predictions of a step of one picture: two where guidance takes a second

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return torch.device(self.family.device)

    def spec(self, seed: int, size: tuple[int, int], steps: int = 0) -> Spec:
        """One picture as somebody asks for it."""
        return Spec(
            prompt=PROMPT,
            width=size[0],
            height=size[1],
            steps=steps or self.card.steps,
            guidance=self.card.guidance,
            seeds=(seed,),
        )

    def call(self, specs: Sequence[Spec], pipeline: Any = None) -> None:
        """Make pictures by one `__call__`: all of one size, one step count and one guidance."""
        first = specs[0]
        seeds = [seed for spec in specs for seed in spec.seeds]
        (pipeline or self.pipeline)(
            [spec.prompt for spec in specs for _ in spec.seeds],
            num_inference_steps=first.steps,
            guidance_scale=first.guidance,
            width=first.width,
            height=first.height,
            generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            output_type="np",
        )
        self.wait()

    @property
    def clock(self) -> Callable[[], float]:
        """What seconds are read from: on a CPU with one thread the processor's own, so that a busy
        machine spoils no figure.
        """
        is_lone = self.device.type == "cpu" and torch.get_num_threads() == 1
        return time.process_time if is_lone else time.perf_counter

    def timed(self, deed: Callable[[], object]) -> float:
        """Seconds that a deed takes."""
        began = self.clock()
        deed()
        return self.clock() - began

    def wait(self) -> None:
        """Return when all that was asked of the device is done."""
        devices.wait_for(self.device)


def load(folder: Path, device: str, steps: int = 0) -> Subject:
    """Load a folder once: the stock pipeline gets the family's own modules."""
    card = models.demand(folder)
    family = families.load(folder, card, device)
    pipeline = DiffusionPipeline.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=dtype_of(family)
    )
    shared = {name: getattr(family, name, part) for name, part in pipeline.components.items()}
    modules = {name: part for name, part in shared.items() if isinstance(part, torch.nn.Module)}
    pipeline.register_modules(**modules)
    return subject(card, family, pipeline, steps)


def subject(card: Card, family: Family, pipeline: Any, steps: int = 0) -> Subject:
    """Put the two together, on one device and silent."""
    pipeline.set_progress_bar_config(disable=True)
    pipeline.to(torch.device(family.device))
    found = Subject(replace(card, steps=steps or card.steps), family, pipeline, samples=1)
    spec = found.spec(0, (card.width, card.height))
    return replace(found, samples=family.prepare(spec, spec.seeds).samples)


def dtype_of(family: Family) -> torch.dtype:
    """Give the type that a family computes in."""
    found = getattr(torch, family.dtype, torch.float32)
    return found if isinstance(found, torch.dtype) else torch.float32
