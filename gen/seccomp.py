"""Seccomp: from now on the kernel refuses this process the calls a painter has no business with.

Every refused call fails with EACCES, in all threads, for good. Code of another machine type (32
bit, x32), whose calls have other numbers, may call nothing at all. A list of what is refused, not
of what is allowed: GPU drivers change what they call. Numbers are from the kernel's unistd.h.
"""

import ctypes
import errno
import platform
import socket
import struct
import sys
from collections.abc import Iterator

_SET_MODE_FILTER = 1
_TSYNC, _SPEC_ALLOW = 1 << 0, 1 << 2  #: all threads; and no slower code on kernels before 5.16

_LOAD, _EQUAL, _AT_LEAST, _ANSWER = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  #: offsets in `struct seccomp_data`
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_NOBODY_THERE = 0x00050000 | errno.ENOENT  #: what libraries that try a daemon are used to hearing
_X32 = 0x40000000  #: this bit marks a call as one of x32

#: Machine to its number of the seccomp call, its audit name (linux/audit.h), its column below.
_MACHINES = {"x86_64": (317, 0xC000003E, 0), "aarch64": (277, 0xC00000B7, 1)}
_SOCKET, _CONNECT, _SENDTO = (41, 198), (42, 203), (44, 206)

#: Call to its number on x86_64 and aarch64; None where the machine has no such call.
_CALLS: dict[str, tuple[int, int | None]] = {
    # a word from or to anybody outside; `connect`, `socket` and `sendto` are below
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # the same by another door: io_uring makes sockets and files behind the filter's back
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # another program, which could be made to do it
    "execve": (59, 221),
    "execveat": (322, 281),
    # another process: its memory and its open files
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    # what Landlock leaves open, or does before its third version
    "truncate": (76, 45),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "open_by_handle_at": (304, 265),
    # another view of the machine
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    # parts of the kernel by which processes have broken out before
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}


def install() -> bool:
    """Let the kernel refuse these calls from now on. Needs no_new_privs.

    Returns whether it does: another system, processor or container may not let it.
    """
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    seccomp, machine, column = _MACHINES[platform.machine()]
    rules = list(_program(machine, column))
    code = ctypes.create_string_buffer(b"".join(rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
    numbers = (ctypes.c_long(one) for one in (seccomp, _SET_MODE_FILTER, _TSYNC | _SPEC_ALLOW))
    return bool(ctypes.CDLL(None).syscall(*numbers, program) == 0)


def _program(machine: int, column: int) -> Iterator[bytes]:
    """A classic BPF program; each check ends in an answer or falls through to the next."""
    yield from (_rule(_LOAD, _MACHINE), _rule(_EQUAL, machine, yes=1), _rule(_ANSWER, _REFUSE))
    yield from (_rule(_LOAD, _NUMBER), _rule(_AT_LEAST, _X32, no=1), _rule(_ANSWER, _REFUSE))
    for numbers in _CALLS.values():
        if (number := numbers[column]) is not None:
            yield from (_rule(_EQUAL, number, no=1), _rule(_ANSWER, _REFUSE))
    yield from (_rule(_EQUAL, _CONNECT[column], no=1), _rule(_ANSWER, _NOBODY_THERE))

    yield _rule(_EQUAL, _SOCKET[column], no=4)  # its family, an int
    yield from (_rule(_LOAD, _ARGUMENTS), _rule(_EQUAL, socket.AF_UNIX, no=1))
    yield from (_rule(_ANSWER, _ALLOW), _rule(_ANSWER, _REFUSE))

    address = _ARGUMENTS + 4 * 8
    yield _rule(_EQUAL, _SENDTO[column], no=6)  # its address, a pointer: none, as in `send`
    yield from (_rule(_LOAD, address), _rule(_EQUAL, 0, no=3))
    yield from (_rule(_LOAD, address + 4), _rule(_EQUAL, 0, no=1))
    yield from (_rule(_ANSWER, _ALLOW), _rule(_ANSWER, _REFUSE))

    yield _rule(_ANSWER, _ALLOW)


def _rule(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One instruction; a check skips so many of the next ones."""
    return struct.pack("HBBI", code, yes, no, value)
