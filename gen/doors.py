"""The doors of the worker, closed in its first lines: before torch, numpy or Pillow is imported.

Behind them it reads its own code, the libraries, the model and what a GPU needs, and nothing else
of the machine. It writes no file, starts no program, reaches no network and no other process. The
data folder, `.env`, the root key and the keys in memory are out of reach because they are not
named here; the folder of the repository itself is not, only `gen/` in it.

`python -m gen.doors FOLDER…` closes them and says which ones hold, for `darkroom doctor`.

Proved on the CPU. Reasoned, and unproven until it runs on one: what CUDA and ROCm need. A driver
makes its device nodes with a program of its own when they are missing; it cannot from in here, so
they must exist before the worker starts (`darkroom doctor` looks). MPS and /dev/shm are shut.
"""

import ctypes
import ctypes.util
import glob
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from gen import hush, landlock, models, seccomp

_PR_SET_NO_NEW_PRIVS = 38


class Door(StrEnum):
    """What is kept from whom, and holds or does not on this machine."""

    MEMORY = "memory"  #: nobody looks into this process, not even at its crash
    CALLS = "calls"  #: no socket that leads out, no io_uring, no program, no process's memory
    FILES = "files"  #: no file but those named here
    SIGNALS = "signals"  #: no signal to another process


_HERE = Path(__file__).resolve().parent

#: Libraries of the system, where distributions and GPU vendors put them; `*` may stand for any.
_LIBRARIES = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64"),
    *("/usr/local/lib", "/usr/local/lib64", "/nix/store", "/run/opengl-driver"),
    *("/usr/local/cuda*", "/usr/local/nvidia", "/opt/cuda", "/opt/rocm*"),
    *("/usr/share/locale", "/usr/share/zoneinfo", "/usr/share/nvidia"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/ssl/openssl.cnf"),
)

#: What the kernel says of processors, memory and devices. Nothing about other processes.
_MACHINE = (
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version"),
    *("/proc/devices", "/proc/filesystems", "/proc/modules", "/proc/driver"),
    *("/proc/sys/kernel", "/proc/sys/vm"),
    *("/sys/bus", "/sys/class", "/sys/devices", "/sys/module", "/sys/kernel/mm"),
    *("/dev/random", "/dev/urandom"),
)

#: Written to: names of threads, which NVIDIA's driver sets from release 570 on.
_WRITTEN = ("/dev/null", "/dev/zero", "/proc/self/task")

#: NVIDIA's, everybody's, AMD's, and a GPU seen from inside Windows.
_DEVICES = ("/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg")


def close(*folders: Path) -> tuple[Door, ...]:
    """Close what the kernel lets us close, for this thread and all that it starts.

    `folders` are the models that it may go on to read. Returns the doors that hold.
    """
    held = {Door.MEMORY: hush.keep_memory_private()}
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        alone = len(os.listdir("/proc/self/task")) == 1
        abi = landlock.restrict(_openings(folders))
        held[Door.FILES] = alone and abi > 0
        held[Door.SIGNALS] = alone and abi >= landlock.SCOPED_ABI
        held[Door.CALLS] = seccomp.install()
        ctypes.util.find_library = _find_no_library
    return tuple(door for door in Door if held.get(door))


def _find_no_library(name: str) -> str | None:
    """Answer a search by name: it would start ldconfig, gcc and ld, and raise where it cannot.

    torch for CUDA asks for `dl` and knows its name without an answer.
    """
    return None


def _openings(folders: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Every path that stays open, with its rights."""
    names = sysconfig.get_paths()
    python = [Path(names[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    base = Path(sys.base_prefix)
    code = (_HERE, *python, base / "lib", base / "lib64", *_named_libraries())
    for path in (*code, *(path for folder in folders for path in models.reach(folder))):
        yield path, landlock.READ
    for patterns, rights in (
        (_LIBRARIES, landlock.READ),
        (_MACHINE, landlock.READ),
        (_WRITTEN, landlock.WRITE),
        (_DEVICES, landlock.DEVICE),
    ):
        for pattern in patterns:
            for found in glob.glob(pattern):  # absolute patterns
                yield Path(found), rights


def _named_libraries() -> Iterator[Path]:
    """Folders of libraries that the operator named, unless the house itself lies in one."""
    named = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    for name in (*named, os.environ.get("CUDA_HOME", "")):
        path = Path(name).resolve()
        if name and path not in (_HERE, *_HERE.parents):
            yield path


def main() -> int:
    """Close the doors and say, a line each, which ones hold."""
    sys.stdout.write("\n".join(close(*map(Path, sys.argv[1:]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
