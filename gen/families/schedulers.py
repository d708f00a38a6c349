"""The way from noise to a picture: which sampler, where it begins, and where it ends.

A scheduler of diffusers remembers where it is, so every strip has its own. A start begins further
down (`set_begin_index`, as diffusers' img2img pipelines do), a stopped job ends before the last.
"""

import copy
import inspect
from dataclasses import dataclass, replace
from typing import Any

import diffusers
import torch
from diffusers.schedulers.scheduling_utils import SchedulerMixin
from torch import Tensor

from gen.job import Kind, Spec
from gen.samplers import SAMPLERS


@dataclass(eq=False)
class Way:
    """A scheduler and the part of its steps that is gone."""

    scheduler: Any
    first: int  #: of the scheduler's timesteps
    last: int  #: the one after the last
    step: int = 0  #: done

    @property
    def steps(self) -> int:
        """Calls of the denoiser; some samplers make more than were asked for."""
        return self.last - self.first

    @property
    def time(self) -> Tensor:
        """The timestep that comes next."""
        time: Tensor = self.scheduler.timesteps[self.first + self.step]
        return time

    @property
    def is_stopped(self) -> bool:
        """Whether it ends before the picture is free of noise."""
        return self.last < len(self.scheduler.timesteps)

    @property
    def at_end(self) -> bool:
        """Whether all of the scheduler's steps are done: no noise is left."""
        return self.first + self.step >= len(self.scheduler.timesteps)

    def begin(self, noise: Tensor, shown: Tensor | None) -> Tensor:
        """Say what latents are at first (n, c, h, w): noise, over what is shown if anything is."""
        if shown is None:
            latents: Tensor = noise * self.scheduler.init_noise_sigma
            return latents
        return self.noised(shown, noise)

    def noised(self, latents: Tensor, noise: Tensor) -> Tensor:
        """Say what latents would be here, (n, c, h, w): with as much noise as is still left."""
        if self.at_end:
            return latents
        shown: Tensor = self.scheduler.add_noise(latents, noise, self.time[None])
        return shown

    def go(
        self, prediction: Tensor, latents: Tensor, generators: list[torch.Generator]
    ) -> tuple[Tensor, Tensor]:
        """Take a step: the latents after it, and the guess of what they become."""
        extra = _extra_of(type(self.scheduler), generators)
        output = self.scheduler.step(prediction, self.time, latents, **extra)
        guess = _guess(self.scheduler, output, prediction, self.time, latents)
        self.step += 1
        return output.prev_sample, guess


def way_of(usual: Any, spec: Spec) -> Way:
    """Lay out the way that a spec goes; `usual` is the model's own scheduler."""
    scheduler = _named(usual, spec.sampler) if spec.sampler else copy.deepcopy(usual)
    scheduler.set_timesteps(spec.steps, **_length_of_lcm(scheduler, spec.steps))
    begun = replace(spec, stop=1.0).steps_to_do
    order: int = scheduler.order
    first = (spec.steps - begun) * order
    if spec.kind is not Kind.IMAGINE and hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    unfinished = (begun - spec.steps_to_do) * order
    return Way(scheduler, first, len(scheduler.timesteps) - unfinished)


def _named(usual: Any, name: str) -> SchedulerMixin:
    """A sampler by its name, on the noise that the model was trained with."""
    if usual.config.get("prediction_type", "epsilon") not in ("epsilon", "v_prediction"):
        raise ValueError("named samplers are for models that predict noise or v")
    sampler = SAMPLERS[name]
    kind = getattr(diffusers, sampler.scheduler)
    return kind.from_config(usual.config, **sampler.options)


def _length_of_lcm(scheduler: Any, steps: int) -> dict[str, int]:
    """LCM's steps are picked from those it was distilled for, 50 as a rule; more are interpolated.

    (https://huggingface.co/docs/diffusers/api/schedulers/lcm, *original_inference_steps*.)
    """
    distilled = scheduler.config.get("original_inference_steps", 0)
    return {"original_inference_steps": steps} if 0 < distilled < steps else {}


def _guess(
    scheduler: Any, output: Any, prediction: Tensor, time: Tensor, latents: Tensor
) -> Tensor:
    """What the finished latents may be: the sampler's own word, or the formula it is built on."""
    for name in ("pred_original_sample", "denoised"):
        if (guess := output.get(name)) is not None:
            return guess  # type: ignore[no-any-return]
    config = scheduler.config
    if config.get("algorithm_type", "").endswith("++") or config.get("predict_x0"):
        return scheduler.model_outputs[-1]  # type: ignore[no-any-return]
    shown = scheduler.alphas_cumprod[int(time)]
    a, s = shown.sqrt(), (1 - shown).sqrt()  # x = a x₀ + s ε;  v = a ε - s x₀
    match config.get("prediction_type", "epsilon"):
        case "v_prediction":
            return a * latents - s * prediction  # type: ignore[no-any-return]
        case "sample":
            return prediction
        case _:
            return (latents - s * prediction) / a  # type: ignore[no-any-return]


def _extra_of(scheduler: type, generators: list[torch.Generator]) -> dict[str, Any]:
    """What this sampler's step takes besides: only some draw noise again."""
    takes = inspect.signature(scheduler.step).parameters  # type: ignore[attr-defined]
    extra = {"eta": 0.0, "generator": generators}
    return {name: value for name, value in extra.items() if name in takes}
