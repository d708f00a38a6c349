"""A classifier's folder: its labels, and everything that is wrong with it. Knows no torch.

A transformers folder for image classification: `config.json`, `preprocessor_config.json` and
weights as safetensors. Nothing is fetched, and no code from it is run.
"""

from collections.abc import Iterator
from pathlib import Path

from gen.errors import ModelFault
from gen.models import Problem, check_files, read_json

_CONFIG, _PROCESSOR = "config.json", "preprocessor_config.json"


def check(folder: Path) -> list[Problem]:
    """List everything that keeps a classifier from being loaded; empty when nothing does."""
    if not folder.is_dir():
        return [Problem(str(folder), "no such folder; set it to one that exists")]
    return [*_check_configs(folder), *check_files(folder), *_check_weights(folder)]


def demand(folder: Path) -> tuple[str, ...]:
    """Return the labels of a sound folder. Raises ModelFault with every problem, one per line."""
    if problems := check(folder):
        raise ModelFault("\n".join(str(problem) for problem in problems))
    return labels(folder)


def labels(folder: Path) -> tuple[str, ...]:
    """Read what the classifier tells apart, in its own words."""
    found = read_json(folder / _CONFIG).get("id2label")
    return tuple(map(str, found.values())) if isinstance(found, dict) else ()


def _check_configs(folder: Path) -> Iterator[Problem]:
    for name in (_CONFIG, _PROCESSOR):
        found = read_json(folder / name)
        if not found:
            yield Problem(name, "missing or no JSON; use a whole transformers folder")
        elif "auto_map" in found:
            yield Problem(name, "asks to run code of its own; use a stock model")
    if (folder / _CONFIG).is_file() and not labels(folder):
        yield Problem(_CONFIG, "names no labels (id2label); use a model for image classification")


def _check_weights(folder: Path) -> Iterator[Problem]:
    if not any(folder.glob("*.safetensors")):
        yield Problem(str(folder), "no .safetensors file in it; download or convert its weights")
