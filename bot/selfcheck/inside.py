"""`python -m bot.selfcheck.inside FILE run …`: the ordinary command, with a witness inside.

An audit hook of Python's (PEP 578) notes in FILE whom the process asks for by name, connects or
sends to, and which files it opens for writing. A hook cannot be taken off again. It sees what
Python does; what a library did behind Python's back it would not see.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

_ASKS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


def main() -> None:
    """Call in the witness, then become the command."""
    note = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    sys.addaudithook(hook_into(note))
    sys.argv = ["darkroom", *sys.argv[2:]]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


def hook_into(note: int) -> Callable[[str, tuple[Any, ...]], None]:
    """Make the hook that writes a line to the open file `note` for each thing it sees."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        seen = _seen(event, arguments)
        if seen is not None:
            os.write(note, json.dumps(seen).encode() + b"\n")  # raises no event of its own

    return hook


def _seen(event: str, arguments: tuple[Any, ...]) -> dict[str, str] | None:
    if event in _ASKS:
        port = arguments[1] if event == "socket.getaddrinfo" else None
        return {"host": _text(arguments[0]), "port": _text(port)}
    if event in _SENDS:
        address = arguments[1]
        if isinstance(address, tuple) and len(address) >= 2:  # not a path of this machine
            return {"host": _text(address[0]), "port": _text(address[1])}
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, str | bytes) and isinstance(flags, int) and flags & _WRITES:
            return {"wrote": os.path.abspath(os.fsdecode(path))}
    return None


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
