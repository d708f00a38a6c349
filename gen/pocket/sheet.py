"""The contact sheet: 24 fixed captions with fixed seeds, none picked after seeing the result.

python -m gen.pocket.sheet [--out sheet.png]
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw, ImageFont

from gen.pocket.folder import settings

CAPTIONS = (
    "a red house on a hill, at night",
    "a boat on the sea at sunset",
    "a tree on a hill by day",
    "mountains under a sun",
    "a pink flower in a meadow",
    "an orange fish in the sea",
    "a purple balloon over hills",
    "a lighthouse by the sea, at night",
    "a cactus in the desert at sunset",
    "a yellow house in the mountains by day",
    "a balloon over the sea, under the moon",
    "a blue boat on the sea on a sunny day",
    "mountains at night",
    "a green tree in a meadow at sunset",
    "a yellow fish under water at night",
    "a red flower on a hill by day",
    "a small red star at the top left, on a night background",
    "a large blue ring in the centre, mint background",
    "a yellow moon at the top right, on a night background",
    "a large pink heart, cream background",
    "a red circle above a blue square, on a cream background",
    "a green triangle to the left of an orange star, on a sky background",
    "a purple cross below a yellow heart, on a grey background",
    "a little wizard and a brown house by the sea",
)
COLUMNS, TILE_PX, TEXT_PX, GAP_PX = 6, 192, 40, 14
PAPER, INK = (250, 249, 246), (70, 70, 78)


def main() -> None:
    """Draw the sheet and save it as PNG."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Draw the contact sheet.")
    parser.add_argument("--model", type=Path, default=here / "model")
    parser.add_argument("--out", type=Path, default=here / "sheet.png")
    asked = parser.parse_args()
    pipeline = StableDiffusionPipeline.from_pretrained(asked.model, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    seeds = [torch.Generator("cpu").manual_seed(number) for number in range(len(CAPTIONS))]
    pictures = pipeline(list(CAPTIONS), generator=seeds, **settings(asked.model)).images
    lay_out(pictures).save(asked.out, optimize=True)


def lay_out(pictures: list[Image.Image]) -> Image.Image:
    """Tiles in rows of six, each above its caption."""
    rows = -(-len(pictures) // COLUMNS)
    wide, high = TILE_PX + GAP_PX, TILE_PX + TEXT_PX + GAP_PX
    sheet = Image.new("RGB", (COLUMNS * wide + GAP_PX, rows * high + GAP_PX), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for number, (picture, caption) in enumerate(zip(pictures, CAPTIONS, strict=True)):
        x = GAP_PX + wide * (number % COLUMNS)
        y = GAP_PX + high * (number // COLUMNS)
        sheet.paste(picture.resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS), (x, y))
        lines = "\n".join(textwrap.wrap(caption, 31))
        pen.multiline_text((x, y + TILE_PX + 5), lines, fill=INK, font=font, spacing=2)
    return sheet


if __name__ == "__main__":
    main()
