"""Pictures as latents: what a strip starts from, and what of it must not change.

Starting from a picture is adding as much noise to it as is left at the step where the strip begins
(Meng et al., "SDEdit", arXiv 2108.01073). Where a mask is black, the picture is put back after each
step with the noise of that step (Lugmayr et al., "RePaint", arXiv 2201.09865, without its
resampling). Both as diffusers' img2img and inpainting pipelines do it; tests compare.

Shapes: n pictures of a strip, c latent channels, h w latent height and width, H W in pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import retrieve_latents
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d

from gen.canvas import Mask, Start
from gen.families.schedulers import Way
from gen.images import Pixels


@dataclass(frozen=True)
class Known:
    """What is known of a picture before it is painted."""

    latents: Tensor  # (n, c, h, w)
    noise: Tensor  # (n, c, h, w): what each began with
    anew: Tensor  # (1, 1, h, w): 1 where it is painted anew, 0 where it stays

    def over(self, painted: Tensor, way: Way) -> Tensor:
        """Put what stays back, with the noise that is left (n, c, h, w)."""
        return self.anew * painted + (1 - self.anew) * way.noised(self.latents, self.noise)

    def over_guess(self, guess: Tensor) -> Tensor:
        """Put what stays back where no noise is left."""
        return self.anew * guess + (1 - self.anew) * self.latents


def encoded(
    vae: Any, start: Start, generators: Sequence[torch.Generator], device: torch.device
) -> Tensor:
    """Encode a start once for each generator, (n, c, h, w).

    One picture at a time, the same alone and in company. A blend is the mean of its pictures'
    latents: it does not depend on their order, as walking along spheres from one to the next
    (slerp) would, and latents of pictures, unlike noise, lie on no sphere.
    """
    shown = [vae.encode(_tensor(one, device, vae.dtype)) for one in start.pictures]
    drawn = [
        torch.stack([retrieve_latents(one, generator) for one in shown]).mean(dim=0)
        for generator in generators
    ]
    latents: Tensor = torch.cat(drawn).float() * vae.config.scaling_factor
    return latents


def anew(mask: Mask, latent_size: Sequence[int], device: torch.device) -> Tensor:
    """Where latents are painted anew, (1, 1, h, w): wherever a pixel of theirs is.

    diffusers looks at one pixel in each 8 × 8 and so misses a thin line; what this paints too much
    is put back pixel by pixel (`gen.canvas.kept`).
    """
    white = torch.from_numpy(mask > 0).to(device, torch.float32)  # (H, W)
    pooled: Tensor = adaptive_max_pool2d(white[None, None], tuple(latent_size))
    return pooled


def _tensor(picture: Pixels, device: torch.device, dtype: torch.dtype) -> Tensor:
    """(H, W, 3) in 0..255 -> (1, 3, H, W) in -1..1."""
    levels = torch.from_numpy(np.array(picture)).to(device, torch.float32)
    return (levels / 127.5 - 1).movedim(-1, 0)[None].to(dtype)
