"""Writes the folder that is shipped: a stock diffusers pipeline, and `card.toml` beside it.

The bot reads the card without torch: it says which sizes Pocket draws and which words it knows.
"""

from __future__ import annotations

import copy
import shutil
import tomllib
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from gen.pocket.captions import words
from gen.pocket.paint import PX

STEPS = 16
GUIDANCE = 3.0


def save_folder(
    folder: Path,
    vae: AutoencoderKL,
    text: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    unet: UNet2DConditionModel,
    scheduler: DDIMScheduler,
) -> None:
    """Save a pipeline in half precision; the old folder stays until the new one is whole.

    The text encoder stays in single precision: transformers loads a model as it was saved,
    diffusers in single precision, and the two must fit when nobody names a dtype.
    """
    pipeline = StableDiffusionPipeline(
        vae=copy.deepcopy(vae).half(),
        text_encoder=text,
        tokenizer=tokenizer,
        unet=copy.deepcopy(unet).half(),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    fresh, old = (folder.with_name(f".{folder.name}.{age}") for age in ("new", "old"))
    for path in (fresh, old):
        shutil.rmtree(path, ignore_errors=True)
    pipeline.save_pretrained(fresh, safe_serialization=True)
    (fresh / "card.toml").write_text(card())
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def card() -> str:
    """The card as TOML, with the fields that `gen.card` takes."""
    listed = "".join(f'    "{word}",\n' for word in words())
    return (
        "# Trained by gen/pocket/train.py on drawings by gen/pocket/drawings.py; see CARD.md.\n"
        'name = "Pocket"\n'
        'family = "sd"\n'
        'licence = "MIT"\n'
        'source = "comes with Darkroom; trained on drawings of its own"\n'
        f"width = {PX}\n"
        f"height = {PX}\n"
        f"sizes = [[{PX}, {PX}]]\n"
        f"steps = {STEPS}\n"
        f"guidance = {GUIDANCE}\n"
        f"words = [\n{listed}]\n"
    )


def settings(folder: Path) -> dict[str, Any]:
    """Steps, guidance and size from the model's card, as the pipeline's arguments."""
    card = tomllib.loads((folder / "card.toml").read_text())
    return {
        "num_inference_steps": card["steps"],
        "guidance_scale": card["guidance"],
        "width": card["width"],
        "height": card["height"],
    }
