"""What the house says of itself, read from its settings: where all papers get their facts."""

from __future__ import annotations

import functools
import subprocess
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path

from bot.policy.disclosure import Facts, Operator
from bot.policy.plans import Plan
from bot.settings import Settings
from gen.card import Card

_SOURCE = Path(__file__).parent.parent


def facts_of(
    chosen: Settings, plans: tuple[Plan, ...], card: Card, *, model_digest: str = ""
) -> Facts:
    """Gather what every paper is made from."""
    return Facts(
        operator=Operator(
            name=chosen.operator_name,
            contact=chosen.operator_contact,
            country=chosen.operator_country,
            answer_time=chosen.operator_answer_time,
        ),
        plans=plans,
        limits=chosen.retention,
        model=card.name,
        licence=card.licence,
        version=version("darkroom"),
        commit=commit(),
        model_digest=model_digest,
        backup_days=chosen.backup_days if chosen.backup_dir else None,
    )


@functools.cache
def commit() -> str:
    """Name the commit this runs from; empty for an installed copy without its history."""
    if not (_SOURCE / ".git").exists():
        return ""
    try:
        asked = subprocess.run(  # noqa: S603  # a fixed text
            ["git", "-C", str(_SOURCE), "rev-parse", "--short=12", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return ""
    return asked.stdout.strip()


def digest_of(model: Path) -> str:
    """Give the SHA-256 over a model folder's files and their names, in order of name.

    Reads every byte: about a second for each gigabyte. Run it in a thread.
    """
    whole = sha256()
    files = [model] if model.is_file() else model.rglob("*")
    for path in sorted(each for each in files if each.is_file()):
        with path.open("rb") as file:
            content = file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(model).as_posix()} {content}\n".encode())
    return whole.hexdigest()
