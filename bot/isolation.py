"""Which doors of the worker hold on this machine, for `darkroom doctor` to say."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from gen import launch
from gen.doors import Door

SENTENCES = {
    Door.MEMORY: (
        "no other process looks into the worker's memory, not even when it crashes",
        "other processes of this user may look into the worker's memory: that takes Linux",
    ),
    Door.CALLS: (
        "the worker reaches no network and starts no program",
        "nothing keeps the worker from the network: that takes seccomp (Linux on x86-64 or ARM64; "
        "in a container, a profile that allows filters)",
    ),
    Door.FILES: (
        "the worker opens its code, its libraries and the model, and no other file",
        "nothing keeps the worker from this user's files: that takes Landlock (Linux 5.13 or "
        "newer, with landlock in the kernel's lsm= list)",
    ),
    Door.SIGNALS: (
        "the worker can send no signal to another process",
        "the worker may send signals to processes of this user: that takes Landlock of Linux 6.12 "
        "or newer",
    ),
}
"""For each door what is true when it holds, and what is true, and missing, when it does not."""


def closed_doors(model: Path, environ: Mapping[str, str]) -> frozenset[str]:
    """Ask a child that closes its doors as the worker does. It loads no library."""
    try:
        asked = subprocess.run(  # noqa: S603  # our own interpreter, our own module
            launch.probe(model),
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env=launch.environment(environ),
        )
    except (subprocess.SubprocessError, OSError):
        return frozenset()
    return frozenset(asked.stdout.split())


def lacks_nvidia_node() -> bool:
    """Say whether NVIDIA's driver is here without the device that CUDA opens.

    Its own program makes the device on first use; the worker may start no program.
    """
    return Path("/proc/driver/nvidia").exists() and not Path("/dev/nvidia-uvm").exists()
