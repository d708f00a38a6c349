"""`python -m gen.describe FOLDER`: a clean picture on stdin, captions of it on stdout.

The picture is one that `gen.intake` wrote. The model is a transformers folder for image captions
(BLIP, GIT, ViT-GPT2): safetensors, from this disk, no code of its own, on the CPU, behind the
worker's doors. Says a JSON list of up to four different captions: the likeliest by beam search, and
some that are drawn (Holtzman et al., "The Curious Case of Neural Text Degeneration", arXiv
1904.09751). Without a picture it draws a grey one: so `darkroom doctor` tries a folder. Exits with
1, having said the class of what went wrong, if it cannot.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gen import doors, hush
from gen.errors import ModelFault

if TYPE_CHECKING:
    from gen.images import Pixels

CAPTIONS = 4
_TOKENS = 40
_BEAMS = 4
_NUCLEUS = 0.9
_LONGEST_CHARACTERS = 200
_CONFIGS = ("config.json", "preprocessor_config.json")


def main() -> int:
    """Close the doors, load, look, tell."""
    folder = Path(sys.argv[1])
    hush.silence()
    doors.close(folder)
    try:
        _demand(folder)
        told = captions(folder, _picture(sys.stdin.buffer.read()))
    except Exception as fault:  # noqa: BLE001 - its class is all that may be told
        sys.stdout.write(type(fault).__name__)
        return 1
    sys.stdout.write(json.dumps(told))
    return 0


def captions(folder: Path, pixels: Pixels) -> list[str]:
    """Look at one picture: the likeliest caption first, none twice."""
    import torch
    from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer

    here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **here)
    tokenizer = AutoTokenizer.from_pretrained(folder, **here)
    model, told = AutoModelForImageTextToText.from_pretrained(
        folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **here
    )
    if told["missing_keys"] or told["mismatched_keys"]:  # they would be random numbers
        raise ValueError("the model lacks weights")
    seen = processor(images=[pixels], return_tensors="pt").pixel_values  # (1, 3, h, w)
    ways: tuple[dict[str, Any], ...] = (
        {"num_beams": _BEAMS, "do_sample": False},
        {"do_sample": True, "top_p": _NUCLEUS, "num_return_sequences": CAPTIONS - 1},
    )
    said: list[str] = []
    with torch.inference_mode():
        for way in ways:
            tokens = model.eval().generate(pixel_values=seen, max_new_tokens=_TOKENS, **way)
            said += tokenizer.batch_decode(tokens, skip_special_tokens=True)
    return list(dict.fromkeys(filter(None, map(_plain, said))))[:CAPTIONS]


def _demand(folder: Path) -> None:
    """Refuse a folder that would run code of its own, or load weights that could."""
    from gen.models import read_json

    configs = [read_json(folder / name) for name in _CONFIGS]
    if not all(configs) or any("auto_map" in config for config in configs):
        raise ModelFault("not a stock transformers folder")
    if not any(folder.glob("*.safetensors")):
        raise ModelFault("no .safetensors file in it")


def _picture(data: bytes) -> Pixels:
    import numpy as np

    from gen import images

    return images.decode(data) if data else np.full((64, 64, 3), 127, np.uint8)


def _plain(text: str) -> str:
    """One line of words: a model can say anything, marks of its tokenizer included."""
    words = re.sub(r"[^\w\s,.'’!?&%()-]", " ", text).split()
    return " ".join(words)[:_LONGEST_CHARACTERS].strip()


if __name__ == "__main__":
    sys.exit(main())
