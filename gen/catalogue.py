"""The models that an operator offers: `models.toml`, and the sums of their files in `models.lock`.

    [[model]]
    path = "models/dream"            a folder or a .safetensors file, from where this file lies
    name = "Dream"                   this and all other fields of a card (`gen.card.Card`) as wanted
    [[model.lora]]
    name = "ink"
    file = "loras/ink.safetensors"

The first is what is drawn with when nobody says. Beside it `models.lock` holds what
`sha256sum --check` reads; a model whose files have changed since is not loaded. Knows no torch.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gen import loras, models
from gen.card import Card, plain
from gen.errors import ModelFault
from gen.messages import Source
from gen.weightfiles import (
    Problem,
    check_file,
    configs_of,
    header_of,
    sha256_of,
    values_in,
    weights_of,
)

_HEADER = re.compile(r"\s*\[\[?\s*([\w.]+)\s*\]")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")


@dataclass(frozen=True)
class Catalogue:
    """What can be offered, and for what cannot be, why."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...] = ()


def read(models_file: Path | None, folder: Path) -> Catalogue:
    """Read what is offered: the file, or without one the folder alone.

    Raises ModelFault when nothing can be offered, or the file cannot be read.
    """
    if models_file is None:
        return Catalogue((Source(models.demand(folder), str(folder)),))
    catalogue = read_file(models_file)
    if not catalogue.sources:
        raise ModelFault(
            "\n".join(map(str, catalogue.problems))
            or "it names no model; `darkroom models add` adds one"
        )
    return catalogue


def values_of(catalogue: Catalogue) -> dict[str, int]:
    """Count the numbers in each model's weights, by its name."""
    return {source.card.name: values_in(Path(source.path)) for source in catalogue.sources}


def changed(source: Source) -> list[Problem]:
    """Read all of a model's weights, and list what is not as it was when its sums were noted."""
    base, noted = Path(source.path), dict(source.sums)
    found = {one.relative_to(base).as_posix(): one for one in weights_of(base)} if noted else {}
    return [
        Problem(f"{source.card.name}: {where}", line)
        for where in sorted({*found, *noted})
        if (line := _changed(found.get(where), noted.get(where)))
    ]


def sums_of(path: Path) -> dict[str, str]:
    """Sum all weights of a model, by their paths within it."""
    return {one.relative_to(path).as_posix(): sha256_of(one) for one in weights_of(path)}


def lock_with(models_file: Path, path: Path, sums: Mapping[str, str]) -> str:
    """Give the lock's text with the sums of a model, in place of what was noted of it."""
    lock, home = lock_of(models_file), Path(os.path.abspath(path))
    kept = {
        where: noted
        for where, noted in _read_lock(lock).items()
        if not Path(os.path.abspath(lock.parent / where)).is_relative_to(home)
    }
    from_here = os.path.relpath(home, os.path.abspath(lock.parent))
    kept |= {os.path.normpath(f"{from_here}/{where}"): noted for where, noted in sums.items()}
    return "".join(f"{noted}  {where}\n" for where, noted in sorted(kept.items()))


def _changed(path: Path | None, noted: str | None) -> str | None:
    if path is None:
        return "missing since it was added; download the model again"
    if noted is None:
        return "new since it was added; look where it comes from, then `darkroom models add` again"
    if sha256_of(path) != noted:
        return "changed since it was added; if you changed it, `darkroom models add` it again"
    return None


# --- the file


def read_file(path: Path) -> Catalogue:
    """Read all models of a file. Raises ModelFault when it is no such file."""
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except OSError as fault:
        raise ModelFault(f"{path.name} cannot be read: {fault.strerror}") from None
    except ValueError as fault:  # no UTF-8 or no TOML
        raise ModelFault(f"{path.name} is not valid TOML: {fault}") from None
    lines = _Lines(text)
    listed = tables.get("model", [])
    if unknown := sorted(set(tables) - {"model"}):
        raise ModelFault(
            f"{path.name} line {lines.at(-1, unknown[0])}: unknown {unknown[0]}; "
            "there are [[model]] tables"
        )
    if not (isinstance(listed, list) and all(isinstance(one, dict) for one in listed)):
        raise ModelFault(f"{path.name}: models are written as [[model]] tables")
    sources, problems = list[Source](), list[Problem]()
    locked = _read_lock(lock_of(path))
    for number, table in enumerate(listed):
        found = _source(table, path.parent, locked)
        taken = {plain(source.card.name) for source in sources}
        if isinstance(found, Source) and plain(found.card.name) in taken:
            found = [Problem("name", f"{found.card.name} is there twice; rename one")]
        if isinstance(found, Source):
            sources.append(found)
        else:
            problems += [
                Problem(f"{path.name} line {lines.at(number, key)}", _said(each, key))
                for each in found
                for key in [_key_of(each, table)]
            ]
    return Catalogue(tuple(sources), tuple(problems))


def _key_of(problem: Problem, table: Mapping[str, Any]) -> str:
    """Which key of its table a problem is about, as far as it names one."""
    named = (key for key in table if re.search(rf"\b{re.escape(key)}\b", problem.line))
    return problem.where if problem.where in table else next(named, "path")


def _said(problem: Problem, key: str) -> str:
    """Say it without where, if that is the line itself."""
    is_of_a_line = problem.where in _OF_LINES or (problem.where == "card.toml" and key != "path")
    return problem.line if is_of_a_line else str(problem)


_OF_LINES = frozenset({"path", "name", "lora", "loras"})


def _source(
    table: Mapping[str, Any], base: Path, locked: Mapping[str, str]
) -> Source | list[Problem]:
    """One model, or all that is wrong with it."""
    said = dict(table)
    where, bends = said.pop("path", None), said.pop("lora", [])
    if not (isinstance(where, str) and where):
        return [Problem("path", "no path; say where the model's folder or file lies")]
    if "loras" in said:
        return [Problem("loras", "write each as a [[model.lora]] table")]
    path = base / Path(where).expanduser()
    if not path.exists():
        return [Problem("path", f"{where} is not there; correct the path, or take the model out")]
    problems = models.check(path, said)
    if problems:
        return problems
    try:
        card = models.read_card(path, said | {"loras": bends})
    except ValueError as fault:
        return [Problem("lora", f"{fault}; correct that line")]
    card = _with_found_loras(card, base)
    if problems := list(_check_loras(card, path)):
        return problems
    return Source(card, os.path.abspath(path), tuple(sorted(_noted(path, base, locked).items())))


def _noted(path: Path, base: Path, locked: Mapping[str, str]) -> dict[str, str]:
    """What the lock says of a model, by the files' paths within it."""
    home = Path(os.path.abspath(path))
    lying = {Path(os.path.abspath(base / where)): noted for where, noted in locked.items()}
    return {
        file.relative_to(home).as_posix(): noted
        for file, noted in lying.items()
        if file.is_relative_to(home)
    }


def _with_found_loras(card: Card, base: Path) -> Card:
    """Say where the LoRAs lie, whoever asks from wherever."""
    found = (
        replace(lora, file=os.path.abspath(base / Path(lora.file).expanduser()))
        for lora in card.loras
    )
    return replace(card, loras=tuple(found))


def _check_loras(card: Card, path: Path) -> Iterator[Problem]:
    home = configs_of(path) if path.is_file() else path
    width = models.read_json(home / "unet" / "config.json").get("cross_attention_dim")
    for lora in card.loras:
        file = Path(lora.file)
        if not file.is_file():
            yield Problem("lora", f"the file of {lora.name} is not there; correct its path")
        elif file.suffix != ".safetensors":
            yield Problem("lora", f"the file of {lora.name} is no .safetensors file; convert it")
        elif line := check_file(file) or loras.misfit(header_of(file), card.family, width):
            yield Problem("lora", f"the file of {lora.name}: {line}")


class _Lines:
    """On which line a key of the nth model stands; the parser tells it for syntax alone."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[int, str], int] = {}
        number = -1
        for line, content in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(content):
                number += header[1] == "model"
                self._found.setdefault((number, header[1].rpartition(".")[2]), line)
            elif key := _KEY.match(content):
                self._found.setdefault((number, key[1]), line)

    def at(self, number: int, key: str) -> int:
        """Give the line of a key; else the one its model begins on."""
        return self._found.get((number, key), self._found.get((number, "model"), 1))


# --- the lock


def lock_of(models_file: Path) -> Path:
    """Name the lock that belongs to a file of models."""
    return models_file.with_suffix(".lock")


def _read_lock(lock: Path) -> dict[str, str]:
    """Read it as `sha256sum` does: a sum, two spaces, a path from where the lock lies."""
    if not lock.is_file():
        return {}
    lines = [line.split("  ", 1) for line in lock.read_text("utf-8").splitlines() if line.strip()]
    if not all(len(line) == 2 and re.fullmatch(r"[0-9a-f]{64}", line[0]) for line in lines):
        raise ModelFault(f"{lock.name} is damaged; remove it and add your models again")
    return {where: noted for noted, where in lines}
