"""`python -m gen.shrink LIMIT_BYTES`: a picture on stdin, a smaller encoding of it on stdout.

For the rare picture that Discord refuses by size. Decoded behind the worker's doors. Exits with 1,
silently, when it cannot be done.
"""

from __future__ import annotations

import sys

from gen import doors


def main() -> int:
    """Close the doors, read, shrink, write."""
    doors.close()
    from gen import images

    try:
        smaller = images.encode_within(images.decode(sys.stdin.buffer.read()), int(sys.argv[1]))
    except (ValueError, IndexError, OSError):
        return 1
    sys.stdout.buffer.write(smaller.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
