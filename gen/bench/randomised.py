"""Full-size models without their files: random weights take the same time and memory.

The numbers are those of the published configurations (`config.json` of
stabilityai/stable-diffusion-xl-base-1.0 and black-forest-labs/FLUX.1-dev). Pictures are noise.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from gen.bench.subject import Subject, subject
from gen.card import Card
from gen.families import devices


def build(kind: str, device: str) -> Subject:
    """Make a model of a kind on a device, in the type that the device likes."""
    target = devices.choose(device)
    with _made_on(target, devices.dtype_for(target)):
        card, family, pipeline = _KINDS[kind]()
    return subject(card, family(pipeline, target), pipeline)


def _sdxl() -> tuple[Card, Any, Any]:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    from gen.families.sdxl import StableDiffusionXL

    with torch.device("cpu"):  # where schedulers do their arithmetic
        scheduler = EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            timestep_spacing="leading",
            steps_offset=1,
        )
    pipeline = StableDiffusionXLPipeline(
        vae=autoencoder(channels=4, scaling=0.13025),
        text_encoder=CLIPTextModel(_clip(768, 3072, 12, 12, 768)),
        text_encoder_2=CLIPTextModelWithProjection(_clip(1280, 5120, 32, 20, 1280, "gelu")),
        tokenizer=_tokenizer(77, begins=True),
        tokenizer_2=_tokenizer(77, begins=True),
        unet=sdxl_unet(),
        scheduler=scheduler,
        add_watermarker=False,
    )
    return _card("sdxl", 30, 5.0), StableDiffusionXL, pipeline


def sdxl_unet() -> Any:
    """SDXL's denoiser: 2.57 billion weights."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=128,
        block_out_channels=(320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=2816,
    )


def autoencoder(*, channels: int, scaling: float, shift: float | None = None) -> Any:
    """The autoencoder that all of these share but for their latent channels."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=channels,
        scaling_factor=scaling,
        shift_factor=shift,
        use_quant_conv=channels == 4,
        use_post_quant_conv=channels == 4,
        force_upcast=False,
    )


def _flux() -> tuple[Card, Any, Any]:
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline

    from gen.families.flux import Flux

    with torch.device("cpu"):
        scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True)
    pipeline = FluxPipeline(
        scheduler=scheduler,
        vae=autoencoder(channels=16, scaling=0.3611, shift=0.1159),
        text_encoder=CLIPTextModel(_clip(768, 3072, 12, 12, 768)),
        tokenizer=_tokenizer(77, begins=True),
        text_encoder_2=T5EncoderModel(_t5()),
        tokenizer_2=_tokenizer(512, begins=False),
        transformer=flux_transformer(),
    )
    return _card("flux", 28, 3.5), Flux, pipeline


def flux_transformer() -> Any:
    """FLUX.1-dev's denoiser: 11.9 billion weights; the defaults of diffusers are its own."""
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(guidance_embeds=True)


_KINDS: dict[str, Callable[[], tuple[Card, Any, Any]]] = {"sdxl": _sdxl, "flux": _flux}
KINDS = tuple(_KINDS)


def _card(family: str, steps: int, guidance: float) -> Card:
    return Card(
        name=f"random {family}",
        family=family,
        licence="none",
        width=1024,
        height=1024,
        steps=steps,
        guidance=guidance,
    )


def _clip(
    width: int, inner: int, layers: int, heads: int, projection: int, act: str = "quick_gelu"
) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=77,
        hidden_act=act,
        projection_dim=projection,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def _t5() -> T5Config:
    return T5Config(
        vocab_size=32128,
        d_model=4096,
        d_kv=64,
        d_ff=10240,
        num_layers=24,
        num_heads=64,
        feed_forward_proj="gated-gelu",
    )


def _tokenizer(length: int, *, begins: bool) -> Any:
    """A tokenizer that knows two marks and calls every word unknown: reading costs no time."""
    from tokenizers.processors import TemplateProcessing

    tokens = Tokenizer(WordLevel({"<s>": 0, "</s>": 1, "<unk>": 2}, unk_token="<unk>"))  # noqa: S106
    tokens.pre_tokenizer = Whitespace()
    tokens.post_processor = TemplateProcessing(
        single="<s> $A </s>" if begins else "$A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokens,
        model_max_length=length,
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        pad_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
    )


@contextmanager
def _made_on(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Let everything made in here be made there at once, and not in memory first."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            yield
    finally:
        torch.set_default_dtype(before)
