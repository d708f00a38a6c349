"""Fetching a model from Hugging Face, for `darkroom models pull`: nothing else here uses a network.

What is fetched is pinned to one revision and compared, file by file, with the SHA-256 sums that the
hub names for it (https://huggingface.co/docs/huggingface_hub/guides/download). Weights are taken as
safetensors only; where a repository has them at half precision, too, those are taken.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import StartFault
from gen.weightfiles import sha256_of

_SUFFIXES = (".safetensors", ".json", ".txt", ".model")
_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Pulled:
    """What was fetched, from where, and where it lies."""

    repository: str
    revision: str
    folder: Path


def pull(said: str, into: Path) -> Pulled:
    """Fetch `OWNER/NAME[@REVISION]` into a folder of its own, showing how far it is.

    Raises:
        StartFault: the repository, its revision or the network is not as it must be.
    """
    repository, _, revision = said.partition("@")
    if not _NAME.fullmatch(repository):
        raise StartFault(f"{said!r} names no repository: say OWNER/NAME or OWNER/NAME@REVISION")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError

    try:
        info = huggingface_hub.HfApi().model_info(
            repository, revision=revision or None, files_metadata=True
        )
        pinned = _pinned(info, revision)
        wanted = _wanted(info.siblings or [])
        folder = into / f"{repository.replace('/', '--')}-{pinned[:12]}"
        huggingface_hub.snapshot_download(
            repository, revision=pinned, local_dir=folder, allow_patterns=sorted(wanted)
        )
    except GatedRepoError:
        raise StartFault(
            f"{repository} is gated: accept its licence on its page, then `hf auth login`"
        ) from None
    except (HfHubHTTPError, HFValidationError) as fault:
        raise StartFault(f"{said} cannot be fetched: {_reason(fault)}") from None
    except StartFault:
        raise
    except Exception as fault:  # noqa: BLE001  # whatever the hub's library calls a broken line
        raise StartFault(f"the hub cannot be reached ({type(fault).__name__}): try again") from None
    _demand_sums(folder, wanted)
    return Pulled(repository, pinned, folder)


def _pinned(info: Any, revision: str) -> str:
    """The commit that was looked up; one that was said must be that one."""
    found = str(info.sha or "")
    if not _REVISION.fullmatch(found) or (_REVISION.fullmatch(revision) and found != revision):
        raise StartFault("the hub did not name the revision that was asked for: try again")
    return found


def _wanted(siblings: list[Any]) -> dict[str, str]:
    """Which files to take, and the SHA-256 of those that the hub names one for."""
    listed = {
        one.rfilename: one.lfs.sha256 if one.lfs else ""
        for one in siblings
        if one.rfilename.endswith(_SUFFIXES)
    }
    if "model_index.json" not in listed:
        raise StartFault("that repository is no diffusers model: it has no model_index.json")
    weights = {name for name in listed if name.endswith(".safetensors")}
    if not any("/" in name for name in weights):
        raise StartFault("that repository has no .safetensors weights: choose one that has")
    return {name: noted for name, noted in listed.items() if not _is_spare(name, weights)}


def _is_spare(name: str, weights: set[str]) -> bool:
    """Whether weights are left out: all in one file, or those that are there at half precision."""
    if name not in weights:
        return False
    return "/" not in name or name.replace(".safetensors", ".fp16.safetensors") in weights


def _demand_sums(folder: Path, wanted: dict[str, str]) -> None:
    for name, noted in wanted.items():
        if noted and sha256_of(folder / name) != noted:
            raise StartFault(
                f"{name} is not what the hub says it is: remove {folder} and pull again"
            )


def _reason(fault: Exception) -> str:
    """Say it in one line: the hub's answers have several."""
    status = getattr(getattr(fault, "response", None), "status_code", None)
    if status in (401, 404):
        return "there is no such repository or revision, or it is not public"
    return f"the hub answers {status}" if status else "that is no name the hub takes"
