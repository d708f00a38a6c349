"""A diffusers folder as the one file that people share: names of the first Stable Diffusion.

The way back of what diffusers' `convert_ldm_unet_checkpoint` and its neighbours do.
"""

import re
import shutil
from pathlib import Path

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_UNET = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def make(file: Path, folder: Path) -> Path:
    """Write the file, and the configs beside it."""
    from safetensors.torch import load_file, save_file

    def weights(part):
        [found] = (folder / part).glob("*.safetensors")
        return load_file(found).items()

    unet = {f"model.diffusion_model.{_of_unet(key)}": value for key, value in weights("unet")}
    vae = {}
    for key, value in weights("vae"):
        new = _of_vae(key)
        square = re.search(r"attn_1\.(q|k|v|proj_out)\.weight$", new)
        vae[f"first_stage_model.{new}"] = value[..., None, None] if square else value
    text = {
        "cond_stage_model.transformer.text_model." + key.removeprefix("text_model."): value
        for key, value in weights("text_encoder")
    }
    save_file({key: value.contiguous() for key, value in (unet | vae | text).items()}, file)
    shutil.copytree(folder, file.with_suffix(""), ignore=lambda _, names: _heavy(names))
    return file


def _heavy(names):
    return [name for name in names if name.endswith(".safetensors")]


def _of_unet(key: str, layers: int = 1) -> str:
    for new, old in _UNET.items():
        if key.startswith(new + "."):
            return key.replace(new, old, 1)
    where, block, kind, number, rest = re.fullmatch(
        r"(down_blocks|up_blocks|mid_block)\.?(\d+)?\.(\w+)\.(\d+)\.(.+)", key
    ).groups()
    place, block = int(number), int(block or 0) * (layers + 1)
    if kind == "resnets":
        name, tail = rest.split(".", 1)
        rest = f"{_RESNET[name]}.{tail}"
    match where, kind:
        case "mid_block", "resnets":
            return f"middle_block.{2 * place}.{rest}"
        case "mid_block", _:
            return f"middle_block.1.{rest}"
        case "down_blocks", "downsamplers":
            return f"input_blocks.{1 + block + layers}.0.{rest.replace('conv', 'op')}"
        case "down_blocks", _:
            return f"input_blocks.{1 + block + place}.{int(kind == 'attentions')}.{rest}"
        case _, "upsamplers":  # after the attention, where there is one: in the first block here
            return f"output_blocks.{block + layers}.{2 if block == 0 else 1}.{rest}"
        case _:
            return f"output_blocks.{block + place}.{int(kind == 'attentions')}.{rest}"


def _of_vae(key: str, blocks: int = 2) -> str:
    key = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    key = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", key)
    key = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", key)
    for number in range(blocks):
        key = key.replace(f"up_blocks.{number}.resnets", f"up.{blocks - 1 - number}.block")
        key = key.replace(f"up_blocks.{number}.upsamplers.0", f"up.{blocks - 1 - number}.upsample")
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda one: f"mid.block_{int(one[1]) + 1}", key)
    if "mid_block.attentions.0" in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1")
        for new, old in _ATTENTION.items():
            key = key.replace(f"attn_1.{new}.", f"attn_1.{old}.")
    return key
