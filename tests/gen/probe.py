"""`python -P probe.py JSON`: closes a worker's doors if told to, then tries everything.

One thread is started before torch is imported, one after it; both say of each attempt whether it
was open, or by which error it failed. Started by `test_isolation.py`, in a house of its own.
"""

import ctypes
import errno
import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from gen import doors

GETPID_OF_X32 = 0x40000000 + 39
IO_URING_SETUP = 425
PTRACE, ATTACH, DETACH = 101, 16, 17  #: the number is x86-64's


def syscall(number: int, *arguments: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    answer = libc.syscall(*(ctypes.c_long(one) for one in (number, *arguments)))
    if answer < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return answer


def open_socket(name: str) -> None:
    kind = socket.SOCK_RAW if name == "AF_NETLINK" else socket.SOCK_DGRAM
    socket.socket(getattr(socket, name), kind).close()


def set_up_io_uring() -> None:
    room = ctypes.create_string_buffer(120)
    os.close(syscall(IO_URING_SETUP, 1, ctypes.addressof(room)))


def connect(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(path)


def send_to(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", path)


def message_to(path: str) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendmsg([b"x"], [], 0, path)


def trace_the_parent() -> None:
    syscall(PTRACE, ATTACH, os.getppid(), 0, 0)
    os.waitpid(os.getppid(), 0)
    syscall(PTRACE, DETACH, os.getppid(), 0, 0)


def execute() -> None:
    if not (child := os.fork()):
        try:
            os.execv("/bin/true", ["true"])
        except OSError as fault:
            os._exit(fault.errno)
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError(code, "refused")


def read(path: str) -> None:
    with open(path, "rb"):
        pass


def append(path: str) -> None:
    with open(path, "ab") as file:
        file.write(b"x")


def make(path: str) -> None:
    append(path)
    os.unlink(path)


def mine(path: str) -> str:
    """A name of this thread's own."""
    return f"{path}-{threading.current_thread().name}"


def attempts(told: dict) -> dict[str, Callable[[], object]]:
    victim = told["victim"]
    families = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK")
    return {
        **{f"socket {name}": lambda name=name: open_socket(name) for name in families},
        "io_uring": set_up_io_uring,
        "x32": lambda: syscall(GETPID_OF_X32),
        "connect": lambda: connect(told["stream"]),
        "connect without a name": lambda: connect(told["nameless"]),
        "sendto": lambda: send_to(told["datagrams"]),
        "sendmsg": lambda: message_to(told["datagrams"]),
        "signal": lambda: os.kill(os.getppid(), 0),
        "execute": execute,
        "ptrace": trace_the_parent,
        **{f"read {path}": lambda path=path: read(path) for path in told["secrets"]},
        **{f"list {path}": lambda path=path: os.listdir(path) for path in told["folders"]},
        **{
            f"make in {path}": lambda path=path: make(mine(f"{path}/new"))
            for path in (*told["folders"], *told["own"])
        },
        "write": lambda: append(victim),
        "truncate": lambda: os.truncate(victim, 1),
        "chmod": lambda: os.chmod(victim, 0o644),
        "label": lambda: os.setxattr(victim, "user.x", b"x"),
        "make a folder": lambda: os.mkdir(mine(victim)),
        "link": lambda: os.symlink("x", mine(f"{victim}-link")),
        "rename": lambda: os.rename(victim, victim),
        "remove": lambda: os.unlink(told["victims"].pop()),
    }


def attempt_all(told: dict) -> dict[str, str]:
    found = {}
    for name, attempt in attempts(told).items():
        try:
            attempt()
            found[name] = "open"
        except OSError as fault:
            found[name] = errno.errorcode[fault.errno]
    return found


def what_works(model: Path) -> list[str]:
    """What a worker needs of the machine, besides torch."""
    from gen import images, models

    images.warm_up()
    one, other = socket.socketpair()
    with one, other, open("/dev/null", "w") as nowhere:
        nowhere.write(one.family.name)
    Path(f"/proc/self/task/{os.getpid()}/comm").write_text("painter")
    return [Path("/proc/cpuinfo").read_text()[:9], models.demand(model).name]


def main() -> None:
    told = json.loads(sys.argv[1])
    closed = doors.close(Path(told["model"])) if told["close"] else ()
    imported, found = threading.Event(), {}

    def early() -> None:
        imported.wait()
        found["early"] = attempt_all(told)

    def late() -> None:
        found["late"] = attempt_all(told)

    threads = [threading.Thread(target=early, name="early")]
    threads[0].start()
    import torch  # noqa: F401  # what is between the two

    threads.append(threading.Thread(target=late, name="late"))
    imported.set()
    for thread in threads:
        if not thread.is_alive():
            thread.start()
        thread.join()
    found |= {"closed": closed, "works": what_works(Path(told["model"]))}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
