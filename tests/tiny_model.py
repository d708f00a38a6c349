"""A Stable Diffusion folder with random weights, made in a second: for plumbing, not for looks."""

import json
import warnings
from pathlib import Path

WORDS = ("a", "small", "big", "red", "blue", "star", "circle", "on", "grey", "background")
SIDE = 32  #: pixels


def make(folder: Path, *, tiny_vae: bool = False, seed: int = 0) -> Path:
    """Write a whole model folder, with its card."""
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = StableDiffusionPipeline(
            vae=_vae(tiny=tiny_vae),
            text_encoder=_text_encoder(),
            tokenizer=_tokenizer(folder),
            unet=UNet2DConditionModel(
                sample_size=SIDE // 2,
                block_out_channels=(8, 16),
                layers_per_block=1,
                norm_num_groups=4,
                cross_attention_dim=16,
                attention_head_dim=4,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            ),
            scheduler=DDIMScheduler(
                beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.save_pretrained(folder)
    _write_card(folder, "sd")
    return folder


def make_xl(folder: Path, *, seed: int = 0) -> Path:
    """Write a whole SDXL folder, with its card."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel

    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = _tokenizer(folder)
        pipeline = StableDiffusionXLPipeline(
            vae=_vae(tiny=False),
            text_encoder=_text_encoder(),
            text_encoder_2=_text_encoder(summary=True),
            tokenizer=tokenizer,
            tokenizer_2=tokenizer,
            unet=UNet2DConditionModel(
                sample_size=SIDE // 2,
                block_out_channels=(8, 16),
                layers_per_block=1,
                norm_num_groups=4,
                cross_attention_dim=2 * 16,
                attention_head_dim=4,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                addition_embed_type="text_time",
                addition_time_embed_dim=8,
                projection_class_embeddings_input_dim=6 * 8 + 16,
            ),
            scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear"),
            add_watermarker=False,
        )
        pipeline.save_pretrained(folder)
    _write_card(folder, "sdxl")
    return folder


def _write_card(folder: Path, family: str) -> None:
    (folder / "card.toml").write_text(
        f'name = "tiny"\nfamily = "{family}"\nlicence = "CC0-1.0"\n'
        f"width = {SIDE}\nheight = {SIDE}\nsteps = 4\nguidance = 3.0\n"
        f"sizes = [[{SIDE}, {SIDE}], [48, {SIDE}]]\n"
        f"words = {json.dumps(WORDS)}\n"
    )


def _vae(*, tiny: bool):
    from diffusers import AutoencoderKL, AutoencoderTiny

    if tiny:
        return AutoencoderTiny(
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            num_encoder_blocks=(1, 1),
            num_decoder_blocks=(1, 1),
            latent_channels=4,
        )
    return AutoencoderKL(
        block_out_channels=(8, 16),
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"),
        up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        latent_channels=4,
        norm_num_groups=4,
    )


def _text_encoder(*, summary: bool = False):
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    kind = CLIPTextModelWithProjection if summary else CLIPTextModel
    return kind(
        CLIPTextConfig(
            projection_dim=16,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            vocab_size=len(_vocabulary()[0]),
            max_position_embeddings=16,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def _tokenizer(folder: Path):
    from transformers import CLIPTokenizer

    vocabulary, merges = _vocabulary()
    source = folder / "words"
    source.mkdir(parents=True)
    (source / "vocab.json").write_text(json.dumps(vocabulary))
    (source / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    tokenizer = CLIPTokenizer(
        vocab=str(source / "vocab.json"),
        merges=str(source / "merges.txt"),
        model_max_length=16,
    )
    for file in source.iterdir():
        file.unlink()
    source.rmdir()
    return tokenizer


def _vocabulary() -> tuple[dict[str, int], list[str]]:
    """Each word is one token: letters, and the merges that build the words."""
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz0123456789,.-"))
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(one + "</w>" for one in letters)]
    merges: list[str] = []
    for word in WORDS:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            merge = f"{pieces[0]} {pieces[1]}"
            if merge not in merges:
                merges.append(merge)
            pieces[:2] = [pieces[0] + pieces[1]]
            if pieces[0] not in tokens:
                tokens.append(pieces[0])
    return {token: number for number, token in enumerate(tokens)}, merges
