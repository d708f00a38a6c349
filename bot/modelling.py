"""`darkroom models`: the models there are to draw with, looked at, added, and fetched.

What is offered stands in MODELS_FILE, which its operator may write by hand (`gen.catalogue`). A
running bot learns of a change when it is started again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from bot import pulling, settings
from bot.errors import StartFault
from bot.settings import Settings
from bot.shelf import read_models
from gen import catalogue, models
from gen.card import Card, plain
from gen.errors import ModelFault
from gen.messages import Source
from gen.weightfiles import weights_of

ENV_FILE = Path(".env")

_Given = TypeVar("_Given")


@click.group(name="models")
def models_group() -> None:
    """See, check, add and fetch the models to draw with."""


@models_group.command(name="list")
def list_command() -> None:
    """Show what is offered, the default first."""
    offered = _or_one_line(lambda: read_models(settings.load(ENV_FILE)))
    for number, source in enumerate(offered.sources):
        click.echo(_line(source, is_default=number == 0))
    for problem in offered.problems:
        click.echo(f"✗ {problem}")


@models_group.command()
@click.option("--quick", is_flag=True, help="Do not read the weights to see if they changed.")
def check(*, quick: bool) -> None:
    """Say everything that is wrong with any model; exit status 1 when something is.

    Reads all weights: about a second for each gigabyte.
    """
    offered = _or_one_line(lambda: read_models(settings.load(ENV_FILE)))
    problems = [*offered.problems]
    for source in offered.sources:
        wrong = [] if quick else catalogue.changed(source)
        problems += wrong
        if not wrong:
            click.echo(f"✓ {source.card.name}")
    for problem in problems:
        click.echo(f"✗ {problem}")
    sys.exit(1 if problems else 0)


@models_group.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="What people call it; else its folder's or file's name.")
def add(path: Path, name: str | None) -> None:
    """Offer a model: a diffusers folder, or a .safetensors file with its configs beside it.

    Notes the SHA-256 of its weights: it is served only while they stay as they are. Adding a model
    again notes them anew.
    """
    click.echo(_or_one_line(lambda: _add(settings.load(ENV_FILE), path, name)))


@models_group.command()
@click.argument("repository", metavar="OWNER/NAME[@REVISION]")
@click.option("--name", help="What people call it; else the repository's name.")
@click.option("--into", type=click.Path(path_type=Path), help="Folder to put its folder into.")
def pull(repository: str, name: str | None, into: Path | None) -> None:
    """Fetch a model from Hugging Face, and offer it.

    The one command that uses the network. It takes the weights (.safetensors) and what describes
    them, at one revision: 40 hex digits, or a branch or tag, which is looked up and told.
    """

    def fetch_and_add() -> str:
        chosen = settings.load(ENV_FILE)
        folder = into or _file_of(chosen).parent / "models"
        pulled = pulling.pull(repository, folder)
        click.echo(f"{pulled.repository} at revision {pulled.revision} lies in {pulled.folder}")
        return _add(chosen, pulled.folder, name or pulled.repository.partition("/")[2])

    click.echo(_or_one_line(fetch_and_add))


def _add(chosen: Settings, path: Path, name: str | None) -> str:
    """Write a sound model into the file, and the sums of its weights into the lock."""
    file = _file_of(chosen)
    said = {"name": name} if name else {}
    try:
        card = models.demand(path, said)
    except ModelFault as fault:
        raise StartFault(f"{path} cannot be offered: {fault}") from None
    known = catalogue.read_file(file).sources if file.exists() else ()
    there = next((one for one in known if Path(one.path) == Path(os.path.abspath(path))), None)
    if there is None:
        _demand_free(card, known)
        with file.open("a", encoding="utf-8") as stream:
            stream.write(_entry(card, path, file))
    sums = catalogue.sums_of(path)
    catalogue.lock_of(file).write_text(catalogue.lock_with(file, path, sums), "utf-8")
    called, done = (there.card.name, "noted anew") if there else (card.name, "added")
    return f"{called} {done}: the sums of its {len(sums)} files are in {file.stem}.lock"


def _file_of(chosen: Settings) -> Path:
    if chosen.models_file is None:
        raise StartFault("set MODELS_FILE=models.toml in .env: what is offered is written there")
    return chosen.models_file


def _demand_free(card: Card, known: tuple[Source, ...]) -> None:
    if plain(card.name) in {plain(one.card.name) for one in known}:
        raise StartFault(f"there is a model {card.name} already: say another --name")


def _entry(card: Card, path: Path, file: Path) -> str:
    """One [[model]] table. TOML's basic strings are written as JSON's are."""
    where = os.path.relpath(os.path.abspath(path), os.path.abspath(file.parent))
    lines = {"path": where, "name": card.name, "licence": card.licence}
    said = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
    return f"\n[[model]]\n{said}"


def _line(source: Source, *, is_default: bool) -> str:
    card = source.card
    size = sum(file.stat().st_size for file in weights_of(Path(source.path)))
    return " · ".join(
        [
            card.name,
            card.family,
            f"licence {card.licence}",
            f"{size / 1e9:.1f} GB",
            "sums noted" if source.sums else "no sums noted",
            *(f"LoRA {lora.name}" for lora in card.loras),
            *(["drawn with unless people choose"] if is_default else []),
        ]
    )


def _or_one_line(deed: Callable[[], _Given]) -> _Given:
    try:
        return deed()
    except (StartFault, ModelFault) as fault:
        click.echo(f"darkroom: {fault}", err=True)
        sys.exit(1)
