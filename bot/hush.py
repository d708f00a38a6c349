"""What the bot does to itself before it hears a prompt: its memory is its own, its crash is short.

A traceback quotes whatever its exception quotes, and those of libraries quote requests. So what
nobody caught becomes an event like any other: a code and a class. `faulthandler` may stay: it
prints names of functions, never a value.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from types import TracebackType

from bot import log
from bot.errors import StartFault
from gen import hush

LOUD = {
    "PYTHONASYNCIODEBUG": "asyncio would print what is being worked on",
    "HF_DEBUG": "the model's libraries would print what they ask for",
}
"""Switches that make a library print what passes through it."""


def settle(environ: Mapping[str, str]) -> None:
    """Keep memory, new files and tracebacks from everybody else.

    Raises:
        StartFault: a debugging switch is on that would print what people ask for.
    """
    for name, why in LOUD.items():
        if environ.get(name):
            raise StartFault(f"{name} is set, and {why}: unset it and start again")
    if sys.flags.dev_mode:
        raise StartFault(
            "Python's development mode is on, and asyncio would print what is being worked on: "
            "start again without `-X dev` and PYTHONDEVMODE"
        )
    hush.keep_memory_private()
    os.umask(0o077)
    sys.excepthook = _crashed
    sys.unraisablehook = _ignored
    threading.excepthook = _thread_crashed


def _crashed(_: type[BaseException], fault: BaseException, __: TracebackType | None) -> None:
    log.event("bot.crashed", fault=_innermost(fault))


def _thread_crashed(what: threading.ExceptHookArgs) -> None:
    log.event("thread.crashed", fault=what.exc_value)


def _ignored(what: sys.UnraisableHookArgs) -> None:
    log.event("fault.ignored", fault=what.exc_value)


def _innermost(fault: BaseException) -> BaseException:
    """The first of a group: the class of a group says nothing."""
    return _innermost(fault.exceptions[0]) if isinstance(fault, BaseExceptionGroup) else fault
