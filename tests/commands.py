"""`darkroom` commands as processes of their own, without the second that importing them takes.

One process imports the command once and then forks: each command is such a child, with the folder,
environment and standard streams it was given, and ends like any other. A test process has one.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ASKED_BYTES = 1 << 16


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    typed: str = "",
    first: str = "",
    timeout_seconds: float = 60.0,
) -> subprocess.CompletedProcess[str]:
    """Run `darkroom …`; its status, and what it said on each stream. `first`: code before it."""
    asked = json.dumps(
        {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "first": first}
    )
    streams = [os.pipe() for _ in range(3)]  # each: where it is read, where it is written
    (stdin, typing), (out, stdout), (err, stderr) = streams
    with _forker().ask(asked, stdin, stdout, stderr) as child:
        for ours in (stdin, stdout, stderr):
            os.close(ours)
        said = {out: b"", err: b""}
        readers = [
            threading.Thread(target=_read, args=(one, said), daemon=True) for one in (out, err)
        ]
        for reader in readers:
            reader.start()
        with os.fdopen(typing, "wb") as keys:
            keys.write(typed.encode())
        child.settimeout(timeout_seconds)
        status = int(child.recv(16))
        for reader in readers:
            reader.join(timeout_seconds)
    return subprocess.CompletedProcess(
        list(arguments), status, said[out].decode(), said[err].decode()
    )


def _read(stream: int, said: dict[int, bytes]) -> None:
    with os.fdopen(stream, "rb") as reading:
        said[stream] = reading.read()


class _Forker:
    """The process that has imported everything."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self.end)

    def ask(self, asked: str, *streams: int) -> socket.socket:
        """Have a command started; its status comes out of the socket when it has ended."""
        ours, theirs = socket.socketpair()
        socket.send_fds(self._socket, [asked.encode()], [theirs.fileno(), *streams])
        theirs.close()
        return ours

    def end(self) -> None:
        """Let it go."""
        self._socket.close()
        self._process.wait()


@functools.cache
def _forker() -> _Forker:
    return _Forker()


def _serve(listening: socket.socket) -> None:
    """Fork for each command that is asked for, until nobody can ask any more."""
    while True:
        asked, descriptors, _, _ = socket.recv_fds(listening, _ASKED_BYTES, 4)
        if not asked:
            return
        if not os.fork():
            listening.close()
            _wait_for_a_command(json.loads(asked), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _bury()


def _bury() -> None:
    """Take leave of the children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _wait_for_a_command(asked: dict[str, object], told: int, *streams: int) -> None:
    """In a child: start the command in a child of its own, and tell its status."""
    child = os.fork()
    if child:
        for stream in streams:
            os.close(stream)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(told, str(status).encode())
        os._exit(0)
    os.close(told)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(asked["env"])  # type: ignore[call-overload]
    _be_the_command(str(asked["first"]), asked["arguments"])  # type: ignore[arg-type]


def _be_the_command(first: str, arguments: list[str]) -> None:
    status = 1
    try:
        exec(first, {})  # a test's own words
        cli.main(arguments, prog_name="python -m bot")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as fault:  # noqa: BLE001  # as the interpreter itself would
        sys.excepthook(type(fault), fault, fault.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    from bot import cli  # here, once

    _serve(socket.socket(fileno=int(sys.argv[1])))
