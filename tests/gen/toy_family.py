"""A family without a model: numbers that grow by one each step. It breaks when told to."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class ToyStrip:
    seeds: tuple[int, ...]
    size: tuple[int, int]
    steps: int
    samples: int
    prompt: str
    tile: bool = False
    step: int = 0
    latents: list[int] = field(default_factory=list)

    @property
    def company(self) -> tuple[tuple[int, int], bool]:
        return self.size, self.tile

    @property
    def pictures(self) -> int:
        return len(self.seeds)


class ToyFamily:
    device, device_name, dtype = "cpu", "a toy", "int"

    def __init__(self, *, memory: int = 1_000) -> None:
        self.memory = memory  #: samples that fit one call
        self.calls: list[list[str]] = []  #: the prompts of each call
        self.shapes: list[int] = []  #: the samples of each call, padding included
        self.developed: list[str] = []
        self.spares = False  #: whether it makes do with half of the memory

    def prepare(self, spec, seeds, start=None):
        self._maybe("prepare", spec.prompt)
        samples = len(seeds) * (2 if spec.guided else 1)
        size = (spec.width, spec.height)
        return ToyStrip(
            tuple(seeds), size, spec.steps_to_do, samples, spec.prompt, spec.tile, 0, list(seeds)
        )

    def denoise(self, strips, pad_to=0):
        samples = max(sum(strip.samples for strip in strips), pad_to)
        self.calls.append([strip.prompt for strip in strips])
        self.shapes.append(samples)
        if samples > self.memory * (2 if self.spares else 1):
            raise MemoryError
        for strip in strips:
            self._maybe("denoise", strip.prompt)
        return [1 for _ in strips]

    def advance(self, strip, prediction):
        self._maybe("step", strip.prompt)
        strip.latents = [value + prediction for value in strip.latents]
        strip.step += 1

    def develop(self, strip):
        self._maybe("decode", strip.prompt)
        self.developed.append(strip.prompt)
        return [np.full((2, 2, 3), value, np.uint8) for value in strip.latents]

    def preview(self, strip):
        return [np.full((1, 1, 3), value, np.uint8) for value in strip.latents]

    def rehearse(self, width, height, samples):
        if samples > self.memory:
            raise MemoryError

    def release(self):
        pass

    def economise(self):
        self.spares = True

    def _maybe(self, part: str, prompt: str) -> None:
        if prompt == f"never fits at {part}" or (
            prompt == f"hardly fits at {part}" and not self.spares
        ):
            raise MemoryError
        if prompt == f"breaks at {part}":
            raise ZeroDivisionError
