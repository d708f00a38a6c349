"""A model folder: its card, and everything that is wrong with it. Knows no torch.

A folder is a diffusers folder (`model_index.json` and one folder per part) with an optional
`card.toml` beside it. Weights are safetensors only: a pickle may run anything when it is opened.
"""

import json
import struct
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gen.card import Card, unknown_words
from gen.errors import ModelFault

__all__ = [
    "Card",
    "Problem",
    "check",
    "check_files",
    "demand",
    "reach",
    "read_card",
    "read_json",
    "unknown_words",
]

PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})
LIBRARIES = frozenset({"diffusers", "transformers"})

#: What a pipeline class is called, and the family that runs it.
FAMILY_OF = {"StableDiffusionPipeline": "sd", "StableDiffusionXLPipeline": "sdxl"}

#: The parts that each family loads: those with weights, and those without.
WEIGHED = {
    "sd": ("unet", "vae", "text_encoder"),
    "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2"),
}
WEIGHTLESS = {
    "sd": ("tokenizer", "scheduler"),
    "sdxl": ("tokenizer", "tokenizer_2", "scheduler"),
}

_HEADER_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER = 100_000_000
_GIT_LFS = b"version https://git-lfs"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in a line that says what to do."""

    where: str
    line: str

    def __str__(self) -> str:
        return f"{self.where}: {self.line}"


def check(folder: Path) -> list[Problem]:
    """List everything that keeps a folder from being loaded; empty when nothing does."""
    if not folder.is_dir():
        return [Problem(str(folder), "no such folder; set the model's folder to one that exists")]
    if not (folder / "model_index.json").is_file():
        return [
            Problem("model_index.json", "missing; this is no diffusers folder, convert it to one")
        ]
    return [
        *_check_index(folder),
        *_check_card(folder),
        *check_files(folder),
        *_check_parts(folder),
    ]


def demand(folder: Path) -> Card:
    """Return the card of a sound folder. Raises ModelFault with every problem, one per line."""
    if problems := check(folder):
        raise ModelFault("\n".join(str(problem) for problem in problems))
    return read_card(folder)


def reach(folder: Path) -> tuple[Path, ...]:
    """Where a model's files may lie: all that the worker may read of it.

    The folder itself; in Hugging Face's cache its links lead to `blobs`, beside `snapshots`.
    """
    found = folder.resolve()
    in_cache = found.parent.name == "snapshots"
    return (found, found.parents[1] / "blobs") if in_cache else (found,)


def read_card(folder: Path) -> Card:
    """Read `card.toml`, and from the model's own files what it does not say."""
    found = _guess(folder)
    path = folder / "card.toml"
    if path.is_file():
        found |= tomllib.loads(path.read_text("utf-8"))
    return Card.from_mapping(found)


def _guess(folder: Path) -> dict[str, Any]:
    """What the model's own files say: its family and the size it was trained at."""
    index = read_json(folder / "model_index.json")
    unet = read_json(folder / "unet" / "config.json")
    vae = read_json(folder / "vae" / "config.json")
    scale = 2 ** (len(vae.get("block_out_channels", (0,) * 4)) - 1)
    side = int(unet.get("sample_size") or 64) * scale
    family = FAMILY_OF.get(str(index.get("_class_name")), "")
    return {"name": folder.name, "family": family, "width": side, "height": side}


def _check_index(folder: Path) -> Iterator[Problem]:
    index = read_json(folder / "model_index.json")
    name = index.get("_class_name")
    if name not in FAMILY_OF:
        speaks = ", ".join(sorted(FAMILY_OF))
        yield Problem("model_index.json", f"a {name}; use a folder of one of: {speaks}")
        return
    family = FAMILY_OF[name]
    for part in (*WEIGHED[family], *WEIGHTLESS[family]):
        library = (index.get(part) or [None])[0]
        if library not in LIBRARIES:
            yield Problem(
                part, f"made by {library}, which would run its own code; use a stock model"
            )
        elif not (folder / part).is_dir():
            yield Problem(part, "its folder is missing; download the model again")


def _check_card(folder: Path) -> Iterator[Problem]:
    try:
        card = read_card(folder)
    except ValueError as fault:
        yield Problem("card.toml", f"{fault}; correct that line")
        return
    if card.family and card.family not in FAMILY_OF.values():
        yield Problem("card.toml", f"unknown family {card.family}; leave that line out")


def check_files(folder: Path) -> Iterator[Problem]:
    """List what is wrong with files of a folder, whatever each is for."""
    for path in sorted(folder.rglob("*")):
        where = path.relative_to(folder).as_posix()
        if path.is_symlink() and not any(map(path.resolve().is_relative_to, reach(folder))):
            yield Problem(where, "a link that leads out of the folder; put the file itself there")
        elif path.suffix.lower() in PICKLES:
            yield Problem(where, "a pickle, which can run code; keep only .safetensors files")
        elif path.suffix == ".safetensors" and (line := _check_weights(path)):
            yield Problem(where, line)
        elif path.name.endswith(".safetensors.index.json"):
            yield from _check_shards(path, where)


def _check_parts(folder: Path) -> Iterator[Problem]:
    family = FAMILY_OF.get(str(read_json(folder / "model_index.json").get("_class_name")))
    for part in WEIGHED[family] if family else ():
        if (folder / part).is_dir() and not any((folder / part).glob("*.safetensors")):
            yield Problem(part, "no .safetensors file in it; download or convert its weights")


def _check_shards(path: Path, where: str) -> Iterator[Problem]:
    shards = read_json(path).get("weight_map", {})
    for shard in sorted(set(shards.values())):
        if not (path.parent / shard).is_file():
            yield Problem(where, f"names {shard}, which is missing; download the model again")


def _check_weights(path: Path) -> str | None:
    """Say what is wrong with one safetensors file, read no further than its header."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_HEADER_LENGTH.size)
        if (start + file.read(len(_GIT_LFS))).startswith(_GIT_LFS):
            return "only a Git LFS pointer; run `git lfs pull`"
        file.seek(_HEADER_LENGTH.size)
        length = _HEADER_LENGTH.unpack(start)[0] if len(start) == _HEADER_LENGTH.size else size
        if length > min(size, _LONGEST_HEADER):
            return "cut short or damaged; download it again"
        header = file.read(length)
    try:
        tensors = json.loads(header)
        end = max(tensor["data_offsets"][1] for name, tensor in tensors.items() if name[0] != "_")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "its header is damaged; download it again"
    missing = _HEADER_LENGTH.size + length + end - size
    return f"{abs(missing)} bytes do not fit its header; download it again" if missing else None


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; nothing where there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
