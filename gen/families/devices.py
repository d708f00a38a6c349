"""Which device, and which numbers it likes."""

import gc
import platform
from collections.abc import Sequence
from typing import Any

import torch
from diffusers.hooks import apply_group_offloading

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def choose(device: str) -> torch.device:
    """Turn a setting (`auto`, `cpu`, `cuda:1`, `mps`) into a device that is here."""
    if device != "auto":
        return torch.device(device)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def dtype_for(device: torch.device, named: str = "auto") -> torch.dtype:
    """Return the type of a name, or the fastest floating type that the device computes well in."""
    if named != "auto":
        return DTYPES[named]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def name_of(device: torch.device) -> str:
    """Name the device as its maker does."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()


def wait_for(device: torch.device) -> None:
    """Return when all that was asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def release(device: torch.device) -> None:
    """Give back what the allocator keeps: after a call that found no memory, never on the way.

    What the failed call held is dropped first: its traceback holds it.
    """
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def economise(vae: Any, encoders: Sequence[Any], device: torch.device) -> None:
    """Decode in tiles; bring the layers of encoders to the device only while they compute.

    (https://huggingface.co/docs/diffusers/optimization/memory, *VAE tiling*, *Group offloading*.)
    The denoiser stays whole where it is: its layers would travel at every step. A second time
    changes nothing.
    """
    if getattr(vae, "use_tiling", False):
        return
    for switch in ("enable_tiling", "enable_slicing"):
        if hasattr(vae, switch):
            getattr(vae, switch)()
    if device.type == "cuda":  # elsewhere there is no other memory to go to
        for encoder in encoders:
            apply_group_offloading(encoder, onload_device=device, offload_type="leaf_level")
    release(device)
