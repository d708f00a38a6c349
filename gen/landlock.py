"""Landlock: from now on this process opens only the files it was given, whatever its user may do.

What is not named cannot be opened, listed, made, renamed or removed. Sizes and dates of files stay
visible: Landlock does not cover `stat`. The kernel says which version it speaks (its ABI); each
measure is taken from the ABI that brought it. Numbers are from linux/landlock.h; the three calls
have the same number on every processor.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  #: flag of _CREATE_RULESET: only tell the ABI
_PATH_BENEATH = 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_FILE_RIGHTS = (
    _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
)  #: a rule for a file may hold no others

READ = _READ_FILE | _READ_DIR
WRITE = READ | _WRITE_FILE | _TRUNCATE  #: into files that exist; none is made
DEVICE = WRITE | _IOCTL_DEVICE

#: ABI to what it can refuse: rights over files, TCP (bind, connect), and what is done to processes
#: outside (abstract sockets, signals).
_REFUSABLE = {
    1: ((1 << 13) - 1, 0, 0),
    2: ((1 << 14) - 1, 0, 0),
    3: ((1 << 15) - 1, 0, 0),
    4: ((1 << 15) - 1, 0b11, 0),
    5: ((1 << 16) - 1, 0b11, 0),
    6: ((1 << 16) - 1, 0b11, 0b11),
}
SCOPED_ABI = 6  #: from here on processes outside are out of reach too


def abi() -> int:
    """Ask the kernel which Landlock it speaks; 0: none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION))


def restrict(openings: Iterable[tuple[Path, int]]) -> int:
    """Refuse every file but these, each with its rights and all that lies beneath it.

    Holds for the calling thread and those it starts later. A path that does not exist is passed
    over. Needs no_new_privs. Returns the ABI it holds by; 0: nothing is restricted.
    """
    version = min(abi(), max(_REFUSABLE))
    if not version:
        return 0
    refused = _REFUSABLE[version]
    rules = _call(_CREATE_RULESET, struct.pack("=QQQ", *refused), 24, 0)
    if rules < 0:
        return 0
    for path, rights in openings:
        with suppress(OSError):
            _allow(rules, path, rights & refused[0])
    restricted = _call(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return version if restricted else 0


def _allow(rules: int, path: Path, rights: int) -> None:
    """Add one rule. Its handle stays open: /proc forgets the rules of what nobody holds."""
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    allowed = rights if path.is_dir() else rights & _FILE_RIGHTS
    _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", allowed, handle), 0)


def _call(number: int, *arguments: int | bytes | None) -> int:
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *given))
