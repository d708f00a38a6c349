"""What a process does to itself before it sees a prompt: it becomes silent, and keeps to itself.

Nothing the worker or a library of its prints gets anywhere (diffusers, for one, logs the part of a
prompt that it cuts off). A crash leaves no core, no other process of the same user may look into
its memory, and it dies with its parent. The bot takes the same care of its own memory
(`bot.hush`). The kernel's measures are Linux's; elsewhere they are left out.
"""

import ctypes
import logging
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


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


def keep_memory_private() -> bool:
    """No core dump, no look into our memory by another process of the same user.

    Returns whether the kernel sees to both: RLIMIT_CORE alone does not stop a core dump that is
    piped to a program.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def die_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
