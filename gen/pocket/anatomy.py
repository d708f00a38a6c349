"""Pocket's parts and their sizes: autoencoder, text encoder, denoiser, scheduler.

All are stock diffusers and transformers classes, so that the trained folder loads anywhere.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.models.downsampling import Downsample2D
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from gen.pocket.drawings import PX
from gen.pocket.tokens import MAX_TOKENS


def build_vae() -> AutoencoderKL:
    """8 px to one latent cell of 8 numbers; narrow where the picture is wide."""
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 96),
        layers_per_block=1,
        latent_channels=8,
        norm_num_groups=1,  # more groups would norm away the very colours at 16 channels
        sample_size=PX,
        mid_block_add_attention=False,
    )
    for module in vae.modules():
        start_plain(module)
    return vae


def start_plain(module: nn.Module) -> None:
    """Make a fresh autoencoder a plain shrinking and growing of its picture.

    With usual weights, what the norms bring in drowns the colours, and finding them again takes
    most of the minutes there are. So residual branches start at nothing (as in Fixup, arXiv
    1901.09321), resizing convolutions as a smooth average, the others as rotations.
    """
    match module:
        case ResnetBlock2D():
            nn.init.zeros_(module.conv2.weight)
        case Downsample2D() | Upsample2D():
            weight = module.conv.weight  # [C, C, 3, 3]
            taps = torch.tensor([0.25, 0.5, 0.25])
            with torch.no_grad():
                weight.copy_(torch.eye(len(weight))[:, :, None, None] * taps[:, None] * taps)
        case nn.Conv2d() if module.in_channels != module.out_channels:
            nn.init.orthogonal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Two layers are enough for a grammar of this size.

    Words start at unit size, not at CLIP's 0.02: else what the layers add drowns them, and after a
    thousand steps "red" and "blue" still look alike to the denoiser (measured: so they did).
    """
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=256,
            projection_dim=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=MAX_TOKENS,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    nn.init.normal_(text.get_input_embeddings().weight, std=1.0)
    return text


def build_unet() -> UNet2DConditionModel:
    """Convolutions at 12 x 12, attention to the words at 6 x 6 only: half the time, same scores."""
    return UNet2DConditionModel(
        sample_size=PX // 8,
        in_channels=8,
        out_channels=8,
        block_out_channels=(96, 160),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=128,
        attention_head_dim=4,
        norm_num_groups=8,
    )


def build_scheduler() -> DDIMScheduler:
    """Trailing spacing and zero terminal SNR belong together: sampling starts from pure noise."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        steps_offset=1,  # no effect with trailing spacing; the pipeline warns without it
        clip_sample=False,
        set_alpha_to_one=True,
    )
