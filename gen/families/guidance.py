"""Guidance: how strongly a prediction follows the words.

Ho & Salimans, "Classifier-Free Diffusion Guidance" (arXiv 2207.12598): two predictions, with the
words and without, and a step beyond the first. In models it was distilled into, one prediction and
a number that the denoiser is told (Luo et al., "Latent Consistency Models", arXiv 2310.04378).

Shapes: n pictures of a strip, c latent channels, h w latent height and width, b samples.
"""

from collections.abc import Sequence

import torch
from diffusers.models.embeddings import get_timestep_embedding
from torch import Tensor


def guided(predicted: Tensor, scale: float) -> Tensor:
    """(2n, c, h, w), first without and then with the words -> (n, c, h, w)."""
    without, asked = predicted.chunk(2)
    return without + scale * (asked - without)


def told(scales: Sequence[float], width: int) -> Tensor:
    """Scales as a denoiser is told them: sines and cosines of w - 1, (b, width)."""
    beyond = torch.tensor(scales) - 1
    told: Tensor = get_timestep_embedding(beyond, width, downscale_freq_shift=1, scale=1000)
    return told
