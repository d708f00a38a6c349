"""A pipeline from this disk: a folder of diffusers, or one file with its configs beside it.

Safetensors only, no code of its own, no network.
"""

from pathlib import Path
from typing import Any

import torch

from gen.weightfiles import configs_of


def opened(kind: Any, path: Path, dtype: torch.dtype, left_out: dict[str, Any]) -> Any:
    """Open a model as a pipeline of one of diffusers' classes, without some of its parts."""
    if path.is_file():
        return kind.from_single_file(
            str(path),
            config=str(configs_of(path)),
            torch_dtype=dtype,
            local_files_only=True,
            **left_out,
        )
    return kind.from_pretrained(
        path,
        dtype=dtype,
        variant=_variant(path),
        local_files_only=True,
        use_safetensors=True,
        **left_out,
    )


def _variant(folder: Path) -> str | None:
    """`fp16` when that is the only kind of weights in the folder."""
    plain = folder / "unet" / "diffusion_pytorch_model.safetensors"
    half = folder / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    return "fp16" if half.is_file() and not plain.is_file() else None
