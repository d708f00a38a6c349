"""Files of weights, looked at without loading them: what is wrong with them, and their size.

Weights are safetensors only: a pickle may run anything when it is opened. Of a safetensors file no
more than the header is read (https://huggingface.co/docs/safetensors, *Format*).
"""

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"})

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


def reach(path: Path) -> tuple[Path, ...]:
    """Where a model's files may lie: all that the worker may read of it.

    The folder or file itself, with the folder of a single file's configs; in Hugging Face's cache
    its links lead to `blobs`, beside `snapshots`.
    """
    found = path.resolve()
    if found.suffix == ".safetensors":
        return (found, configs_of(path).resolve())
    in_cache = found.parent.name == "snapshots"
    return (found, found.parents[1] / "blobs") if in_cache else (found,)


def configs_of(file: Path) -> Path:
    """Where the configs of a single file lie: in a folder of its name, beside it."""
    return file.with_suffix("")


def check_files(folder: Path) -> Iterator[Problem]:
    """List what is wrong with files of a folder, whatever each is for."""
    for path in sorted(folder.rglob("*")):
        where = path.relative_to(folder).as_posix()
        if path.is_symlink() and not any(map(path.resolve().is_relative_to, reach(folder))):
            yield Problem(where, "a link that leads out of the folder; put the file itself there")
        elif line := check_file(path):
            yield Problem(where, line)
        elif path.name.endswith(".safetensors.index.json"):
            yield from _check_shards(path, where)


def check_file(path: Path) -> str | None:
    """Say what is wrong with one file, if it holds weights."""
    if path.suffix.lower() in PICKLES:
        return "a pickle, which can run code; keep only .safetensors files"
    return _check_weights(path) if path.suffix == ".safetensors" else None


def weights_of(path: Path) -> list[Path]:
    """List the weights of a folder, or a single file as itself."""
    return [path] if path.is_file() else sorted(path.rglob("*.safetensors"))


def sha256_of(path: Path) -> str:
    """Read all of a file: about a second for each gigabyte."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def values_in(path: Path) -> int:
    """Count the numbers in the weights of a sound model: of a folder, those of its parts."""
    files = [file for file in weights_of(path) if file == path or file.parent != path]
    return sum(map(_values_of, _without_twins(files)))


def header_of(path: Path) -> dict[str, Any]:
    """Read the header of a sound safetensors file."""
    with path.open("rb") as file:
        header = json.loads(file.read(_HEADER_LENGTH.unpack(file.read(_HEADER_LENGTH.size))[0]))
    return header if isinstance(header, dict) else {}


def _without_twins(files: list[Path]) -> list[Path]:
    """Of weights that lie there at full and at half precision, name one."""
    whole = {str(file) for file in files if ".fp16." not in file.name}
    return [file for file in files if str(file).replace(".fp16.", ".") not in whole - {str(file)}]


def _values_of(path: Path) -> int:
    tensors = header_of(path)
    return sum(math.prod(one["shape"]) for name, one in tensors.items() if name[0] != "_")


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
