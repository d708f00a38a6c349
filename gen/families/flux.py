"""FLUX.1 (Black Forest Labs), dev and schnell: a transformer that follows straight flows.

Flow matching: Lipman et al. (arXiv 2210.02747); rectified flow, its shift of time by size and the
two streams of text and picture: Esser et al. (arXiv 2403.03206). A latent on its way is
x_σ = (1 - σ) x₀ + σ·noise, and the model predicts v = noise - x₀; so x₀ is guessed as x_σ - σ·v.
dev was distilled to know its guidance as a number; schnell knows none. What it computes for one
request alone is what `FluxPipeline.__call__` computes; a test compares the two.

Shapes: b samples, n pictures of a strip, c latent channels, h w latent height and width (a
picture's divided by the VAE's factor), s = h/2 · w/2 patches, t tokens, d text width.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from diffusers import FluxPipeline
from diffusers.pipelines.flux.pipeline_flux import calculate_shift
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from gen import canvas
from gen.canvas import Start
from gen.families import Pixels, devices, linear, patches, starts, taesd
from gen.job import Spec

#: Tokens of a prompt that the model was trained to read; schnell reads half
#: (https://huggingface.co/docs/diffusers/api/pipelines/flux).
LONGEST = {True: 512, False: 256}


@dataclass(frozen=True)
class Known:
    """What a strip starts from, and where that is kept."""

    latents: Tensor  # (n, s, 4c)
    noise: Tensor  # (n, s, 4c)
    mask: Tensor | None  # (1, s, 4c): 1 where it is painted anew
    start: Start

    def at(self, sigma: Tensor | float) -> Tensor:
        """x_σ of what it starts from."""
        return sigma * self.noise + (1 - sigma) * self.latents

    def keep(self, latents: Tensor, sigma: Tensor | float) -> Tensor:
        """Latents with what is not to be painted put back."""
        if self.mask is None:
            return latents
        return (1 - self.mask) * self.at(sigma) + self.mask * latents


@dataclass(eq=False)
class FluxStrip:
    """The pictures of one request that share a scheduler."""

    latents: Tensor  # (n, s, 4c), float32 whatever the model computes in
    tokens: Tensor  # (1, t, d)
    pooled: Tensor  # (1, p)
    guidance: float
    scheduler: Any  # its own: schedulers remember
    first: int  # of the scheduler's steps, the one it begins with
    steps: int
    seeds: tuple[int, ...]
    size: tuple[int, int]
    guess: Tensor  # (n, s, 4c): what the finished latents may be
    known: Known | None = None
    step: int = 0

    @property
    def company(self) -> tuple[int, int]:
        """Those of one size share a call."""
        return self.size

    @property
    def pictures(self) -> int:
        """One per seed."""
        return len(self.seeds)

    @property
    def samples(self) -> int:
        """One prediction per picture and step: guidance is something the model is told."""
        return self.pictures

    @property
    def time(self) -> Tensor:
        """σ as the model counts it, from 1000 to 0."""
        return self.scheduler.timesteps[self.first + self.step]  # type: ignore[no-any-return]


class Flux:
    """A FLUX.1 model on a device (see `gen.families.Family`)."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self.clip = (pipeline.tokenizer, pipeline.text_encoder.eval())
        self.t5 = (pipeline.tokenizer_2, pipeline.text_encoder_2.eval())
        self.transformer = pipeline.transformer.eval()
        self.vae = pipeline.vae.eval()
        self.scheduler = pipeline.scheduler
        self.factor: int = pipeline.vae_scale_factor
        self.guided: bool = self.transformer.config.guidance_embeds
        self.tokens = min(self.t5[0].model_max_length, LONGEST[self.guided])

        self.device = str(device)
        self.device_name = devices.name_of(device)
        self.dtype = str(self.transformer.dtype).removeprefix("torch.")
        self.tiny: taesd.TinyDecoder | None = None  #: of previews, where there is one
        self._device = device
        self._colours = self._fit_colours()

    @classmethod
    def load(cls, folder: Path, device: str, dtype: str = "auto") -> Self:
        """Load a folder: from this disk, safetensors, no code of its own."""
        target = devices.choose(device)
        numbers = devices.dtype_for(target, dtype)
        pipeline = FluxPipeline.from_pretrained(
            folder,
            dtype=numbers,
            local_files_only=True,
            use_safetensors=True,
            image_encoder=None,
            feature_extractor=None,
        ).to(target)
        family = cls(pipeline, target)
        family.tiny = taesd.beside(folder, family.vae.config.latent_channels, target, numbers)
        return family

    @torch.inference_mode()
    def prepare(self, spec: Spec, seeds: Sequence[int], start: Start | None = None) -> FluxStrip:
        """Read the prompt, draw the noise. The same seed draws the same noise on every device."""
        if spec.width % (2 * self.factor) or spec.height % (2 * self.factor):
            raise ValueError(f"width and height are multiples of {2 * self.factor}")
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        channels = self.transformer.config.in_channels // 4
        shape = (len(seeds), channels, spec.height // self.factor, spec.width // self.factor)
        shown = None if start is None else self._encode(start, generators)
        noise = patches.pack(  # (n, s, 4c)
            randn_tensor(shape, generator=generators, device=self._device, dtype=torch.float32)
        )
        scheduler = self._scheduler_for(spec.steps, count=noise.shape[1])
        first, known, latents = 0, None, noise
        if start is not None and shown is not None:
            first = spec.steps - max(1, round(spec.steps * spec.strength))
            known = Known(patches.pack(shown), noise, self._anew(start, shown), start)
            latents = known.at(scheduler.sigmas[first])
        scheduler.set_begin_index(first)
        tokens, pooled = self._read(spec.prompt)
        return FluxStrip(
            latents=latents,
            tokens=tokens,
            pooled=pooled,
            guidance=spec.guidance,
            scheduler=scheduler,
            first=first,
            steps=spec.steps_to_do,
            seeds=tuple(seeds),
            size=(spec.width, spec.height),
            guess=latents,
            known=known,
        )

    @torch.inference_mode()
    def denoise(self, strips: Sequence[FluxStrip], pad_to: int = 0) -> list[Tensor]:
        """Predict for all strips in one call, every sample at its own time and guidance."""
        rows = [strip for strip in strips for _ in range(strip.pictures)]
        latents = torch.cat([strip.latents for strip in strips])  # (b, s, 4c)
        if (missing := pad_to - len(rows)) > 0:  # padding repeats the first sample
            rows += rows[:1] * missing
            latents = torch.cat([latents, latents[:1].expand(missing, -1, -1)])
        predicted = self._predict(
            latents,
            tokens=torch.cat([strip.tokens for strip in rows]),
            pooled=torch.cat([strip.pooled for strip in rows]),
            times=[float(strip.time) for strip in rows],
            guidance=[strip.guidance for strip in rows],
            size=strips[0].size,
        )
        counts = [strip.pictures for strip in strips]
        return list(torch.split(predicted[: sum(counts)], counts))

    @torch.inference_mode()
    def advance(self, strip: FluxStrip, prediction: Tensor) -> None:
        """Let the strip's own scheduler take one step."""
        before, after = strip.scheduler.sigmas[strip.first + strip.step :][:2]
        guess = strip.latents - before * prediction
        latents = strip.scheduler.step(prediction, strip.time, strip.latents).prev_sample
        if strip.known is not None:
            latents, guess = strip.known.keep(latents, after), strip.known.keep(guess, 0.0)
        strip.latents, strip.guess = latents, guess
        strip.step += 1

    @torch.inference_mode()
    def develop(self, strip: FluxStrip) -> list[Pixels]:
        """Decode one picture at a time: the same alone and in company.

        A strip that stopped early is developed from the guess of its last step, which has no noise.
        """
        whole = strip.first + strip.steps == len(strip.scheduler.timesteps)
        latents = strip.latents if whole else strip.guess
        pictures = []
        for latent in patches.unpack(latents, self._halved(strip.size)):  # (c, h, w)
            scaled = latent[None] / self.vae.config.scaling_factor + self.vae.config.shift_factor
            decoded = self.vae.decode(scaled.to(self.vae.dtype), return_dict=False)[0]
            image = decoded[0].float() * 0.5 + 0.5  # (3, H, W) in 0..1
            if not image.isfinite().all():
                raise ArithmeticError("the picture is not a number")
            pictures.append(linear.to_pixels(image))
        return canvas.kept(pictures, strip.known.start if strip.known else None)

    @torch.inference_mode()
    def preview(self, strip: FluxStrip) -> list[Pixels]:
        """Show the colour that each latent pixel most likely means, or what a tiny decoder sees."""
        guesses = patches.unpack(strip.guess, self._halved(strip.size))
        if self.tiny is not None:
            return self.tiny(guesses)
        return [linear.to_pixels(linear.paint(guess, self._colours)) for guess in guesses]

    @torch.inference_mode()
    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Run the transformer once on zeros, and wait for it."""
        config, (rows, columns) = self.transformer.config, self._halved((width, height))
        self._predict(
            torch.zeros((samples, rows * columns, config.in_channels), device=self._device),
            tokens=self._blank(samples, self.tokens, config.joint_attention_dim),
            pooled=self._blank(samples, config.pooled_projection_dim),
            times=[500.0] * samples,
            guidance=[1.0] * samples,
            size=(width, height),
        )
        devices.wait_for(self._device)

    def release(self) -> None:
        """Give back what the allocator keeps."""
        devices.release(self._device)

    def economise(self) -> None:
        """Decode in tiles; fetch the encoders' layers to the device only while they compute."""
        devices.economise(self.vae, [self.clip[1], self.t5[1]], self._device)

    def _predict(
        self,
        x: Tensor,
        tokens: Tensor,
        pooled: Tensor,
        times: list[float],
        guidance: list[float],
        size: tuple[int, int],
    ) -> Tensor:
        """(b, s, 4c), (b, t, d), (b, p), b times, b guidances -> (b, s, 4c)."""
        dtype = self.transformer.dtype
        output: Tensor = self.transformer(
            hidden_states=x.to(dtype),
            encoder_hidden_states=tokens,
            pooled_projections=pooled,
            timestep=torch.tensor(times, device=self._device) / 1000,
            guidance=torch.tensor(guidance, device=self._device) if self.guided else None,
            img_ids=patches.places(self._halved(size)).to(self._device, dtype),  # (s, 3)
            txt_ids=torch.zeros((tokens.shape[1], 3), device=self._device, dtype=dtype),
            return_dict=False,
        )[0]
        return output.float()

    def _scheduler_for(self, steps: int, count: int) -> Any:
        """Steps from σ = 1 down, shifted towards noise the more, the larger the picture is."""
        scheduler = copy.deepcopy(self.scheduler)
        config = scheduler.config
        shift = calculate_shift(
            count,
            config.get("base_image_seq_len", 256),
            config.get("max_image_seq_len", 4096),
            config.get("base_shift", 0.5),
            config.get("max_shift", 1.15),
        )
        scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=shift)
        return scheduler

    def _encode(self, start: Start, generators: list[torch.Generator]) -> Tensor:
        """What a job starts from, once for each generator: (n, c, h, w)."""
        config = self.vae.config
        shift: float = config.shift_factor * config.scaling_factor
        return starts.encoded(self.vae, start, generators, self._device) - shift

    def _anew(self, start: Start, latents: Tensor) -> Tensor | None:
        """Where patches are painted anew: (1, s, 4c)."""
        if start.mask is None:
            return None
        mask = starts.anew(start.mask, latents.shape[-2:], self._device)  # (1, 1, h, w)
        return patches.pack(mask.expand_as(latents[:1]))

    def _halved(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of patches in a picture."""
        return size[1] // (2 * self.factor), size[0] // (2 * self.factor)

    def _read(self, text: str) -> tuple[Tensor, Tensor]:
        """T5's tokens (1, t, d) and CLIP's summary (1, p)."""
        dtype = self.transformer.dtype
        ids = _ids(self.t5[0], text, self.tokens).to(self._device)
        tokens = self.t5[1](ids)[0].to(dtype)
        ids = _ids(self.clip[0], text, self.clip[0].model_max_length).to(self._device)
        pooled = self.clip[1](ids).pooler_output.to(dtype)
        return tokens, pooled

    def _blank(self, *shape: int) -> Tensor:
        return torch.zeros(shape, device=self._device, dtype=self.transformer.dtype)

    @torch.inference_mode()
    def _fit_colours(self) -> Tensor:
        """Ask the VAE what colours look like in its latent space: (c + 1, 3)."""
        config = self.vae.config
        shown = linear.mosaics(self.factor).to(self._device, self.vae.dtype)
        encoded = self.vae.encode(shown * 2 - 1)
        latents = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
        scaled = (latents.float() - config.shift_factor) * config.scaling_factor
        return linear.fit(scaled, shown.float(), self.factor)


def _ids(tokenizer: Any, text: str, length: int) -> Tensor:
    """(1, length): a text cut to that, silently; diffusers would print what it cuts off."""
    read = tokenizer(
        text, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    )
    ids: Tensor = read.input_ids
    return ids
