"""Stable Diffusion 1.x and 2.x: latent diffusion with a UNet and one CLIP text encoder.

Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models" (arXiv 2112.10752);
guidance: Ho & Salimans, "Classifier-Free Diffusion Guidance" (arXiv 2207.12598). Works with every
diffusers scheduler that steps an epsilon-, v- or sample-predicting UNet. What it computes for one
request alone is what `StableDiffusionPipeline.__call__` computes; a test compares the two.

Shapes: b samples (predictions), n pictures of a strip, c latent channels, h w latent height and
width (a picture's divided by the VAE's factor, 8 as a rule), t tokens, d text width.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from diffusers import StableDiffusionPipeline
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

from gen import canvas
from gen.canvas import Start
from gen.card import Lora
from gen.errors import ModelFault
from gen.families import Pixels, devices, linear, seams, starts, taesd, windows
from gen.families.guidance import guided, told
from gen.families.loras import Loras, Worn
from gen.families.opened import opened
from gen.families.schedulers import Way, way_of
from gen.families.starts import Known
from gen.families.text import Chunk, Text, chunks_of, filled, joined, weighed, weighed_against
from gen.job import Kind, Spec


@dataclass(eq=False)
class SdStrip:
    """The pictures of one request that share a scheduler."""

    latents: Tensor  # (n, c, h, w), float32 whatever the model computes in
    asked: Text  # the prompt
    unasked: Text | None  # what is not wanted; None without guidance
    guidance: float
    way: Way
    generators: list[torch.Generator]  # one per picture, for samplers that draw noise again
    size: tuple[int, int]
    guess: Tensor  # (n, c, h, w): what the finished latents may be
    start: Start | None = None
    known: Known | None = None  # what must not change of the start
    window: int | None = None  # latent pixels that are predicted at once; None: all
    tile: bool = False
    loras: Worn = ()

    @property
    def company(self) -> Hashable:
        """Its size, the length of its words, and what is set for a whole call."""
        return self.size, self.asked.length, self.window, self.tile, self.loras

    @property
    def pictures(self) -> int:
        """One per seed."""
        return len(self.generators)

    @property
    def samples(self) -> int:
        """Predictions per step."""
        return self.pictures * (1 if self.unasked is None else 2)

    @property
    def step(self) -> int:
        """Steps done."""
        return self.way.step

    @property
    def steps(self) -> int:
        """Calls of the denoiser; some samplers make more than were asked for."""
        return self.way.steps


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
        self.loras = Loras(pipeline)

        self.device = str(device)
        self.device_name = devices.name_of(device)
        self.dtype = str(self.unet.dtype).removeprefix("torch.")
        self.tiny: taesd.TinyDecoder | None = None  #: of previews, where there is one
        self._device = device
        self._nothing = self._read("")
        self._colours = self._fit_colours()

    @classmethod
    def load(
        cls, folder: Path, device: str, loras: Sequence[Lora] = (), dtype: str = "auto"
    ) -> Self:
        """Load a folder or a single file onto a device, with its LoRAs."""
        target = devices.choose(device)
        numbers = devices.dtype_for(target, dtype)
        pipeline = opened(cls.pipeline_class, folder, numbers, cls.left_out).to(target)
        if target.type == "cuda":
            pipeline.unet.to(memory_format=torch.channels_last)
        family = cls(pipeline, target)
        family.tiny = taesd.beside(folder, family.vae.config.latent_channels, target, numbers)
        for lora in loras:
            family.loras.add(lora.name, Path(lora.file))
        return family

    @torch.inference_mode()
    def prepare(self, spec: Spec, seeds: Sequence[int], start: Start | None = None) -> SdStrip:
        """Read the prompt, draw the noise. The same seed draws the same noise on every device."""
        if spec.width % self.factor or spec.height % self.factor:
            raise ValueError(f"width and height are multiples of {self.factor}")
        way = way_of(self.scheduler, spec)
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        height, width = spec.height // self.factor, spec.width // self.factor
        shown = None if start is None else self._shown(start, spec, generators)  # (n, c, h, w)
        noise = randn_tensor(  # (n, c, h, w)
            (len(seeds), self.unet.config.in_channels, height, width),
            generator=generators,
            device=self._device,
            dtype=torch.float32,
        )
        known = None
        if start is not None and start.mask is not None and shown is not None:
            anew = starts.anew(start.mask, (height, width), self._device)
            known = Known(shown, noise, anew)
        all_new = known is not None and spec.strength == 1
        asked, unasked = self._words(spec)
        return SdStrip(
            latents=way.begin(noise, None if all_new else shown),
            asked=asked,
            unasked=unasked,
            guidance=spec.guidance,
            way=way,
            generators=generators,
            size=(spec.width, spec.height),
            guess=noise if shown is None else shown,
            start=start,
            known=known,
            window=self._window(spec),
            tile=spec.tile,
            loras=spec.loras,
        )

    @torch.inference_mode()
    def denoise(self, strips: Sequence[SdStrip], pad_to: int = 0) -> list[Tensor]:
        """Predict for all strips in one call of the UNet, every sample at its own timestep."""
        latents: list[Tensor] = []
        texts: list[Text] = []
        times: list[float] = []
        scales: list[float] = []
        for strip in strips:
            time = strip.way.time
            scaled = strip.way.scheduler.scale_model_input(strip.latents, time)
            for words in (strip.unasked, strip.asked):
                if words is not None:
                    latents.append(scaled)
                    texts += [words] * strip.pictures
                    times += [float(time)] * strip.pictures
                    scales += [strip.guidance] * strip.pictures
        if (missing := pad_to - len(texts)) > 0:  # padding repeats the first sample
            latents.append(latents[0][:1].expand(missing, -1, -1, -1))
            texts += texts[:1] * missing
            times += times[:1] * missing
            scales += scales[:1] * missing
        x, lead = torch.cat(latents), strips[0]  # what is set for a call is the same for all
        with self._set(self.unet, lead.tile, lead.loras):
            if lead.window is None:
                predicted = self._unet(x, times, texts, scales)
            else:
                predicted = windows.fused(
                    lambda part: self._unet(part, times, texts, scales), x, lead.window
                )
        samples = [strip.samples for strip in strips]
        shares = torch.split(predicted[: sum(samples)], samples)
        return [
            share if strip.unasked is None else guided(share, strip.guidance)
            for share, strip in zip(shares, strips, strict=True)
        ]

    @torch.inference_mode()
    def advance(self, strip: SdStrip, prediction: Tensor) -> None:
        """Let the strip's own scheduler take one step."""
        strip.latents, strip.guess = strip.way.go(prediction, strip.latents, strip.generators)
        if strip.known is not None:
            strip.latents = strip.known.over(strip.latents, strip.way)
            strip.guess = strip.known.over_guess(strip.guess)

    @torch.inference_mode()
    def develop(self, strip: SdStrip) -> list[Pixels]:
        """Decode the finished latents, one picture at a time: the same alone and in company.

        Of a strip that is stopped before its end, what it would have become.
        """
        pictures = []
        with self._set(self.vae, strip.tile, ()):
            for latent in strip.guess if strip.way.is_stopped else strip.latents:  # (c, h, w)
                scaled = (latent[None] / self.vae.config.scaling_factor).to(self.vae.dtype)
                image = self.vae.decode(scaled, return_dict=False)[0].float()  # (1, 3, H, W), -1..1
                if not image.isfinite().all():
                    raise ArithmeticError("the picture is not a number")
                pictures.append(linear.to_pixels(image[0] * 0.5 + 0.5))
        return canvas.kept(pictures, strip.start)

    @torch.inference_mode()
    def preview(self, strip: SdStrip) -> list[Pixels]:
        """Show the colour that each latent pixel most likely means, or what a tiny decoder sees."""
        if self.tiny is not None:
            return self.tiny(strip.guess)
        return [linear.to_pixels(linear.paint(guess, self._colours)) for guess in strip.guess]

    @torch.inference_mode()
    def rehearse(self, width: int, height: int, samples: int) -> None:
        """Run the UNet once on zeros, and wait for it."""
        shape = (samples, self.unet.config.in_channels, height // self.factor, width // self.factor)
        blank = torch.zeros(shape, device=self._device)
        self._unet(blank, [1.0] * samples, [self._nothing] * samples, [1.0] * samples)
        devices.wait_for(self._device)

    def release(self) -> None:
        """Give back the memory that nothing uses any more."""
        devices.release(self._device)

    def economise(self) -> None:
        """Decode in tiles, read words layer by layer."""
        devices.economise(self.vae, self._encoders(), self._device)

    def _unet(
        self, x: Tensor, times: list[float], texts: list[Text], scales: list[float]
    ) -> Tensor:
        """(b, c, h, w), b times, b texts, b guidance scales -> (b, c, h, w)."""
        output: Tensor = self.unet(
            x.to(self.unet.dtype),
            torch.tensor(times, device=self._device),
            encoder_hidden_states=torch.cat([one.tokens for one in texts]),  # (b, t, d)
            timestep_cond=self._told(scales),
            added_cond_kwargs=self._beside(x, texts),
            return_dict=False,
        )[0]
        return output.float()

    def _told(self, scales: list[float]) -> Tensor | None:
        """Guidance, in models it was distilled into: (b, e)."""
        width = self.unet.config.time_cond_proj_dim
        return None if width is None else told(scales, width).to(self._device, self.unet.dtype)

    def _encoders(self) -> list[Any]:
        return [self.text_encoder]

    def _beside(self, x: Tensor, texts: list[Text]) -> dict[str, Tensor]:
        """What the UNet is told besides latents, times and texts: nothing here."""
        return {}

    @contextmanager
    def _set(self, model: torch.nn.Module, tile: bool, loras: Worn) -> Iterator[None]:
        """What holds for a whole call."""
        with seams.closed(model, tile), self.loras.worn(loras):
            yield

    def _shown(self, start: Start, spec: Spec, generators: list[torch.Generator]) -> Tensor:
        with self._set(self.vae, spec.tile, ()):
            return starts.encoded(self.vae, start, generators, self._device)

    def _window(self, spec: Spec) -> int | None:
        """What is enlarged beyond the size the model knows is painted in windows of that size."""
        known = self.unet.config.sample_size  # a side, two of them, or unsaid
        if spec.kind is not Kind.UPSCALE or known is None:
            return None
        side: int = known if isinstance(known, int) else min(known)
        return side if max(spec.width, spec.height) // self.factor > side else None

    def _words(self, spec: Spec) -> tuple[Text, Text | None]:
        """What is wanted and what is not, one as long as the other; the latter where it counts."""
        with self.loras.worn(spec.loras):
            silence, nothing = self._silence(), self._read_unwanted("")
            asked = weighed(spec.prompt, self._read, silence)
            if not spec.guided or self.unet.config.time_cond_proj_dim is not None:
                return asked, None
            unasked = weighed_against(
                spec.prompt, spec.negative_prompt, self._read, self._read_unwanted, nothing
            )
        return filled(asked, silence, unasked.length), filled(unasked, nothing, asked.length)

    def _silence(self) -> Text:
        """The empty text: of all texts only this one is ever kept."""
        return self._read("") if self.loras.are_worn else self._nothing

    def _read_unwanted(self, text: str) -> Text:
        """The negative prompt, which may be empty."""
        return self._read(text) if text else self._silence()

    @torch.inference_mode()
    def _read(self, text: str) -> Text:
        """A text as the UNet reads it."""
        return joined([self._read_chunk(one) for one in chunks_of(self.tokenizer, text)])

    def _read_chunk(self, chunk: Chunk) -> Text:
        masked = getattr(self.text_encoder.config, "use_attention_mask", False)
        mask = chunk.mask.to(self._device) if masked else None
        encoded = self.text_encoder(chunk.ids.to(self._device), attention_mask=mask)[0]
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


def _demand_plain(unet: Any, vae: Any) -> None:
    """Refuse the relatives that need more than latents, time and text."""
    if unet.config.in_channels != vae.config.latent_channels:
        raise ModelFault("an inpainting or editing model; use a text-to-image one")
