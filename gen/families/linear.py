"""Latents to colours without a decoder: one matrix, fitted to the model's own VAE.

The VAE is shown mosaics of flat tiles, and least squares finds which colour a latent pixel means.
The matrix turns any latent into a small picture, rough and nearly for free, and no table of magic
numbers per model is needed. Tiles and not whole flat pictures: the VAE's normalisation sees a
picture as a whole, and a picture of one colour is nothing it has ever seen.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from gen.images import Pixels


def mosaics(factor: int, tile: int = 2, tiles: int = 8, pictures: int = 8) -> Tensor:
    """Draw pictures of random flat tiles, (k, 3, side, side) in 0..1; always the same ones.

    A tile is as large as `tile` latent pixels; `factor` is what the VAE shrinks by.
    """
    chance = torch.Generator("cpu").manual_seed(0)
    colours = torch.rand((pictures, 3, tiles, tiles), generator=chance)
    return interpolate(colours, scale_factor=factor * tile, mode="nearest")


def fit(latents: Tensor, pictures: Tensor, factor: int) -> Tensor:
    """Find the matrix that takes latents (k, c, h, w) to the colours they mean: (c + 1, 3)."""
    seen = latents.movedim(1, -1).flatten(0, 2).double().cpu()  # (k h w, c)
    meant = avg_pool2d(pictures, factor).movedim(1, -1).flatten(0, 2).double().cpu()  # (k h w, 3)
    ones = torch.ones(len(seen), 1, dtype=seen.dtype)
    solution: Tensor = torch.linalg.lstsq(torch.cat([seen, ones], dim=1), meant).solution
    return solution.float().to(latents.device)


def paint(latent: Tensor, colours: Tensor) -> Tensor:
    """(c, h, w) -> (3, h, w) in about 0..1."""
    return torch.einsum("chw,cr->rhw", latent.float(), colours[:-1]) + colours[-1][:, None, None]


def to_pixels(image: Tensor) -> Pixels:
    """(3, h, w) in 0..1 -> (h, w, 3) in 0..255, rounded on the device that has it."""
    whole = (image.clamp(0, 1) * 255).round().to(torch.uint8)
    pixels: Pixels = np.ascontiguousarray(whole.permute(1, 2, 0).cpu().numpy())
    return pixels
