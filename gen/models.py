"""A model on the disk: its card, and everything that is wrong with it. Knows no torch.

It is a diffusers folder (`model_index.json` and one folder per part) with an optional `card.toml`
in it; or a single safetensors file, whose configs, card and tokenizers lie in a folder of the
file's name beside it: a diffusers folder that needs no weights.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gen.card import Card
from gen.errors import ModelFault
from gen.pipelines import FAMILIES, family_of
from gen.weightfiles import Problem, check_file, check_files, configs_of, reach, read_json

__all__ = ["Problem", "check", "check_files", "demand", "reach", "read_card", "read_json"]

LIBRARIES = frozenset({"diffusers", "transformers"})

#: The parts that a family loads, those without weights last. A family that is not here loads
#: whatever its index names.
PARTS = {
    "sd": ("unet", "vae", "text_encoder", "tokenizer", "scheduler"),
    "sdxl": (
        *("unet", "vae", "text_encoder", "text_encoder_2"),
        *("tokenizer", "tokenizer_2", "scheduler"),
    ),
    "flux": (
        *("transformer", "vae", "text_encoder", "text_encoder_2"),
        *("tokenizer", "tokenizer_2", "scheduler"),
    ),
}
_WEIGHTLESS = ("Tokenizer", "TokenizerFast", "Scheduler", "Processor", "Extractor")

#: What is best to begin with where nobody says, by whether guidance was distilled into it.
_FLUX_HABITS = {
    True: {"width": 1024, "height": 1024, "steps": 28, "guidance": 3.5},
    False: {"width": 1024, "height": 1024, "steps": 4, "guidance": 0.0},
}


def check(path: Path, said: Mapping[str, Any] | None = None) -> list[Problem]:
    """List everything that keeps a model from being loaded; empty when nothing does.

    `said` are fields of its card that are said elsewhere.
    """
    home = configs_of(path) if path.is_file() else path
    if not home.is_dir():
        return [_no_folder(path, home)]
    if not (home / "model_index.json").is_file():
        return [
            Problem("model_index.json", "missing; this is no diffusers folder, convert it to one")
        ]
    return [
        *_check_index(home),
        *_check_card(path, said or {}),
        *([Problem(path.name, line)] if path.is_file() and (line := check_file(path)) else []),
        *check_files(home),
        *(_check_parts(home) if path.is_dir() else ()),
    ]


def demand(path: Path, said: Mapping[str, Any] | None = None) -> Card:
    """Return the card of a sound model. Raises ModelFault with every problem, one per line."""
    if problems := check(path, said):
        raise ModelFault("\n".join(str(problem) for problem in problems))
    return read_card(path, said)


def read_card(path: Path, said: Mapping[str, Any] | None = None) -> Card:
    """Read `card.toml`, and from the model's own files what it does not say.

    A model that knows any word, and whose sizes nobody listed, draws at any ratio.
    """
    home = configs_of(path) if path.is_file() else path
    found = _guess(home)
    card = home / "card.toml"
    if card.is_file():
        found |= tomllib.loads(card.read_text("utf-8"))
    found |= said or {}
    found.setdefault("any_ratio", not found.get("words") and not found.get("sizes"))
    return Card.from_mapping(found)


def _no_folder(path: Path, home: Path) -> Problem:
    if path.is_file():
        if wrong := check_file(path):
            return Problem(path.name, wrong)
        return Problem(
            path.name,
            f"its configs are missing; put the diffusers folder of its base model, without "
            f"weights, into {home.name}/ beside it",
        )
    return Problem(str(path), "no such folder; set the model's folder to one that exists")


def _guess(folder: Path) -> dict[str, Any]:
    """What the model's own files say: its family and the size it was trained at."""
    index = read_json(folder / "model_index.json")
    unet = read_json(folder / "unet" / "config.json")
    transformer = read_json(folder / "transformer" / "config.json")
    vae = read_json(folder / "vae" / "config.json")
    blocks = vae.get("block_out_channels") or vae.get("encoder_block_out_channels") or (0,) * 4
    latent_side = unet.get("sample_size") or transformer.get("sample_size") or 64
    side = int(latent_side) * 2 ** (len(blocks) - 1)
    family = family_of(index.get("_class_name"))
    found = {"name": folder.name, "family": family, "width": side, "height": side}
    return found | (
        _FLUX_HABITS[bool(transformer.get("guidance_embeds"))] if family == "flux" else {}
    )


def _check_index(folder: Path) -> Iterator[Problem]:
    index = read_json(folder / "model_index.json")
    name = index.get("_class_name")
    if not family_of(name):
        yield Problem(
            "model_index.json",
            f"a {name}, which diffusers knows no way to make pictures from words alone with; "
            "use another model",
        )
        return
    for part in _parts(index):
        library = (index.get(part) or [None])[0]
        if library not in LIBRARIES:
            yield Problem(
                part, f"made by {library}, which would run its own code; use a stock model"
            )
        elif not (folder / part).is_dir():
            yield Problem(part, "its folder is missing; download the model again")


def _check_card(path: Path, said: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        card = read_card(path, said)
    except ValueError as fault:
        yield Problem("card.toml", f"{fault}; correct that line")
        return
    if card.family and card.family not in FAMILIES:
        yield Problem("card.toml", f"unknown family {card.family}; leave that line out")


def _check_parts(folder: Path) -> Iterator[Problem]:
    index = read_json(folder / "model_index.json")
    for part in _parts(index):
        is_weighed = not str((index.get(part) or [""])[-1]).endswith(_WEIGHTLESS)
        if (
            is_weighed
            and (folder / part).is_dir()
            and not any((folder / part).glob("*.safetensors"))
        ):
            yield Problem(part, "no .safetensors file in it; download or convert its weights")


def _parts(index: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the parts that are loaded of a folder; none where no family runs it."""
    family = family_of(index.get("_class_name"))
    named = [name for name, one in index.items() if isinstance(one, list) and one[0] is not None]
    return PARTS.get(family, tuple(named)) if family else ()
