"""The witnesses see whom a process speaks to and where it writes."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.selfcheck import witness
from bot.selfcheck.witness import Contacts

ROOT = Path(__file__).parents[2]

_WITNESSED = """
import os, sys
from bot.selfcheck.inside import hook_into
note = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
sys.addaudithook(hook_into(note))
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def _run(code: str, *arguments: object) -> None:
    command = [sys.executable, "-c", _WITNESSED + code, *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True)


def test_the_witness_inside_sees_connections_datagrams_and_names(
    tmp_path: Path, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    code = (
        "import socket, contextlib\n"
        "socket.create_connection(('127.0.0.1', int(sys.argv[2])))\n"
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('nowhere.invalid', 443)\n"
    )

    _run(code, tmp_path / "witness", port)

    seen = {f"127.0.0.1:{port}", "127.0.0.1:9", "nowhere.invalid:443"}
    assert seen == witness.hosts(tmp_path / "witness")


def test_the_witness_inside_sees_what_asyncio_connects_to(
    tmp_path: Path, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    code = "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', int(sys.argv[2])))\n"

    _run(code, tmp_path / "witness", port)

    assert {f"127.0.0.1:{port}"} == witness.hosts(tmp_path / "witness")


def test_the_witness_inside_sees_files_opened_for_writing_outside_the_folders(
    tmp_path: Path,
) -> None:
    allowed, elsewhere = tmp_path / "ours", tmp_path / "elsewhere"
    allowed.mkdir()
    code = (
        "import pathlib\n"
        "pathlib.Path(sys.argv[2], 'a').write_text('x')\n"
        "pathlib.Path(sys.argv[3]).write_text('x')\n"
        "pathlib.Path(sys.argv[3]).read_text()\n"
        "open(os.devnull, 'w').close()\n"
    )

    _run(code, tmp_path / "witness", allowed, elsewhere)

    assert [elsewhere] == witness.written_outside(tmp_path / "witness", [allowed])


def test_the_witness_outside_sees_a_connection_that_is_held(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    code = f"import socket; s = socket.create_connection(('127.0.0.1', {port})); input()"
    contacts = Contacts()
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        connection, _ = listener.accept()
        witness.look([psutil.Process(process.pid)], contacts)
        process.communicate(b"\n")
    connection.close()

    assert ({f"127.0.0.1:{port}"}, 1) == (contacts.outside, contacts.looks)


def test_any_host_but_the_sandbox_is_reported() -> None:
    contacts = Contacts(inside={"127.0.0.1:8040"}, outside={"127.0.0.1:8040", "192.0.2.1:443"})

    assert ["192.0.2.1:443"] == contacts.others_than("127.0.0.1:8040")
