"""A Stable Diffusion folder with random weights, made in a second: for plumbing, not for looks."""

import json
import warnings
from pathlib import Path

WORDS = ("a", "small", "big", "red", "blue", "star", "circle", "on", "grey", "background")
SIDE = 32  #: pixels


def make(
    folder: Path, *, tiny_vae: bool = False, seed: int = 0, told_guidance: int | None = None
) -> Path:
    """Write a whole model folder, with its card; with guidance distilled into it, if told so."""
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
                time_cond_proj_dim=told_guidance,
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


def make_lora(file: Path, folder: Path, *, seed: int = 0, alpha: float | None = None) -> Path:
    """Write a LoRA for a model folder, as kohya's trainer names things; it is well seen."""
    import torch
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPTextModel

    chance, rank, weights = torch.Generator().manual_seed(seed), 2, {}
    for prefix, part in (
        ("lora_unet_", UNet2DConditionModel.from_pretrained(folder / "unet")),
        ("lora_te_", CLIPTextModel.from_pretrained(folder / "text_encoder")),
    ):
        for path, layer in part.named_modules():
            if path.rsplit(".", 1)[-1] not in ("to_k", "q_proj", "conv1"):
                continue
            path = (
                path if prefix == "lora_unet_" else "text_model." + path.removeprefix("text_model.")
            )
            key, (wide, narrow, *kernel) = prefix + path.replace(".", "_"), layer.weight.shape
            down, up = (rank, narrow, *kernel), (wide, rank, *([1] * len(kernel)))
            weights[f"{key}.lora_down.weight"] = torch.randn(down, generator=chance) * 0.3
            weights[f"{key}.lora_up.weight"] = torch.randn(up, generator=chance) * 0.3
            if alpha is not None:
                weights[f"{key}.alpha"] = torch.tensor(alpha)
    save_file(weights, file)
    return file


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


def make_flux(folder: Path, *, guided: bool = True, seed: int = 0) -> Path:
    """Write a whole FLUX folder, with its card: dev when guided, else schnell."""
    import torch
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = FluxPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=guided, shift=1.0),
            vae=_vae(tiny=False, shift=0.1),
            text_encoder=_text_encoder(),
            tokenizer=_tokenizer(folder),
            text_encoder_2=T5EncoderModel(
                T5Config(vocab_size=64, d_model=16, d_kv=4, d_ff=32, num_layers=2, num_heads=4)
            ),
            tokenizer_2=_t5_tokenizer(),
            transformer=FluxTransformer2DModel(
                in_channels=16,
                num_layers=1,
                num_single_layers=1,
                attention_head_dim=8,
                num_attention_heads=2,
                joint_attention_dim=16,
                pooled_projection_dim=16,
                guidance_embeds=guided,
                axes_dims_rope=(2, 2, 4),
            ),
        )
        pipeline.save_pretrained(folder)
    _write_card(folder, "flux")
    return folder


def make_sd3(folder: Path, *, seed: int = 0) -> Path:
    """Write a whole Stable Diffusion 3 folder without T5, with its card: a family of none."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer = _tokenizer(folder)
        pipeline = StableDiffusion3Pipeline(
            transformer=SD3Transformer2DModel(
                sample_size=SIDE // 2,
                patch_size=1,
                in_channels=4,
                num_layers=1,
                attention_head_dim=8,
                num_attention_heads=2,
                caption_projection_dim=16,
                joint_attention_dim=2 * 16,
                pooled_projection_dim=2 * 16,
                out_channels=4,
            ),
            scheduler=FlowMatchEulerDiscreteScheduler(),
            vae=_vae(tiny=False, shift=0.1),
            text_encoder=_text_encoder(summary=True),
            tokenizer=tokenizer,
            text_encoder_2=_text_encoder(summary=True),
            tokenizer_2=tokenizer,
            text_encoder_3=None,
            tokenizer_3=None,
        )
        pipeline.save_pretrained(folder)
    _write_card(folder, "any")
    return folder


def make_pixart(folder: Path, *, seed: int = 0) -> Path:
    """Write a whole PixArt-Σ folder, with its card: it calls back the old way."""
    import torch
    from diffusers import DDIMScheduler, PixArtSigmaPipeline, PixArtTransformer2DModel
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline = PixArtSigmaPipeline(
            tokenizer=_t5_tokenizer(),
            text_encoder=T5EncoderModel(
                T5Config(vocab_size=64, d_model=16, d_kv=4, d_ff=32, num_layers=1, num_heads=4)
            ),
            vae=_vae(tiny=False),
            transformer=PixArtTransformer2DModel(
                sample_size=32,
                patch_size=2,
                in_channels=4,
                out_channels=8,
                num_layers=1,
                attention_head_dim=8,
                num_attention_heads=2,
                cross_attention_dim=16,
                caption_channels=16,
                norm_num_groups=1,
                use_additional_conditions=False,
            ),
            scheduler=DDIMScheduler(),
        )
        pipeline.save_pretrained(folder)
    _write_card(folder, "any")
    return folder


def _t5_tokenizer():
    """Each word is one token; other words are spelled."""
    from transformers import T5TokenizerFast

    words = [(f"\u2581{word}", -2.0) for word in WORDS]
    letters = [(letter, -8.0) for letter in "abcdefghijklmnopqrstuvwxyz,.-"]
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -9.0)]
    return T5TokenizerFast(vocab=[*special, *words, *letters], extra_ids=0, model_max_length=24)


def _write_card(folder: Path, family: str) -> None:
    (folder / "card.toml").write_text(
        f'name = "tiny"\nfamily = "{family}"\nlicence = "CC0-1.0"\n'
        f"width = {SIDE}\nheight = {SIDE}\nsteps = 4\nguidance = 3.0\n"
        f"sizes = [[{SIDE}, {SIDE}], [48, {SIDE}]]\n"
        f"words = {json.dumps(WORDS)}\n"
    )


def _vae(*, tiny: bool, shift: float | None = None):
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
        shift_factor=shift,
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
