"""What the worker does to itself before it sees a prompt: it becomes silent, and alone.

Nothing it or a library prints gets anywhere, a crash leaves no core, no other process of the same
user may look into its memory, it cannot open a network connection, and it dies with its parent.
Each measure answers a leak that was seen (diffusers, for one, logs the part of a prompt that it
cuts off). The kernel's measures are Linux's; elsewhere they are left out.
"""

import ctypes
import logging
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1

#: Machine to (number of the seccomp call, audit architecture, number of the socket call).
_CALLS = {"x86_64": (317, 0xC000003E, 41), "aarch64": (277, 0xC00000B7, 198)}
_AF_INET, _AF_INET6 = 2, 10


def take_pipe() -> tuple[int, int]:
    """Keep standard input and output for the protocol; whatever else is printed goes nowhere."""
    pipe = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return pipe


def silence() -> None:
    """Turn off logging in this process, for every library, whatever its handlers."""
    logging.disable(logging.CRITICAL)
    logging.raiseExceptions = False


def harden() -> None:
    """No core dump, no look into our memory, no life after the parent."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def cut_off_network() -> bool:
    """Let the kernel refuse every internet socket from now on, in all threads.

    Returns whether it does: another system, processor or container may not let it.
    """
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    seccomp, architecture, socket_call = _CALLS[platform.machine()]
    rules = _refuse_internet(architecture, socket_call)
    code = ctypes.create_string_buffer(b"".join(rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    how = (_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC)
    return bool(libc.syscall(ctypes.c_long(seccomp), *how, program) == 0)


def _refuse_internet(architecture: int, socket_call: int) -> list[bytes]:
    """A classic BPF program over `struct seccomp_data`: call at 0, machine at 4, argument at 16."""
    load, equal, answer = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 13  # the call fails with EACCES

    def rule(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    return [
        rule(load, 0, 0, 4),
        rule(equal, 0, 6, architecture),
        rule(load, 0, 0, 0),
        rule(equal, 0, 3, socket_call),
        rule(load, 0, 0, 16),
        rule(equal, 2, 0, _AF_INET),
        rule(equal, 1, 0, _AF_INET6),
        rule(answer, 0, 0, allow),
        rule(answer, 0, 0, refuse),
    ]
