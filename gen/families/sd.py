"""Stable Diffusion 1.x and 2.x: latent diffusion with a UNet and one CLIP text encoder.

Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models" (arXiv 2112.10752);
guidance: Ho & Salimans, "Classifier-Free Diffusion Guidance" (arXiv 2207.12598). Works with every
diffusers scheduler that steps an epsilon-, v- or sample-predicting UNet. What it computes for one
request alone is what `StableDiffusionPipeline.__call__` computes; a test compares the two.

Shapes: b samples (predictions), n pictures of a strip, c latent channels, h w latent height and
width (a picture's divided by the VAE's factor, 8 as a rule), t tokens, d text width.
"""

import copy
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from diffusers import StableDiffusionPipeline
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from gen.errors import ModelFault
from gen.families import Pixels, devices, linear
from gen.job import Spec


@dataclass(frozen=True)
class Text:
    """A text as the UNet reads it."""

    tokens: Tensor  # (1, t, d)
    pooled: Tensor | None = None  # (1, p): SDXL's summary of it


@dataclass(eq=False)
class SdStrip:
    """The pictures of one request that share a scheduler."""

    latents: Tensor  # (n, c, h, w), float32 whatever the model computes in
    asked: Text  # the prompt
    unasked: Text | None  # the negative prompt; None without guidance
    guidance: float
    scheduler: Any  # its own: schedulers remember
    generators: list[torch.Generator]  # one per picture, for samplers that draw noise again
    size: tuple[int, int]
    guess: Tensor  # (n, c, h, w): what the finished latents may be
    step: int = 0

    @property
    def pictures(self) -> int:
        """One per seed."""
        return len(self.generators)

    @property
    def samples(self) -> int:
        """Predictions per step."""
        return self.pictures * (1 if self.unasked is None else 2)

    @property
    def steps(self) -> int:
        """Calls of the denoiser; some samplers make more than were asked for."""
        return len(self.scheduler.timesteps)


class StableDiffusion:
    """A Stable Diffusion model on a device (see `gen.families.Family`)."""

    pipeline_class: ClassVar[Any] = StableDiffusionPipeline
    left_out: ClassVar[dict[str, Any]] = {
        "safety_checker": None,
        "requires_safety_checker": False,
        "feature_extractor": None,
        "image_encoder": None,
    }

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self.tokenizer = pipeline.tokenizer
        self.text_encoder = pipeline.text_encoder.eval()
        self.unet = pipeline.unet.eval()
        self.vae = pipeline.vae.eval()
        self.scheduler = pipeline.scheduler
        self.factor: int = pipeline.vae_scale_factor
        _demand_plain(self.unet, self.vae)

        self.device = str(device)
        self.device_name = devices.name_of(device)
        self.dtype = str(self.unet.dtype).removeprefix("torch.")
        self._device = device
        self._nothing = self._read("")
        self._colours = self._fit_colours()

    @classmethod
    def load(cls, folder: Path, device: str) -> Self:
        """Load a folder: from this disk, safetensors, no code of its own."""
        target = devices.choose(device)
        pipeline = cls.pipeline_class.from_pretrained(
            folder,
            dtype=devices.dtype_for(target),
            variant=_variant(folder),
            local_files_only=True,
            use_safetensors=True,
            **cls.left_out,
        ).to(target)
        if target.type == "cuda":
            pipeline.unet.to(memory_format=torch.channels_last)
        return cls(pipeline, target)

    @torch.inference_mode()
    def prepare(self, spec: Spec, seeds: Sequence[int]) -> SdStrip:
        """Read the prompt, draw the noise. The same seed draws the same noise on every device."""
        if spec.width % self.factor or spec.height % self.factor:
            raise ValueError(f"width and height are multiples of {self.factor}")
        scheduler = copy.deepcopy(self.scheduler)
        scheduler.set_timesteps(spec.steps)
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        channels, height, width = (
            self.unet.config.in_channels,
            spec.height // self.factor,
            spec.width // self.factor,
        )
        noise = randn_tensor(  # (n, c, h, w)
            (len(seeds), channels, height, width),
            generator=generators,
            device=self._device,
            dtype=torch.float32,
        )
        latents = noise * scheduler.init_noise_sigma
        return SdStrip(
            latents=latents,
            asked=self._read(spec.prompt),
            unasked=self._read_unwanted(spec.negative_prompt) if spec.guided else None,
            guidance=spec.guidance,
            scheduler=scheduler,
            generators=generators,
            size=(spec.width, spec.height),
            guess=noise,
        )

    @torch.inference_mode()
    def denoise(self, strips: Sequence[SdStrip], pad_to: int = 0) -> list[Tensor]:
        """Predict for all strips in one call of the UNet, every sample at its own timestep."""
        latents: list[Tensor] = []
        texts: list[Text] = []
        times: list[float] = []
        for strip in strips:
            time = strip.scheduler.timesteps[strip.step]
            scaled = strip.scheduler.scale_model_input(strip.latents, time)
            for text in (strip.unasked, strip.asked):
                if text is not None:
                    latents.append(scaled)
                    texts += [text] * strip.pictures
                    times += [float(time)] * strip.pictures
        if (missing := pad_to - len(texts)) > 0:  # padding repeats the first sample
            latents.append(latents[0][:1].expand(missing, -1, -1, -1))
            texts += texts[:1] * missing
            times += times[:1] * missing
        predicted = self._unet(torch.cat(latents), times, texts)
        guided, first = [], 0
        for strip in strips:
            guided.append(_guided(predicted[first : first + strip.samples], strip))
            first += strip.samples
        return guided

    @torch.inference_mode()
    def advance(self, strip: SdStrip, prediction: Tensor) -> None:
        """Let the strip's own scheduler take one step."""
        time = strip.scheduler.timesteps[strip.step]
        extra = _extra_of(type(strip.scheduler), strip.generators)
        output = strip.scheduler.step(prediction, time, strip.latents, **extra)
        strip.latents = output.prev_sample
        strip.guess = output.get("pred_original_sample", strip.latents)
        strip.step += 1

    @torch.inference_mode()
    def develop(self, strip: SdStrip) -> list[Pixels]:
        """Decode the finished latents, one picture at a time: the same alone and in company."""
        pictures = []
        for latent in strip.latents:  # (c, h, w)
            scaled = (latent[None] / self.vae.config.scaling_factor).to(self.vae.dtype)
            image = self.vae.decode(scaled, return_dict=False)[0].float()  # (1, 3, H, W) in -1..1
            if not image.isfinite().all():
                raise ArithmeticError("the picture is not a number")
            pictures.append(linear.to_pixels(image[0] * 0.5 + 0.5))
        return pictures

    @torch.inference_mode()
    def preview(self, strip: SdStrip) -> list[Pixels]:
        """Show each latent pixel in the colour it most likely means."""
        return [linear.to_pixels(linear.paint(guess, self._colours)) for guess in strip.guess]

    @torch.inference_mode()
    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Run the UNet once on zeros, and wait for it."""
        shape = (samples, self.unet.config.in_channels, height // self.factor, width // self.factor)
        blank = torch.zeros(shape, device=self._device)
        self._unet(blank, [1.0] * samples, [self._nothing] * samples)
        devices.wait_for(self._device)

    def _unet(self, x: Tensor, times: list[float], texts: list[Text]) -> Tensor:
        """(b, c, h, w), b times, b texts -> (b, c, h, w)."""
        output: Tensor = self.unet(
            x.to(self.unet.dtype),
            torch.tensor(times, device=self._device),
            encoder_hidden_states=torch.cat([text.tokens for text in texts]),  # (b, t, d)
            added_cond_kwargs=self._beside(x, texts),
            return_dict=False,
        )[0]
        return output.float()

    def _beside(self, x: Tensor, texts: list[Text]) -> dict[str, Tensor]:
        """What the UNet is told besides latents, times and texts: nothing here."""
        return {}

    def _read_unwanted(self, text: str) -> Text:
        """The negative prompt, which may be empty."""
        return self._read(text) if text else self._nothing

    @torch.inference_mode()
    def _read(self, text: str) -> Text:
        """A text as the UNet reads it. Of all texts only the empty one is ever kept."""
        tokens = tokens_of(self.tokenizer, text).to(self._device)
        masked = getattr(self.text_encoder.config, "use_attention_mask", False)
        mask = tokens.attention_mask if masked else None
        encoded = self.text_encoder(tokens.input_ids, attention_mask=mask)[0]
        return Text(encoded.to(self.unet.dtype))

    @torch.inference_mode()
    def _fit_colours(self) -> Tensor:
        """Ask the VAE what colours look like in its latent space: (c + 1, 3)."""
        shown = linear.mosaics(self.factor).to(self._device, self.vae.dtype)
        encoded = self.vae.encode(shown * 2 - 1)
        latents = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
        return linear.fit(
            latents.float() * self.vae.config.scaling_factor, shown.float(), self.factor
        )


def tokens_of(tokenizer: Any, text: str) -> Any:
    """Cut a text to what its encoder can read, silently: diffusers would print what it cuts off."""
    return tokenizer(
        text,
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )


def _guided(predicted: Tensor, strip: SdStrip) -> Tensor:
    """(2n, c, h, w), first without and then with the prompt -> (n, c, h, w)."""
    if strip.unasked is None:
        return predicted
    without, asked = predicted.chunk(2)
    return without + strip.guidance * (asked - without)


def _extra_of(scheduler: type, generators: list[torch.Generator]) -> dict[str, Any]:
    """What this sampler's step takes besides: only some draw noise again."""
    takes = inspect.signature(scheduler.step).parameters  # type: ignore[attr-defined]
    extra = {"eta": 0.0, "generator": generators}
    return {name: value for name, value in extra.items() if name in takes}


def _demand_plain(unet: Any, vae: Any) -> None:
    """Refuse the relatives that need more than latents, time and text."""
    if unet.config.in_channels != vae.config.latent_channels:
        raise ModelFault("an inpainting or editing model; use a text-to-image one")
    if unet.config.time_cond_proj_dim is not None:
        raise ModelFault("a model with guidance distilled into it (LCM); use a plain one")


def _variant(folder: Path) -> str | None:
    """`fp16` when that is the only kind of weights in the folder."""
    plain = folder / "unet" / "diffusion_pytorch_model.safetensors"
    half = folder / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    return "fp16" if half.is_file() and not plain.is_file() else None
