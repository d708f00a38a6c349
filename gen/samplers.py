"""The samplers that can be asked for by name, as diffusers' schedulers. Pure: names only.

Names follow what people know from other programs; each is a class of
https://huggingface.co/docs/diffusers/api/schedulers/overview with what it is built with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sampler:
    """A scheduler class of diffusers and how it differs from the model's own configuration."""

    scheduler: str
    options: Mapping[str, object] = field(default_factory=dict)


SAMPLERS: dict[str, Sampler] = {
    "euler": Sampler("EulerDiscreteScheduler"),
    "euler-a": Sampler("EulerAncestralDiscreteScheduler"),
    "ddim": Sampler("DDIMScheduler"),
    "heun": Sampler("HeunDiscreteScheduler"),
    "lms": Sampler("LMSDiscreteScheduler"),
    "unipc": Sampler("UniPCMultistepScheduler"),
    "dpm++2m": Sampler("DPMSolverMultistepScheduler"),
    "dpm++2m-karras": Sampler("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "lcm": Sampler("LCMScheduler"),
}
