"""`python -m tests.old_kernel PROGRAM …`: run a program as if Landlock and seccomp were unknown.

Both calls fail with ENOSYS, as on an old kernel: this one is told to say so, by a filter.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

SECCOMP = {"x86_64": 317, "aarch64": 277}
LANDLOCK = (444, 445, 446)

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_NUMBER, EQUAL, ANSWER = (0x20, 0, 0, 0), 0x15, 0x06
ALLOW, UNKNOWN = 0x7FFF0000, 0x00050000 | errno.ENOSYS


def main() -> None:
    rules = [LOAD_NUMBER]
    for number in (SECCOMP[platform.machine()], *LANDLOCK):
        rules += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, UNKNOWN)]
    rules += [(ANSWER, 0, 0, ALLOW)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code))
    libc = ctypes.CDLL(None)
    assert 0 == libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    assert 0 == libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
