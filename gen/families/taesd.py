"""Latents to small pictures by a tiny decoder, when one lies beside the model.

TAESD (Bohan, https://github.com/madebyollin/taesd), an `AutoencoderTiny` of diffusers, in the
folder `preview` of a model's folder. It sees shapes that one matrix (`gen.families.linear`) cannot,
and costs some per cent of a step. The latents are made small before: previews are.

Shapes: n pictures, c latent channels, h w latent height and width.
"""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderTiny
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gen.families import Pixels, linear
from gen.weightfiles import configs_of

LONGEST = 32  #: latent pixels of a preview's longer side


class TinyDecoder:
    """A decoder of guesses."""

    def __init__(self, model: Any) -> None:
        self._model = model.eval()

    @torch.inference_mode()
    def __call__(self, guesses: Tensor) -> list[Pixels]:
        """(n, c, h, w), scaled as the denoiser sees them -> n small pictures."""
        height, width = guesses.shape[-2:]
        shrink = max(1.0, max(height, width) / LONGEST)
        size = (max(1, round(height / shrink)), max(1, round(width / shrink)))
        pictures = []
        for guess in adaptive_avg_pool2d(guesses.float(), size).to(self._model.dtype):
            image = self._model.decode(guess[None], return_dict=False)[0]  # (1, 3, H, W) in -1..1
            pictures.append(linear.to_pixels(image[0].float() * 0.5 + 0.5))
        return pictures


def beside(folder: Path, channels: int, device: torch.device, dtype: torch.dtype) -> Any:
    """Load the decoder of a model's folder; None when there is none, or for other latents."""
    home = (configs_of(folder) if folder.is_file() else folder) / "preview"
    if not (home / "config.json").is_file():
        return None
    model = AutoencoderTiny.from_pretrained(
        home, dtype=dtype, local_files_only=True, use_safetensors=True
    )
    if model.config.latent_channels != channels:
        return None
    return TinyDecoder(model.to(device))
