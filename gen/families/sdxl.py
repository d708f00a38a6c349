"""Stable Diffusion XL, and what is distilled from it (Turbo, Lightning).

Podell et al., "SDXL" (arXiv 2307.01952). It differs from SD in what its UNet is told: two text
encoders side by side, a summary of the text, and the size the picture was taken at and cut to.
Shapes as in `gen.families.sd`; p is the width of the summary.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from diffusers import StableDiffusionXLPipeline
from torch import Tensor

from gen.families.sd import StableDiffusion
from gen.families.text import Chunk, Text, chunks_of, joined


class StableDiffusionXL(StableDiffusion):
    """An SDXL model on a device (see `gen.families.Family`)."""

    pipeline_class: ClassVar[Any] = StableDiffusionXLPipeline
    left_out: ClassVar[dict[str, Any]] = {
        "feature_extractor": None,
        "image_encoder": None,
        "add_watermarker": False,
    }

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self.readers = [
            (pipeline.tokenizer, pipeline.text_encoder.eval()),
            (pipeline.tokenizer_2, pipeline.text_encoder_2.eval()),
        ]
        self.unwanted_is_zero: bool = pipeline.config.force_zeros_for_empty_prompt
        if pipeline.vae.dtype is torch.float16 and pipeline.vae.config.force_upcast:
            pipeline.vae.to(torch.float32)  # its activations overflow half precision
        super().__init__(pipeline, device)

    @torch.inference_mode()
    def _read(self, text: str) -> Text:
        """Both encoders' last layer but one, side by side, and the second one's summary."""
        cut = [chunks_of(tokenizer, text) for tokenizer, _ in self.readers]
        most = max(map(len, cut))  # where one takes more chunks, the other says nothing in them
        for (tokenizer, _), chunks in zip(self.readers, cut, strict=True):
            chunks += chunks_of(tokenizer, "") * (most - len(chunks))
        return joined([self._read_both(pair) for pair in zip(*cut, strict=True)])

    def _read_both(self, chunks: Sequence[Chunk]) -> Text:
        layers: list[Tensor] = []
        for chunk, (_, encoder) in zip(chunks, self.readers, strict=True):
            output = encoder(chunk.ids.to(self._device), output_hidden_states=True)
            layers.append(output.hidden_states[-2])  # (1, t, d/2)
        tokens = torch.cat(layers, dim=-1).to(self.unet.dtype)
        return Text(tokens, output.text_embeds.to(self.unet.dtype))

    def _read_unwanted(self, text: str) -> Text:
        """Nothing unwanted is no text at all, in models that were trained so."""
        read = super()._read_unwanted(text)
        if text or not self.unwanted_is_zero or read.pooled is None:
            return read
        return Text(torch.zeros_like(read.tokens), torch.zeros_like(read.pooled))

    def _encoders(self) -> list[Any]:
        return [encoder for _, encoder in self.readers]

    def _beside(self, x: Tensor, texts: list[Text]) -> dict[str, Tensor]:
        """The summaries (b, p), and taken-at, cut-from and cut-to as (b, 6): never cut."""
        height, width = x.shape[-2] * self.factor, x.shape[-1] * self.factor
        sizes = torch.tensor([[height, width, 0, 0, height, width]], dtype=self.unet.dtype)
        return {
            "text_embeds": torch.cat([text.pooled for text in texts if text.pooled is not None]),
            "time_ids": sizes.to(self._device).expand(len(texts), -1),
        }
