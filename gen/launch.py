"""How the worker process is started: its command line and the little it may know of us.

The environment is an allow list. A token, a key or a path of the bot's never reaches the worker,
whatever the operator puts into the environment later.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

#: What a GPU stack needs to find its driver and devices, and a process its programs and language.
ALLOWED = frozenset(
    {
        "PATH",
        "LANG",
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "XDG_RUNTIME_DIR",
        "LD_LIBRARY_PATH",
        "CUDA_HOME",
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "NVIDIA_VISIBLE_DEVICES",
        "NVIDIA_DRIVER_CAPABILITIES",
        "ROCR_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "HSA_OVERRIDE_GFX_VERSION",
    }
)

#: No library calls home, loads code from afar, or writes where we do not look.
SILENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "critical",
    "DIFFUSERS_VERBOSITY": "critical",
    "DIFFUSERS_DISABLE_REMOTE_CODE": "true",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTORCH_ALLOC_CONF": "expandable_segments:True",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONWARNINGS": "ignore",
    "PYTHONNOUSERSITE": "1",
    "HOME": "/nonexistent",
    "TORCHINDUCTOR_CACHE_DIR": "/",  # torch makes one at its import: this is there, and not ours
    "CUDA_CACHE_DISABLE": "1",
}


def command() -> list[str]:
    """Return the command line of a worker: nothing but its name; no code from where we stand."""
    return [sys.executable, "-P", "-m", "gen.worker"]


def probe(model: Path) -> list[str]:
    """Return the command line of a process that closes a worker's doors and says which hold."""
    return [sys.executable, "-P", "-m", "gen.doors", str(model)]


def trial(classifier: Path, device: str) -> list[str]:
    """Return the command line of a process that tries a classifier as a worker would."""
    return [sys.executable, "-P", "-m", "gen.trial", str(classifier), device]


def fingerprint() -> list[str]:
    """Return the command line of a process that takes the fingerprint of one file."""
    return [sys.executable, "-P", "-m", "gen.fingerprint"]


def describe(captioner: Path) -> list[str]:
    """Return the command line of a process that puts one picture into words."""
    return [sys.executable, "-P", "-m", "gen.describe", str(captioner)]


def bench() -> list[str]:
    """Return the command line of a process that measures a model."""
    return [sys.executable, "-P", "-m", "gen.bench"]


def shrink(limit_bytes: int) -> list[str]:
    """Return the command line of a process that encodes one picture again, smaller."""
    return [sys.executable, "-P", "-m", "gen.shrink", str(limit_bytes)]


def intake(longest_side_px: int) -> list[str]:
    """Return the command line of a process that writes one picture from outside anew."""
    return [sys.executable, "-P", "-m", "gen.intake", str(longest_side_px)]


def environment(ours: Mapping[str, str], threads: int = 0) -> dict[str, str]:
    """Return the worker's whole environment, from what ours allows it to know.

    `threads` is for the CPU parts of torch; 0 leaves one core to the bot.
    """
    count = str(threads or max(1, (os.cpu_count() or 1) - 1))
    return {
        **{name: ours[name] for name in sorted(ALLOWED & ours.keys())},
        **SILENT,
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
